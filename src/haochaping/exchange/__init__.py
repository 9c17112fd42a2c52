"""Partners.

Systems that speak another dialect than ours, and are pointed at us with only an address and keys
changed.
"""
