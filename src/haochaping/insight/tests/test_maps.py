"""Reading a map: what is no map of just our places is refused with words that help."""

import json
from typing import Any

import pytest

from haochaping.insight.rules.maps import BadMap, approval_number, read

BELOW = {320701: "甲区", 320702: "乙区"}


def square(west: float, south: float, size: float = 1.0) -> list[list[float]]:
    """Return a closed ring."""
    east, north = west + size, south + size
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def feature(code: int | str, *rings: list[list[float]], kind: str = "Polygon") -> dict[str, Any]:
    coordinates: Any = list(rings) if kind == "Polygon" else [[ring] for ring in rings]
    return {
        "type": "Feature",
        "properties": {"adcode": code},
        "geometry": {"type": kind, "coordinates": coordinates},
    }


def collection(*features: dict[str, Any]) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


GOOD = (feature(320701, square(119, 34)), feature("320702000000", square(120, 34)))


def test_areas_are_laid_side_by_side_with_the_north_up() -> None:
    drawn = read(collection(*GOOD), BELOW)
    (first, path, x, y), (second, _, further, level) = drawn.areas
    assert (first, second) == (320701, 320702)
    assert x < further
    assert y == level
    assert path.startswith("M0 ")
    assert path.endswith("Z")
    # two degrees wide and one high at 34.5° north: a degree of longitude is 0.824 of one of latitude
    assert drawn.height / drawn.width == pytest.approx(1 / (2 * 0.824), abs=0.001)
    assert y == pytest.approx(drawn.height / 2, abs=0.2)


def test_the_label_stands_in_the_largest_part_and_islands_stay() -> None:
    islands = feature(320702, square(120, 34), square(121.5, 34, 0.1), kind="MultiPolygon")
    drawn = read(collection(GOOD[0], islands), BELOW)
    assert drawn.areas[1][1].count("M") == 2
    whole = drawn.width / 2.6  # a degree
    assert drawn.areas[1][2] == pytest.approx(1.5 * whole, abs=0.5)


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (b"", "GeoJSON"),
        (b"{}", "GeoJSON"),
        (b"[" * 100_000, "GeoJSON"),
        (collection(GOOD[0]), "乙区"),
        (collection(*GOOD, feature(110000, square(116, 40))), "110000"),
        (collection(GOOD[0], GOOD[0]), "乙区"),
        (collection(GOOD[0], feature(320702, square(120, 34)[:-1])), "闭合"),
        (collection(GOOD[0], feature(320702, square(13_000_000, 4_000_000))), "经纬度"),
        (collection(GOOD[0], feature(320702, [[float("nan"), 34]] * 4)), ""),
        (collection(GOOD[0], {**GOOD[1], "geometry": {"type": "Point", "coordinates": []}}), "面"),
        (b" " * (8 * 1024 * 1024 + 1), "8 MB"),
    ],
)
def test_what_is_no_map_of_ours_is_refused(file: bytes, words: str) -> None:
    with pytest.raises(BadMap) as refused:
        read(file, BELOW)
    assert words in refused.value.says.zh


def test_an_approval_number_is_asked_for() -> None:
    for good in ("苏S（2024）15号", "GS(2020)4619号", "GS京（2022）1061号"):
        assert approval_number(f" {good} ") == good
    for wrong in ("", "15", "苏S（24）15号", "<b>（2024）15号"):
        with pytest.raises(BadMap):
            approval_number(wrong)
