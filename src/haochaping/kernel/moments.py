"""Pure time: the zone of the platform, business days, and reading the times that systems send."""

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from haochaping.kernel.numbers import plain

LOCAL = ZoneInfo("Asia/Shanghai")
EARLIEST = datetime(2018, 1, 1, tzinfo=UTC)  # ratings on the portal began in May 2018
_LAST_YEAR = 2099

# 2026-12-05, 2026/12/5, 2026.12.5, 2026年12月5日 and 20261205, as people, Excel and systems write
_DAY = (
    r"(?P<y>\d{4})(?:(?P<mark>[-/.])(?P<m>\d{1,2})(?P=mark)(?P<d>\d{1,2})"
    r"|年(?P<m2>\d{1,2})月(?P<d2>\d{1,2})日|(?P<m3>\d{2})(?P<d3>\d{2}))"
)
_CLOCK = r"(?P<H>\d{1,2}):(?P<M>\d{2})(?::(?P<S>\d{2})(?:[.,](?P<f>\d{1,9}))?)?"
_ZONE = r"(?P<zone>[Zz]|[+-]\d{2}:?\d{2})?"
_IS_DAY = re.compile(rf"{_DAY}(?:[T ]+0?0:00(?::00(?:\.0+)?)?)?", re.ASCII)
_IS_MOMENT = re.compile(rf"{_DAY}[Tt ]+{_CLOCK} ?{_ZONE}", re.ASCII)


def business_day(at: datetime) -> date:
    """Return the date in China on which the moment falls.

    The day that figures and deadlines count by.
    """
    return at.astimezone(LOCAL).date()


def begin_of(day: date) -> datetime:
    """Return the midnight in China with which a day begins."""
    return datetime.combine(day, datetime.min.time(), LOCAL)


def parse_day(text: str) -> date | None:
    """Read a date as people, spreadsheets and systems write it (`_DAY`, full-width digits too).

    None when it is none; a spreadsheet's serial number such as 46361 is none.
    """
    found = _IS_DAY.fullmatch(plain(text))
    return _day(found) if found else None


def day_of(text: str) -> date | None:
    """Read the day of a date or of a moment, in China; None when it is neither."""
    moment = None if (day := parse_day(text)) else parse_moment(text)
    return business_day(moment) if moment else day


def span(since: str, until: str) -> tuple[datetime | None, datetime | None]:
    """Return when the first of two days begins and the last one ends, as a filter gives them; None
    for what is no day.
    """
    first, last = (parse_day(text) if text else None for text in (since, until))
    return begin_of(first) if first else None, begin_of(last) + timedelta(days=1) if last else None


def parse_moment(text: str) -> datetime | None:
    """Read a date with a time: `2026-08-12 14:01:41` (China time) or RFC 3339 with an offset, and
    the dates that `parse_day` reads.

    None when it is no time, is a date alone, or lies before 2018 or after 2099.
    """
    moment = _iso(text) or _written(text)
    return (
        moment if moment is not None and moment >= EARLIEST and moment.year <= _LAST_YEAR else None
    )


_USUAL = (19, 20, 25)  # lengths of what nearly every system sends


def _iso(text: str) -> datetime | None:
    """Read the usual forms, which the library reads ten times as fast."""
    if len(text) not in _USUAL or text[4:5] != "-" or text[10:11] not in (" ", "T"):
        return None
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=LOCAL)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _written(text: str) -> datetime | None:
    found = _IS_MOMENT.fullmatch(plain(text))
    day = _day(found) if found else None
    if found is None or day is None:
        return None
    clock = f"{found['H']:0>2}:{found['M']}:{found['S'] or '00'}.{(found['f'] or '0')[:6]:0<6}"
    zone = (found["zone"] or "").upper()
    try:
        moment = datetime.fromisoformat(f"{day.isoformat()}T{clock}{zone}")
        return (moment if moment.tzinfo else moment.replace(tzinfo=LOCAL)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _day(found: re.Match[str]) -> date | None:
    month = found["m"] or found["m2"] or found["m3"]
    day = found["d"] or found["d2"] or found["d3"]
    try:
        return date(int(found["y"]), int(month), int(day))
    except ValueError:
        return None
