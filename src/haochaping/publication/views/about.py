"""What else the public site holds: cases, search, open data, methods, status, accessibility."""

import csv
import io
from datetime import datetime
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.html import escape
from django.views.decorators.http import require_safe

from haochaping.feed import queries as feed
from haochaping.indicators import queries as indicators
from haochaping.indicators.rules import State as Edition
from haochaping.insight.rules.fair import FEW, FEWEST
from haochaping.kernel import clock, pages
from haochaping.kernel.errors import NotFound
from haochaping.kernel.sheets import guarded
from haochaping.publication import queries, rules
from haochaping.publication.views.results import Shown, shown

COLUMNS = tuple(one.name for one in rules.FILES["results"].fields)


@require_safe
def cases(request: HttpRequest, board: str = rules.Board.RIGHT) -> HttpResponse:
    """Show a board of cases: what was put right 您提我改, praise 好评榜, complaints 差评榜."""
    if board not in rules.Board:
        raise NotFound
    search, hung = request.GET.get("q", "").strip()[:40], rules.Board(board)
    return pages.render(
        request,
        "publication/cases.html",
        cases=queries.cases(rules.State.RELEASED, search, hung),
        search=search,
        board=hung,
        boards=rules.BOARDS,
        leads=rules.LEADS,
    )


@require_safe
def case(request: HttpRequest, key: int) -> HttpResponse:
    """Show one case."""
    found = queries.case(key)
    if found is None:
        raise NotFound
    return pages.render(request, "publication/case.html", case=found, boards=rules.BOARDS)


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Look for words in what is published: places, departments, items and cases."""
    words, seen = request.GET.get("q", "").strip()[:40], shown(request)
    found: list[tuple[str, rules.Unit]] = []
    if words and seen:
        found = [one for one in seen.results.all() if words in one[1].name][:60]
    return pages.render(
        request,
        "publication/search.html",
        words=words,
        found=found,
        cases=queries.cases(rules.State.RELEASED, words)[:20] if words else [],
        routes={
            "cities": "publication:area",
            "counties": "publication:area",
            "departments": "publication:department",
            "items": "publication:item",
        },
    )


@require_safe
def datasets(request: HttpRequest) -> HttpResponse:
    """List the open data: releases, day books, what the columns mean, and the licence."""
    return pages.render(
        request,
        "publication/datasets.html",
        releases=queries.releases(),
        states=rules.STATES,
        files=rules.FILES,
        base=settings.PUBLIC_URL,
        draft=rules.State.DRAFT,
    )


@require_safe
def package(_request: HttpRequest) -> HttpResponse:
    """Describe the open data to programs (Frictionless data package)."""
    released = [f"{one.period:%Y-%m}/v{one.version}" for one in queries.released()]
    days = [f"{one.log}/{one.day}" for one in queries.day_books()]
    told = msgspec.json.encode(rules.data_package(settings.PUBLIC_URL, released, days))
    response = HttpResponse(told, content_type="application/json")
    response["Access-Control-Allow-Origin"] = "*"
    return response


@require_safe
def dataset(_request: HttpRequest, period: str, version: str, form: str) -> HttpResponse:
    """Give a release as a file under an address that stays. What was withdrawn says so, and why."""
    release = queries.version(period, int(version))
    if release is None or release.state == rules.State.DRAFT:
        raise NotFound
    if release.state == rules.State.WITHDRAWN:
        said = {"withdrawn": True, "reason": release.reason, "sha256": release.sha256}
        return HttpResponse(msgspec.json.encode(said), content_type="application/json", status=410)
    return _file(Shown(release, queries.results_of(release)), form)


def _file(seen: Shown, form: str) -> HttpResponse:
    if form == "json":
        body, kind = bytes(seen.release.results), "application/json"
    elif form == "csv":
        body, kind = _csv(seen.results), "text/csv; charset=utf-8"
    else:
        body, kind = _parquet(seen.results), "application/vnd.apache.parquet"
    response = HttpResponse(body, content_type=kind)
    name = f"haochaping-{seen.results.period}-v{seen.release.version}.{form}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["ETag"] = f'"{seen.release.sha256[:32]}-{form}"'
    response["Access-Control-Allow-Origin"] = "*"
    return response


def _rows(results: rules.Results) -> list[list[Any]]:
    return [
        [
            kind,
            unit.key,
            unit.name,
            unit.above,
            unit.n,
            *unit.levels,
            unit.services,
            unit.rated,
            unit.score,
            unit.low,
            unit.high,
            unit.band,
        ]
        for kind, unit in results.all()
    ]


def _csv(results: rules.Results) -> bytes:
    file = io.StringIO()
    table = csv.writer(file)
    table.writerow(COLUMNS)
    for kind, key, name, *rest in _rows(results):
        table.writerow([kind, key, guarded(name), *("" if cell is None else cell for cell in rest)])
    return b"\xef\xbb\xbf" + file.getvalue().encode()


def _parquet(results: rules.Results) -> bytes:
    columns = list(zip(*_rows(results), strict=True))
    table = pa.Table.from_pydict(dict(zip(COLUMNS, map(list, columns), strict=True)))
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    data: bytes = sink.getvalue().to_pybytes()
    return data


@require_safe
def method(request: HttpRequest) -> HttpResponse:
    """Say how figures are made, which rules hold since when, and what was corrected."""
    return pages.render(
        request,
        "publication/method.html",
        corrections=[
            one for one in queries.releases() if one.reason and one.state != rules.State.DRAFT
        ],
        editions=[one for one in indicators.editions() if one.state == Edition.PUBLISHED],
        states=rules.STATES,
        smallest=rules.SMALLEST_CELL,
        fewest=FEWEST,
        few=FEW,
    )


@require_safe
def status(request: HttpRequest) -> HttpResponse:
    """Say whether everything works: what is late or frozen is named, never hidden."""
    alarms = feed.alarms(clock.now())
    return pages.render(
        request, "publication/status.html", alarms=alarms, logs=queries.ledgers(), at=clock.now()
    )


@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """State how far everybody can use the site, and where to say what does not work."""
    return pages.render(request, "publication/accessibility.html")


@require_safe
def atom(_request: HttpRequest) -> HttpResponse:
    """Tell readers of feeds what was released and withdrawn (RFC 4287)."""
    entries = []
    for one in queries.releases():
        if one.state != rules.State.DRAFT and one.released_at:
            verb = rules.STATES[rules.State(one.state)].zh
            title = f"{one.period:%Y-%m} 月度结果（第 {one.version} 版）{verb} / results"
            link = f"{settings.PUBLIC_URL}/open/areas?period={one.period:%Y-%m}"
            entries.append((title, link, one.withdrawn_at or one.released_at))
    for told in queries.cases(rules.State.RELEASED)[:40]:
        link = f"{settings.PUBLIC_URL}/open/cases/{told.pk}"
        entries.append((told.title, link, told.released_at or told.drafted_at))
    entries.sort(key=lambda one: one[2], reverse=True)
    return HttpResponse(_atom(entries), content_type="application/atom+xml; charset=utf-8")


def _atom(entries: list[tuple[str, str, datetime]]) -> str:
    newest = entries[0][2].isoformat() if entries else "2026-01-01T00:00:00Z"
    items = "".join(
        f'<entry><id>{escape(link)}</id><title>{escape(title)}</title><link href="{escape(link)}"/>'
        f"<updated>{at.isoformat()}</updated></entry>"
        for title, link, at in entries
    )
    base = escape(settings.PUBLIC_URL)
    return (
        '<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom">'
        f"<id>{base}/open/</id><title>政务服务好差评 · 公开 / Rated public services</title>"
        f'<link rel="self" href="{base}/open/feed.xml"/><updated>{newest}</updated>{items}</feed>'
    )
