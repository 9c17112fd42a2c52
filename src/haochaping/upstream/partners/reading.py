"""Reading a catalogue over HTTP: a table (CSV, XLSX) or JSON, a page at a time."""

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urljoin, urlsplit

from haochaping.kernel import outbound
from haochaping.kernel.headings import Columns
from haochaping.kernel.sheets import Row, rows_of
from haochaping.kernel.words import Words
from haochaping.upstream import models, queries, rules

_LARGEST = 64 * 1024 * 1024  # bytes of an answer
_PAGES = 2000
_OK = 200
# where lists lie in the answers of catalogues, and where the address of the next page does
_LISTS = ("data", "rows", "list", "records", "items", "result", "content")
_NEXT = ("next", "next_page", "nextPage")


def read(source: models.Source) -> list[Mapping[str, str]]:
    """Return all rows of a catalogue by our names; raises NotRead or what kernel/sheets raises."""
    columns = queries.columns(source.kind, source.fields)
    headers = {"Accept": "application/json, text/csv", **queries.header(source)}
    rows: list[Mapping[str, str]] = []
    seen: set[str] = set()
    url: str | None = source.url
    while url and len(seen) < _PAGES:
        if url in seen or urlsplit(url).netloc != urlsplit(source.url).netloc:
            raise rules.NotRead(_STRAYS)
        seen.add(url)
        body = _body(url, headers)
        told = _json(body)
        if told is None:
            return list(rows_of(_name(url, body), body, columns))
        found, url = _page(told, url)
        rows += [_named(len(rows) + place, row, columns) for place, row in enumerate(found, 1)]
    if url:  # a catalogue that never ends is none
        raise rules.NotRead(_STRAYS)
    if rows and not any(columns.known & row.keys() for row in rows):
        raise rules.NotRead(_OTHER)
    return rows


_STRAYS = Words(
    "上级目录的翻页地址指向别处、重复或没有尽头。",
    "The catalogue's next page leads elsewhere, back or on for ever.",
)
_OTHER = Words(
    "上级目录的字段与本平台无一对应，请补充字段对照。",
    "No field of the catalogue is known here; say which is which.",
)
_NO_LIST = Words("上级目录的应答中没有列表。", "There is no list in the catalogue's answer.")


def _body(url: str, headers: Mapping[str, str]) -> bytes:
    try:
        answer = outbound.get(url, headers=headers, params={}, largest=_LARGEST)
    except outbound.Unreachable as away:
        raise rules.NotRead(
            Words(f"上级目录不通：{away}", f"The catalogue is away: {away}")
        ) from None
    if answer.status != _OK:
        raise rules.NotRead(
            Words(f"上级目录应答 {answer.status}。", f"The catalogue answered {answer.status}.")
        )
    return answer.body


def _json(body: bytes) -> Any:
    """Return what an answer says when it is JSON, else None."""
    if not body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"[")):
        return None
    try:
        return json.loads(body, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        return None


def _name(url: str, body: bytes) -> str:
    """Return a file name by which the table can be read."""
    if body.startswith(b"PK\x03\x04"):
        return "catalogue.xlsx"
    return "catalogue.jsonl" if urlsplit(url).path.endswith("l") else "catalogue.csv"


def _page(told: Any, url: str) -> tuple[list[Mapping[str, Any]], str | None]:
    """Return the rows of a page, and the address of the next one."""
    beyond: str | None = None
    while isinstance(told, dict):
        following = next((told[name] for name in _NEXT if isinstance(told.get(name), str)), "")
        beyond = urljoin(url, following) if following else beyond
        told = next(
            (told[name] for name in _LISTS if isinstance(told.get(name), dict | list)), None
        )
    if not isinstance(told, list):
        raise rules.NotRead(_NO_LIST)
    return [row for row in told if isinstance(row, dict)], beyond


def _named(line: int, row: Mapping[str, Any], columns: Columns) -> Row:
    """Return a row by our names, empty for nothing; what holds more than a value is left out."""
    values: Iterator[tuple[str, Any]] = (
        (columns.also.get(str(name), str(name)), value) for name, value in row.items()
    )
    plain = {name: value for name, value in values if not isinstance(value, dict | list)}
    return Row(line, {name: "" if value is None else str(value) for name, value in plain.items()})
