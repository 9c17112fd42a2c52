"""Tests of what is kept of calls."""
