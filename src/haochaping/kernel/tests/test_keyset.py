"""Going on through a list from the place of its last row."""

from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from haochaping.kernel import keyset
from haochaping.notifications.models import Contact

START = datetime(2026, 11, 1, tzinfo=UTC)
ORDERS = [("told_at", "pk"), ("added_at", "pk"), ("-added_at", "-pk")]


@pytest.fixture
def listed(db: None) -> list[Contact]:
    """Rows of which several share a moment, and some have none."""
    hours = (3, 1, None, 1, 2, None, 3, 1)
    return [
        Contact.objects.create(
            office=1,
            way="mail",
            address=b"",
            sent_to=0,
            told_at=None if hour is None else START + timedelta(hours=hour),
            added_by=1,
            added_at=START + timedelta(hours=hour or 9),
        )
        for hour in hours
    ]


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("size", [1, 2, 3, 8, 9])
def test_page_by_page_a_list_is_the_whole_list_once(
    listed: list[Contact], order: tuple[str, str], size: int
) -> None:
    whole = list(Contact.objects.order_by(*order))
    after, found = "", []
    for _ in count():
        rows, after = keyset.page(Contact.objects.all(), order, after=after, size=size)
        found += rows
        assert len(rows) <= size
        if not after:
            break
    assert found == whole
    assert len(found) == len(listed)


def test_what_comes_in_meanwhile_shifts_nothing(listed: list[Contact]) -> None:
    first, after = keyset.page(Contact.objects.all(), ("-added_at", "-pk"), size=3)
    newest = listed[0]
    Contact.objects.create(
        office=1, way="mail", address=b"", sent_to=0, added_by=1,
        added_at=newest.added_at + timedelta(days=9),
    )  # fmt: skip
    rest, _ = keyset.page(Contact.objects.all(), ("-added_at", "-pk"), after=after, size=9)
    assert len({one.pk for one in [*first, *rest]}) == len(listed)


@pytest.mark.parametrize("place", ["x", "AAAA", "WyJ4IiwxXQ", "W251bGwsInAiXQ", "é", "=" * 9])
def test_a_place_that_is_none_is_the_beginning(listed: list[Contact], place: str) -> None:
    rows, _ = keyset.page(Contact.objects.all(), ("told_at", "pk"), after=place, size=2)
    assert rows == list(Contact.objects.order_by("told_at", "pk")[:2])


def test_a_list_is_counted_up_to_a_bound(
    listed: list[Contact], monkeypatch: pytest.MonkeyPatch
) -> None:
    each = ("notifications_contact", "way", ["mail", "sms"], "office = $2", 1)
    assert keyset.how_many(Contact.objects.all()) == len(listed)
    assert keyset.how_many_each(*each) == {"mail": len(listed), "sms": 0}
    monkeypatch.setattr(keyset, "MOST_COUNTED", 5)
    assert keyset.how_many(Contact.objects.order_by("pk")) == 6
    assert keyset.how_many_each(*each) == {"mail": 6, "sms": 0}
