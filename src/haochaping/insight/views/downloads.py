"""Any table of a page as CSV, all of them as XLSX, the page as PDF."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import get_language

from haochaping.evaluations.rules import CHANNELS, Channel
from haochaping.insight import channels
from haochaping.insight.views.asked import PARTIES, Asked, Tile, choices, wants
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
    name = f"{title.en.replace(' ', '-').lower()}-{_about(asked)}"
    if form == "csv":
        table = known.get(request.GET.get("table", "")) or next(iter(known.values()), None)
        if table is None:
            raise NotFound
        downloads.note(request, name, len(list(table.lines)))
        return downloads.file([table], form, f"{name}-{table.key}", english=english)
    if form == "xlsx" and known:
        downloads.note(request, name, sum(len(list(one.lines)) for one in tables))
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


def _about(asked: Asked) -> str:
    """Return what a file is about, for its name: place, days, and what it was narrowed to."""
    until = min(asked.period.until, asked.today)
    parts = [str(asked.region // 10**6), f"{asked.period.since}", f"{until}"]
    parts += [f"channel{asked.channel}"] if asked.channel else []
    parts += [f"party{asked.party}"] if asked.party else []
    return "-".join(parts)


def _lead(asked: Asked, *, english: bool) -> str:
    """Return place, period, and what the figures were narrowed to."""
    words = [asked.period_name]
    if asked.channel is not None:
        words.append(CHANNELS[Channel(asked.channel)])
    if asked.party is not None:
        words.append(PARTIES[asked.party])
    if asked.search:
        words.append(Words(asked.search, asked.search))
    return "　".join([asked.place, *(one.en if english else one.zh for one in words)])


def _pdf(
    asked: Asked, title: Words, tiles: Sequence[Tile], tables: Sequence[Table], *, english: bool
) -> bytes:
    return channels.pdf(
        title=title,
        lead=_lead(asked, english=english),
        tiles=[(tile.measure, tile.value, tile.change) for tile in tiles],
        tables=tables,
        at=asked.at,
        english=english,
    )
