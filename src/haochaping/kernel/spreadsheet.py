"""Reads a spreadsheet in a process of its own: `python -m haochaping.kernel.spreadsheet FILE`.

A file of two kilobytes with one far cell asks for half a terabyte, so whoever opens it may use
little memory and time (data limits of this process alone). Each line of the output is a JSON array:
number of the sheet, number of the row, and its cells as text.
"""

import json
import re
import resource
import sys
import zipfile
from collections.abc import Iterator, Sequence
from datetime import datetime, time
from html import unescape

from python_calamine import CalamineWorkbook

from haochaping.kernel.sheets import PATIENT

_MEMORY = 2 * 1024**3  # bytes of address space
_SECONDS, _PATIENT = 120, 600  # of CPU: of what came through a door, and of an operator's own file
_WHOLE = 100 * 1024**2  # unpacked: up to here a book is held whole, in twice the memory
_UNPACKED = 1024**3  # what the parts of an .xlsx may say that they unpack to
_EXACT = 10**15  # a spreadsheet keeps 15 digits of a number and loses the others
_STYLES = "xl/styles.xml"
_FORMATS = re.compile(r'formatCode="([^"]*)"')
# what a format says beside the digits: a locale or colour, the width of a letter, text as it stands
_ASIDE = re.compile(r"\[[^\]]*\]|_.|\*.")
_PARTS = re.compile(r'"([^"]*)"|\\(.)|(0)|([-/ .()A-Z]|[\u2e80-\uffef])')


def cell(value: object) -> str:
    """Return a cell as text.

    A number that a spreadsheet has rounded is written with its exponent, as Excel shows it, so that
    no reader takes it for an identifier.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float):
        if abs(value) >= _EXACT:
            return f"{value:.5E}"
        return str(int(value)) if value == int(value) else repr(value)
    if isinstance(value, datetime):
        value = value.replace(tzinfo=None, microsecond=0)
    return str(value)  # dates and times as ISO 8601 writes them


def main(path: str, *, patient: bool = False) -> None:
    """Print the rows of every sheet; an operator may wait for the largest, row by row."""
    seconds = _PATIENT if patient else _SECONDS
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    size, padded = 0, False
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as parts:
            size = sum(part.file_size for part in parts.infolist())
            if size > _UNPACKED:
                raise SystemExit("it unpacks to too much")
            if _STYLES in parts.namelist():
                styles = parts.read(_STYLES).decode("utf-8", "replace")
                padded = any(digits_of(unescape(one)) for one in _FORMATS.findall(styles))
    slowly = padded or (patient and size > _WHOLE)
    for number, place, row in _one_by_one(path) if slowly else _whole(path):
        cells = [cell(value) for value in row]
        if any(cells):
            sys.stdout.write(f"{json.dumps([number, place, cells])}\n")


def _whole(path: str) -> Iterator[tuple[int, int, Sequence[object]]]:
    """Yield number of the sheet, number of the row, and its cells: fast, and it holds all of it."""
    book = CalamineWorkbook.from_path(path)
    for number, name in enumerate(book.sheet_names):
        sheet = book.get_sheet_by_name(name)
        above = (sheet.start or (0, 0))[0]
        for place, row in enumerate(sheet.to_python(skip_empty_area=True), above + 1):
            yield number, place, row


def _one_by_one(path: str) -> Iterator[tuple[int, int, Sequence[object]]]:
    """Yield the same, an .xlsx's rows one by one and numbers with the zeros that their format
    shows: six times as slow, in little memory.
    """
    from openpyxl import load_workbook  # noqa: PLC0415 - for some files only

    book = load_workbook(path, read_only=True, data_only=True)
    for number, sheet in enumerate(book.worksheets):
        sheet.reset_dimensions()  # what a file says of its size need not be so
        for place, row in enumerate(sheet.iter_rows(), 1):
            yield number, place, [_as_shown(one.value, one.number_format) for one in row]


def _as_shown(value: object, form: str | None) -> object:
    """Return a number as the text of a code where its format says which digits are shown, and the
    midnight of a day as that day, as the fast reader does.
    """
    if isinstance(value, datetime) and value.time() == time():
        return value.date()
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < _EXACT:
        # libraries of Java write whole numbers as 320701.0
        shape = digits_of(form or "") if value == int(value) else ""
        return _filled(shape, int(value)) if shape else value
    return value


def digits_of(form: str) -> str:
    """Return the shape of a code that a number's format shows, `0` for each digit and all else as
    it stands (`00000`, `A000`, `00-00`); "" where the format shows a quantity, a date or text.
    """
    shape, place, said = "", 0, _ASIDE.sub("", form.split(";", maxsplit=1)[0])
    while place < len(said):
        part = _PARTS.match(said, place)
        if part is None or (part[4] == "." and "0" in shape):  # of a quantity, or of a date
            return ""
        shape += part[1] or part[2] or part[3] or part[4] or ""
        place = part.end()
    return shape if shape.count("0") > 1 and not _DATES.search(_QUOTED.sub("", said)) else ""


_QUOTED = re.compile(r'"[^"]*"|\\.')
_DATES = re.compile("[DEGHMSY]")  # letters of dates and of numbers with exponents


def _filled(shape: str, number: int) -> str:
    """Return a number's digits in a shape, from the right; those that it has no place for go
    before its first.
    """
    left, shown = str(number), ""
    for sign in reversed(shape):
        digit = sign == "0"
        shown = ((left[-1:] or "0") if digit else sign) + shown
        left = left[:-1] if digit else left
    first = shape.index("0")
    return f"{shown[:first]}{left}{shown[first:]}"


if __name__ == "__main__":
    main(sys.argv[1], patient=PATIENT in sys.argv)
