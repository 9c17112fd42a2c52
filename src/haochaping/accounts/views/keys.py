"""The systems that call us 应用与密钥: issued, rotated with overlap, revoked."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from haochaping.directory.rules import is_uscc
from haochaping.identity import actions, queries
from haochaping.identity.queries import OfficeRequest
from haochaping.identity.rules import ALGORITHMS, KEY_OVERLAPS, BadClient, Right, SamePerson
from haochaping.kernel import clock, downloads, pages
from haochaping.kernel.errors import NotFound, Refusal
from haochaping.kernel.marks import ChangedMeanwhile
from haochaping.kernel.numbers import whole
from haochaping.kernel.tables import Column, Line, Table
from haochaping.kernel.words import Words
from haochaping.regions import queries as regions


@require_GET
def keys(request: OfficeRequest) -> HttpResponseBase:
    """List the client systems of one's place and their keys; as a file if asked for."""
    if downloads.wanted(request):
        search = request.GET.get("search", "").strip()[:60]
        return downloads.answer(request, _table(queries.keys_within(request.person.reach, search)))
    return _keys(request)


def _table(found: Iterable[Any]) -> Table:
    at, tree = clock.now(), regions.tree()
    columns = (
        Column(Words("系统", "System")),
        Column(Words("联系人", "Contact")),
        Column(Words("地区", "Place")),
        Column(Words("可代表的部门", "Departments")),
        Column(Words("密钥编号", "key id")),
        Column(Words("算法", "Algorithm")),
        Column(Words("状态", "State")),
        Column(Words("失效时间", "Ends")),
    )
    lines = (
        Line(
            (
                key.client.name,
                key.client.contact,
                tree.full_name(key.client.region),
                " ".join(key.client.departments),
                key.kid,
                key.algorithm,
                _ENDED if key.revoked_at and key.revoked_at <= at else _GOOD,
                key.revoked_at,
            )
        )
        for key in found
    )
    return Table("keys", Words("应用与密钥", "Systems and keys"), columns, lines)


_ENDED, _GOOD = Words("已停用", "ended"), Words("有效", "good")


@pages.posted("accounts:keys")
def change(request: OfficeRequest) -> HttpResponse:
    """Issue a key, rotate one, or have one end."""
    sent, by, at = request.POST, request.person.id, clock.now()
    kid = sent.get("kid", "")
    try:
        if "revoke" in sent:
            actions.end_key(kid=kid, by=by, at=at)
            return redirect("accounts:keys")
        if "rotate" in sent:
            hours = whole(sent.get("overlap"))
            if hours not in KEY_OVERLAPS:
                raise NotFound
            made = actions.renew_key(kid=kid, overlap=timedelta(hours=hours), by=by, at=at)
            return _keys(request, made=made)
        departments = sent.get("departments", "").split()
        if not all(map(is_uscc, departments)):
            raise BadClient(BadClient.department, field="departments")
        made = actions.register_client(
            client=sent.get("client", "").strip(),
            region=whole(sent.get("region"), digits=12) or 0,
            algorithm=sent.get("algorithm", ""),
            departments=departments,
            everybodys=sent.get("everybodys") == "1",
            by=by,
            at=at,
        )
    except Refusal as refusal:
        if isinstance(refusal, NotFound):
            raise
        return _keys(request, refusal=refusal)
    return _keys(request, made=made)


@require_POST
def grant(request: OfficeRequest, key: int) -> HttpResponse:
    """Say anew which departments a system may name and whose services it works on."""
    departments = request.POST.get("departments", "").split()
    try:
        if not all(map(is_uscc, departments)):
            raise BadClient(BadClient.department, field="departments")
        actions.propose_grant(
            client_id=key,
            departments=departments,
            everybodys=request.POST.get("everybodys") == "1",
            by=request.person.id,
            at=clock.now(),
        )
    except BadClient:
        return _told(key, "department")
    return redirect("calls:client", key)


def _told(key: int, why: str) -> HttpResponse:
    """Lead back to the system's own page, which says why: who confirms need not see the keys."""
    return redirect(f"{reverse('calls:client', args=[key])}?refused={why}")


@require_POST
def decide_grant(request: OfficeRequest, key: int) -> HttpResponse:
    """Allow a system more, as another person proposed, or turn it down."""
    approve, shown = request.POST.get("verdict") == "approve", request.POST.get("shown")
    by, at = request.person.id, clock.now()
    try:
        actions.decide_grant(client_id=key, approve=approve, shown=shown, by=by, at=at)
    except (SamePerson, ChangedMeanwhile) as refusal:
        return _told(key, refusal.code)
    return redirect("calls:client", key)


@pages.within_scope
def _keys(
    request: OfficeRequest, *, made: tuple[str, str] | None = None, refusal: Refusal | None = None
) -> HttpResponse:
    person, tree = request.person, regions.tree()
    search = request.GET.get("search", "").strip()[:60]
    found = queries.keys_within(person.reach, search)
    return pages.render(
        request,
        "accounts/keys.html",
        keys=found,
        search=search,
        systems=len({key.client_id for key in found}),
        places={key.client.region: tree.full_name(key.client.region) for key in found},
        choices=[(code, tree.full_name(code)) for code in tree.within(person.region)],
        region=person.region,
        algorithms=sorted(ALGORITHMS),
        overlaps=KEY_OVERLAPS,
        keeps=Right.KEEP_KEYS in person.rights,
        made=made,
        sent=request.POST,
        refusal=refusal,
        at=clock.now(),
        status=refusal.status if refusal else 200,
    )
