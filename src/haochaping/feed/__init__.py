"""The one feed: facts in commit order, numbered without gaps; everything that follows a fact reads it by cursor."""
