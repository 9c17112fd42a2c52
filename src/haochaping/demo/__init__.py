"""The demonstration world: a seeded simulator that writes through the same doors as real input."""
