"""What everybody sees: whole numbers with their denominators, and nothing that points at a person."""

import csv
import io
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import people
import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from people import given_rating, given_record, register, submit

from haochaping.exchange import actions as exchange
from haochaping.exchange.models import Probe
from haochaping.kernel import clock
from haochaping.kernel.moments import business_day
from haochaping.publication import rules


def rate(level: int, times: int, days_ago: int = 1, region: int = people.CITY) -> None:
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


def test_small_cells_and_those_that_would_give_them_away_are_blank(world: people.Place) -> None:
    rate(5, 12)
    rate(4, 11)
    rate(1, 1)
    row = table()["连云港市"]
    assert row["ratings"] == "24"
    levels = [row[f"level{n}"] for n in range(5, 0, -1)]
    assert levels == ["12", "", "0", "0", ""]  # the total minus the others would be the bad one
    page = Client().get("/open/").content.decode()
    assert ">24<" in page.replace(" ", "").replace("\n", "")
    assert "苏州市" not in table()
    assert rules.SMALLEST_CELL == 10


@given(
    st.integers(1, 5).flatmap(
        lambda width: st.lists(
            st.lists(st.integers(0, 40), min_size=width, max_size=width), min_size=1, max_size=6
        )
    )
)
def test_no_blank_is_a_total_minus_the_rest(cells: list[list[int]]) -> None:
    blank = rules.suppressed(cells)
    for row, line in enumerate(cells):
        for column, count in enumerate(line):
            assert (row, column) in blank or not 0 < count < rules.SMALLEST_CELL
    for row in range(len(cells)):
        alone = sum((row, column) in blank for column in range(len(cells[0])))
        assert alone != 1 or len(cells[0]) == 1
    for column in range(len(cells[0])):
        alone = sum((row, column) in blank for row in range(len(cells)))
        assert alone != 1 or len(cells) == 1


_ROWS = st.lists(st.tuples(*[st.integers(0, 40)] * 3).map(list), min_size=1, max_size=5)


@given(st.lists(_ROWS, min_size=1, max_size=4))
def test_no_blank_of_a_place_is_what_lies_above_it_minus_its_neighbours(
    cities: list[list[list[int]]],
) -> None:
    totals = [[sum(column) for column in zip(*counties, strict=True)] for counties in cities]
    above = rules.suppressed(totals)
    for city, counties in enumerate(cities):
        hidden = [column for column in range(3) if (city, column) in above]
        blank = rules.suppressed(counties, hidden)
        for column in range(3):
            blanks = sum((row, column) in blank for row in range(len(counties)))
            if column in hidden:
                assert blanks  # or all of them would add up to what is hidden above
            else:
                assert blanks != 1 or len(counties) == 1


def test_what_is_published_changes_once_a_day_and_holds_days_that_are_over(
    world: people.Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    for days in (0, 1, 30, 31):
        rate(5, 1, days)
    row = table()["连云港市"]
    today = business_day(clock.now())
    assert row["ratings"] == "2"  # neither today's nor those of before
    assert (row["since"], row["until"]) == (
        str(today - timedelta(days=30)),
        str(today - timedelta(days=1)),
    )
    first = Client().get("/open/data.csv").content
    rate(1, 1)
    assert Client().get("/open/data.csv").content == first  # nobody sees one come in
    tomorrow = clock.now() + timedelta(days=1)
    monkeypatch.setattr(clock, "now", lambda: tomorrow)
    assert table()["连云港市"]["ratings"] == "3"


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


def test_the_days_stand_as_a_table_too_and_few_are_not_counted(world: people.Place) -> None:
    rate(5, 30, 2)
    rate(1, 3, 2)
    rate(1, 12, 3)
    page = Client().get("/open/").content.decode()
    rows = re.findall(
        r'<td class="when">(\S+)</td>\s*<td[^>]*>(.*?)</td>\s*<td[^>]*>(.*?)</td>', page
    )
    told = {tuple(cells) for _, *cells in rows}
    assert {("33", "&lt;10"), ("12", "12"), ("0", "0")} == told
    assert page.count("<svg") <= page.count("<table") + page.count("aria-hidden")


def test_an_empty_platform_says_so_and_divides_by_nothing(db: None) -> None:
    assert table() == {}
    assert Client().get("/open/").status_code == 200


def test_cities_stand_in_the_order_of_their_codes(world: people.Place) -> None:
    rate(5, 1, region=people.CITY)
    rate(5, 1, region=320500000000)
    rate(5, 1, region=320000000000)
    assert list(table()) == ["江苏省", "苏州市", "连云港市"]


def test_everybody_sees_whether_a_bad_rating_can_be_given(
    world: people.Place, tmp_path: Path, settings: Any
) -> None:
    settings.HOME = tmp_path
    at = clock.now()
    for level, good in ((5, True), (1, False)):
        Probe.objects.create(channel=3, level=level, at=at, good=good, said="")
    exchange.enter_probes(at=at)
    page = Client().get("/open/ledger").content.decode()
    assert "二维码（1）" in page
    assert "未能提交" in page


def test_the_public_page_never_shows_the_levels_of_a_small_place(world: people.Place) -> None:
    yesterday = (clock.now() - timedelta(days=1)).isoformat()
    service = given_record(served_at=yesterday)
    register(service)
    submit(given_rating(service, 1, rated_at=yesterday))
    data = Client().get("/open/data.csv").content.decode("utf-8-sig").splitlines()
    city = next(line for line in data if "连云港市" in line)
    assert ",1,,,,,," in city
