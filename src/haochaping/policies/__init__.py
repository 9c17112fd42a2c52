"""What regions differ on: limits, windows, ladders, quiet hours and weights as data, each with its day and its two people."""
