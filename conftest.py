"""Fixtures of every test."""

import people
import pytest


@pytest.fixture
def world(db: None) -> people.Place:
    """The shared small world, in a transaction of its own."""
    return people.build()
