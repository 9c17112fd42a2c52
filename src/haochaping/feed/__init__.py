"""The one feed: facts in commit order, numbered without gaps.

Everything that follows a fact reads it by cursor.
"""
