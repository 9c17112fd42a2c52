"""Is this rating what it seems? Hard rules that hold a rating with its reasons, and people who
release it.
"""
