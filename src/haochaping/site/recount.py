"""`hcp doctor --recount`: are the figures what the facts say? `--rebuild` makes them so."""

from collections.abc import Iterator
from datetime import date

from haochaping.analytics import actions
from haochaping.analytics import queries as analytics
from haochaping.kernel import clock
from haochaping.kernel.moments import business_day
from haochaping.kernel.words import Words
from haochaping.records import queries as records
from haochaping.site.upkeep import Check


def _days(since: date | None, until: date | None) -> tuple[date, date]:
    """Return the days to look at: all there are, unless said."""
    today = business_day(clock.now())
    return since or records.first_day() or today, until or today


def examine(since: date | None, until: date | None) -> Iterator[Check]:
    """Compare every roll-up with the facts as of one moment."""
    first, last = _days(since, until)
    found = analytics.recount(first, last)
    for one in found:
        yield Check(
            2,
            Words(
                f"{one.table} {one.day}：{one.cells} 格与原始数据不符；"
                f"用 hcp doctor --rebuild --since {one.day} --until {one.day} 重建",
                f"{one.table} {one.day}: {one.cells} cells differ from the facts; mend with "
                f"hcp doctor --rebuild --since {one.day} --until {one.day}",
            ),
        )
    if not found:
        yield Check(
            0,
            Words(
                f"汇总与原始数据逐格一致：{first} 至 {last}",
                f"every figure equals the facts: {first} to {last}",
            ),
        )


def rebuild(since: date | None, until: date | None) -> None:
    """Make the figures of these months anew, a month a transaction; orders whole."""
    first, last = _days(since, until)
    actions.rebuild_all(since=first, until=last)
