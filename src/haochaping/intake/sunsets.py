"""Doors that are given up, and until when they stay: each answer of theirs says so.

RFC 9745 (`Deprecation`) and RFC 8594 (`Sunset`); what replaces them stands in
docs/integrate/changes.md. A door stays for a year at least after its clients were told.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime

LEAST = timedelta(days=365)
_CHANGES = b'</dev/guides/changes.md>; rel="deprecation"; type="text/html"'


@dataclass(frozen=True)
class Sunset:
    """Since when a door is not to be used by new clients, and when it closes."""

    since: date
    ends: date

    def __post_init__(self) -> None:
        if self.ends - self.since < LEAST:
            raise ValueError(self)


SUNSETS: dict[str, Sunset] = {}  # by address, like /api/v1/status; nothing is given up today


def headers(address: str) -> list[tuple[bytes, bytes]]:
    """Return what the answers of a door say of its end; nothing of one that stays."""
    told = SUNSETS.get(address)
    if told is None:
        return []
    since, ends = (
        datetime(day.year, day.month, day.day, tzinfo=UTC) for day in (told.since, told.ends)
    )
    return [
        (b"deprecation", f"@{int(since.timestamp())}".encode()),
        (b"sunset", format_datetime(ends, usegmt=True).encode()),
        (b"link", _CHANGES),
    ]
