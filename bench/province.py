"""Who serves whom in a province, for benchmarks: departments, halls, windows, staff and items.

The same at every size: the dice have a fixed seed.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from random import Random
from typing import Any

import people  # the tests' small world
import psycopg

from haochaping.directory.rules import uscc_check_character
from haochaping.kernel import clock
from haochaping.regions.rules import Level, level_of, place, scope

DEPARTMENTS, WINDOWS, ITEMS = 3_000, 20_000, 5_000
SLOTS = 1 << 18  # of the wheel that chooses items
_REGIONS = Path(__file__).resolve().parents[1] / "src/haochaping/regions/jiangsu.csv"
_KINDS = (
    "公安局", "市场监督管理局", "人力资源和社会保障局", "行政审批局", "税务局", "民政局",
    "卫生健康委员会", "教育局", "医疗保障局", "自然资源和规划局", "住房和城乡建设局",
    "交通运输局", "农业农村局", "水务局", "应急管理局", "生态环境局", "文化广电和旅游局",
    "商务局", "司法局", "财政局", "科学技术局", "发展和改革委员会", "工业和信息化局",
    "退役军人事务局", "城市管理局", "统计局", "消防救援大队", "公积金管理中心",
)  # fmt: skip


@dataclass(frozen=True)
class Unit:
    """A department: where it is, its windows (first and how many), and its items."""

    id: int
    region: int
    name: str
    uscc: str
    windows: tuple[int, int]
    items: range

    def within(self, region: int) -> bool:
        """Say whether it lies within a region."""
        low, high = scope(region)
        return low <= self.region <= high


class World:
    """The departments, windows and items: the same at every size."""

    def __init__(self) -> None:
        self.dice = Random(20261128)
        with _REGIONS.open(encoding="utf-8") as file:
            rows = [row for row in csv.DictReader(file) if not row["valid_to"]]
        self.regions = {int(row["code"]): row["name"] for row in rows}

    @cached_property
    def departments(self) -> list[Unit]:
        """Every department; the wide ones have more of everything."""
        cities = [code for code in self.regions if level_of(code) is Level.CITY]
        where = sorted(code for code in self.regions if level_of(code) is not Level.PROVINCE)
        chosen = [320000000000] * 30 + [city for city in cities for _ in range(20)]
        chosen += [where[n % len(where)] for n in range(DEPARTMENTS - len(chosen))]
        sizes = [1 / (1 + n) ** 0.5 for n in range(DEPARTMENTS)]
        self.dice.shuffle(sizes)
        with_windows = [0 if code == 320000000000 else 1 for code in chosen]
        windows = shared(WINDOWS, [a * b for a, b in zip(sizes, with_windows, strict=True)])
        items = shared(ITEMS, sizes, least=1)
        found, window, item, seen = [], 1, 1, dict.fromkeys(chosen, 0)
        for n, code in enumerate(chosen):
            kind, seen[code] = seen[code], seen[code] + 1
            name = f"{self.regions[code]}{_KINDS[kind % len(_KINDS)]}"
            first = f"11{code // 10**6:06d}{n:08d}A"
            uscc = first + uscc_check_character(first)
            range_ = range(item, item + items[n])
            found.append(Unit(n + 1, code, name, uscc, (window, windows[n]), range_))
            window, item = window + windows[n], item + items[n]
        return found

    def item_code(self, unit: Unit, item: int) -> str:
        """Return a code; departments of one kind have items of the same basic code."""
        kind = next(n for n, name in enumerate(_KINDS) if unit.name.endswith(name))
        level = {Level.PROVINCE: 2, Level.CITY: 3}.get(level_of(unit.region), 4)
        return f"{unit.uscc}{level}{kind:04d}{item - unit.items.start:08d}"

    def directory(self) -> Iterator[tuple[str, str, list[tuple[Any, ...]]]]:
        """Yield the tables of the directory: name, columns, rows."""
        units, regions = self.departments, sorted(self.regions)
        windows = [(one, one.windows[0] + n) for one in units for n in range(one.windows[1])]
        departments = [(one.id, one.uscc, one.name, one.region, True) for one in units]
        yield "directory_department", "id, uscc, name, region, confirmed", departments
        halls = [
            (n, f"H{n}", f"{self.regions[code]}政务服务中心", code, "-")
            for n, code in enumerate(regions, 1)
        ]
        yield "directory_hall", "id, code, name, region, address", halls
        columns = "id, code, hall_id, number, department_id, opens, closes, in_use"
        open_ones = [
            (key, f"W{key}", regions.index(one.region) + 1, key, one.id, "09:00", "17:00", True)
            for one, key in windows
        ]
        yield "directory_window", columns, open_ones
        staff = [
            (2 * key - n, f"{2 * key - n:06d}", f"工作人员{2 * key - n}", one.id, key)
            for one, key in windows
            for n in (1, 0)
        ]
        yield "directory_staff", "id, number, name, department_id, window_id", staff
        items = [
            (key, self.item_code(one, key), f"{one.name[-6:]}事项{key}", one.id, "01", True)
            for one in units
            for key in one.items
        ]
        yield "directory_item", "id, code, name, department_id, task_type, confirmed", items

    def wheel(self) -> list[tuple[int, ...]]:
        """Return the items with what a service of theirs is, and their slots of the wheel."""
        order = [(one, key) for one in self.departments for key in one.items]
        weights = [1 / (1 + n) ** 0.75 for n in range(len(order))]
        self.dice.shuffle(weights)
        slots, found, at = shared(SLOTS, weights, least=1), [], 0
        for (one, key), n in zip(order, slots, strict=True):
            of, (first, windows) = place(one.region), one.windows
            found.append((at, at + n, key, one.id, of.county, of.city, first, windows))
            at += n
        return found


def shared(whole: int, weights: Sequence[float], least: int = 0) -> list[int]:
    """Share a number out by weight, to the last."""
    left, rest = whole - least * len(weights), sum(weights)
    found = []
    for weight in weights:
        given = round(left * weight / rest) if rest > 0 else 0
        found.append(least + given)
        left, rest = left - given, rest - weight
    return found


def listed(to: psycopg.Connection, world: World) -> None:
    """Copy the directory."""
    for table, columns, rows in world.directory():
        text = io.StringIO()
        csv.writer(text).writerows(rows)
        with to.cursor().copy(f"COPY {table} ({columns}) FROM STDIN (FORMAT csv)") as pipe:
            pipe.write(text.getvalue())
    to.commit()


def rated_now(world: World, number: int) -> None:
    """Rate so many services through the real door; while no worker runs, nothing counts them."""
    units, now = [one for one in world.departments if one.windows[1]], clock.now()
    for n in range(number):
        one = units[n * len(units) // number]
        service = people.given_record(
            project_no=f"BENCH{n:012d}",
            region=str(one.region),
            department_code=one.uscc,
            department_name=one.name,
            item_code=world.item_code(one, one.items.start),
            window_code=f"W{one.windows[0]}",
            staff_number=f"{2 * one.windows[0]:06d}",
            served_at=(now - timedelta(minutes=9)).isoformat(),
        )
        people.register(service)
        people.submit(people.given_rating(service, rated_at=now.isoformat()))
