"""First hard rules: what makes a rating wait for a person (domain §9.2, points 1, 6 and 7).

What statistics find is the room `detection`'s.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from enum import StrEnum

from haochaping.kernel.moments import LOCAL
from haochaping.kernel.words import Words

_DOORS_OPEN, _DOORS_CLOSE = time(7, 0), time(21, 0)
_GRACE = timedelta(minutes=45)  # a window may run over its hours


class Reason(StrEnum):
    """Why a rating is held."""

    RATED_BEFORE_ACCEPTED = "rated_before_accepted"
    FUTURE = "future"
    WINDOW_UNKNOWN = "window_unknown"
    WINDOW_CLOSED = "window_closed"
    OFF_HOURS = "off_hours"
    ON_SITE_BUT_ONLINE = "on_site_but_online"
    SERVICE_GAP = "service_gap"


REASONS: Mapping[Reason, Words] = {
    Reason.RATED_BEFORE_ACCEPTED: Words("评价早于受理时间", "rated before the case was accepted"),
    Reason.FUTURE: Words("评价时间在未来", "dated in the future"),
    Reason.WINDOW_UNKNOWN: Words("窗口未登记", "from a window that is not registered"),
    Reason.WINDOW_CLOSED: Words("窗口已停用", "from a window that is out of use"),
    Reason.OFF_HOURS: Words("现场渠道但不在办公时间", "on site but outside opening hours"),
    Reason.ON_SITE_BUT_ONLINE: Words(
        "网上办件却来自窗口设备", "from a window device although the service was online"
    ),
    Reason.SERVICE_GAP: Words(
        "服务次数不连续（缺少前次服务）", "an earlier service of the case is missing"
    ),
}


class State(StrEnum):
    """Where a held rating is."""

    WAITS = "waits"  # 疑似
    DOUBTED = "doubted"  # 疑似: one person finds it invalid, another is to say so
    REFUTED = "refuted"  # 确认无效: left out of the adjusted figures
    RELEASED = "released"  # 正常, or 申诉恢复


STATES: Mapping[State, Words] = {
    State.WAITS: Words("待核", "To check"),
    State.DOUBTED: Words("待第二人复核", "For a second person"),
    State.REFUTED: Words("确认无效", "Found invalid"),
    State.RELEASED: Words("已放行", "Released"),
}


@dataclass(frozen=True)
class Facts:
    """What the detectors look at: one rating with its service."""

    rated_at: datetime
    received_at: datetime
    accepted_at: datetime | None
    on_site: bool
    online: bool | None
    window_code: str | None
    window_known: bool
    window_in_use: bool  # when it was rated
    opens: time | None
    closes: time | None
    service_number: int
    services_known: frozenset[int] = field(default_factory=frozenset)


def _off_hours(facts: Facts) -> bool:
    moment = facts.rated_at.astimezone(LOCAL)
    opens, closes = facts.opens or _DOORS_OPEN, facts.closes or _DOORS_CLOSE
    day = moment.date()
    return (
        not datetime.combine(day, opens, LOCAL) - _GRACE
        <= moment
        <= datetime.combine(day, closes, LOCAL) + _GRACE
    )


DETECTORS: Mapping[Reason, Callable[[Facts], bool]] = {
    Reason.RATED_BEFORE_ACCEPTED: lambda facts: (
        facts.accepted_at is not None and facts.rated_at < facts.accepted_at
    ),
    Reason.FUTURE: lambda facts: facts.rated_at > facts.received_at + timedelta(minutes=10),
    Reason.WINDOW_UNKNOWN: lambda facts: bool(facts.window_code) and not facts.window_known,
    # who rates elsewhere may do so long after the window was closed
    Reason.WINDOW_CLOSED: lambda facts: (
        facts.on_site and facts.window_known and not facts.window_in_use
    ),
    Reason.OFF_HOURS: lambda facts: facts.on_site and _off_hours(facts),
    Reason.ON_SITE_BUT_ONLINE: lambda facts: (
        facts.on_site and facts.online is True and facts.window_known
    ),
    Reason.SERVICE_GAP: lambda facts: bool(
        set(range(1, facts.service_number)) - facts.services_known
    ),
}


def findings(facts: Facts) -> list[Reason]:
    """Return every reason for which this rating must wait for a person.

    None means it is cleared.
    """
    return [reason for reason, suspicious in DETECTORS.items() if suspicious(facts)]


def sentence(reasons: Iterable[str]) -> Words:
    """Return the reasons in words."""
    said = [REASONS[Reason(reason)] for reason in reasons]
    return Words("；".join(words.zh for words in said), "; ".join(words.en for words in said))
