"""The figures: roll-ups that are exact at every moment."""
