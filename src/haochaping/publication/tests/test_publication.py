"""What everybody sees: whole numbers with their denominators, and nothing that points at a person."""

import csv
import io
from datetime import timedelta

import people
import pytest
from django.test import Client
from people import given_rating, given_record, register, submit

from haochaping.kernel import clock
from haochaping.kernel.moments import business_day
from haochaping.publication import queries


def rate(level: int, times: int, days_ago: int = 0, region: int = people.CITY) -> None:
    """Rate services given some days ago."""
    at = clock.now() - timedelta(days=days_ago)
    served = (at - timedelta(seconds=30)).isoformat()
    services = [given_record(served_at=served, region=str(region)) for _ in range(times)]
    register(*services)
    submit(*(given_rating(service, level, rated_at=at.isoformat()) for service in services))


def table() -> dict[str, dict[str, str]]:
    """Return the open file by place."""
    response = Client().get("/open/data.csv")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    text = response.content.decode("utf-8-sig")
    return {row["place"]: row for row in csv.DictReader(io.StringIO(text))}


@pytest.mark.parametrize(("good", "shown"), [(8, False), (9, True)])
def test_levels_of_a_place_are_shown_from_ten_ratings_on(
    world: people.Place, good: int, shown: bool
) -> None:
    rate(5, good)
    rate(1, 1)
    row = table()["连云港市"]
    assert row["ratings"] == str(good + 1)
    levels = [row[f"level{n}"] for n in range(5, 0, -1)]
    assert levels == ([str(good), "0", "0", "0", "1"] if shown else [""] * 5)
    assert (row["services"], row["services_rated"], row["set_aside"]) == (str(good + 1),) * 2 + (
        "0",
    )
    assert "苏州市" not in table()
    assert queries.SMALLEST_CELL == 10


def test_the_period_is_thirty_days_with_today(world: people.Place) -> None:
    for days in (0, 29, 30):
        rate(5, 1, days)
    figures, since, until = queries.public_figures(business_day(clock.now()))
    assert figures.whole.total == 2
    assert until - since == timedelta(days=29)
    assert table()["连云港市"]["since"] == str(since)


def test_the_page_gives_each_share_its_numbers_and_no_single_rating(world: people.Place) -> None:
    rate(5, 3)
    rate(2, 1)
    page = Client().get("/open/").content.decode()
    assert "3 / 4" in page
    assert "1 / 4" in page
    assert "4 / 4" in page
    for private in ("张芳华", "13812345678", "3207TEST"):
        assert private not in page
    assert Client().get("/open/", headers={"accept-language": "en"}).status_code == 200


def test_an_empty_platform_says_so_and_divides_by_nothing(db: None) -> None:
    assert table() == {}
    assert Client().get("/open/").status_code == 200


def test_cities_stand_in_the_order_of_their_codes(world: people.Place) -> None:
    rate(5, 1, region=people.CITY)
    rate(5, 1, region=320500000000)
    rate(5, 1, region=320000000000)
    assert list(table()) == ["江苏省", "苏州市", "连云港市"]
