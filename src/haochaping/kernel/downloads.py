"""A list of a page as a file: small ones at once, long ones line by line behind the page (the room
`exports`), with the same cells.
"""

import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.translation import get_language

from haochaping.kernel.errors import Refusal
from haochaping.kernel.tables import Line, Table, as_csv, as_xlsx, write_xlsx
from haochaping.kernel.words import Words

KINDS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
AT_ONCE = 5_000  # lines that a page gives while its reader waits
_TOLD = 1_000  # lines between two notes of progress
_PIECE = 256 * 1024  # bytes


class TooManyAtOnce(Refusal):
    """A list is too long to be waited for."""

    code = "too_many_at_once"
    says = Words(
        "超过 5000 行，请用列表上的“导出”按钮在后台生成。",
        "More than 5 000 lines: use the Export button, which makes the file behind the page.",
    )


PDF = {"pdf": "application/pdf"}  # of pages that are printed, not listed


def wanted(request: HttpRequest) -> str:
    """Return as which kind of file a list is asked for, nothing where a page is."""
    form = request.GET.get("as", "")
    return form if form in KINDS else ""


def answer(request: HttpRequest, table: Table) -> HttpResponseBase:
    """Return a table as the kind of file that was asked for; its lines may be made one by one.

    A reader that waits gets AT_ONCE lines at most, else TooManyAtOnce is raised; an export
    (`request.told`) gets all, and is told how many there were.
    """
    form, english = wanted(request), get_language() == "en"
    told = getattr(request, "told", None)
    if told is not None:
        counted = replace(table, lines=_counted(table.lines, told))
        return StreamingHttpResponse(_streamed(counted, form, english=english), KINDS[form])
    lines = list(islice(table.lines, AT_ONCE + 1))
    if len(lines) > AT_ONCE:
        raise TooManyAtOnce
    note(request, table.key, len(lines))
    return file([replace(table, lines=lines)], form, table.key, english=english)


def note(request: HttpRequest, key: str, lines: int) -> None:
    """Have the trail say that somebody took a file, and of how many lines (trust design §5.6)."""
    reads, person = getattr(request, "reads", None), getattr(request, "person", None)
    if reads is not None and person is not None:
        told = {"list": key, "lines": lines}
        reads.append(("export", 0, "take", told, person.region))


def file(tables: Sequence[Table], form: str, name: str, *, english: bool = False) -> HttpResponse:
    """Return tables as a workbook, or the first of them as CSV, to be saved under a name."""
    if form == "xlsx":
        body = as_xlsx(tables, english=english)
    else:
        body = b"".join(as_csv(tables[0], english=english))
    saved = {"Content-Disposition": f'attachment; filename="{name}.{form}"'}
    return HttpResponse(body, content_type=KINDS[form], headers=saved)


def _counted(lines: Iterable[Line], told: Callable[[int], None]) -> Iterator[Line]:
    number = 0
    for number, line in enumerate(lines, 1):
        if number % _TOLD == 0:
            told(number)
        yield line
    told(number)


def _streamed(table: Table, form: str, *, english: bool) -> Iterator[bytes]:
    if form == "csv":
        yield from as_csv(table, english=english)
        return
    with tempfile.TemporaryFile() as file:
        write_xlsx(file, [table], english=english, long=True)
        file.seek(0)
        while piece := file.read(_PIECE):
            yield piece
