"""Services that nobody has rated."""

import re
from datetime import timedelta

import people
import pytest
from people import NOON, given_rating, given_record, register, submit

from haochaping.evaluations import queries
from haochaping.evaluations.queries import Wanted

EVERYWHERE = (0, 10**12)
pytestmark = pytest.mark.django_db


def walked(wanted: Wanted, scope: tuple[int, int] = EVERYWHERE, **more: int) -> list[int]:
    """Return the keys of every page."""
    found, before = [], None
    while True:
        rows, before = queries.unrated(scope, wanted, before=before, size=2, at=NOON, **more)
        found += [one.id for one in rows]
        if before is None:
            return found


@pytest.fixture
def services(world: people.Place) -> list[int]:
    """Services of several days, the newest first: the second is rated, the last is too old."""
    keys, days = [], (1, 2, 3, 5, 8, 120)
    for back in days:
        served = (NOON - timedelta(days=back)).isoformat()
        made = given_record(served_at=served, online=back > 4)
        (stored,) = register(made)
        keys.append(stored.key)
        if back == 2:
            submit(given_rating(made, 1))
    return keys


def test_what_can_be_rated_and_was_not_stands_on_some_page_once(services: list[int]) -> None:
    assert walked(Wanted()) == [services[0], *services[2:5]]


def test_they_are_narrowed(world: people.Place, services: list[int]) -> None:
    day = (NOON - timedelta(days=3)).date()
    assert walked(Wanted(since=day)) == [services[0], services[2]]
    assert walked(Wanted(until=day)) == services[2:5]
    assert walked(Wanted(online=True)) == services[3:5]
    assert walked(Wanted(city=320500)) == []
    assert walked(Wanted(), (320500000000, 320599999999)) == []
    assert walked(Wanted(departments=[])) == []
    assert walked(Wanted(), department_id=world.bureau) == walked(Wanted())
    assert walked(Wanted(), department_id=world.other) == []


def test_the_page_shows_no_one_who_was_served(world: people.Place, services: list[int]) -> None:
    city = people.signed_in(world.users["city"])
    page = city.get("/admin/unrated").content.decode()
    assert "企业设立登记" in page
    assert "张芳华" not in page
    assert not re.search(r"(?<!\d)138[\d*]{8}(?!\d)", page)  # nor their number, masked or not
    foreign = people.signed_in(world.users["foreign"])
    assert "企业设立登记" not in foreign.get("/admin/unrated").content.decode()
