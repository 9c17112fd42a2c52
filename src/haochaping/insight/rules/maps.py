"""Reading a map of areas: GeoJSON (RFC 7946) in, SVG paths out, nothing left out or smoothed."""

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from haochaping.audit.rules import Subject, Trail
from haochaping.kernel.errors import Refusal
from haochaping.kernel.words import Words

LARGEST = 8 * 1024 * 1024  # bytes of a file
_WIDTH = 620.0  # of the drawing, in its own units
_EAST, _NORTH = (73.0, 136.0), (3.0, 54.0)  # where China lies, in degrees
_APPROVAL = re.compile(r"[A-Z\u4e00-\u9fff]{1,8}\s?[(（]\d{4}[)）]\s?\d{1,5}\s?号")

type Point = tuple[float, float]
type Ring = list[Point]
type Area = tuple[int, str, float, float]  # 6-digit code, SVG path, where its label stands


class BadMap(Refusal):
    """The file is no map of what lies below the place."""

    code = "bad_map"


def _bad(zh: str, en: str) -> BadMap:
    return BadMap(Words(zh, en), field="file")


@dataclass(frozen=True)
class Drawn:
    """A map as it is drawn."""

    width: float
    height: float
    areas: tuple[Area, ...]


def approval_number(text: str) -> str:
    """Return the approval number 审图号 of a map, such as 苏S（2024）15号; raises BadMap."""
    number = " ".join(text.split())
    if not _APPROVAL.fullmatch(number):
        raise BadMap(
            Words(
                "请填写审图号，例如“苏S（2024）15号”，它印在标准地图下方。",
                "Give the approval number of the map, such as 苏S（2024）15号; it is printed "
                "below a standard map.",
            ),
            field="approval",
        )
    return number


def read(file: bytes, below: Mapping[int, str]) -> Drawn:
    """Return the drawing of a GeoJSON file that shows just the areas `below` a place, each once and
    known by its `adcode`, in degrees of longitude and latitude; raises BadMap.
    """
    if len(file) > LARGEST:
        raise _bad("文件超过 8 MB。", "The file is larger than 8 MB.")
    try:
        found = json.loads(file)
        features = found["features"]
        rings = {_code(one): list(_rings(one["geometry"])) for one in features}
    except (ValueError, KeyError, TypeError, RecursionError):
        raise _bad(
            "不是 GeoJSON 面要素（FeatureCollection，每个面有 adcode）。",
            "This is no GeoJSON FeatureCollection of areas with an adcode each.",
        ) from None
    if len(rings) != len(features) or rings.keys() != below.keys():
        missing = "、".join(name for code, name in below.items() if code not in rings)
        strange = "、".join(str(code) for code in rings if code not in below)
        raise _bad(
            f"地图须恰好包含下辖的 {len(below)} 个地区各一次。缺少：{missing or '无'}；"
            f"多出：{strange or '无'}。",
            f"The map must show the {len(below)} places below, each once. Missing: "
            f"{missing or 'none'}; not ours: {strange or 'none'}.",
        )
    return _draw(rings)


def _code(feature: Any) -> int:
    return int(str(feature["properties"]["adcode"])[:6])


def _rings(geometry: Any) -> Iterator[Ring]:
    polygons = geometry["coordinates"]
    if geometry["type"] == "Polygon":
        polygons = [polygons]
    elif geometry["type"] != "MultiPolygon":
        raise ValueError(geometry["type"])
    for polygon in polygons:
        for ring in polygon:
            points = [(float(point[0]), float(point[1])) for point in ring]
            if len(points) < 4 or points[0] != points[-1]:  # noqa: PLR2004 - RFC 7946 §3.1.6
                raise _bad("有的面没有闭合。", "An area is not closed.")
            if not all(
                _EAST[0] <= x <= _EAST[1] and _NORTH[0] <= y <= _NORTH[1] for x, y in points
            ):
                raise _bad(
                    "坐标须为经纬度（度），且在中国范围内。",
                    "Coordinates must be degrees of longitude and latitude within China.",
                )
            yield points


def _draw(rings: Mapping[int, list[Ring]]) -> Drawn:
    """Lay degrees on a plane, a degree of longitude shortened by the cosine of the latitude."""
    points = [point for some in rings.values() for ring in some for point in ring]
    west, east = min(x for x, _ in points), max(x for x, _ in points)
    south, north = min(y for _, y in points), max(y for _, y in points)
    shorter = math.cos(math.radians((south + north) / 2))
    scale = _WIDTH / max((east - west) * shorter, 1e-6)

    def at(point: Point) -> Point:
        x, y = (point[0] - west) * shorter * scale, (north - point[1]) * scale
        return round(x, 1), round(y, 1)

    areas = []
    for code, some in sorted(rings.items()):
        path = "".join(_path([at(point) for point in ring]) for ring in some)
        x, y = at(_middle(max(some, key=_size)))
        areas.append((code, path, x, y))
    return Drawn(_WIDTH, round((north - south) * scale, 1), tuple(areas))


def _path(points: Ring) -> str:
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in points[:-1]) + "Z"


def _size(ring: Ring) -> float:
    return abs(_twice(ring)) / 2


def _twice(ring: Ring) -> float:
    return sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in pairwise(ring))


def _middle(ring: Ring) -> Point:
    """Return the centroid of a ring (the shoelace formula), or its first point without an area."""
    whole = _twice(ring)
    if not whole:
        return ring[0]
    pairs = list(pairwise(ring))
    x = sum((x0 + x1) * (x0 * y1 - x1 * y0) for (x0, y0), (x1, y1) in pairs) / (3 * whole)
    y = sum((y0 + y1) * (x0 * y1 - x1 * y0) for (x0, y0), (x1, y1) in pairs) / (3 * whole)
    return x, y


# what the audit trail calls what is done here
TRAIL: Trail = {
    "map": Subject(
        Words("地图", "map"),
        {"keep": Words("上传标准地图", "Kept a map"), "retire": Words("停用地图", "Retired a map")},
    )
}
