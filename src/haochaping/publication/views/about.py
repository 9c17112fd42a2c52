"""What else the public site holds: cases, search, open data, methods, status, accessibility."""

import csv
import hashlib
import io
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
from django.conf import settings
from django.core.paginator import Paginator
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
from haochaping.publication import models, queries, rules
from haochaping.publication.views.results import shown
from haochaping.regions import queries as regions

COLUMNS = tuple(one.name for one in rules.FILES["results"].fields)


@require_safe
def cases(request: HttpRequest, board: str = rules.Board.RIGHT) -> HttpResponse:
    """Show a board of cases: what was put right 您提我改, praise 好评榜, complaints 差评榜."""
    if board not in rules.Board:
        raise NotFound
    search, hung = request.GET.get("q", "").strip()[:40], rules.Board(board)
    found = Paginator(queries.cases(rules.State.RELEASED, search, hung), _ON_A_PAGE)
    return pages.render(
        request,
        "publication/cases.html",
        page=found.get_page(request.GET.get("page")),
        search=search,
        board=hung,
        boards=rules.BOARDS,
        leads=rules.LEADS,
    )


@require_safe
def case(request: HttpRequest, key: int) -> HttpResponse:
    """Show one case."""
    found = queries.public_case(key)
    return pages.render(request, "publication/case.html", case=found, boards=rules.BOARDS)


_ON_A_PAGE = 30


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Look for words in what is published: places, departments, items and cases."""
    words, seen = request.GET.get("q", "").strip()[:40], shown(request)
    found: list[tuple[str, rules.Unit]] = []
    if words and seen:
        found = [
            one
            for one in seen.results.all()
            if words in one[1].name or one[1].code.startswith(words)
        ]
    cases = queries.cases(rules.State.RELEASED, words) if words else None
    page = Paginator(found, _FOUND).get_page(request.GET.get("page"))
    return pages.render(
        request,
        "publication/search.html",
        words=words,
        page=page,
        cases=cases[:20] if cases is not None and page.number == 1 else [],
        boards=rules.BOARDS,
        tree=regions.tree(),
        routes={
            "cities": "publication:area",
            "counties": "publication:area",
            "departments": "publication:department",
            "items": "publication:item",
        },
    )


_FOUND = 60  # units of a page of the search


@require_safe
def datasets(request: HttpRequest) -> HttpResponse:
    """List the open data: releases, day books, what the columns mean, and the licence."""
    releases = queries.releases()
    return pages.render(
        request,
        "publication/datasets.html",
        releases=releases,
        proved={one.pk for one in releases if one.leaf is not None and queries.is_proved(one)},
        states=rules.STATES,
        files=rules.FILES,
        json=rules.RESULTS_JSON,
        base=settings.PUBLIC_URL,
        draft=rules.State.DRAFT,
    )


@require_safe
def package(_request: HttpRequest) -> HttpResponse:
    """Describe the open data to programs (Frictionless data package)."""
    released = [
        rules.Released(
            f"{one.period:%Y-%m}/v{one.version}.{form}", len(body), hashlib.sha256(body).hexdigest()
        )
        for one in queries.released()
        for form in ("csv", "json", "parquet")
        for body in [_content(one.pk, form)]
    ]
    days = [f"{one.log}/{one.day}" for one in queries.day_books()]
    months = [f"{one.log}/{one.month}" for one in queries.month_books()]
    told = msgspec.json.encode(rules.data_package(settings.PUBLIC_URL, released, days, months))
    response = HttpResponse(told, content_type="application/json")
    response["Access-Control-Allow-Origin"] = "*"
    return response


@require_safe
def dataset(_request: HttpRequest, period: str, version: str, form: str) -> HttpResponse:
    """Give a release as a file under an address that stays. What was withdrawn says so, and why."""
    release = queries.version(period, int(version))
    if release is None or release.state == rules.State.DRAFT:
        raise NotFound
    if form == "tlog-proof":
        return _proof(release)
    if release.state == rules.State.WITHDRAWN:
        why = release.withdrawn_reason or release.reason
        said = {"withdrawn": True, "reason": why, "sha256": release.sha256}
        return HttpResponse(msgspec.json.encode(said), content_type="application/json", status=410)
    return _file(release, form)


def _proof(release: models.Release) -> HttpResponse:
    """Give the proof that the ledger holds a release: `hcp_verify.py release` checks it."""
    proof = queries.proof_of(release)
    if proof is None:
        raise NotFound
    response = HttpResponse(proof, content_type="text/plain; charset=utf-8")
    response["Access-Control-Allow-Origin"] = "*"
    return response


@lru_cache(maxsize=96)  # two years in three forms: a release never changes
def _content(release_id: int, form: str) -> bytes:
    """Return a release as a file."""
    release = models.Release.objects.get(pk=release_id)
    results = queries.results_of(release)
    if form == "json":
        data = bytes(release.results)
        if hashlib.sha256(data).hexdigest() != release.sha256:
            raise rules.Altered
        return data
    return _csv(results) if form == "csv" else _parquet(results)


_KINDS = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
}


def _file(release: models.Release, form: str) -> HttpResponse:
    response = HttpResponse(_content(release.pk, form), content_type=_KINDS[form])
    name = f"haochaping-{release.period:%Y-%m}-v{release.version}.{form}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["ETag"] = f'"{release.sha256[:32]}-{form}"'
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
            unit.code,
            unit.of or None,
            unit.kept or None,
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


_TYPES = {"integer": pa.int64(), "number": pa.float64(), "string": pa.string()}
_SCHEMA = pa.schema([(one.name, _TYPES[one.kind]) for one in rules.FILES["results"].fields])


def _parquet(results: rules.Results) -> bytes:
    columns = list(zip(*_rows(results), strict=True))
    named = dict(zip(COLUMNS, map(list, columns), strict=True))
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_pydict(named, schema=_SCHEMA), sink, compression="zstd")
    data: bytes = sink.getvalue().to_pybytes()
    return data


@require_safe
def method(request: HttpRequest) -> HttpResponse:
    """Say how figures are made, which rules hold since when, and what was corrected."""
    return pages.render(
        request,
        "publication/method.html",
        corrections=[
            one
            for one in queries.releases()
            if (one.reason or one.withdrawn_reason) and one.state != rules.State.DRAFT
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
    """Tell readers of feeds what was released, corrected and withdrawn, and why (RFC 4287)."""
    entries = []
    for one in queries.releases():
        if one.state == rules.State.DRAFT or one.released_at is None:
            continue
        base = f"{settings.PUBLIC_URL}/open/data/{one.period:%Y-%m}/v{one.version}"
        named = f"{one.period:%Y-%m} 月度结果（第 {one.version} 版）/ results"
        at = one.released_at
        entries.append(_Entry(f"{base}#released", named, f"{base}.csv", at, one.reason))
        if one.withdrawn_at is not None:
            why, gone = one.withdrawn_reason or one.reason, one.withdrawn_at
            title = f"{named} 已撤回 / withdrawn"
            entries.append(_Entry(f"{base}#withdrawn", title, f"{base}.json", gone, why))
    told = queries.cases(rules.State.RELEASED)[:40]
    gone_ones = queries.cases(rules.State.WITHDRAWN).filter(released_at__isnull=False)[:20]
    for case_ in (*told, *gone_ones):
        link = f"{settings.PUBLIC_URL}/open/cases/{case_.pk}"
        at = case_.withdrawn_at or case_.released_at or case_.drafted_at
        why = case_.reason if case_.withdrawn_at else ""
        # a case may have been withdrawn for what its title says
        title = f"案例 {case_.pk} 已撤回 / withdrawn" if case_.withdrawn_at else case_.title
        # one name for ever: what readers kept of it is replaced
        entries.append(_Entry(link, title, link, at, why))
    entries.sort(key=lambda one: one.at, reverse=True)
    return HttpResponse(_atom(entries), content_type="application/atom+xml; charset=utf-8")


@dataclass(frozen=True)
class _Entry:
    """An entry of the feed."""

    id: str
    title: str
    link: str
    at: datetime
    summary: str


def _atom(entries: list[_Entry]) -> str:
    newest = entries[0].at.isoformat() if entries else "2026-01-01T00:00:00Z"
    items = "".join(
        f"<entry><id>{escape(one.id)}</id><title>{escape(one.title)}</title>"
        f'<link href="{escape(one.link)}"/><updated>{one.at.isoformat()}</updated>'
        f"<summary>{escape(one.summary or one.title)}</summary></entry>"
        for one in entries
    )
    base = escape(settings.PUBLIC_URL)
    return (
        '<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom">'
        f"<id>{base}/open/</id><title>政务服务好差评 · 公开 / Rated public services</title>"
        "<author><name>haochaping 好差评</name></author>"
        f'<link rel="self" href="{base}/open/feed.xml"/><updated>{newest}</updated>{items}</feed>'
    )
