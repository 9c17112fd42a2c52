"""Who did what to what and why: recorded once by every action, never changed."""
