"""Which row of a table is its heading, and what its columns are called."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from haochaping.kernel.errors import Refusal
from haochaping.kernel.words import Words, printable

HEADING_WITHIN = 20  # rows among which the heading is looked for: titles may stand above it


class WrongColumns(Refusal):
    """The file is a table, but not one of what was asked for."""

    code = "wrong_columns"


def nearest(name: str, known: Collection[str]) -> str | None:
    """Return the known name that is nearest to another, None when none is near."""
    alike = {one.casefold().replace("_", ""): one for one in known}
    found = get_close_matches(name.casefold().replace("_", ""), alike, n=1, cutoff=_NEAR)
    return alike[found[0]] if found else None


_NEAR = 0.84  # of 1: two letters changed in a name of ten


@dataclass(frozen=True)
class Columns:
    """What the heading of a table holds: names by which it is known, and those that it must have.

    A name may have others in its place: `needed` is satisfied by one of each group; what `also`
    names is read as the column that it stands for.
    """

    known: frozenset[str]
    needed: Sequence[Collection[str]] = ()
    also: Mapping[str, str] = field(default_factory=dict)  # what people call a column → its name

    def meant(self, name: str) -> str | None:
        """Return the known name for which an unknown one may have been mistyped."""
        return None if name in self.known else nearest(name, self.known)

    def check(self, name: str) -> None:
        """Raise a refusal for a name that is unknown and near to a known one."""
        near = self.also.get(name) or self.meant(name)
        if near is not None:
            shown = printable(name)[:60]
            raise Refusal(
                Words(
                    f"字段 {shown} 不认识，是否应为 {near}？",
                    f"{shown} is unknown: is {near} meant?",
                ),
                code="unknown_field",
                field=shown,
            )


def heading(rows: Iterator[tuple[int, list[str]]], columns: Columns) -> list[str]:
    """Return the names in the first row that is a heading, else in the first row there is."""
    first: tuple[int, list[str]] | None = None
    looked = 0
    for number, cells in rows:
        names = [columns.also.get(name := name_of(cell), name) for cell in cells]
        if not any(names):
            continue
        first = first or (number, names)
        if len(columns.known & set(names)) >= min(2, len(columns.known)):
            _check_heading(number, names, columns)
            return names
        looked += 1
        if looked >= HEADING_WITHIN:
            break
    if first is None:
        raise WrongColumns(Words("文件是空的。", "The file is empty."))
    _check_heading(*first, columns)
    return first[1]


def name_of(cell: str) -> str:
    """Return a name of a heading without what nobody sees around it."""
    return cell.strip().strip("\ufeff\u200b").strip()


def _check_heading(line: int, names: list[str], columns: Columns) -> None:
    """Raise WrongColumns, which tells the row that was read as heading."""
    missing = ["/".join(sorted(group)) for group in columns.needed if not set(group) & set(names)]
    strange = [
        (name, near)
        for name in names
        if name and (near := columns.meant(name)) is not None and near not in names
    ]
    twice = sorted({name for name in names if name and names.count(name) > 1})
    shown = ", ".join(name for name in names if name)[:200]
    if missing:
        raise WrongColumns(
            Words(
                f"第 {line} 行被读作表头（{shown}），其中缺少列：{'、'.join(missing)}。",
                f"Line {line} was read as the heading ({shown}); it lacks {', '.join(missing)}.",
            )
        )
    if strange:
        raise WrongColumns(
            Words(
                f"第 {line} 行被读作表头，其中的列 {strange[0][0]} 不认识，是否应为"
                f" {strange[0][1]}？",
                f"Line {line} was read as the heading; its column {strange[0][0]} is unknown: is "
                f"{strange[0][1]} meant?",
            )
        )
    if twice:
        raise WrongColumns(
            Words(
                f"第 {line} 行被读作表头（{shown}），其中有重复的列：{'、'.join(twice)}。",
                f"Line {line} was read as the heading ({shown}); twice in it: {', '.join(twice)}.",
            )
        )
