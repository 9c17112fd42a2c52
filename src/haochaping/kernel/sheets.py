"""Reading tables that people and systems send.

CSV in whatever encoding and with whatever separator the evidence shows, spreadsheets (in a process
of their own, kernel/spreadsheet.py) and JSON lines. Rows are read one by one, so a large file needs
little memory; each knows its line in the file.
"""

import csv
import io
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from difflib import get_close_matches
from itertools import chain
from pathlib import Path
from typing import IO

from haochaping.kernel.encodings import NotText, decoded, is_utf8
from haochaping.kernel.errors import Refusal
from haochaping.kernel.words import Words

UNREADABLE = "\0unreadable"  # the one column of a row that is no row; its value says why
MAX_BYTES = 200 * 1024 * 1024
_LONGEST_LINE = 1024 * 1024
_HEADING_WITHIN = 20  # rows among which the heading is looked for: titles may stand above it
_BOOKS = (".xlsx", ".xls")


class UnreadableTable(Refusal):
    """The file is not a table that can be read."""

    code = "unreadable_table"


class WrongColumns(Refusal):
    """The file is a table, but not one of what was asked for."""

    code = "wrong_columns"


def nearest(name: str, known: Collection[str]) -> str | None:
    """Return the known name that is nearest to another, None when none is near."""
    alike = {one.casefold().replace("_", ""): one for one in known}
    found = get_close_matches(name.casefold().replace("_", ""), alike, n=1, cutoff=_NEAR)
    return alike[found[0]] if found else None


_NEAR = 0.84  # of 1: two letters changed in a name of ten


class Row(dict[str, str]):
    """A row by column name, empty for nothing; `line` is its line in the file."""

    def __init__(self, line: int, values: Mapping[str, str]) -> None:
        super().__init__(values)
        self.line = line


def numbered[T: Mapping[str, str]](rows: Iterable[T]) -> Iterator[tuple[int, T]]:
    """Yield rows with their line in the file, or from 2 on where they come from no file."""
    for number, row in enumerate(rows, start=2):
        yield (row.line if isinstance(row, Row) else number), row


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


def read_rows(path: Path, columns: Columns, *, patient: bool = True) -> Iterator[Row]:
    """Yield the rows of a .csv, .xlsx, .xls or .jsonl file; the largest spreadsheets slowly and in
    little memory, where somebody is `patient`.

    Raises UnreadableTable or WrongColumns before the first row; a single row that cannot be read
    is a row with the one column UNREADABLE.
    """
    if not path.is_file():
        raise UnreadableTable(Words(f"找不到文件 {path}。", f"There is no file {path}."))
    _check_size(path.stat().st_size)
    kind = path.suffix.lower()
    if kind in _BOOKS:
        return _of_book(path, columns, patient)
    if kind == ".csv":
        return _of_csv(path.open("rb"), columns)
    if kind in (".jsonl", ".ndjson"):
        return _of_json(path.open("rb"))
    raise UnreadableTable(
        Words(
            "仅支持 CSV、XLSX、XLS 和 JSON Lines（.jsonl）文件。",
            "Only CSV, XLSX, XLS and JSON lines (.jsonl) files can be read.",
        )
    )


def rows_of(name: str, data: bytes, columns: Columns) -> Iterator[Row]:
    """Yield the rows of a file's content; the name's ending says what it is."""
    _check_size(len(data))
    kind = Path(name).suffix.lower()
    if kind == ".csv":
        return _of_csv(io.BytesIO(data), columns)
    if kind in (".jsonl", ".ndjson"):
        return _of_json(io.BytesIO(data))
    return _of_bytes(kind, data, columns)


def _of_bytes(kind: str, data: bytes, columns: Columns) -> Iterator[Row]:
    with tempfile.NamedTemporaryFile(prefix="hcp-table-", suffix=kind) as file:
        file.write(data)
        file.flush()
        # who waits at a door, and keeps others waiting, is not to do so for minutes
        yield from read_rows(Path(file.name), columns, patient=False)


def _check_size(size: int) -> None:
    if size > MAX_BYTES:
        raise UnreadableTable(
            Words(
                "文件超过 200 MB，请拆分后再导入。",
                "The file is larger than 200 MB; split it and import the parts.",
            )
        )


# --- formulas

REFUSED = "refused_"  # how the columns begin that tell why a row was refused
_FORMULA = re.compile(r"[=+\-@\t\r]")
_GUARDED = re.compile(r"'[=+\-@\t\r]")


def guarded(text: str) -> str:
    """Return a cell for a CSV that people open in a spreadsheet, which shall not run it.

    An apostrophe goes before what would be a formula; reading takes it away again.
    """
    return f"'{text}" if _FORMULA.match(text) else text


# --- which row is the heading


def _table(rows: Iterator[tuple[int, list[str]]], columns: Columns) -> Iterator[Row]:
    """Find the heading among the first rows and yield what follows by its names."""
    heading = _heading(rows, columns)
    for number, cells in rows:
        if any(cells):
            named = zip(heading, cells, strict=False)
            yield Row(
                number,
                {
                    name: value[1:] if _GUARDED.match(value) else value
                    for name, value in named
                    if name and not name.startswith(REFUSED)
                },
            )


def _heading(rows: Iterator[tuple[int, list[str]]], columns: Columns) -> list[str]:
    """Return the names in the first row that is a heading, else in the first row there is."""
    first: tuple[int, list[str]] | None = None
    looked = 0
    for number, cells in rows:
        names = [columns.also.get(name := _name(cell), name) for cell in cells]
        if not any(names):
            continue
        first = first or (number, names)
        if len(columns.known & set(names)) >= min(2, len(columns.known)):
            _check_heading(number, names, columns)
            return names
        looked += 1
        if looked >= _HEADING_WITHIN:
            break
    if first is None:
        raise WrongColumns(Words("文件是空的。", "The file is empty."))
    _check_heading(*first, columns)
    return first[1]


def _name(cell: str) -> str:
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


# --- CSV


def _of_csv(file: IO[bytes], columns: Columns) -> Iterator[Row]:
    with file:
        try:
            text = decoded(file, longest_line=_LONGEST_LINE)
        except NotText as why:
            raise UnreadableTable(why.says) from None
        for row in _table(_csv_lines(text, columns), columns):
            broken = any(map(_BROKEN.search, row.values())) or (
                text.encoding == "gb18030" and is_utf8("".join(row.values()))
            )
            yield Row(row.line, {UNREADABLE: "bad_encoding"}) if broken else row


def _csv_lines(text: IO[str], columns: Columns) -> Iterator[tuple[int, list[str]]]:
    """Yield the line on which each row begins, and its cells."""
    start = text.tell()
    separator = _separator(
        [line for line, _ in zip(text, range(_HEADING_WITHIN), strict=False)], columns
    )
    text.seek(start)
    reader, begins = csv.reader(text, delimiter=separator), 1
    try:
        for cells in reader:
            yield begins, cells
            begins = reader.line_num + 1
    except csv.Error as error:
        raise UnreadableTable(
            Words(
                f"CSV 第 {reader.line_num} 行无法读取：{error}",
                f"Line {reader.line_num} of the CSV cannot be read: {error}",
            )
        ) from None


def _separator(lines: Sequence[str], columns: Columns) -> str:
    """Return what separates the cells: what cuts a line into the most known names."""
    return max(
        ",;\t；，|",
        key=lambda mark: max(
            (
                len(columns.known & {_name(cell.strip('"')) for cell in line.split(mark)})
                for line in lines
            ),
            default=0,
        ),
    )


_BROKEN = re.compile("[\udc80-\udcff]")  # bytes that fit no encoding (PEP 383)


# --- spreadsheets

PATIENT = "--patient"  # what the child is told for an operator's own file


def _of_book(path: Path, columns: Columns, patient: bool) -> Iterator[Row]:
    """Yield the rows of the first sheet that has the heading."""
    trouble: WrongColumns | None = None
    with _sheets(path, [PATIENT] if patient else []) as cells:
        rows, following = iter(cells), next(cells, None)
        while following is not None:
            number = following[0]
            sheet = _Sheet(number, chain([following], rows))
            try:
                yield from _table(iter(sheet), columns)
            except WrongColumns as wrong:
                trouble = trouble or wrong
            else:
                return
            following = sheet.rest()
    raise trouble or WrongColumns(Words("表格是空的。", "The spreadsheet is empty."))


class _Sheet:
    """The rows of one sheet among those of a book."""

    def __init__(self, number: int, rows: Iterator[tuple[int, int, list[str]]]) -> None:
        self.number, self.rows = number, rows
        self.next: tuple[int, int, list[str]] | None = None

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        for number, line, cells in self.rows:
            if number != self.number:
                self.next = number, line, cells
                return
            yield line, cells

    def rest(self) -> tuple[int, int, list[str]] | None:
        """Return the first row of the next sheet."""
        if self.next is None:
            for _ in self:
                pass
        return self.next


@contextmanager
def _sheets(path: Path, asked: Sequence[str]) -> Iterator[Iterator[tuple[int, int, list[str]]]]:
    """Read a spreadsheet in a process of its own, which may use little memory and time."""
    command = [sys.executable, "-m", "haochaping.kernel.spreadsheet", str(path), *asked]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as child:
        try:
            yield _said(child)
        finally:
            child.kill()


def _said(child: subprocess.Popen[bytes]) -> Iterator[tuple[int, int, list[str]]]:
    if child.stdout is None:
        raise RuntimeError("the child has no output")
    for line in child.stdout:
        sheet, number, cells = json.loads(line)
        yield sheet, number, cells
    if child.wait():
        raise UnreadableTable(
            Words(
                "表格无法打开：文件已损坏、加密，或过大（请删除数据区以外的空白行列，"
                "或另存为 UTF-8 的 CSV 后再导入）。",
                "The spreadsheet cannot be opened: it is damaged, encrypted or too large (remove "
                "blank rows and columns beyond the data, or save it as CSV in UTF-8).",
            )
        )


# --- JSON lines


def _of_json(file: IO[bytes]) -> Iterator[Row]:
    with file:
        first, number = True, 0
        while line := file.readline(_LONGEST_LINE + 1):
            number += 1
            if len(line) > _LONGEST_LINE:
                raise UnreadableTable(
                    Words(f"第 {number} 行超过 1 MB。", f"Line {number} is longer than 1 MB.")
                )
            if not line.strip():
                continue
            row = _json_row(line if number > 1 else line.removeprefix(b"\xef\xbb\xbf"))
            if row is None and first:  # a file that begins like this is no table
                raise UnreadableTable(
                    Words(
                        f"第 {number} 行不是 UTF-8 编码的 JSON 对象。",
                        f"Line {number} is not a JSON object in UTF-8.",
                    )
                )
            first = False
            yield Row(number, {UNREADABLE: "not_json"} if row is None else row)


def _json_row(line: bytes) -> dict[str, str] | None:
    try:
        row = json.loads(line.decode("utf-8"), parse_float=str, parse_int=str)
    except (ValueError, RecursionError):
        return None
    if not isinstance(row, dict):
        return None
    return {str(name): "" if value is None else str(value) for name, value in row.items()}
