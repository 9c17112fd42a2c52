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
from msgspec.structs import replace
from people import given_rating, given_record, register, submit

from haochaping.analytics.rules import Counts
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


SUZHOU = 320500000000


def test_a_place_with_few_ratings_shows_no_levels_nor_does_the_one_that_would_tell_them(
    world: people.Place,
) -> None:
    rate(5, 12)
    rate(4, 11)
    rate(1, 1)
    rate(1, 3, region=SUZHOU)
    found = table()
    assert [found["苏州市"][f"level{n}"] for n in range(5, 0, -1)] == [""] * 5
    assert [found["连云港市"][f"level{n}"] for n in range(5, 0, -1)] == [""] * 5  # 27 minus 24
    assert found["连云港市"]["ratings"] == "24"
    page = Client().get("/open/").content.decode()
    assert ">27<" in page.replace(" ", "").replace("\n", "")
    assert rules.SMALLEST_CELL == 10


def test_a_single_bad_rating_among_many_is_told(world: people.Place) -> None:
    rate(5, 12)
    rate(1, 1)
    assert [table()["连云港市"][f"level{n}"] for n in range(5, 0, -1)] == ["12", "0", "0", "0", "1"]


def test_a_province_with_few_ratings_shows_no_levels(world: people.Place) -> None:
    rate(5, 3)
    rate(2, 1)
    page = Client().get("/open/").content.decode()
    assert "3 / 4" not in page
    assert "1 / 4" not in page
    assert "评价少于 10 条" in page


@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 12)), min_size=1, max_size=8),
    st.integers(0, 30),
    st.booleans(),
)
def test_what_is_left_of_the_one_above_is_of_no_few(
    numbers: list[tuple[int, int]], more: int, shown: bool
) -> None:
    parts = [rules.Part(n, max(n - elsewhere, 0)) for n, elsewhere in numbers]
    above = sum(one.inside for one in parts) + more  # and what lies in none of them
    hide = rules.hidden(parts, above, shown=shown)
    for place, one in enumerate(parts):
        assert place in hide or not 0 < one.n < rules.SMALLEST_CELL
    told = [one for place, one in enumerate(parts) if place not in hide]
    here = above - sum(one.inside for one in told)
    left = here + sum(one.n - one.inside for one in told)  # whose levels are not told here
    assert left >= rules.SMALLEST_CELL or (shown and not left) or not any(one.n for one in told)
    assert rules.hidden(parts) == {
        place for place, one in enumerate(parts) if 0 < one.n < rules.SMALLEST_CELL
    }


_CITIES = st.lists(st.lists(st.integers(0, 25), min_size=1, max_size=4), min_size=1, max_size=4)


def made_of(numbers: list[list[int]]) -> rules.Results:
    """Return results of cities, their counties, and in each of these two departments, one of them a
    town's, each with two items.
    """

    def unit(key: int, above: int, n: int, of: int = 0) -> tuple[rules.Unit, Counts]:
        counts = Counts((n, 0, 0, 0, 0), services=n, rated=n)
        return rules.Unit(key, f"单位{key}", above, n, (), n, n, of=of), counts

    cities, counties, departments, items = [], [], [], []
    for place, some in enumerate(numbers, 1):
        city = 320000000000 + place * 10**8
        cities.append(unit(city, 320000000000, sum(some)))
        for no, number in enumerate(some):
            county = city + no * 10**6  # the first is of the city's own offices, with its code
            counties.append(unit(county, city, number))
            town = county + 101000 if no else county
            for where, part in ((county, number // 3), (town, number - number // 3)):
                department = 1000 + len(departments)
                departments.append(unit(department, where, part))
                for piece in (part // 2, part - part // 2):
                    items.append(unit(10_000 + len(items), where, piece, department))
    whole = [unit(0, 0, sum(map(sum, numbers)))]
    lists = {"counties": counties, "departments": departments, "items": items}
    days = {"period": "2026-10", "since": "2026-10-01", "until": "2026-10-31"}
    return rules.results({"province": whole, "cities": cities, **lists}, funnel={}, **days)


@given(_CITIES)
def test_at_no_height_the_hidden_are_told_by_what_is_shown(numbers: list[list[int]]) -> None:
    made = made_of(numbers)
    assert rules.faults(made) == []
    for _, one in made.all():
        assert one.hidden or one.n == 0 or one.n >= rules.SMALLEST_CELL
        assert one.score is None or not one.hidden


@given(_CITIES)
def test_whoever_shows_one_more_is_told(numbers: list[list[int]]) -> None:
    made = made_of(numbers)
    for kind in ("cities", "counties"):
        for place, one in enumerate(getattr(made, kind)):
            siblings = [each for each in getattr(made, kind) if each.above == one.above]
            together = sum(each.n for each in siblings if each.hidden) - one.n
            above = made.whole if kind == "cities" else next(
                each for each in made.cities if each.key == one.above
            )  # fmt: skip
            told = 0 < one.n < 10 or (not above.hidden and 0 < together < 10)
            if one.hidden and told:
                shown = list(getattr(made, kind))
                shown[place] = replace(one, levels=(one.n, 0, 0, 0, 0))
                assert rules.faults(replace(made, **{kind: tuple(shown)}))


@given(_CITIES)
def test_no_department_follows_from_its_county_and_the_others(numbers: list[list[int]]) -> None:
    made = made_of(numbers)
    for county in made.counties:
        inside = [one for one in made.departments if one.above // 10**6 == county.key // 10**6]
        together = sum(one.n for one in inside if one.hidden)
        assert county.hidden or together == 0 or together >= rules.SMALLEST_CELL


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
    rate(1, 12)
    assert Client().get("/open/data.csv").content == first  # nobody sees one come in
    tomorrow = clock.now() + timedelta(days=1)
    monkeypatch.setattr(clock, "now", lambda: tomorrow)
    assert table()["连云港市"]["ratings"] == "14"


def test_the_page_gives_each_share_its_numbers_and_no_single_rating(world: people.Place) -> None:
    rate(5, 13)
    rate(2, 1)
    page = Client().get("/open/").content.decode()
    assert "13 / 14" in page
    assert "1 / 14" in page
    assert "14 / 14" in page
    for private in ("张芳华", "13812345678", "3207TEST"):
        assert private not in page
    assert Client().get("/open/", headers={"accept-language": "en"}).status_code == 200


def test_the_days_stand_as_a_table_too_and_of_few_only_their_number(world: people.Place) -> None:
    rate(5, 30, 2)
    rate(1, 3, 2)
    rate(1, 12, 3)
    rate(1, 4, 4)
    rate(5, 11, 5)
    page = Client().get("/open/").content.decode()
    rows = re.findall(
        r'<td class="when">(\S+)</td>\s*<td[^>]*>(.*?)</td>\s*<td[^>]*>(.*?)</td>', page
    )
    told = {tuple(cells) for _, *cells in rows}
    # of the four, nothing; nor of the eleven: all minus the others would tell
    assert {("33", "3"), ("12", "12"), ("4", "—"), ("11", "—"), ("0", "0")} == told
    assert page.count("<svg") <= page.count("<table") + page.count("aria-hidden")


def look(monkeypatch: pytest.MonkeyPatch, days: int) -> dict[str, dict[str, str]]:
    """Look at the open file some days from now."""
    then = clock.now() + timedelta(days=days)
    with monkeypatch.context() as patch:
        patch.setattr(clock, "now", lambda: then)
        return table()


def test_two_looks_do_not_tell_how_a_few_rated(
    world: people.Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    rate(5, 20, 3)
    assert look(monkeypatch, -2)["连云港市"]["ratings"] == "20"
    rate(1, 2, 2)
    yesterdays = look(monkeypatch, -1)["连云港市"]
    assert (yesterdays["ratings"], yesterdays["level1"]) == ("20", "0")  # as it was
    rate(5, 9, 1)
    today = table()["连云港市"]
    assert (today["ratings"], today["level1"]) == ("31", "2")  # eleven at once


def test_what_fell_out_of_the_window_is_known_and_hides_no_few_that_came_in(
    world: people.Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    rate(5, 20, 31)
    rate(5, 20, 3)
    assert look(monkeypatch, -1)["连云港市"]["ratings"] == "40"
    rate(1, 2, 1)  # a holiday: twenty fell out, and whoever looked each day knows how they rated
    stays = table()["连云港市"]
    assert (stays["ratings"], stays["level1"]) == ("40", "0")
    rate(5, 8, 0)
    assert look(monkeypatch, 1)["连云港市"]["ratings"] == "30"


def test_an_empty_platform_says_so_and_divides_by_nothing(db: None) -> None:
    assert table() == {}
    assert Client().get("/open/").status_code == 200


def test_cities_stand_in_the_order_of_their_codes(world: people.Place) -> None:
    rate(5, 1, region=people.CITY)
    rate(5, 1, region=320500000000)
    rate(5, 1, region=320000000000)
    assert list(table()) == ["江苏省（省直）", "苏州市", "连云港市"]


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


def counted(n: int, out: int = 0) -> Counts:
    """Return the counts of a unit of whose ratings so many are left out of the adjusted ones."""
    return Counts((n, 0, 0, 0, out), services=n, rated=n, left_out=(0, 0, 0, 0, out))


def unit(key: int, above: int, n: int, inside: tuple[int, ...] = (), of: int = 0) -> rules.Unit:
    """Return a unit that is not looked at yet."""
    return rules.Unit(key, f"单位{key}", above, n, (), n, n, of=of, inside=inside)


PROVINCE = 320000000000


def laid_out(*departments: tuple[rules.Unit, Counts], county: int) -> dict[str, rules.Made]:
    """Return one city of one county with these departments."""
    whole = [(unit(0, 0, county), counted(county))]
    place = [(unit(SUZHOU, PROVINCE, county), counted(county))]
    of_city = [(unit(SUZHOU, SUZHOU, county), counted(county))]
    lists: dict[str, rules.Made] = {"province": whole, "cities": place, "counties": of_city}
    return lists | {"departments": departments, "items": []}


DAYS = {"period": "2026-10", "since": "2026-10-01", "until": "2026-10-31"}


def made(units: dict[str, rules.Made], earlier: rules.Earlier = ()) -> rules.Results:
    """Return the results of units; what is made passes the check."""
    found = rules.results(units, earlier, funnel={}, **DAYS)
    assert rules.faults(found, earlier) == []
    return found


def shown(results: rules.Results) -> dict[int, int]:
    """Return how many ratings each department has that is told of."""
    return {one.key: one.n for one in results.departments if not one.hidden}


def test_what_lies_in_no_department_counts_to_what_is_left() -> None:
    some = [(unit(1, SUZHOU, 3), counted(3)), (unit(2, SUZHOU, 63), counted(63))]
    assert shown(made(laid_out(*some, county=67))) == {}  # 67 - 63: those three and one more
    assert shown(made(laid_out(*some, county=80))) == {2: 63}


def test_ratings_given_in_another_county_count_to_what_is_left() -> None:
    far = (unit(1, SUZHOU, 60, (60, 60, 60)), counted(60))
    near = (unit(2, SUZHOU, 40, (35, 35, 40)), counted(40))
    assert shown(made(laid_out(far, near, county=95))) == {1: 60}  # the five are of another county


def test_items_do_not_tell_a_department_that_is_hidden() -> None:
    some = [(unit(key, SUZHOU, n), counted(n)) for key, n in ((1, 3), (2, 20), (3, 60))]
    units = laid_out(*some, county=83) | {"items": [(unit(9, SUZHOU, 19, of=2), counted(19))]}
    found = made(units)
    assert shown(found) == {3: 60}
    assert [one.hidden for one in found.items] == [True]


def test_what_one_version_hides_and_another_told_stays_told() -> None:
    def of(*numbers: int) -> dict[str, rules.Made]:
        some = [(unit(key, SUZHOU, n), counted(n)) for key, n in enumerate(numbers, 1)]
        return laid_out(*some, county=sum(numbers))

    first = made(of(3, 20, 21))
    assert shown(first) == {3: 21}
    second = made(of(3, 40, 21), [(1, first)])
    assert shown(second) == {3: 21}  # and not the 40 alone: the rest would be three
    third = made(of(3, 40, 24), [(2, second), (1, first)])
    assert [(one.n, one.kept) for one in third.departments if not one.hidden] == [(21, 2)]


def test_the_adjusted_figures_do_not_tell_of_a_few_that_are_left_out() -> None:
    def of(*out: int) -> dict[str, rules.Made]:
        some = [(unit(key, SUZHOU, 50), counted(50, n)) for key, n in enumerate(out, 1)]
        units = laid_out(*some, county=50 * len(out))
        for kind in ("province", "cities", "counties"):
            ((one, _),) = units[kind]
            units[kind] = [(one, counted(50 * len(out), sum(out)))]
        return units

    assert rules.as_given(of(0, 12))["departments"] == set()
    assert rules.as_given(of(0, 3))["departments"] == {2}
    assert rules.as_given(of(0, 3))["province"] == {0}
    # the three are what twenty-three minus twenty are
    assert rules.as_given(of(11, 20, 3))["departments"] == {1, 3}
