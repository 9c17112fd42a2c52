"""What a table of departments, halls, windows, staff or items must hold, row by row.

An import previews with this and saves the good rows.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import time, timedelta

from haochaping.directory.rules.codes import TASKS, is_uscc, parse_item
from haochaping.kernel.headings import Columns
from haochaping.kernel.numbers import identifier
from haochaping.kernel.sheets import UNREADABLE, numbered
from haochaping.kernel.words import Words, storable
from haochaping.regions.rules import PROVINCE_OF_THE_PLATFORM, city_of, parse_code

TASK_TYPES = tuple(TASKS)


@dataclass(frozen=True)
class DepartmentRow:
    """A department."""

    uscc: str
    name: str
    region: int

    @property
    def scope_region(self) -> int:
        """Where the row belongs."""
        return self.region


@dataclass(frozen=True)
class HallRow:
    """A hall."""

    code: str
    name: str
    region: int
    address: str

    @property
    def scope_region(self) -> int:
        """Where the row belongs."""
        return self.region


@dataclass(frozen=True)
class WindowRow:
    """A window of a hall."""

    code: str
    hall: str
    number: str
    department: str
    opens: time
    closes: time
    scope_region: int


@dataclass(frozen=True)
class StaffRow:
    """A person at a window."""

    number: str
    name: str
    department: str
    window: str
    scope_region: int


@dataclass(frozen=True)
class ItemRow:
    """A service item."""

    code: str
    name: str
    department: str
    task_type: str
    scope_region: int


type Row = DepartmentRow | HallRow | WindowRow | StaffRow | ItemRow


@dataclass(frozen=True)
class RowError:
    """Why a row was refused; `number` is its line in the file, the heading being line 1."""

    number: int
    says: Words
    field: str = ""  # the column, where it is one


@dataclass(frozen=True)
class Known:
    """What the platform knows already.

    Region codes, and the region of departments, halls and windows by code. `there` are the rows of
    the table that is imported, by code, with the region of each.
    """

    regions: Callable[[int], int | None]  # a code -> the code in force, None when unknown
    covers: Callable[[int], bool]  # may the importing person write there?
    departments: Mapping[str, int] = field(default_factory=dict)
    halls: Mapping[str, int] = field(default_factory=dict)
    windows: Mapping[str, int] = field(default_factory=dict)
    there: Mapping[str, int] = field(default_factory=dict)


LABELS: Mapping[str, Words] = {
    "uscc": Words("统一社会信用代码", "Credit code"),
    "name": Words("名称", "Name"),
    "region": Words("行政区划代码", "Region code"),
    "code": Words("编号", "Code"),
    "address": Words("地址", "Address"),
    "hall": Words("大厅编号", "Hall's code"),
    "number": Words("窗口号", "Number"),
    "department": Words("部门信用代码", "Department's credit code"),
    "opens": Words("开始时间", "Opens"),
    "closes": Words("结束时间", "Closes"),
    "window": Words("窗口编号", "Window's code"),
    "task_type": Words("事项类型", "Type"),
}


class _Wrong(Exception):
    """What is wrong with a row, and in which column."""

    def __init__(self, field_: str, zh: str, en: str) -> None:
        self.field = field_
        label = LABELS.get(field_, Words("", ""))
        self.says = (
            Words(f"{label.zh}（{field_}）{zh}", f"{field_}: {en}") if field_ else Words(zh, en)
        )


def _code(row: Mapping[str, str], name: str, longest: int) -> str:
    """Return a code or number; every character is kept, or the row is refused."""
    code = identifier(_text(row, name, longest))
    if code is None:
        raise _Wrong(
            name,
            "已被电子表格舍入或含有空格，请把该列设为“文本”后重填",
            "it was rounded by a spreadsheet or holds white space; make the column text",
        )
    return code


def _text(row: Mapping[str, str], name: str, longest: int) -> str:
    value = row.get(name, "").strip()
    if not value:
        raise _Wrong(name, "不可为空", "it must not be empty")
    if len(value) > longest or not storable(value):
        raise _Wrong(name, f"最长 {longest} 个字符", f"{longest} characters at most")
    return value


def _region(row: Mapping[str, str], known: Known) -> int:
    code = parse_code(row.get("region", "").strip())
    found = known.regions(code) if code is not None else None
    if found is None:
        raise _Wrong(
            "region", "不是已知的 6 或 12 位行政区划代码", "it is no known code of 6 or 12 digits"
        )
    return found


def _reference(row: Mapping[str, str], name: str, known: Mapping[str, int]) -> str:
    code = _code(row, name, 33)
    if code not in known:
        raise _Wrong(name, f"{code} 不存在，请先建立", f"{code} does not exist; make it first")
    return code


def _time(row: Mapping[str, str], name: str, otherwise: time) -> time:
    value = row.get(name, "").strip()
    if not value:
        return otherwise
    try:
        return time.fromisoformat(value).replace(tzinfo=None)
    except ValueError:
        raise _Wrong(name, "应为 09:00 这样的时间", "it must be a time like 09:00") from None


def _department(row: Mapping[str, str], known: Known) -> DepartmentRow:
    uscc = _code(row, "uscc", 18)
    if not is_uscc(uscc):
        raise _Wrong(
            "uscc",
            "不是有效的统一社会信用代码（校验位不符）",
            "it is no valid unified social credit code (check character)",
        )
    return DepartmentRow(uscc, _text(row, "name", 120), _region(row, known))


def _hall(row: Mapping[str, str], known: Known) -> HallRow:
    return HallRow(
        _code(row, "code", 30),
        _text(row, "name", 120),
        _region(row, known),
        row.get("address", "").strip()[:200],
    )


def _window(row: Mapping[str, str], known: Known) -> WindowRow:
    hall, department = (
        _reference(row, "hall", known.halls),
        _reference(row, "department", known.departments),
    )
    opens, closes = _time(row, "opens", time(9, 0)), _time(row, "closes", time(17, 0))
    if opens >= closes:
        raise _Wrong("opens", "应早于结束时间", "it must be before closes")
    _check_same_city(known.departments[department], known.halls[hall])
    return WindowRow(
        _code(row, "code", 30),
        hall,
        _text(row, "number", 20),
        department,
        opens,
        closes,
        known.halls[hall],
    )


def _staff(row: Mapping[str, str], known: Known) -> StaffRow:
    department = _reference(row, "department", known.departments)
    window = _reference(row, "window", known.windows) if row.get("window", "").strip() else ""
    if window:
        _check_same_city(known.departments[department], known.windows[window])
        if not known.covers(known.windows[window]):
            raise _Wrong("window", "不在您的管理范围", "it is outside your scope")
    return StaffRow(
        _code(row, "number", 30),
        _text(row, "name", 60),
        department,
        window,
        known.departments[department],
    )


def _item(row: Mapping[str, str], known: Known) -> ItemRow:
    code = _code(row, "code", 33)
    if parse_item(code) is None:
        raise _Wrong(
            "code",
            "应为 31 或 33 位事项编码，前 18 位为部门信用代码",
            "it must be an item code of 31 or 33 characters that begins with a credit code",
        )
    whose = known.departments.get(code[:18])
    if whose is not None and not known.covers(whose):
        raise _Wrong("code", "前 18 位是其他地区的部门", "it begins with a department elsewhere")
    department = _reference(row, "department", known.departments)
    task_type = row.get("task_type", "").strip() or "99"
    if task_type not in TASK_TYPES:
        raise _Wrong(
            "task_type",
            f"应为 {'、'.join(TASK_TYPES)} 之一",
            f"it must be one of {', '.join(TASK_TYPES)}",
        )
    return ItemRow(
        code, _text(row, "name", 200), department, task_type, known.departments[department]
    )


def _check_same_city(department: int, place: int) -> None:
    """Raise _Wrong where a department would be put into another city's hall."""
    cities = {city_of(department), city_of(place)} - {PROVINCE_OF_THE_PLATFORM}
    if len(cities) > 1:
        raise _Wrong(
            "department", "与大厅不在同一设区市", "it and the hall lie in different cities"
        )


@dataclass(frozen=True)
class Table:
    """A kind of table: its title, its columns (needed ones first) and how a row is read."""

    title: Words
    columns: tuple[str, ...]  # the first is the code by which a row is known again
    read: Callable[[Mapping[str, str], Known], Row]
    may_lack: tuple[str, ...] = ()
    labels: Mapping[str, Words] = field(default_factory=dict)  # where they differ from LABELS

    @property
    def heading(self) -> Columns:
        """What the heading of a file must hold."""
        needed = [(name,) for name in self.columns if name not in self.may_lack]
        called = {name: (name, *self.label(name)) for name in self.columns}
        also = {word: name for name, words in called.items() for word in words}
        return Columns(frozenset(self.columns), needed, also)

    def label(self, name: str) -> Words:
        """Return what people call a column of this table."""
        return self.labels.get(name, LABELS[name])

    def code_of(self, row: Row) -> str:
        """Return the code by which a row is known again."""
        code: str = getattr(row, self.columns[0])
        return code


TABLES: Mapping[str, Table] = {
    "departments": Table(Words("部门", "Departments"), ("uscc", "name", "region"), _department),
    "halls": Table(
        Words("大厅", "Halls"), ("code", "name", "region", "address"), _hall, ("address",)
    ),
    "windows": Table(
        Words("窗口", "Windows"),
        ("code", "hall", "number", "department", "opens", "closes"),
        _window,
        ("opens", "closes"),
    ),
    "staff": Table(
        Words("人员", "Staff"),
        ("number", "name", "department", "window"),
        _staff,
        ("window",),
        {"number": Words("工号", "Staff number"), "name": Words("姓名", "Name")},
    ),
    "items": Table(
        Words("事项", "Items"), ("code", "name", "department", "task_type"), _item, ("task_type",)
    ),
}


_KINDS: Mapping[type, str] = {
    DepartmentRow: "departments",
    HallRow: "halls",
    WindowRow: "windows",
    StaffRow: "staff",
    ItemRow: "items",
}


def kind_of(row: Row) -> str:
    """Return the table to which a row belongs."""
    return _KINDS[type(row)]


UNDO = timedelta(days=7)  # for which an import can be undone
MOST_UNDONE = 20_000  # rows of an import that can be


def facts_of(row: Row) -> dict[str, str]:
    """Return what a row says, by column, its code apart."""
    table = TABLES[kind_of(row)]
    return {
        name: "" if getattr(row, name) is None else str(getattr(row, name))
        for name in table.columns[1:]
    }


def _read(table: Table, row: Mapping[str, str], known: Known) -> Row:
    if UNREADABLE in row:
        raise _Wrong("", "该行无法识别，请核对编码、引号和列数", "the row cannot be read")
    return table.read(row, known)


def read_table(
    table: Table, rows: Iterable[Mapping[str, str]], known: Known, *, moves: bool = True
) -> tuple[list[Row], list[RowError]]:
    """Read every row; return the good ones and an error for each of the others. Without `moves`, an
    entry that is there stays in its city.
    """
    good: list[Row] = []
    errors: list[RowError] = []
    lines: dict[str, int] = {}  # of the codes that stand in the table
    for number, row in numbered(rows):
        try:
            read = _read(table, row, known)
            if not known.covers(read.scope_region):
                raise _Wrong("", "该地区不在您的管理范围", "this region is outside your scope")
            first = lines.setdefault(table.code_of(read), number)
            if first != number:
                raise _Wrong(
                    table.columns[0],
                    f"与第 {first} 行的编号重复",
                    f"line {first} has the same code",
                )
            there = known.there.get(table.code_of(read))
            if there is not None and not known.covers(there):
                raise _Wrong(
                    "",
                    "该编号已由其他地区登记，不能修改",
                    "this code belongs to another region; it cannot be changed from here",
                )
            if there is not None and not moves and city_of(there) != city_of(read.scope_region):
                raise _Wrong(
                    "",
                    f"该编号属于 {city_of(there)}，跨市移动请加 --region 并指明共同上级",
                    f"this code belongs to {city_of(there)}; give --region of a place above both "
                    "to move it",
                )
        except _Wrong as wrong:
            errors.append(RowError(number, wrong.says, wrong.field))
        else:
            good.append(read)
    return good, errors
