"""What systems ask of our interface 接口调用: each call, its figures, and how far each has come."""
