"""Tables that leave the platform: on a page, as CSV and as XLSX, the same cells in each.

Text that a spreadsheet would run as a formula is written as text (CWE-1236).
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import chain
from typing import IO

from haochaping.kernel.errors import Refusal
from haochaping.kernel.moments import LOCAL
from haochaping.kernel.sheets import guarded
from haochaping.kernel.words import Words

type Cell = str | int | float | Words | datetime | None


class Kind(StrEnum):
    """What a column holds, and so how it is written."""

    TEXT = "text"
    COUNT = "count"
    SHARE = "share"  # 0…1, written in per cent
    DECIMAL = "decimal"


@dataclass(frozen=True)
class Column:
    """A column of a table."""

    says: Words
    kind: Kind = Kind.TEXT


@dataclass(frozen=True)
class Line:
    """A row: its cells, and where it leads on a page."""

    cells: Sequence[Cell]
    href: str = ""


@dataclass(frozen=True)
class Table:
    """A table: its key in addresses, its name, its columns and its rows."""

    key: str
    says: Words
    columns: Sequence[Column]
    lines: Iterable[Line] = field(default_factory=tuple)
    note: Words | None = None


def written(cell: Cell, kind: Kind, *, english: bool = False) -> str:
    """Return a cell as people read it; a dash where there is nothing."""
    if cell is None:
        return "—"
    if not isinstance(cell, int | float):
        return _text(cell, english=english)
    if kind is Kind.SHARE:
        return f"{cell * 100:.2f}%"
    return f"{cell:,.0f}" if kind is Kind.COUNT else f"{cell:,.1f}"


def _text(cell: str | Words | datetime, *, english: bool) -> str:
    """Return what is no number; a moment by the clock of China."""
    if isinstance(cell, datetime):
        return cell.astimezone(LOCAL).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(cell, Words):
        return cell.en if english else cell.zh
    return cell


def _plain(cell: Cell, *, english: bool) -> str:
    if cell is None:
        return ""
    return repr(cell) if isinstance(cell, int | float) else guarded(_text(cell, english=english))


def as_csv(table: Table, *, english: bool = False) -> Iterator[bytes]:
    """Yield a table as CSV in UTF-8 with a mark, as Excel wants it, a row at a time; shares are
    0…1.
    """
    yield "\ufeff".encode()
    heading = [column.says.en if english else column.says.zh for column in table.columns]
    rows = ([_plain(cell, english=english) for cell in one.cells] for one in table.lines)
    for row in chain([heading], rows):
        line = io.StringIO()
        csv.writer(line).writerow(row)
        yield line.getvalue().encode()


_FORMATS = {Kind.COUNT: "#,##0", Kind.SHARE: "0.00%", Kind.DECIMAL: "#,##0.0"}


def as_xlsx(tables: Iterable[Table], *, english: bool = False) -> bytes:
    """Return tables as the sheets of a workbook, numbers as numbers, headings frozen."""
    file = io.BytesIO()
    write_xlsx(file, tables, english=english)
    return file.getvalue()


def write_xlsx(
    file: IO[bytes], tables: Iterable[Table], *, english: bool = False, long: bool = False
) -> None:
    """Write tables as the sheets of a workbook; a long one in little memory, its columns of one
    width. Raises TooManyRows for more than a sheet holds.
    """
    import xlsxwriter  # noqa: PLC0415 - a third of a second of every start, for few of them

    how = {"constant_memory": True} if long else {"in_memory": True}
    book = xlsxwriter.Workbook(file, how | {"strings_to_formulas": False, "strings_to_urls": False})
    bold = book.add_format({"bold": True})
    formats = {kind: book.add_format({"num_format": form}) for kind, form in _FORMATS.items()}
    for number, table in enumerate(tables, 1):
        name = table.says.en if english else table.says.zh
        sheet = book.add_worksheet(f"{number} {_sheet_name(name)}")
        for at, column in enumerate(table.columns):
            sheet.write_string(0, at, column.says.en if english else column.says.zh, bold)
        if long:
            sheet.freeze_panes(1, 0)
            sheet.set_column(0, len(table.columns), _WIDTH)
        for row, line in enumerate(table.lines, 1):
            if row >= _ROWS:
                raise TooManyRows
            for at, (cell, column) in enumerate(zip(line.cells, table.columns, strict=True)):
                if isinstance(cell, int | float):
                    sheet.write_number(row, at, cell, formats.get(column.kind))
                elif cell is not None:
                    sheet.write_string(row, at, _text(cell, english=english))
        if not long:
            sheet.freeze_panes(1, 0)
            sheet.autofit()
    book.close()


_WIDTH = 18  # of a column whose longest cell is not known when it is written
_ROWS = 1_048_576  # of a sheet


class TooManyRows(Refusal):
    """More rows than a sheet of Excel holds."""

    code = "too_many_rows"
    says = Words(
        "超过 Excel 一张表的上限（104 万行），请改导出 CSV，或缩小范围。",
        "More rows than a sheet of Excel holds (1 048 576): export CSV, or narrow the filter.",
    )


def _sheet_name(name: str) -> str:
    """Return a name that Excel takes for a sheet."""
    return "".join(" " if letter in "[]:*?/\\" else letter for letter in name)[:26]
