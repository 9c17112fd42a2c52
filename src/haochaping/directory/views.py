"""Tables of the directory, and filling them from CSV or XLSX with a preview and an error
per row.
"""

import base64
from collections.abc import Mapping
from typing import Any

from django.core import signing
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from haochaping.directory import actions, queries, rules
from haochaping.identity import queries as identity
from haochaping.identity.queries import OfficeRequest
from haochaping.identity.rules import Right, SamePerson
from haochaping.kernel import clock, pages
from haochaping.kernel.errors import NotFound, Refusal
from haochaping.kernel.sheets import UnreadableTable, WrongColumns, rows_of
from haochaping.kernel.words import Words
from haochaping.regions import queries as regions

PAGE = 30
LARGEST = 700 * 1024  # a preview travels through the form; larger tables go through `hcp import`

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


@pages.within_scope
def _table(request: OfficeRequest, kind: str, refusal: Refusal | None = None) -> HttpResponse:
    person = request.person
    if kind not in _LISTS:
        raise NotFound
    found: QuerySet[Any] = _LISTS[kind](person.reach.scope)
    if search := request.GET.get("search", "").strip()[:60]:
        found = found.filter(
            **{"number__icontains" if kind == "windows" else "name__icontains": search}
        )
    pager = Paginator(found, PAGE)
    keeps = Right.KEEP_DIRECTORY in person.rights and kind == "windows"
    waiting = list(queries.hours_to_confirm(person.reach.scope)) if keeps else []
    return pages.render(
        request,
        "directory/table.html",
        status=refusal.status if refusal else 200,
        refusal=refusal,
        hours=waiting,
        names=identity.names({change.proposed_by for change in waiting}),
        kind=kind,
        table=rules.TABLES[kind],
        page=pager.get_page(request.GET.get("page")),
        tree=regions.tree(),
        search=search,
        may_import=Right.KEEP_DIRECTORY in person.rights,
        saved=request.GET.get("saved", ""),
    )


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
        name, data = _received(request)
        good, errors = rules.read_table(
            rules.TABLES[kind],
            rows_of(name, data, rules.TABLES[kind].heading),
            queries.known(kind, covers=person.reach.covers),
        )
    except (UnreadableTable, WrongColumns) as refusal:
        return _import(request, kind, status=422, refusal=refusal)
    if request.POST.get("confirm"):
        saved = actions.save_rows(rows=good, by=person.id, at=clock.now())
        return redirect(f"/admin/directory/{kind}?saved={saved}")
    parcel = signing.dumps(
        [name, base64.b64encode(data).decode()], salt=f"import-{person.id}", compress=True
    )
    return _import(request, kind, good=good, errors=errors, parcel=parcel)


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


def _received(request: OfficeRequest) -> tuple[str, bytes]:
    person = request.person
    if parcel := request.POST.get("parcel"):
        try:
            name, data = signing.loads(parcel, salt=f"import-{person.id}", max_age=3600)
        except signing.BadSignature:
            raise UnreadableTable(
                Words(
                    "预览已过期，请重新上传文件。",
                    "The preview has expired; upload the file again.",
                )
            ) from None
        return name, base64.b64decode(data)
    file = request.FILES.get("file")
    if file is None or file.size is None:
        raise UnreadableTable(Words("请选择一个 CSV 或 XLSX 文件。", "Choose a CSV or XLSX file."))
    if file.size > LARGEST:
        raise UnreadableTable(
            Words(
                "文件超过 700 KB，请拆分，或由管理员用 hcp import 导入。",
                "The file is larger than 700 KB; split it, or use `hcp import`.",
            )
        )
    return file.name or "", file.read()
