"""Periods begin where people count them from."""

from datetime import date, timedelta

import pytest

from haochaping.insight.rules.periods import Span, containing


@pytest.mark.parametrize("month", range(1, 13))
def test_a_quarter_begins_with_january_april_july_or_october(month: int) -> None:
    found = containing(Span.QUARTER, date(2026, month, 17))
    assert found.since == date(2026, {1: 1, 2: 4, 3: 7, 4: 10}[(month + 2) // 3], 1)
    assert found.since <= date(2026, month, 17) <= found.until
    assert containing(Span.QUARTER, found.until) == found
    assert containing(Span.QUARTER, found.until + timedelta(days=1)).since.month % 3 == 1
