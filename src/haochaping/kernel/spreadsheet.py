"""Reads a spreadsheet in a process of its own: `python -m haochaping.kernel.spreadsheet FILE`.

A file of two kilobytes with one far cell asks for half a terabyte, so whoever opens it may use
little memory and time (data limits of this process alone). Each line of the output is a JSON array:
number of the sheet, number of the row, and its cells as text.
"""

import json
import resource
import sys
import zipfile
from datetime import datetime

from python_calamine import CalamineWorkbook

_MEMORY = 2 * 1024**3  # bytes of address space
_SECONDS = 120
_UNPACKED = 1024**3  # what the parts of an .xlsx may say that they unpack to
_EXACT = 10**15  # a spreadsheet keeps 15 digits of a number and loses the others


def cell(value: object) -> str:
    """Return a cell as text.

    A number that a spreadsheet has rounded is written with its exponent, as Excel shows it, so that
    no reader takes it for an identifier.
    """
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float):
        if abs(value) >= _EXACT:
            return f"{value:.5E}"
        return str(int(value)) if value == int(value) else repr(value)
    if isinstance(value, datetime):
        value = value.replace(tzinfo=None, microsecond=0)
    return str(value)  # dates and times as ISO 8601 writes them


def main(path: str) -> None:
    """Print the rows of every sheet."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as parts:
            if sum(part.file_size for part in parts.infolist()) > _UNPACKED:
                raise SystemExit("it unpacks to too much")
    book = CalamineWorkbook.from_path(path)
    for number, name in enumerate(book.sheet_names):
        sheet = book.get_sheet_by_name(name)
        above = (sheet.start or (0, 0))[0]
        for place, row in enumerate(sheet.to_python(skip_empty_area=True), above + 1):
            cells = [cell(value) for value in row]
            if any(cells):
                sys.stdout.write(f"{json.dumps([number, place, cells])}\n")


if __name__ == "__main__":
    main(sys.argv[1])
