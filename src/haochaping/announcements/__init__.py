"""公告: what an office tells its people, citizens, or whoever stands before a window's tablet."""
