"""Region codes are places in the tree, and the table of them is taken whole or not at all."""

import pytest

from haochaping.kernel.db import talk
from haochaping.regions import actions, models, queries, rules
from haochaping.regions.rules import Level

pytestmark = pytest.mark.django_db
PROVINCE, CITY, COUNTY = 320000000000, 320700000000, 320706000000
STREET, VILLAGE = 320706001000, 320706001002


@pytest.mark.parametrize(
    ("code", "level", "last", "parent", "above"),
    [
        (PROVINCE, Level.PROVINCE, 329999999999, None, [PROVINCE]),
        (CITY, Level.CITY, 320799999999, PROVINCE, [PROVINCE, CITY]),
        (COUNTY, Level.COUNTY, 320706999999, CITY, [PROVINCE, CITY, COUNTY]),
        (STREET, Level.STREET, 320706001999, COUNTY, [PROVINCE, CITY, COUNTY, STREET]),
        (VILLAGE, Level.VILLAGE, VILLAGE, STREET, [PROVINCE, CITY, COUNTY, STREET, VILLAGE]),
    ],
)
def test_a_code_tells_its_level_range_and_what_lies_above(
    code: int, level: Level, last: int, parent: int | None, above: list[int]
) -> None:
    assert rules.level_of(code) is level
    assert rules.scope(code) == (code, last)
    assert rules.parent_of(code) == parent
    assert rules.above(code) == above


@pytest.mark.parametrize(
    ("code", "city", "county"),
    [
        (PROVINCE, PROVINCE, PROVINCE),
        (CITY, CITY, CITY),
        (COUNTY, CITY, COUNTY),
        (VILLAGE, CITY, COUNTY),
    ],
)
def test_each_region_lies_in_a_city_and_a_county(code: int, city: int, county: int) -> None:
    assert rules.city_of(code) == city
    assert rules.city_range(code) == (city, city + 99_999_999)
    assert rules.county_of(code) == county


def test_a_fact_carries_city_county_street_and_the_whole() -> None:
    assert rules.place(VILLAGE) == rules.Place(VILLAGE, 320700, 320706, 320706001)
    assert rules.place(CITY) == rules.Place(CITY, 320700, 320700, 320700000)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("320706", COUNTY),
        ("320706001002", VILLAGE),
        ("32070", None),
        ("3207060", None),
        ("32070a", None),
        ("３２０７０６", None),
        ("", None),
        ("-20706", None),
    ],
)
def test_a_code_has_six_or_twelve_digits(text: str, code: int | None) -> None:
    assert rules.parse_code(text) == code


def test_jiangsu_is_there_with_its_cities_counties_and_renamed_codes() -> None:
    tree = talk(queries.load())
    assert tree == queries.tree()
    assert len(tree.cities()) == 13
    assert sum(rules.level_of(code) is Level.COUNTY for code in tree.names) == 95
    assert tree.name(320700) == "连云港市"
    assert tree.name(1) == "1"
    assert tree.full_name(COUNTY) == "连云港市海州区"
    assert tree.full_name(CITY) == "连云港市"
    assert tree.full_name(PROVINCE) == "江苏省"
    assert COUNTY in tree.children(CITY)
    assert CITY in tree.children(PROVINCE)
    assert CITY not in tree.children(CITY)
    assert tree.resolve(COUNTY) == COUNTY
    assert tree.resolve(990000000000) is None
    assert tree.aliases
    for old, new in tree.aliases.items():
        assert tree.resolve(old) == new
        assert old not in tree.names


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ({"code": "32070", "name": "x"}, "row 3"),
        ({"code": "320701", "name": ""}, "row 3"),
        ({"code": "320701", "name": "x" * 61}, "row 3"),
        ({"code": "320701", "name": "a\0b"}, "row 3"),
        ({"code": "330101", "name": "x"}, "its parent 330100000000"),
        ({"code": "320701", "name": "x", "valid_from": "1.1.2026"}, "dates must be like"),
        ({"code": "320701", "name": "x", "successor": "320799"}, "does not exist"),
    ],
)
def test_one_bad_row_refuses_the_table_and_names_it(row: dict[str, str], says: str) -> None:
    before = models.Region.objects.count()
    with pytest.raises(actions.BadTable) as refused:
        actions.import_table(rows=[{"code": "320788", "name": "好"}, row])
    assert says in " ".join(refused.value.errors)
    assert models.Region.objects.count() == before


def test_a_good_table_is_seen_at_once_and_an_empty_one_is_refused() -> None:
    rows = [
        {"code": "320788", "name": "旧区", "valid_to": "2026-01-01", "successor": "320789"},
        {"code": "320789", "name": "新区", "valid_from": "2026-01-01"},
        {"code": "320789001000", "name": "新街道"},
    ]
    assert queries.tree().resolve(320788000000) is None
    assert actions.import_table(rows=rows) == 3
    tree = queries.tree()
    assert tree.resolve(320788000000) == 320789000000
    assert tree.full_name(320789001000) == "新区新街道"
    queries.forget()
    with pytest.raises(actions.BadTable):
        actions.import_table(rows=[])
