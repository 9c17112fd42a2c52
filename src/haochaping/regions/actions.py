"""Writing the tree."""

import csv
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path

from django.db import transaction

from haochaping.kernel.errors import Refusal
from haochaping.kernel.headings import Columns
from haochaping.kernel.moments import parse_day
from haochaping.kernel.sheets import numbered
from haochaping.kernel.words import Words, storable
from haochaping.regions import models, queries, rules

_LONGEST_NAME = 60
COLUMNS = Columns(
    frozenset(("code", "name", "level", "valid_from", "valid_to", "successor")),
    needed=(("code",), ("name",)),
)
JIANGSU = Path(__file__).parent / "jiangsu.csv"


class BadTable(Refusal):
    """The table of regions cannot be taken; `errors` has a sentence per bad row."""

    code = "bad_region_table"

    def __init__(self, errors: list[str]) -> None:
        self.errors = errors
        super().__init__(
            Words(
                "行政区划表有误：" + "；".join(errors[:5]),
                "The region table has errors: " + "; ".join(errors[:5]),
            )
        )


@transaction.atomic
def import_table(*, rows: Iterable[Mapping[str, str]]) -> int:
    """Take a table with `code,name[,level,valid_from,valid_to,successor]`; all of it or nothing.

    Return the number of regions.
    """
    regions: dict[int, models.Region] = {}
    errors: list[str] = []
    known = set(models.Region.objects.values_list("code", flat=True))
    for number, row in numbered(rows):
        try:
            region = _region(row, known | regions.keys())
        except ValueError as wrong:
            errors.append(f"第 {number} 行 / row {number}: {wrong}")
        else:
            regions[region.code] = region
    known |= regions.keys()
    errors += [
        f"{region.code}: 继任代码 {region.successor_id} 不存在 / its successor "
        f"{region.successor_id} does not exist"
        for region in regions.values()
        if region.successor_id is not None and region.successor_id not in known
    ]
    if not regions and not errors:
        errors.append("没有数据行，首行应为 code,name / no rows; the first line must be code,name")
    if errors:
        raise BadTable(errors)
    fields = ["name", "level", "valid_from", "valid_to", "successor"]
    in_order = sorted(regions.values(), key=lambda region: region.successor_id is not None)
    models.Region.objects.bulk_create(
        in_order, update_conflicts=True, unique_fields=["code"], update_fields=fields
    )
    queries.forget()
    return len(regions)


def _region(row: Mapping[str, str], known: set[int]) -> models.Region:
    """Read a row; raises ValueError with what is wrong in both languages."""
    code, name = rules.parse_code((row.get("code") or "").strip()), (row.get("name") or "").strip()
    if code is None or not 0 < len(name) <= _LONGEST_NAME or not storable(name):
        raise ValueError(
            "code 应为 6 或 12 位数字，name 应为 1–60 个字 / code needs 6 or 12 digits, name 1 to "
            "60 characters"
        )
    try:
        since, until = _date(row.get("valid_from")), _date(row.get("valid_to"))
    except ValueError:
        raise ValueError("日期应为 2026-01-31 / dates must be like 2026-01-31") from None
    parent = rules.parent_of(code)
    if parent is not None and parent not in known:
        raise ValueError(f"上级 {parent} 不存在 / its parent {parent} does not exist")
    successor = rules.parse_code((row.get("successor") or "").strip())
    return models.Region(
        code=code,
        name=name,
        level=rules.level_of(code),
        valid_from=since,
        valid_to=until,
        successor_id=successor,
    )


def seed() -> int:
    """Load Jiangsu: the province, 13 cities, 95 counties in force and the renamed codes."""
    with JIANGSU.open(encoding="utf-8") as table:
        return import_table(rows=csv.DictReader(table))


def _date(text: str | None) -> date | None:
    day = parse_day(text) if text else None
    if text and day is None:
        raise ValueError(text)
    return day
