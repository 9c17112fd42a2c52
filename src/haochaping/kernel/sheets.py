"""Reading tables that people and systems send.

CSV (UTF-8 or GB18030), XLSX and JSON lines, each row as text by column name.
"""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook

from haochaping.kernel.errors import Refusal
from haochaping.kernel.words import Words

UNREADABLE = "\0unreadable"  # the one column of a row that is no row
MAX_BYTES = 200 * 1024 * 1024


class UnreadableTable(Refusal):
    """The file is not a table that can be read."""

    code = "unreadable_table"


def read_rows(path: Path) -> Iterator[Mapping[str, str]]:
    """Yield the rows of a .csv, .xlsx or .jsonl file; values are text, empty for nothing.

    Raises UnreadableTable.
    """
    if not path.is_file():
        raise UnreadableTable(Words(f"找不到文件 {path}。", f"There is no file {path}."))
    return rows_of(path.name, path.read_bytes())


def rows_of(name: str, data: bytes) -> Iterator[Mapping[str, str]]:
    """Yield the rows of a file's content; the name's ending says what it is."""
    if len(data) > MAX_BYTES:
        raise UnreadableTable(
            Words(
                "文件超过 200 MB，请拆分后再导入。",
                "The file is larger than 200 MB; split it and import the parts.",
            )
        )
    match Path(name).suffix.lower():
        case ".csv":
            return _csv_rows(data)
        case ".xlsx":
            return _xlsx_rows(data)
        case ".jsonl" | ".ndjson":
            return _json_rows(data)
    raise UnreadableTable(
        Words(
            "仅支持 CSV、XLSX 和 JSON Lines（.jsonl）文件。",
            "Only CSV, XLSX and JSON lines (.jsonl) files can be read.",
        )
    )


def _csv_rows(data: bytes) -> Iterator[Mapping[str, str]]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = data.decode("gb18030")
        except UnicodeDecodeError:
            raise UnreadableTable(
                Words(
                    "文件编码既不是 UTF-8 也不是 GB18030。",
                    "The file is neither UTF-8 nor GB18030.",
                )
            ) from None
    reader = csv.DictReader(io.StringIO(text, newline=""))
    try:
        for row in reader:
            yield {
                name.strip(): value or ""
                for name, value in row.items()
                if isinstance(name, str) and not isinstance(value, list)
            }
    except csv.Error as error:
        raise UnreadableTable(
            Words(
                f"CSV 第 {reader.line_num} 行无法读取：{error}",
                f"Line {reader.line_num} of the CSV cannot be read: {error}",
            )
        ) from None


def _xlsx_rows(data: bytes) -> Iterator[Mapping[str, str]]:
    try:
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0)
        rows = iter(sheet.to_python(skip_empty_area=True))
    except CalamineError as error:
        raise UnreadableTable(
            Words(f"XLSX 无法打开：{error}", f"The XLSX cannot be opened: {error}")
        ) from None
    heading = [_cell(value).strip() for value in next(rows, [])]
    for row in rows:
        if any(value != "" for value in row):
            yield dict(zip(heading, map(_cell, row), strict=False))


def _cell(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _json_rows(data: bytes) -> Iterator[Mapping[str, str]]:
    try:
        lines = data.decode("utf-8-sig").split(
            "\n"
        )  # other line separators are letters of a JSON text
    except UnicodeDecodeError:
        raise UnreadableTable(
            Words("JSON Lines 文件须为 UTF-8 编码。", "A JSON lines file must be UTF-8.")
        ) from None
    first = True
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            row = None
        if not isinstance(row, dict):
            if first:  # a file that begins like this is no table
                raise UnreadableTable(
                    Words(f"第 {number} 行不是 JSON 对象。", f"Line {number} is not a JSON object.")
                )
            yield {UNREADABLE: str(number)}  # this row alone is refused
            continue
        first = False
        yield {str(name): "" if value is None else str(value) for name, value in row.items()}
