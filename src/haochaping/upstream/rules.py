"""What an upstream catalogue says, and how it differs from what is here."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum

from haochaping.audit.rules import Subject, Trail
from haochaping.kernel.errors import Refusal
from haochaping.kernel.words import Words


class What(IntEnum):
    """How an entry differs."""

    ADD = 1
    CHANGE = 2
    CONFIRM = 3  # came in with a service and was looked at by nobody; upstream knows it as it is
    CLOSE = 4
    REOPEN = 5


WHAT: Mapping[What, Words] = {
    What.ADD: Words("新增", "New"),
    What.CHANGE: Words("变更", "Changed"),
    What.CONFIRM: Words("确认", "Confirmed"),
    What.CLOSE: Words("停用", "Closed"),
    What.REOPEN: Words("恢复", "Opened again"),
}

# the tables that are kept upstream; staff are a hall's own
KINDS: Mapping[str, Words] = {
    "regions": Words("行政区划", "Regions"),
    "departments": Words("部门", "Departments"),
    "halls": Words("大厅", "Halls"),
    "windows": Words("窗口", "Windows"),
    "items": Words("事项", "Items"),
}

# what a row may say besides the columns of its table
BESIDES: Mapping[str, Words] = {
    "effective_on": Words("生效日期", "In force from"),
    "closed_on": Words("停用日期", "Closed on"),
    "successor": Words("承继编码", "Successor's code"),
}
# and what people call the columns of a table of regions
REGIONS: Mapping[str, Words] = {
    "code": Words("行政区划代码", "Region code"),
    "name": Words("行政区划名称", "Region name"),
}
MOST = 2000  # changes that one click decides


@dataclass(frozen=True)
class Entry:
    """A row of the catalogue, by the code of its table."""

    code: str
    region: int
    facts: Mapping[str, str] = field(default_factory=dict)
    effective_on: date | None = None
    closed_on: date | None = None
    successor: str = ""


@dataclass(frozen=True)
class Here:
    """The entry of that code as the platform has it."""

    region: int
    facts: Mapping[str, str]
    closed: bool = False
    confirmed: bool = True


@dataclass(frozen=True)
class Difference:
    """How one entry differs, and from what day on it is to be as upstream has it."""

    code: str
    what: What
    region: int
    before: Mapping[str, str] | None
    after: Mapping[str, str] | None
    effective_on: date | None = None
    successor: str = ""


class Suspicious(Refusal):
    """So much is missing from a catalogue that it is rather broken than right."""

    code = "suspicious_catalogue"

    def __init__(self, gone: int, there: int) -> None:
        super().__init__(
            Words(
                f"上级目录缺少本平台 {there} 条中的 {gone} 条，疑似不完整：未提出任何停用，"
                "请核对后重新读取。",
                f"The catalogue lacks {gone} of our {there} entries and looks incomplete: nothing "
                "is closed; check it and read it again.",
            )
        )


_FEW, _SHARE = 10, 0.2  # so many may be gone, or such a share, before it is suspicious


def differences(
    entries: Sequence[Entry], here: Mapping[str, Here], *, complete: bool, asked: Collection[str]
) -> list[Difference]:
    """Return how a catalogue differs. In a `complete` one what it does not hold is gone; `asked`
    are the codes of all its rows, the unreadable ones too, which are not gone.

    Raises Suspicious where more is gone than a catalogue loses in a day.
    """
    found = [made for one in entries if (made := _difference(one, here.get(one.code))) is not None]
    if not complete:
        return found
    held = {code: one for code, one in here.items() if one.confirmed and not one.closed}
    gone = held.keys() - set(asked)
    if len(gone) > max(_FEW, _SHARE * len(held)):
        raise Suspicious(len(gone), len(held))
    return found + [
        Difference(code, What.CLOSE, held[code].region, held[code].facts, None)
        for code in sorted(gone)
    ]


def _difference(one: Entry, now: Here | None) -> Difference | None:
    if one.closed_on is not None:
        if now is None or now.closed:
            return None
        day, follows = one.closed_on, one.successor
        return Difference(one.code, What.CLOSE, now.region, now.facts, None, day, follows)
    if now is None:
        return Difference(one.code, What.ADD, one.region, None, one.facts, one.effective_on)
    what = next(
        (
            what
            for what, so in (
                (What.REOPEN, now.closed),
                (What.CHANGE, dict(one.facts) != dict(now.facts)),
                (What.CONFIRM, not now.confirmed),
            )
            if so
        ),
        None,
    )
    if what is None:
        return None
    return Difference(one.code, what, now.region, now.facts, one.facts, one.effective_on)


def changed(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """Yield the columns that differ, with what is here and what upstream says."""
    for name, value in after.items():
        if before.get(name, "") != value:
            yield name, before.get(name, ""), value


class BadSource(Refusal):
    """A catalogue cannot be connected as it was told."""

    code = "bad_source"
    says = Words(
        "请填写名称、种类和地区；地址以 http(s):// 开头，只上传文件的可留空；"
        "字段对照每行一条：上级字段=本平台字段。",
        "Name, kind and region are needed; the address begins with http(s)://, or is left empty "
        "where files are uploaded; fields are one a line: theirs=ours.",
    )


class NotRead(Refusal):
    """A catalogue could not be read."""

    code = "catalogue_not_read"


def read_fields(text: str, known: Collection[str]) -> dict[str, str]:
    """Read lines of theirs=ours; raises BadSource for a field of ours that is none."""
    fields: dict[str, str] = {}
    for line in text.splitlines():
        theirs, _, ours = (part.strip() for part in line.partition("="))
        if not line.strip():
            continue
        if not theirs or ours not in known:
            raise BadSource
        fields[theirs] = ours
    return fields


# what the audit trail calls what is done here
TRAIL: Trail = {
    "upstream": Subject(
        Words("上级目录", "upstream catalogue"),
        {
            "connect": Words("接入上级目录", "Connected a catalogue"),
            "start": Words("启用", "Started"),
            "stop": Words("停用", "Stopped"),
            "upload": Words("上传目录文件", "Uploaded a file"),
            "approve": Words("批准目录变更", "Approved changes"),
            "reject": Words("驳回目录变更", "Rejected changes"),
            "take": Words("按生效日期执行", "Put in force on its day"),
        },
    )
}
