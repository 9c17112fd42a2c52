"""Passwords of the tests inside one process: Argon2 as everywhere, with a cost that nobody waits for.

The platforms that journeys start keep the real cost.
"""

from django.contrib.auth.hashers import Argon2PasswordHasher


class Quick(Argon2PasswordHasher):
    """The real scheme at the least cost that it allows: 8 KiB once, instead of 100 MiB twice."""

    time_cost = 1
    memory_cost = 8
    parallelism = 1
