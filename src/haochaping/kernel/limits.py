"""Limits by who is asking (a link, a device, a client), never by address: a whole hall shares one.

A bucket fills at `per_minute` and holds one minute's worth, so that a burst is fine and a flood is
not. It lives in the process: with several, each lets its share through, which is what a limit
against accidents and abuse needs; what must be exact is kept by the database.
"""

import math
from collections import OrderedDict
from datetime import datetime, timedelta
from threading import Lock

from haochaping.kernel.errors import TooOften

_KEPT = 20_000  # buckets of the most recent callers


class Limits:
    """Buckets of one kind."""

    def __init__(self, per_minute: int) -> None:
        self.per_minute = per_minute
        self._buckets: OrderedDict[str, tuple[float, datetime]] = OrderedDict()
        self._lock = Lock()

    def allows(self, who: str, at: datetime) -> bool:
        """Take from somebody's bucket, or say that it is empty."""
        try:
            self.spend(who, at)
        except TooOften:
            return False
        return True

    def headers(
        self, who: str, at: datetime, *, per_minute: int | None = None
    ) -> list[tuple[bytes, bytes]]:
        """Return how much of somebody's bucket is left, as `RateLimit-…` headers: the calls of a
        minute, those that are left, and in how many seconds all are there again.
        """
        size = per_minute or self.per_minute
        left, since = self._buckets.get(who, (float(size), at))
        left = min(size, left + max(0.0, (at - since).total_seconds()) * size / 60)
        told = {
            "limit": size,
            "remaining": int(left),
            "reset": math.ceil((size - left) * 60 / size),
        }
        return [(f"ratelimit-{name}".encode(), str(n).encode()) for name, n in told.items()]

    def spend(
        self, who: str, at: datetime, cost: int = 1, *, per_minute: int | None = None
    ) -> None:
        """Take from somebody's bucket, which may be one of another size; raises TooOften, which
        says for how long to wait.
        """
        size = per_minute or self.per_minute
        with self._lock:
            left, since = self._buckets.pop(who, (float(size), at))
            left = min(size, left + max(0.0, (at - since).total_seconds()) * size / 60)
            enough = left >= min(cost, size)
            self._buckets[who] = (left - cost if enough else left, at)
            if len(self._buckets) > _KEPT:
                self._buckets.popitem(last=False)
        if not enough:
            raise TooOften(timedelta(seconds=(min(cost, size) - left) * 60 / size))
