"""When a report is due, and of what there are reports."""

from datetime import date

import pytest

from haochaping.insight.rules.periods import Span
from haochaping.reports.rules import BadSubscription, due, page_of


def test_a_long_holiday_leaves_no_week_out() -> None:
    weeks, done = [], date(2026, 2, 2)
    while (period := due(Span.WEEK, done, date(2026, 2, 24))) is not None:
        weeks.append(period.since)
        done = period.since
    assert weeks == [date(2026, 2, 9), date(2026, 2, 16)]
    assert due(Span.WEEK, date(2025, 1, 6), date(2026, 2, 24)).since == date(2026, 2, 2)  # type: ignore[union-attr]
    assert due(Span.WEEK, None, date(2026, 2, 24)).since == date(2026, 2, 16)  # type: ignore[union-attr]


def test_what_a_list_was_narrowed_to_stays_in_its_report() -> None:
    path, query = page_of("/insight/departments?search=公安&span=week&channel=4")
    assert (path, sorted(query.split("&"))) == (
        "/insight/departments",
        ["channel=4", "search=%E5%85%AC%E5%AE%89"],
    )
    for page in ("/insight/problems", "/insight/campaigns", "/insight/screen", "/admin/"):
        with pytest.raises(BadSubscription):
            page_of(page)
