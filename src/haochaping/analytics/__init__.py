"""The figures: roll-ups that are exact at every moment, and the measures over them."""
