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
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import IO, Any, NoReturn

from haochaping.kernel.encodings import NotText, decoded, is_gbk, is_utf8
from haochaping.kernel.errors import Refusal
from haochaping.kernel.headings import HEADING_WITHIN, Columns, WrongColumns, heading, name_of
from haochaping.kernel.twins import once
from haochaping.kernel.words import Words, storable

UNREADABLE = "\0unreadable"  # the column of a row that is no row; its value says why
MAX_BYTES = 200 * 1024 * 1024
_LONGEST_LINE = 1024 * 1024
_BOOKS = (".xlsx", ".xls")


class UnreadableTable(Refusal):
    """The file is not a table that can be read."""

    code = "unreadable_table"


class Row(dict[str, str]):
    """A row by column name, empty for nothing; `line` is its line in the file."""

    def __init__(self, line: int, values: Mapping[str, str]) -> None:
        super().__init__(values)
        self.line = line


def numbered[T: Mapping[str, str]](rows: Iterable[T], first: int = 2) -> Iterator[tuple[int, T]]:
    """Yield rows with their line in the file, or counted where they come from no file."""
    for number, row in enumerate(rows, start=first):
        yield (row.line if isinstance(row, Row) else number), row


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
# spreadsheets skip white space and marks that nobody sees, and take wide signs for the others
_BEFORE = r"[\s\0\u200b-\u200f\u2060\ufeff]"
_RUNS = rf"(?:[\t\r\n\0]|{_BEFORE}*[=+\-@＝＋－＠])"
_FORMULA = re.compile(_RUNS)
_GUARDED = re.compile(f"'{_RUNS}")


def guarded(text: str) -> str:
    """Return a cell for a CSV that people open in a spreadsheet, which shall not run it.

    An apostrophe goes before what would be a formula; reading takes it away again.
    """
    return f"'{text}" if _FORMULA.match(text) else text


def _named(heading: Sequence[str], rows: Iterator[tuple[int, list[str]]]) -> Iterator[Row]:
    """Yield the rows below a heading by its names."""
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


# --- CSV


def _of_csv(file: IO[bytes], columns: Columns) -> Iterator[Row]:
    with file:
        try:
            text = decoded(file, longest_line=_LONGEST_LINE)
        except NotText as wrong:
            raise UnreadableTable(wrong.says) from None
        mark, lines = _csv_lines(text, columns)
        names = heading(lines, columns)
        width = len(names)
        for number, cells in lines:
            why = _unreadable(cells, width, mark, text.encoding)
            for row in _named(names, iter([(number, cells)])):
                # what can be shown stays beside it, to be mended
                yield Row(row.line, {UNREADABLE: why, **row}) if why else row


def _unreadable(cells: Sequence[str], width: int, mark: str, encoding: str) -> str:
    """Say why a row of a CSV is not what was meant; "" where nothing speaks against it."""
    said = "".join(cells)
    if _BROKEN.search(said) or (encoding.startswith("utf-16") and "\ufffd" in said):
        return "bad_encoding"
    other = is_utf8 if encoding == "gb18030" else is_gbk
    if any(map(other, (said, *cells))):
        return "bad_encoding"  # of another file, as a whole or in a cell
    if any(map(str.strip, cells[width:])):
        return "too_many_cells"
    # a quotation mark that was never closed has taken in the rows after it
    after = (line for cell in cells if "\n" in cell for line in cell.splitlines()[1:])
    return "open_quote" if any(line.count(mark) >= max(width - 1, 2) for line in after) else ""


def _csv_lines(text: IO[str], columns: Columns) -> tuple[str, Iterator[tuple[int, list[str]]]]:
    """Return the separator, and the line on which each row begins with its cells."""
    start = text.tell()
    separator = _separator(
        [line for line, _ in zip(text, range(HEADING_WITHIN), strict=False)], columns
    )
    text.seek(start)
    return separator, _csv_rows(csv.reader(text, delimiter=separator, strict=True))


def _csv_rows(reader: Any) -> Iterator[tuple[int, list[str]]]:
    begins = 1
    try:
        for cells in reader:
            yield begins, cells
            begins = reader.line_num + 1
    except csv.Error as error:
        raise UnreadableTable(
            Words(
                f"CSV 自第 {begins} 行起无法读取（引号未成对？）：{error}",
                f"The CSV cannot be read from line {begins} on (an open quotation mark?): {error}",
            )
        ) from None


def _separator(lines: Sequence[str], columns: Columns) -> str:
    """Return what separates the cells: what cuts a line into the most known names."""
    return max(
        ",;\t；，|",
        key=lambda mark: max(
            (
                len(columns.known & {name_of(cell.strip('"')) for cell in line.split(mark)})
                for line in lines
            ),
            default=0,
        ),
    )


_BROKEN = re.compile("[\udc80-\udcff]")  # bytes that fit no encoding (PEP 383)


# --- spreadsheets

PATIENT = "--patient"  # what the child is told for an operator's own file


def _of_book(path: Path, columns: Columns, patient: bool) -> Iterator[Row]:
    """Yield the rows of the first sheet that has the heading, and of others that have one: each by
    its own names. Where its columns are others, one row says so, for none of it is taken.
    """
    trouble: WrongColumns | None = None
    found: list[str] | None = None
    with _sheets(path, [PATIENT] if patient else []) as cells:
        rows, following = iter(cells), next(cells, None)
        while following is not None:
            number = following[0]
            sheet = _Sheet(number, chain([following], rows))
            lines = iter(sheet)
            try:
                names = heading(lines, columns)
            except WrongColumns as wrong:
                trouble = trouble or wrong
            else:
                found = found or names
                if set(found) == set(names):
                    yield from _named(names, lines)
                elif (first := next(lines, None)) is not None:
                    yield Row(first[0], {UNREADABLE: "other_columns"})
            following = sheet.rest()
    if found is None:
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
        row = json.loads(
            line.decode("utf-8"),
            parse_float=str,
            parse_int=str,
            parse_constant=_no_number,
            object_pairs_hook=once,
        )
    except (ValueError, RecursionError):
        return None
    if not isinstance(row, dict) or not all(map(storable, row)):
        return None
    return {name: _as_text(value) for name, value in row.items()}


def _no_number(said: str) -> NoReturn:
    raise ValueError(said)  # NaN and Infinity are no JSON


def _as_text(value: Any) -> str:
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False)
    return "" if value is None else str(value)
