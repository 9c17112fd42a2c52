"""Pure time: the zone of the platform, business days, and reading the times that systems send."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

LOCAL = ZoneInfo("Asia/Shanghai")
EARLIEST = datetime(2018, 1, 1, tzinfo=UTC)  # ratings on the portal began in May 2018


def business_day(at: datetime) -> date:
    """Return the date in China on which the moment falls.

    The day that figures and deadlines count by.
    """
    return at.astimezone(LOCAL).date()


def parse_moment(text: str) -> datetime | None:
    """Read `2026-08-12 14:01:41` (China time) or RFC 3339 with an offset.

    None when it is no time or lies before 2018 or after 2100.
    """
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=LOCAL)
        moment = moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    # A date alone is no moment.
    return moment if moment >= EARLIEST and moment.year < 2100 and len(text) >= 16 else None  # noqa: PLR2004
