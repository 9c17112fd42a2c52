"""Whom the back-office asks about people."""
