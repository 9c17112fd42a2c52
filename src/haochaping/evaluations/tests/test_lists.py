"""Lists of ratings, page by page; words are searched month by month."""

from datetime import timedelta

import people
import pytest
from people import NOON, given_rating, given_record, register, submit

from haochaping.evaluations import queries
from haochaping.evaluations.queries import Filter

EVERYWHERE = (0, 10**12)


@pytest.fixture
def rated(world: people.Place) -> list[int]:
    """Ratings of services that lie forty days apart, the newest first."""
    keys = []
    for back, words in ((0, "排队太久"), (40, "很好"), (80, "排队不久"), (120, "不用排队")):
        served = NOON - timedelta(days=back)
        service = given_record(served_at=served.isoformat())
        register(service)
        (one,) = submit(
            given_rating(
                service, 5, words=words, rated_at=(served + timedelta(hours=1)).isoformat()
            )
        )
        assert one.key is not None
        keys.append(one.key)
    return keys


def walked(chosen: Filter, size: int = 2) -> list[int]:
    """Return the keys of all pages, one after the other."""
    found, before = [], None
    while True:
        page = queries.page(EVERYWHERE, chosen, before=before, size=size)
        found += [one.id for one in page.ratings]
        assert len(page.ratings) <= size
        if page.before is None:
            return found
        assert before is None or page.before < before
        before = page.before


def test_pages_hold_every_rating_once(rated: list[int]) -> None:
    assert walked(Filter()) == rated
    assert walked(Filter(), size=1) == rated
    first = queries.page(EVERYWHERE, Filter(), before=None, size=3)
    assert first.since is None


def test_a_search_in_words_goes_on_month_by_month_to_the_first_rating(rated: list[int]) -> None:
    wanted = [rated[0], rated[2], rated[3]]
    assert walked(Filter(search="排队")) == wanted
    page = queries.page(EVERYWHERE, Filter(search="排队"), before=None, size=9)
    assert [one.id for one in page.ratings] == [rated[0]]  # what is older is not looked at yet
    assert page.since is not None
    assert [
        one.id for some in queries.every(EVERYWHERE, Filter(search="排队")) for one in some
    ] == (wanted)
    assert walked(Filter(search="没有人说过")) == []


def test_an_upper_day_bounds_what_is_looked_at(rated: list[int]) -> None:
    until = (NOON - timedelta(days=30)).date()
    assert walked(Filter(until=until)) == rated[1:]
    assert walked(Filter(until=until, search="排队")) == rated[2:]
    day = (NOON - timedelta(days=40)).date()
    assert walked(Filter(since=day, until=day)) == [rated[1]]


def test_a_city_outside_ones_range_holds_nothing(rated: list[int]) -> None:
    assert walked(Filter(city=320700)) == rated
    low, high = 320500000000, 320599999999
    found = queries.page((low, high), Filter(city=320700), before=None, size=5)
    assert not found.ratings
