"""Any table of a page as CSV, all of them as XLSX, the page as PDF."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import get_language

from haochaping.insight import channels
from haochaping.insight.views.asked import Asked, Tile, choices, wants
from haochaping.kernel import downloads, pages
from haochaping.kernel.errors import NotFound
from haochaping.kernel.tables import Table
from haochaping.kernel.words import Words


def answer(
    request: HttpRequest,
    asked: Asked,
    *,
    template: str,
    title: Words,
    tiles: Sequence[Tile] = (),
    tables: Sequence[Table] = (),
    **context: Any,
) -> HttpResponseBase:
    """Return a page, or what of it was asked for as a file."""
    form, english = wants(request), get_language() == "en"
    known: Mapping[str, Table] = {table.key: table for table in tables}
    name = f"{title.en.replace(' ', '-').lower()}-{asked.period.since}"
    if form == "csv":
        table = known.get(request.GET.get("table", "")) or next(iter(known.values()), None)
        if table is None:
            raise NotFound
        return downloads.file([table], form, f"{name}-{table.key}", english=english)
    if form == "xlsx" and known:
        return downloads.file(tables, form, name, english=english)
    if form == "pdf":
        body = _pdf(asked, title, tiles, tables, english=english)
        saved = {"Content-Disposition": f'attachment; filename="{name}.pdf"'}
        return HttpResponse(body, content_type="application/pdf", headers=saved)
    return pages.render(
        request,
        template,
        page_title=title,
        tiles=tiles,
        tables=known,
        english=english,
        **choices(asked),
        **context,
    )


def _pdf(
    asked: Asked, title: Words, tiles: Sequence[Tile], tables: Sequence[Table], *, english: bool
) -> bytes:
    name = asked.period_name
    return channels.pdf(
        title=title,
        lead=f"{asked.place}　{name.en if english else name.zh}",
        tiles=[(tile.measure, tile.value, tile.change) for tile in tiles],
        tables=tables,
        at=asked.at,
        english=english,
    )
