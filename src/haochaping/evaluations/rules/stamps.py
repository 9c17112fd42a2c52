"""Stamps 封签: what a rating was as a door handed it in, by which a change before it has its leaf
in the ledger is noticed. A stamp is keyed with the site's secret, which the database does not hold:
whoever may do all there can neither rewrite a rating in those seconds nor invent one.
"""

from collections.abc import Sequence
from datetime import datetime

import msgspec

REPLACED = 3  # beside Kind: what a citizen put in place of a rating
_encode = msgspec.json.Encoder().encode


def handed_in(
    of: tuple[object, ...],
    kind: int,
    level: int,
    codes: Sequence[int],
    words: str,
    channel: int,
    at: datetime,
) -> bytes:
    """Return the bytes that are stamped: values that are found again from the row. `of` is the
    number of the case and of the service, or the key of the rating that is replaced; `kind` first,
    follow-up or REPLACED.
    """
    return _encode(("stamp", of, kind, level, codes, words, channel, at.timestamp()))
