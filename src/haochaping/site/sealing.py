"""Sealing anew, after a new key was made (`hcp rotate-sealing-key`), all that rooms keep sealed."""

from collections.abc import Iterator

from haochaping.devices import queries as devices
from haochaping.evaluations import queries as ratings
from haochaping.exchange import queries as exchange
from haochaping.identity import queries as identity
from haochaping.kernel import sealed
from haochaping.notifications import queries as messages
from haochaping.proofs import queries as proofs
from haochaping.records import queries as services
from haochaping.upstream import queries as upstream

ROOMS = (services, ratings, identity, devices, messages, exchange, proofs, upstream)


def reseal() -> Iterator[tuple[str, int]]:
    """Seal anew, with the key that seals now, what lies sealed with an earlier one.

    Yield each table and how many values. What lives for days only is left to end by itself: ratings
    that wait for their service, parts of long replies, texts and reasons within orders.
    """
    yield from sealed.reseal([table for room in ROOMS for table in room.SEALED])
