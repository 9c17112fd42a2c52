"""Tests of what may be said of figures."""
