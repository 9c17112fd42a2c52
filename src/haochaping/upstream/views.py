"""上级目录: which catalogues are read, and what of them waits for a person."""

from collections.abc import Mapping

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET

from haochaping.directory.rules import LABELS, TABLES
from haochaping.identity import queries as identity
from haochaping.identity.queries import OfficeRequest
from haochaping.identity.rules import Right
from haochaping.kernel import clock, pages
from haochaping.kernel.errors import NotFound, Refusal
from haochaping.kernel.moments import parse_moment
from haochaping.kernel.numbers import whole
from haochaping.kernel.sheets import UnreadableTable, rows_of
from haochaping.kernel.words import Words
from haochaping.regions import queries as regions
from haochaping.regions.rules import parse_code
from haochaping.upstream import actions, models, queries, rules, tasks

PAGE = 50


@require_GET
def source_list(request: OfficeRequest) -> HttpResponse:
    """Show the catalogues, and a form to connect one."""
    return _list(request)


@pages.within_scope
def _list(
    request: OfficeRequest, refusal: Refusal | None = None, sent: Mapping[str, str] | None = None
) -> HttpResponse:
    reach = request.person.reach
    tree = regions.tree()
    return pages.render(
        request,
        "upstream/list.html",
        status=refusal.status if refusal else 200,
        refusal=refusal,
        sent=sent or {},
        sources=list(queries.sources(reach.scope)),
        kinds=rules.KINDS,
        tree=tree,
        places=[code for code in _tops(tree) if reach.covers(code)],
        may_keep=Right.KEEP_DIRECTORY in request.person.rights,
        columns={kind: _columns(kind) for kind in rules.KINDS},
    )


def _tops(tree: regions.Tree) -> list[int]:
    """Return the province and its cities."""
    return [code for code in sorted(tree.names) if code % 10**8 == 0]


def _columns(kind: str) -> list[tuple[str, Words]]:
    """Return the names that a catalogue of a kind may use, and what people call them."""
    names = queries.names_of(kind)
    said = (
        rules.REGIONS if kind == "regions" else {name: TABLES[kind].label(name) for name in names}
    )
    return [*((name, said[name]) for name in names), *rules.BESIDES.items()]


@pages.posted("upstream:list")
def connect(request: OfficeRequest) -> HttpResponse:
    """Connect a catalogue."""
    sent = request.POST
    kind, region = sent.get("kind", ""), parse_code(sent.get("region", ""))
    try:
        if kind not in rules.KINDS or region is None:
            raise rules.BadSource
        known = {*queries.names_of(kind), *rules.BESIDES}
        agreed = actions.Agreed(
            name=sent.get("name", "").strip()[:80],
            kind=kind,
            region=region,
            url=sent.get("url", "").strip()[:300],
            fields=rules.read_fields(sent.get("fields", "")[:4000], known),
            complete=sent.get("complete") == "1",
            header=sent.get("header", "").strip()[:1000],
        )
        made = actions.connect(agreed=agreed, by=request.person.id, at=clock.now())
    except rules.BadSource as refusal:
        return _list(request, refusal, sent.dict())
    return redirect("upstream:source", key=made)


@require_GET
def source(request: OfficeRequest, key: int) -> HttpResponse:
    """Show one catalogue and how it differs."""
    return _source(request, key)


@pages.within_scope
def _source(
    request: OfficeRequest,
    key: int,
    refusal: Refusal | None = None,
    decided: actions.Decided | None = None,
) -> HttpResponse:
    one, at = _seen(request, key), clock.now()  # before anything of it is read
    what = _what(request.GET.get("what"))
    found: QuerySet[models.Change] = queries.waiting(key, what)
    coming = list(queries.coming(key)[:PAGE])
    return pages.render(
        request,
        "upstream/source.html",
        status=refusal.status if refusal else 200,
        refusal=refusal,
        decided=decided,
        one=one,
        at=at,
        kinds=rules.KINDS,
        what=what,
        said=rules.WHAT,
        counts=queries.counts(key),
        page=Paginator(found, PAGE).get_page(request.GET.get("page")),
        coming=coming,
        most=rules.MOST,
        changed=rules.changed,
        labels={**LABELS, **dict(_columns(one.kind))},
        columns=_columns(one.kind),
        names=identity.names({one.changed_by, *(row.decided_by or 0 for row in coming)}),
        tree=regions.tree(),
        me=request.person.id,
        may_keep=Right.KEEP_DIRECTORY in request.person.rights,
        reading=request.GET.get("reading", ""),
    )


def _seen(request: OfficeRequest, key: int) -> models.Source:
    found = queries.sources(request.person.reach.scope).filter(pk=key).first()
    if found is None:
        raise NotFound
    return found


def _what(text: str | None) -> int | None:
    value = whole(text, digits=1)
    return value if value in list(rules.What) else None


@pages.posted("upstream:source", "key")
def change(request: OfficeRequest, key: int) -> HttpResponse:
    """Start or stop a catalogue, or have it be read now."""
    do, by, at = request.POST.get("do", ""), request.person.id, clock.now()
    try:
        if do == "start":
            actions.start(source_id=key, by=by, at=at)
        elif do == "stop":
            actions.stop(source_id=key, by=by, at=at)
        elif do == "read":
            tasks.read_one.defer(source_id=_seen(request, key).pk)
            return redirect(f"/admin/upstream/{key}?reading=1")
    except Refusal as refusal:
        return _source(request, key, refusal)
    return redirect("upstream:source", key=key)


@pages.posted("upstream:source", "key")
def upload(request: OfficeRequest, key: int) -> HttpResponse:
    """Take a catalogue as a file, and show how it differs."""
    one = _seen(request, key)
    file = request.FILES.get("file")
    try:
        if file is None or not file.name:
            raise UnreadableTable(Words("请选择文件。", "Choose a file."))
        columns = queries.columns(one.kind, one.fields)
        rows = rows_of(file.name, file.read(), columns)
        suspicious = actions.compare(source_id=key, rows=rows, by=request.person.id, at=clock.now())
    except Refusal as refusal:
        return _source(request, key, refusal)
    return _source(request, key, suspicious) if suspicious else redirect("upstream:source", key=key)


@pages.posted("upstream:source", "key")
def decide(request: OfficeRequest, key: int) -> HttpResponse:
    """Approve or reject the changes that were ticked, or all of a kind."""
    sent = request.POST
    if sent.get("every") == "1":
        asked = queries.waiting(_seen(request, key).pk, _what(sent.get("what")))
        chosen = list(asked.values_list("pk", flat=True)[: rules.MOST])
    else:
        chosen = [pk for text in sent.getlist("change") if (pk := whole(text)) is not None]
    try:
        decided = actions.decide(
            source_id=key,
            changes=chosen,
            approve=sent.get("verdict") == "approve",
            seen_at=parse_moment(sent.get("seen", "")),
            by=request.person.id,
            at=clock.now(),
        )
    except Refusal as refusal:
        return _source(request, key, refusal)
    return (
        _source(request, key, decided=decided)
        if decided.stuck
        else redirect("upstream:source", key=key)
    )
