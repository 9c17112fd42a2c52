"""The places of the demonstration.

Departments, halls, windows, staff and items for all 13 cities, made from a seed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time
from random import Random

from haochaping.directory import actions, rules
from haochaping.kernel import clock
from haochaping.regions import queries as regions

# Kinds of department with their items: 事项类型, name, how often it is asked for, and whether it is
# done online mostly
KINDS: Sequence[tuple[str, Sequence[tuple[str, str, int, float]]]] = (
    (
        "行政审批局",
        (
            ("01", "企业设立登记", 9, 0.6),
            ("01", "食品经营许可新办", 6, 0.4),
            ("01", "公共场所卫生许可", 3, 0.3),
            ("20", "企业变更登记", 6, 0.6),
        ),
    ),
    (
        "公安局",
        (
            ("07", "居住证办理", 7, 0.3),
            ("07", "户口迁移", 5, 0.2),
            ("01", "机动车驾驶证换证", 8, 0.5),
            ("20", "无犯罪记录证明", 3, 0.7),
        ),
    ),
    (
        "人力资源和社会保障局",
        (
            ("20", "社会保险关系转移接续", 8, 0.6),
            ("07", "就业失业登记", 4, 0.5),
            ("05", "失业保险金申领", 3, 0.7),
        ),
    ),
    (
        "自然资源和规划局",
        (
            ("07", "不动产转移登记", 9, 0.2),
            ("07", "不动产抵押登记", 6, 0.4),
            ("20", "不动产登记资料查询", 3, 0.5),
        ),
    ),
    (
        "医疗保障局",
        (
            ("05", "异地就医备案", 8, 0.8),
            ("05", "医疗费用手工报销", 4, 0.2),
            ("20", "生育保险待遇申领", 3, 0.5),
        ),
    ),
    (
        "住房和城乡建设局",
        (
            ("05", "公租房申请", 3, 0.3),
            ("01", "建筑工程施工许可", 2, 0.6),
            ("20", "商品房买卖合同备案", 4, 0.5),
        ),
    ),
    (
        "民政局",
        (
            ("07", "结婚登记", 5, 0.0),
            ("05", "最低生活保障申请", 2, 0.1),
            ("05", "高龄津贴申领", 3, 0.3),
        ),
    ),
    (
        "住房公积金管理中心",
        (("20", "住房公积金提取", 8, 0.8), ("20", "住房公积金贷款申请", 4, 0.4)),
    ),
)
_CITY_WEIGHTS = (
    11,
    9,
    8,
    7,
    14,
    9,
    10,
    5,
    7,
    6,
    5,
    5,
    5,
)  # roughly by population, in code order; more in Lianyungang, whose desks sign in
_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
_GIVEN = (
    "晓燕",
    "丽",
    "强",
    "敏",
    "静",
    "伟",
    "芳",
    "洋",
    "勇",
    "艳",
    "杰",
    "娟",
    "涛",
    "明",
    "霞",
    "平",
    "刚",
    "桂英",
    "建国",
    "婷婷",
)


@dataclass(frozen=True)
class Item:
    """An item somebody can be served with."""

    code: str
    name: str
    task_type: str
    weight: int
    online: float


@dataclass(frozen=True)
class Desk:
    """A window with who sits there."""

    code: str
    staff_number: str
    staff_name: str


@dataclass(frozen=True)
class Office:
    """A department with its items and windows; `quality` shifts how people rate it, around 1."""

    region: int
    uscc: str
    name: str
    kind: str
    items: tuple[Item, ...]
    desks: tuple[Desk, ...]
    weight: float
    quality: float


def person_name(random: Random) -> str:
    """Return a name that is nobody's in particular."""
    return random.choice(_SURNAMES) + random.choice(_GIVEN)


def build(random: Random) -> list[Office]:
    """Write the directory of the demonstration through its own import, and return the offices."""
    offices, rows = imagine(random)
    by_kind = (rules.DepartmentRow, rules.HallRow, rules.WindowRow, rules.StaffRow, rules.ItemRow)
    for kind in by_kind:
        actions.save_rows(rows=[row for row in rows if isinstance(row, kind)], by=0, at=clock.now())
    return offices


def imagine(random: Random) -> tuple[list[Office], list[rules.Row]]:
    """Return the offices of the demonstration and their rows of the directory; the same seed gives
    the same.
    """
    tree = regions.tree()
    offices: list[Office] = []
    rows: list[rules.Row] = []
    for city, weight in zip(tree.cities(), _CITY_WEIGHTS, strict=True):
        county = random.choice(tree.children(city))
        for region, share in ((city, 0.65), (county, 0.35)):
            name = tree.name(region)
            hall = f"H{region // 10**6}"
            rows.append(
                rules.HallRow(
                    hall,
                    f"{name}政务服务中心",
                    region,
                    f"{name}市民广场 {random.randint(1, 99)} 号",
                )
            )
            offices += [
                _office(random, region, name, hall, number, kind, weight * share, rows)
                for number, kind in enumerate(KINDS, start=1)
            ]
    return offices, rows


def _office(  # noqa: PLR0913, PLR0917 - an office is these facts
    random: Random,
    region: int,
    place: str,
    hall: str,
    number: int,
    kind: tuple[str, Sequence[tuple[str, str, int, float]]],
    weight: float,
    rows: list[rules.Row],
) -> Office:
    title, kinds_of_item = kind
    first_17 = f"11{region // 10**6}MB{number:02d}{region // 10**6 % 1000:03d}0A1"[:17].ljust(
        17, "0"
    )
    uscc = first_17 + rules.uscc_check_character(first_17)
    rows.append(rules.DepartmentRow(uscc, f"{place}{title}", region))
    level = 3 if region % 10**8 == 0 else 4
    items = []
    for place_in_list, (task_type, name, often, online) in enumerate(kinds_of_item, start=1):
        code = f"{uscc}{level}32{task_type}{number:02d}{place_in_list:03d}000"
        items.append(Item(code, name, task_type, often, online))
        rows.append(rules.ItemRow(code, name, uscc, task_type, region))
    desks = [
        _desk(random, region, hall, number, seat, uscc, rows)
        for seat in range(1, 4 if level == 3 else 3)  # noqa: PLR2004 - the city's halls are larger
    ]
    return Office(
        region,
        uscc,
        f"{place}{title}",
        title,
        tuple(items),
        tuple(desks),
        weight,
        random.lognormvariate(0, 0.5),
    )


def _desk(
    random: Random, region: int, hall: str, number: int, seat: int, uscc: str, rows: list[rules.Row]
) -> Desk:
    place = f"{chr(64 + number)}{seat:02d}"
    window, staff = f"{hall}-{place}", f"{region // 10**6}{number:02d}{seat:02d}"
    name = person_name(random)
    rows.append(rules.WindowRow(window, hall, place, uscc, time(9), time(17), region))
    rows.append(rules.StaffRow(staff, name, uscc, window, region))
    return Desk(window, staff, name)
