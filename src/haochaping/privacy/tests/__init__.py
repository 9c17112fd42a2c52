"""Tests of requests about personal data."""
