"""Periods begin where people count them from."""

from datetime import date, timedelta

import pytest

from haochaping.insight.rules.periods import Span, containing, read


@pytest.mark.parametrize("month", range(1, 13))
def test_a_quarter_begins_with_january_april_july_or_october(month: int) -> None:
    found = containing(Span.QUARTER, date(2026, month, 17))
    assert found.since == date(2026, {1: 1, 2: 4, 3: 7, 4: 10}[(month + 2) // 3], 1)
    assert found.since <= date(2026, month, 17) <= found.until
    assert containing(Span.QUARTER, found.until) == found
    assert containing(Span.QUARTER, found.until + timedelta(days=1)).since.month % 3 == 1


@pytest.mark.parametrize(
    ("today", "until"),
    [
        (date(2028, 3, 1), date(2027, 3, 1)),
        (date(2028, 2, 29), date(2027, 2, 28)),
        (date(2029, 3, 1), date(2028, 3, 1)),
    ],
)
def test_a_running_year_is_compared_to_the_same_day(today: date, until: date) -> None:
    year = containing(Span.YEAR, today)
    assert year.last_year.up_to(year, today) == (date(until.year, 1, 1), until)


@pytest.mark.parametrize(
    ("today", "month"),
    [
        (date(2026, 12, 1), date(2026, 11, 1)),
        (date(2026, 12, 7), date(2026, 11, 1)),
        (date(2026, 12, 8), date(2026, 12, 1)),
        (date(2027, 1, 3), date(2026, 12, 1)),
    ],
)
def test_who_names_no_period_sees_the_month_before_until_a_week_is_over(
    today: date, month: date
) -> None:
    assert read("", "", today) == containing(Span.MONTH, month)
    assert read("month", "", today).since == today.replace(day=1)
    assert read("", "2026-10-05", today).since == date(2026, 10, 1)
