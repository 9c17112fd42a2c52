"""What regions differ on.

Limits, windows, ladders, quiet hours and weights as data, each with its day and its two people.
"""
