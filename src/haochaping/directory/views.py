"""Tables of the directory, and filling them from files with a preview and an error per row."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from haochaping.audit import queries as audit
from haochaping.directory import actions, models, queries, rules
from haochaping.identity import queries as identity
from haochaping.identity.queries import OfficeRequest
from haochaping.identity.rules import Right, SamePerson
from haochaping.kernel import clock, downloads, pages, parcels
from haochaping.kernel.errors import NotFound, Refusal
from haochaping.kernel.headings import WrongColumns
from haochaping.kernel.numbers import whole
from haochaping.kernel.sheets import UnreadableTable, numbered, rows_of
from haochaping.kernel.tables import Column, Line, Table
from haochaping.kernel.words import Words
from haochaping.regions import queries as regions
from haochaping.regions.rules import narrowed

PAGE = 30
_TOO_LARGE = Words(
    "文件超过 700 KB，请拆分；更大的部门、大厅、窗口、事项表请在“上级目录”上传。",
    "The file is larger than 700 KB: split it, or upload larger tables of departments, halls, "
    "windows and items among the upstream catalogues.",
)

_LISTS: Mapping[str, Any] = {
    "departments": queries.departments,
    "halls": queries.halls,
    "windows": queries.windows,
    "staff": queries.staff,
    "items": queries.items,
}


@require_GET
def table(request: OfficeRequest, kind: str) -> HttpResponse:
    """Show one table of the directory within reach."""
    return _table(request, kind)


@require_POST
def decide_hours(request: OfficeRequest, change_id: int) -> HttpResponse:
    """Put new hours of a window in force, or drop them."""
    approve = request.POST.get("verdict") == "approve"
    by = request.person.id
    try:
        actions.decide_hours(change_id=change_id, approve=approve, by=by, at=clock.now())
    except SamePerson as refusal:
        return _table(request, "windows", refusal)
    return redirect("directory:table", kind="windows")


@pages.posted("directory:entry", "kind", "key")
def propose_closing(request: OfficeRequest, kind: str, key: int) -> HttpResponse:
    """Propose that an entry is closed, perhaps with a successor, or opened again."""
    sent, by = request.POST, request.person.id
    closes = sent.get("closes") == "1"
    successor = sent.get("successor", "").strip()
    try:
        actions.propose_closing(
            kind=kind, key=key, closes=closes, successor=successor, by=by, at=clock.now()
        )
    except rules.NoSuccessor as refusal:
        return _form(request, kind, key, refusal=refusal)
    return redirect("directory:entry", kind=kind, key=key)


@require_POST
def decide_closing(request: OfficeRequest, closing_id: int) -> HttpResponse:
    """Close an entry or open it again, or drop what was proposed."""
    kind = request.POST.get("kind", "")
    approve = request.POST.get("verdict") == "approve"
    by = request.person.id
    if kind not in _LISTS:
        raise NotFound
    try:
        actions.decide_closing(closing_id=closing_id, approve=approve, by=by, at=clock.now())
    except (SamePerson, rules.NoSuccessor) as refusal:
        return _table(request, kind, refusal)
    return redirect("directory:table", kind=kind)


@pages.within_scope
def _table(
    request: OfficeRequest,
    kind: str,
    refusal: Refusal | None = None,
    *,
    undone: actions.Undone | None = None,
) -> HttpResponse:
    person = request.person
    if kind not in _LISTS:
        raise NotFound
    pager = Paginator(_found(request, kind), PAGE)
    search = request.GET.get("search", "").strip()[:60]
    narrowed_by = any(request.GET.get(name) for name in ("search", "city", "department", "state"))
    return pages.render(
        request,
        "directory/table.html",
        status=refusal.status if refusal else 200,
        refusal=refusal,
        undone=undone,
        **_to_decide(request, kind),
        kind=kind,
        table=rules.TABLES[kind],
        page=pager.get_page(request.GET.get("page")),
        tree=regions.tree(),
        search=search,
        narrowed=narrowed_by,
        asked=request.GET,
        query=pages.onward(request.GET),
        unsorted=f"{request.path}{pages.onward(request.GET, 'sort')}&",
        of_departments=kind in _OF_DEPARTMENTS,
        confirmed=kind in _CONFIRMED,
        whole=_LISTS[kind](person.reach.scope).count() if narrowed_by else pager.count,
        may_import=Right.KEEP_DIRECTORY in person.rights,
        saved=request.GET.get("saved", ""),
    )


def _to_decide(request: OfficeRequest, kind: str) -> dict[str, Any]:
    """Return what of a table waits for a second person, and which imports can be undone."""
    reach, at = request.person.reach, clock.now()
    hours: list[models.HoursChange] = []
    closings: list[models.Closing] = []
    imports: list[models.Import] = []
    if Right.KEEP_DIRECTORY in request.person.rights:
        imports = queries.imports_to_undo(kind, reach.covers, at)
        if kind in rules.CLOSED:
            closings = list(queries.closings_to_confirm(reach.scope).filter(kind=kind))
        else:
            hours = list(queries.hours_to_confirm(reach.scope))
    people = {one.proposed_by for one in hours} | {one.proposed_by for one in closings}
    return {
        "hours": hours,
        "closings": closings,
        "closed": queries.names_of(kind, {one.entry_id for one in closings}) if closings else {},
        "names": identity.names(people | {one.by for one in imports}),
        "imports": imports,
    }


def new_entry(request: OfficeRequest, kind: str) -> HttpResponse:
    """Show an empty form of a table; POST adds the row."""
    if kind not in rules.TABLES:
        raise NotFound
    return _save(request, kind) if request.method == "POST" else _form(request, kind)


def entry(request: OfficeRequest, kind: str, key: int) -> HttpResponse:
    """Show one row with its history; POST changes it, all but its code."""
    if kind not in rules.TABLES:
        raise NotFound
    return _save(request, kind, key) if request.method == "POST" else _form(request, kind, key)


def _save(request: OfficeRequest, kind: str, key: int | None = None) -> HttpResponse:
    person, table = request.person, rules.TABLES[kind]
    row = {name: request.POST.get(name, "").strip() for name in table.columns}
    if key is not None:
        row[table.columns[0]], _ = queries.entry(kind, key, person.reach.covers)
    known = queries.known(kind, covers=person.reach.covers)
    good, errors = rules.read_table(table, [row], known)
    if key is None and row[table.columns[0]] in known.there:
        says = Words("该编号已存在，请在列表中修改。", "This code exists: change it in the list.")
        good, errors = [], [rules.RowError(2, says, table.columns[0])]
    if errors:
        return _form(request, kind, key, row=row, error=errors[0])
    actions.save_rows(rows=good, by=person.id, at=clock.now())
    return redirect(f"/admin/directory/{kind}?saved=1")


@pages.within_scope
def _form(
    request: OfficeRequest,
    kind: str,
    key: int | None = None,
    *,
    row: Mapping[str, str] | None = None,
    error: rules.RowError | None = None,
    refusal: Refusal | None = None,
) -> HttpResponse:
    person, table = request.person, rules.TABLES[kind]
    values: Mapping[str, str] = row or {}
    if key is not None and row is None:
        code, there = queries.entry(kind, key, person.reach.covers)
        values = {table.columns[0]: code, **there.facts}
    history = _history(kind, key) if key else []
    return pages.render(
        request,
        "directory/entry.html",
        status=422 if error or refusal else 200,
        refusal=refusal,
        **_state(request, kind, key),
        kind=kind,
        key=key,
        table=table,
        values=values,
        error=error,
        choices={
            name: queries.choices(person.reach.scope, name)
            for name in table.columns
            if name in _REFERENCES
        },
        task_types=rules.TASKS,
        history=history,
        names=identity.names({one.by for one in history}),
        trail=rules.TRAIL,
    )


def _history(kind: str, key: int) -> list[Any]:
    """Return what the trail says of a row, the newest first."""
    told = audit.of("directory", key) + audit.of(kind.removesuffix("s"), key)
    told = [one for one in told if one.verb in _VERBS]  # a call at a window changes nothing of it
    mine = [one for one in told if one.details.get("kind", kind) == kind]
    return sorted(mine, key=lambda one: -one.pk)[:_HISTORY]


_VERBS = {verb for subject in rules.TRAIL.values() for verb in subject.verbs}
_HISTORY = 50  # changes of an entry that its page shows


def _state(request: OfficeRequest, kind: str, key: int | None) -> dict[str, Any]:
    """Return whether a row is closed, and who may succeed it."""
    windows = kind == "windows"
    offered = key is not None and kind == "departments"
    return {
        "in_use": queries.in_use(key) if windows and key else None,
        "closed": queries.closed(kind, key) if key and not windows else None,
        "successors": queries.choices(request.person.reach.scope, "department") if offered else [],
    }


_REFERENCES = {"hall", "department", "window"}


@pages.posted("directory:table", "kind")
def undo(request: OfficeRequest, kind: str, key: int) -> HttpResponse:
    """Undo an import, and say what of it stays and why."""
    undone = actions.undo_import(import_id=key, by=request.person.id, at=clock.now())
    return _table(request, kind, undone=undone)


@require_POST
def set_in_use(request: OfficeRequest, key: int) -> HttpResponse:
    """Close a window, or open it again."""
    wanted = request.POST.get("in_use") == "1"
    actions.set_in_use(window_id=key, in_use=wanted, by=request.person.id, at=clock.now())
    return redirect("directory:entry", kind="windows", key=key)


@require_GET
def template(_request: OfficeRequest, kind: str) -> HttpResponse:
    """Return an empty workbook with the columns of a table."""
    if kind not in rules.TABLES:
        raise NotFound
    return downloads.file([_sheet(kind, ())], "xlsx", f"{kind}-template")


@require_GET
def export(request: OfficeRequest, kind: str) -> HttpResponse:
    """Return every row that the list's filter finds, as an import takes it back."""
    if kind not in _LISTS:
        raise NotFound
    found = _found(request, kind)
    made = _sheet(kind, queries.rows_of(kind, found))
    downloads.note(request, kind, found.count())
    return downloads.file([made], downloads.wanted(request) or "xlsx", kind)


def _sheet(kind: str, rows: Iterable[Mapping[str, str]]) -> Table:
    table = rules.TABLES[kind]
    columns = [Column(table.label(name)) for name in table.columns]
    lines = [Line([row[name] for name in table.columns]) for row in rows]
    return Table(kind, table.title, columns, lines)


def _found(request: OfficeRequest, kind: str) -> QuerySet[Any]:
    asked, scope = request.GET, request.person.reach.scope
    found: QuerySet[Any] = _LISTS[kind](narrowed(scope, whole(asked.get("city", ""), digits=6)))
    if search := asked.get("search", "").strip()[:60]:
        name = Q(number__icontains=search) if kind == "windows" else Q(name__icontains=search)
        found = found.filter(name | Q(**{f"{queries.OWNED[kind][1]}__icontains": search}))
    if (of := asked.get("department", "").strip()[:60]) and kind in _OF_DEPARTMENTS:
        found = found.filter(department__name__icontains=of)
    state = asked.get("state", "")
    if state == "open":
        found = queries.still_open(found)
    elif state == "closed":
        found = found.exclude(pk__in=queries.still_open(_LISTS[kind](scope)).values("pk"))
    elif state == "unconfirmed" and kind in _CONFIRMED:
        found = found.filter(confirmed=False)
    sort = asked.get("sort", "")
    return found.order_by(sort, "pk") if sort.removeprefix("-") in queries.SORTED[kind] else found


_OF_DEPARTMENTS = ("windows", "staff", "items")
_CONFIRMED = ("departments", "items")


def import_table(request: OfficeRequest, kind: str) -> HttpResponse:
    """Upload, preview, confirm.

    Nothing is written before the confirmation; bad rows are listed and left out.
    """
    person = request.person
    if kind not in rules.TABLES:
        raise NotFound
    if request.method != "POST":
        return _import(request, kind)
    try:
        name, data = parcels.received(request, person.id, _TOO_LARGE)
        good, errors = rules.read_table(
            rules.TABLES[kind],
            rows_of(name, data, rules.TABLES[kind].heading),
            queries.known(kind, covers=person.reach.covers),
        )
    except (parcels.NoFile, UnreadableTable, WrongColumns) as refusal:
        return _import(request, kind, status=422, refusal=refusal)
    if request.POST.get("wrong"):
        return _wrong(kind, rows_of(name, data, rules.TABLES[kind].heading), errors)
    if request.POST.get("confirm"):
        saved = actions.save_rows(rows=good, by=person.id, at=clock.now())
        return redirect(f"/admin/directory/{kind}?saved={saved}")
    parcel = parcels.parcel(name, data, person.id)
    return _import(request, kind, good=good, errors=errors, parcel=parcel)


def _wrong(
    kind: str, rows: Iterable[Mapping[str, str]], errors: Sequence[rules.RowError]
) -> HttpResponse:
    """Return the rows that were refused as a workbook, each with why, to be mended and imported."""
    table = rules.TABLES[kind]
    why = {error.number: error.says for error in errors}
    columns = [*(Column(table.label(name)) for name in table.columns), Column(_WHY)]
    lines = [
        Line((*(row.get(name, "") for name in table.columns), why[number]))
        for number, row in numbered(rows)
        if number in why
    ]
    return downloads.file([Table(f"{kind}-wrong", table.title, columns, lines)], "xlsx", kind)


_WHY = Words("原因", "Why")


@pages.within_scope
def _import(request: OfficeRequest, kind: str, **told: Any) -> HttpResponse:
    """Show the form, and what was found in a file."""
    empty: dict[str, Any] = {"good": [], "errors": [], "parcel": "", "refusal": None}
    table = {"kind": kind, "table": rules.TABLES[kind]}
    return pages.render(request, "directory/import.html", **{**empty, **table, **told})


@require_POST
def set_photo(request: OfficeRequest, staff_id: int) -> HttpResponse:
    """Keep the portrait that was uploaded for a member of staff."""
    person = request.person
    file = request.FILES.get("photo")
    actions.set_photo(
        staff_id=staff_id, data=file.read() if file else b"", by=person.id, at=clock.now()
    )
    return redirect("directory:table", kind="staff")
