"""What detectors look at: columns of numbers, one row a rating, service, order, change or call.

A time is seconds since 1970 (NaN: unknown), a person, telephone or network a keyed number of 64
bits (0: unknown), a unit the directory's id (-1: none). No column can be turned back into a name.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

type Ints = NDArray[np.int64]
type Floats = NDArray[np.float64]
type Flags = NDArray[np.bool_]


def _ints() -> Ints:
    return np.zeros(0, np.int64)


def _floats() -> Floats:
    return np.zeros(0, np.float64)


@dataclass(frozen=True)
class Ratings:
    """First ratings of services, by their keys."""

    id: Ints = field(default_factory=_ints)
    window: Ints = field(default_factory=_ints)
    staff: Ints = field(default_factory=_ints)
    department: Ints = field(default_factory=_ints)
    channel: Ints = field(default_factory=_ints)  # evaluations.rules.Channel
    level: Ints = field(default_factory=_ints)
    rated: Floats = field(default_factory=_floats)
    served: Floats = field(default_factory=_floats)  # when the service was given
    accepted: Floats = field(default_factory=_floats)
    rater: Ints = field(default_factory=_ints)  # who rated or, if nobody said, who was served
    network: Ints = field(default_factory=_ints)  # where a citizen's own page was opened
    on_site: Ints = field(default_factory=_ints)  # 1: at the window's own device
    box: Ints = field(default_factory=_ints)  # 1: pressed on a key, not on the citizen's telephone


@dataclass(frozen=True)
class Services:
    """Services that were registered, rated or not."""

    window: Ints = field(default_factory=_ints)
    served: Floats = field(default_factory=_floats)
    phone: Ints = field(default_factory=_ints)
    holder: Ints = field(default_factory=_ints)  # whose certificate
    rated: Ints = field(default_factory=_ints)  # 1 or 0


@dataclass(frozen=True)
class Texts:
    """The words of ratings; `row` is the rating's row."""

    row: Ints = field(default_factory=_ints)
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Changes:
    """Ratings that were replaced 改评."""

    department: Ints = field(default_factory=_ints)
    id: Ints = field(default_factory=_ints)
    before: Ints = field(default_factory=_ints)
    after: Ints = field(default_factory=_ints)
    hours: Floats = field(default_factory=_floats)  # from the rating to its replacement


@dataclass(frozen=True)
class Orders:
    """Rectification orders that are closed."""

    department: Ints = field(default_factory=_ints)
    id: Ints = field(default_factory=_ints)  # of the rating
    closed: Floats = field(default_factory=_floats)
    dropped: Ints = field(default_factory=_ints)  # 1: 不属实, or the objection upheld
    called: Ints = field(default_factory=_ints)  # 1: the citizen was called back
    reply: Ints = field(default_factory=_ints)  # a number of the reply's words


@dataclass(frozen=True)
class Devices:
    """Tablets and boxes: the numbers that they gave out, and those that reached us."""

    window: Ints = field(default_factory=_ints)
    given: Ints = field(default_factory=_ints)
    received: Ints = field(default_factory=_ints)
    promised: Ints = field(default_factory=_ints)  # receipts that were given for them
    stored: Ints = field(default_factory=_ints)  # of these, ratings that are there


@dataclass(frozen=True)
class Calls:
    """Calls of the random audit sample that were answered."""

    department: Ints = field(default_factory=_ints)
    level: Ints = field(default_factory=_ints)  # said on the telephone


@dataclass(frozen=True)
class World:
    """Some weeks of one city, or of what a test made up."""

    since: float
    until: float
    ratings: Ratings = field(default_factory=Ratings)
    services: Services = field(default_factory=Services)
    texts: Texts = field(default_factory=Texts)
    changes: Changes = field(default_factory=Changes)
    orders: Orders = field(default_factory=Orders)
    devices: Devices = field(default_factory=Devices)
    calls: Calls = field(default_factory=Calls)
