"""Any table of a page as CSV, all of them as XLSX, the page as PDF."""

from collections.abc import Mapping, Sequence
from datetime import date
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
    widened: tuple[date, date] | None = None,
    **context: Any,
) -> HttpResponseBase:
    """Return a page, or what of it was asked for as a file. `widened` are the days that it answers
    for: whole months where no days are kept of what is asked, which it says.
    """
    cut = asked.cut()
    if widened == (cut.since, cut.until):
        widened = None
    english = get_language() == "en"
    known: Mapping[str, Table] = {table.key: table for table in tables}
    if (form := wants(request)) == "pdf":
        body = _pdf(asked, title, tiles, tables, widened, english=english)
        downloads.note(request, _name(asked, title), sum(len(list(one.lines)) for one in tables))
        saved = {"Content-Disposition": f'attachment; filename="{_name(asked, title)}.pdf"'}
        return HttpResponse(body, content_type="application/pdf", headers=saved)
    if form == "csv" or (form and known):
        return _tables(request, _name(asked, title), form, known, english=english)
    return pages.render(
        request,
        template,
        page_title=title,
        tiles=tiles,
        tables=known,
        english=english,
        widened=widened,
        **choices(asked),
        **context,
    )


def _tables(
    request: HttpRequest, name: str, form: str, known: Mapping[str, Table], *, english: bool
) -> HttpResponse:
    """Return all tables as a workbook, or the one that was asked for as CSV; the trail knows."""
    if form == "xlsx":
        downloads.note(request, name, sum(len(list(one.lines)) for one in known.values()))
        return downloads.file(list(known.values()), form, name, english=english)
    table = known.get(request.GET.get("table", "")) or next(iter(known.values()), None)
    if table is None:
        raise NotFound
    downloads.note(request, name, len(list(table.lines)))
    return downloads.file([table], form, f"{name}-{table.key}", english=english)


def _name(asked: Asked, title: Words) -> str:
    return f"{title.en.replace(' ', '-').lower()}-{_about(asked)}"


def _about(asked: Asked) -> str:
    """Return what a file is about, for its name: place, days, and what it was narrowed to."""
    until = min(asked.period.until, asked.today)
    parts = [str(asked.region // 10**6), f"{asked.period.since}", f"{until}"]
    parts += [f"channel{asked.channel}"] if asked.channel else []
    parts += [f"party{asked.party}"] if asked.party else []
    return "-".join(parts)


def _lead(asked: Asked, widened: tuple[date, date] | None, *, english: bool) -> str:
    """Return place, period, and what the figures were narrowed to."""
    words = [asked.period_name]
    if asked.channel is not None:
        words.append(CHANNELS[Channel(asked.channel)])
    if asked.party is not None:
        words.append(PARTIES[asked.party])
    if widened is not None:
        since, until = widened
        words.append(Words(f"按整月统计：{since} – {until}", f"by whole months: {since} – {until}"))
    if asked.search:
        words.append(Words(asked.search, asked.search))
    return "　".join([asked.place, *(one.en if english else one.zh for one in words)])


def _pdf(
    asked: Asked,
    title: Words,
    tiles: Sequence[Tile],
    tables: Sequence[Table],
    widened: tuple[date, date] | None,
    *,
    english: bool,
) -> bytes:
    return channels.pdf(
        title=title,
        lead=_lead(asked, widened, english=english),
        tiles=[(tile.measure, tile.value, tile.change) for tile in tiles],
        tables=tables,
        at=asked.at,
        english=english,
    )
