"""Stamps 封签: what a rating was as a door handed it in, by which a change before it has its leaf
in the ledger is noticed. A stamp is keyed with the site's secret, which the database does not hold:
whoever may do all there can neither rewrite a rating in those seconds nor invent one.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec

REPLACED = 3  # beside Kind: what a citizen put in place of a rating
_encode = msgspec.json.Encoder().encode


class HandedIn(NamedTuple):
    """What is stored of a rating, as values that are found again from its row."""

    of: tuple[object, ...]  # number of the case and of the service, or key of the rating replaced
    kind: int  # first, follow-up or REPLACED
    level: int
    codes: Sequence[int]
    words: str
    channel: int
    at: datetime

    @property
    def content(self) -> bytes:
        """The bytes that are stamped."""
        *said, at = self
        return _encode(("stamp", *said, at.timestamp()))
