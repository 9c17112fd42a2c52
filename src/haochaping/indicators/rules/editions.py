"""Versions of the catalogue: what an entry must be, what a version changes, and in whose hands it
is.

A code keeps its meaning for ever, for ratings of years ago are read by it: its Chinese text is
never changed. What says something else gets a code of its own, and the old one is retired.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any

import msgspec

from haochaping.audit.rules import Subject, Trail
from haochaping.indicators.rules.catalogue import BAD, LEVELS, Applies, Indicator, Scope
from haochaping.kernel.errors import Conflict, Refusal
from haochaping.kernel.headings import Columns
from haochaping.kernel.numbers import whole
from haochaping.kernel.sheets import numbered
from haochaping.kernel.words import Words, chinese, storable
from haochaping.regions.rules import parse_code

MOST = 60  # codes of a version: more than fit on a page
_FEWEST = 1  # of each bad level: a bad rating needs a reason to choose
COLUMNS = Columns(
    frozenset({"code", "zh", "en", "core", "applies", "channels", "regions", "items"}),
    [("code",), ("zh",), ("en",)],
    {
        chinese("代码"): "code",
        chinese("内容"): "zh",
        chinese("英文"): "en",
        chinese("首屏"): "core",
        chinese("适用"): "applies",
        chinese("限渠道"): "channels",
        chinese("限地区"): "regions",
        chinese("限事项"): "items",
    },
)
_YES = frozenset({"1", chinese("是"), "yes", "true", "on"})
_APPLIES = {
    "": "both",
    chinese("线上线下"): "both",
    chinese("线上"): "online",
    chinese("线下"): "onsite",
}


class State(StrEnum):
    """In whose hands a version is."""

    DRAFT = "draft"
    REVIEW = "review"
    PUBLISHED = "published"


STATES: Mapping[State, Words] = {
    State.DRAFT: Words("起草中", "Draft"),
    State.REVIEW: Words("待复核", "In review"),
    State.PUBLISHED: Words("已发布", "Published"),
}


class NotNow(Conflict):
    """The version is in other hands."""

    code = "edition_not_now"
    says = Words("该版本当前不能这样操作，请刷新。", "The version is in other hands: look again.")


class BadEntry(Refusal):
    """A code of a version is not as it must be."""

    code = "bad_indicator"


class Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """A code as a version has it."""

    code: int
    zh: str
    en: str
    core: bool = False
    applies: Applies = Applies.BOTH
    channels: tuple[int, ...] = ()  # of its scope, as the next two
    regions: tuple[int, ...] = ()
    items: tuple[str, ...] = ()

    @property
    def scope(self) -> Scope:
        """Where it is offered."""
        return Scope(self.channels, self.regions, self.items)


class Changes(msgspec.Struct, frozen=True):
    """What a version changes."""

    added: tuple[Entry, ...]
    retired: tuple[Entry, ...]
    changed: tuple[tuple[Entry, Entry], ...]  # before, after

    @property
    def none(self) -> bool:
        """Whether it changes nothing."""
        return not (self.added or self.retired or self.changed)


def in_force(catalogue: Iterable[Indicator]) -> list[Entry]:
    """Return the codes in force as entries."""
    return [
        Entry(one.code, one.says.zh, one.says.en, one.core, one.applies, **vars(one.scope))
        for one in catalogue
        if one.in_force
    ]


def read(rows: Iterable[Mapping[str, str]]) -> list[Entry]:
    """Return the entries of a form or a file; raises BadEntry that names the row."""
    return [_entry(number, row) for number, row in numbered(rows, first=1)]


def _entry(number: int, row: Mapping[str, str]) -> Entry:
    code, applies = row.get("code", "").strip(), row.get("applies", "").strip()
    if not (code.isascii() and code.isdigit() and len(code) == 3):  # noqa: PLR2004 - as the nation's
        raise BadEntry(
            Words(
                f"第 {number} 行：代码须为三位数字，首位为等级（如 512）。",
                f"Row {number}: a code has three digits, the level first (such as 512).",
            )
        )
    try:
        where = Applies(_APPLIES.get(applies, applies))
    except ValueError:
        raise BadEntry(
            Words(
                f"第 {number} 行：适用填 both、online 或 onsite。",
                f"Row {number}: it applies to both, online or onsite.",
            )
        ) from None
    texts = [" ".join(row.get(name, "").split()) for name in ("zh", "en")]
    core = row.get("core", "").strip().lower() in _YES
    channels, regions, items = _scope(number, row)
    return Entry(int(code), texts[0], texts[1], core, where, channels, regions, items)


_CHANNELS = range(1, 10)
_ITEM = re.compile(r"[0-9A-Za-z]{1,33}", re.ASCII)
_APART = re.compile(r"[\s,，、;；]+")


def _scope(number: int, row: Mapping[str, str]) -> tuple[Any, Any, Any]:
    """Return channels, regions and items of a row; raises BadEntry that names it."""
    channels, places, items = (
        [part for part in _APART.split(row.get(name, "")) if part]
        for name in ("channels", "regions", "items")
    )
    numbers = tuple(sorted({whole(one, digits=1) or 0 for one in channels}))
    regions = tuple(sorted({parse_code(one) or 0 for one in places}))
    good = all(one in _CHANNELS for one in numbers) and all(regions)
    if not good or not all(_ITEM.fullmatch(one) for one in items):
        raise BadEntry(
            Words(
                f"第 {number} 行：限渠道填 1–9，限地区填区划代码，限事项填事项编码的开头，"
                "多个用逗号隔开。",
                f"Row {number}: channels are 1 to 9, regions their codes, items how their codes "
                "begin, with commas between.",
            )
        )
    return numbers, regions, tuple(sorted(set(items)))


def checked(entries: Sequence[Entry], known: Mapping[int, Indicator]) -> list[Entry]:
    """Return entries by code; raises BadEntry where they are no catalogue."""
    for entry in entries:
        _check(entry, known.get(entry.code))
    codes = [entry.code for entry in entries]
    twice = sorted({code for code in codes if codes.count(code) > 1})
    if twice:
        told = "、".join(map(str, twice))
        raise BadEntry(Words(f"代码重复：{told}", f"The same code twice: {told}"))
    if len(entries) > MOST:
        raise BadEntry(Words(f"最多 {MOST} 个指标。", f"At most {MOST} indicators."))
    for level in BAD:
        reasons = [one for one in entries if one.code // 100 == level and one.scope.everywhere]
        # a tablet takes no bad rating without a reason, and offers none of those for online alone
        for other in (Applies.ONLINE, Applies.ON_SITE):
            if sum(one.applies is not other for one in reasons) >= _FEWEST:
                continue
            says = LEVELS[level]
            raise BadEntry(
                Words(
                    f"“{says.zh}”线上、线下都至少要有一个处处可选的原因。",
                    f"{says.en} needs a reason that can be chosen everywhere, online and on site.",
                )
            )
    return sorted(entries, key=lambda one: -one.code)


def _check(entry: Entry, known: Indicator | None) -> None:
    wrong = None
    if entry.code // 100 not in LEVELS:
        wrong = Words("首位须为 1–5", "its first digit is a level, 1 to 5")
    elif not 1 <= len(entry.zh) <= 30 or not 1 <= len(entry.en) <= 80:  # noqa: PLR2004 - what a phone shows
        wrong = Words(
            "中文 1–30 字、英文 1–80 字，都要填", "Chinese of 1–30 and English of 1–80 characters"
        )
    elif not storable(entry.zh + entry.en):
        wrong = Words("含有不允许的字符", "characters that are not allowed")
    elif known is not None and known.says.zh != entry.zh:
        wrong = Words(
            f"已用过的代码不能改含义（原为“{known.says.zh}”），请停用它并新设代码",
            f"a code keeps its meaning ({known.says.en}): retire it and add another",
        )
    if wrong is not None:
        raise BadEntry(Words(f"{entry.code}：{wrong.zh}。", f"{entry.code}: {wrong.en}."))


def changes(entries: Sequence[Entry], before: Sequence[Entry]) -> Changes:
    """Return what a version changes of what is in force."""
    old, new = {one.code: one for one in before}, {one.code: one for one in entries}
    return Changes(
        tuple(one for one in entries if one.code not in old),
        tuple(one for one in before if one.code not in new),
        tuple((old[code], one) for code, one in new.items() if code in old and old[code] != one),
    )


TRAIL: Trail = {
    "edition": Subject(
        Words("指标版本", "indicator version"),
        {
            "begin": Words("起草指标版本", "Began"),
            "keep": Words("修改指标草稿", "Edited"),
            "submit": Words("提交复核", "Submitted"),
            "publish": Words("发布指标版本", "Put in force"),
            "return": Words("退回修改", "Returned"),
        },
    )
}
