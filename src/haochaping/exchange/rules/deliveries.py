"""How a message to a partner goes on until it has arrived, and in which order they go."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

from haochaping.exchange.rules.conventions import conventions
from haochaping.feed.rules import Kind
from haochaping.kernel.moments import begin_of, business_day
from haochaping.kernel.words import Words


class Status(IntEnum):
    """Where a message is. What has ended is not sent again unless a person says so."""

    NEW = 0  # 待报: also after a try that failed
    SENT = 1  # 已报，待确认
    ACKNOWLEDGED = 2  # 已确认
    REFUSED = 3  # 对方拒收, with their reason
    DEAD = 4  # 死信: others get through, this one does not
    LEFT_OUT = 5  # 按规则不报


STATUSES: Mapping[Status, Words] = {
    Status.NEW: Words("待报送", "waiting"),
    Status.SENT: Words("待确认", "sent"),
    Status.ACKNOWLEDGED: Words("已确认", "acknowledged"),
    Status.REFUSED: Words("被拒收", "refused"),
    Status.DEAD: Words("死信", "dead letter"),
    Status.LEFT_OUT: Words("按规则不报", "left out by rule"),
}
ENDED = frozenset({Status.ACKNOWLEDGED, Status.REFUSED, Status.DEAD, Status.LEFT_OUT})
TROUBLE = frozenset({Status.REFUSED, Status.DEAD})
# within which a message is to arrive, by its kind: what undoes something and what people work on
# elsewhere goes first
_PROMISES: Mapping[int, timedelta] = {
    Kind.ERASED: timedelta(hours=1),
    Kind.ORDER: timedelta(hours=4),
}
_PROMISE = timedelta(hours=24)
TRIES = 8  # of a message that does not get through where others do (trust design §4.2 rule 6)
_AGAIN = (2, 5, 15, 60, 300, 900)  # seconds
ACKNOWLEDGED_WITHIN = 600  # seconds, after which what is unacknowledged is sent again
SMALLEST_SHARE = 5  # of a batch, one part in so many is for what is late already


def promise(kind: int) -> timedelta:
    """Return within which time a message of a kind is to arrive."""
    return _PROMISES.get(kind, _PROMISE)


def first_try(
    kind: int, dialect: str, ways: Mapping[str, str], at: datetime, *, near: bool = False
) -> datetime:
    """Return when a message that is queued now is sent: at once, or, where the partner wants a
    batch a day, or is `near` enough to the window to tell whose rating it was, with those of its
    day an hour after midnight in China. An erasure waits for none.
    """
    if kind == Kind.ERASED or not (near or by_day(dialect, ways)):
        return at
    return begin_of(business_day(at) + timedelta(days=1)) + _AFTER_MIDNIGHT


def by_day(dialect: str, ways: Mapping[str, str]) -> bool:
    """Say whether a partner wants a batch a day."""
    return conventions(dialect, ways)["rhythm"] == "day"


_AFTER_MIDNIGHT = timedelta(hours=1)
A_FILE = 20_000  # messages in one file of a day


@dataclass(frozen=True)
class Told:
    """What a partner said of one message. AGAIN is said by Status.NEW."""

    message: str
    status: Status
    reason: str = ""
    theirs: str = ""  # the partner's own number of it


def again(tries: int, at: datetime) -> datetime:
    """Return when to try again: seconds at first, every quarter of an hour in the end."""
    return at + timedelta(seconds=_AGAIN[min(max(tries, 1), len(_AGAIN)) - 1])


def size(batch: int, failures: int) -> int:
    """Return how many messages to send at once: fewer the more often a partner failed at them, so
    that one that it cannot take stands alone in the end.
    """
    return max(1, batch >> min(failures, 30))


def is_dead(tries: int, since: datetime | None, heard_at: datetime | None) -> bool:
    """Say whether a message is given up: it failed often, and the partner took another meanwhile.

    While a partner takes nothing the fault is not the message's, and it waits.
    """
    return tries >= TRIES and since is not None and heard_at is not None and heard_at > since
