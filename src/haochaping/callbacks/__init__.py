"""The telephone 12345.

Ratings taken during a call, and lists of people to call because they have not rated.
"""
