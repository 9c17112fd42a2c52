"""公告: writing, publishing and reading announcements."""

from collections.abc import Sequence

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect
from django.views.decorators.http import require_GET

from haochaping.announcements import actions, queries, rules
from haochaping.announcements.rules import AUDIENCES, Audience
from haochaping.identity import queries as identity
from haochaping.identity.queries import OfficeRequest
from haochaping.identity.rules import Right, SamePerson
from haochaping.kernel import clock, downloads, pages
from haochaping.kernel.errors import NotAllowed, Refusal
from haochaping.kernel.moments import business_day, parse_day
from haochaping.kernel.numbers import whole
from haochaping.kernel.tables import Column, Line, Table
from haochaping.kernel.words import Words
from haochaping.regions import queries as regions

PAGE = 20


@require_GET
def announcements(request: OfficeRequest) -> HttpResponseBase:
    """Show what is announced to staff here, and, to who may announce, what was written; that as a
    file if asked for.
    """
    if downloads.wanted(request):
        if Right.ANNOUNCE not in request.person.rights:
            raise NotAllowed
        return downloads.answer(request, _table(request))
    return _announcements(request)


def _table(request: OfficeRequest) -> Table:
    written, today = queries.written(request.person.reach.scope), business_day(clock.now())
    who = {one for pair in written.values_list("proposed_by", "decided_by") for one in pair if one}
    names, tree = identity.names(who), regions.tree()
    columns = (
        Column(Words("标题", "Title")),
        Column(Words("内容", "Text")),
        Column(Words("地区", "Place")),
        Column(Words("对象", "For")),
        Column(Words("起", "From")),
        Column(Words("止", "Until")),
        Column(Words("状态", "State")),
        Column(Words("拟稿人", "Written by")),
        Column(Words("发布人", "Decided by")),
    )
    lines = (
        Line(
            (
                queries.title_of(one),
                queries.body_of(one),
                tree.full_name(one.region),
                _joined([says for to, says in AUDIENCES.items() if to in one.audience]),
                str(one.since),
                str(one.until),
                queries.state_of(one, today),
                names.get(one.proposed_by, ""),
                names.get(one.decided_by or 0, ""),
            )
        )
        for one in written.iterator(1000)
    )
    return Table("announcements", Words("公告", "Announcements"), columns, lines)


def _joined(some: Sequence[Words]) -> Words:
    return Words("、".join(one.zh for one in some), ", ".join(one.en for one in some))


@pages.within_scope
def _announcements(request: OfficeRequest, refusal: Refusal | None = None) -> HttpResponse:
    person, at = request.person, clock.now()
    may = Right.ANNOUNCE in person.rights
    page = Paginator(queries.written(person.reach.scope), PAGE).get_page(request.GET.get("page"))
    names = {one.proposed_by for one in page} | {one.decided_by or 0 for one in page}
    return pages.render(
        request,
        "announcements/list.html",
        status=refusal.status if refusal else 200,
        refusal=refusal,
        told=queries.told(Audience.STAFF, at, region=person.region),
        page=page if may else None,
        names=identity.names(names) if may else {},
        title_of=queries.title_of,
        body_of=queries.body_of,
        state_of=queries.state_of,
        audiences=AUDIENCES,
        tree=regions.tree(),
        places=regions.tree().within(person.region) if may else (),
        today=business_day(at),
        sent=request.POST,
        person=person,
        most=(rules.TITLE, rules.BODY),
    )


@pages.posted("announcements:list")
def propose(request: OfficeRequest) -> HttpResponse:
    """Write an announcement."""
    try:
        actions.propose(draft=_draft(request.POST), by=request.person.id, at=clock.now())
    except rules.BadAnnouncement as refusal:
        return _announcements(request, refusal)
    return redirect("announcements:list")


def _draft(sent: QueryDict) -> rules.Draft:
    """Read what was written; raises BadAnnouncement."""
    since, until = parse_day(sent.get("since", "")), parse_day(sent.get("until", ""))
    region = whole(sent.get("region"), digits=12)
    if since is None or until is None or region is None:
        raise rules.BadAnnouncement

    def both(name: str) -> Words:
        return Words(sent.get(name, "").strip(), sent.get(f"{name}_en", "").strip())

    audience = {Audience(one) for one in sent.getlist("audience") if one in AUDIENCES}
    return rules.Draft(region, both("title"), both("body"), frozenset(audience), since, until)


@pages.posted("announcements:list")
def decide(request: OfficeRequest, key: int) -> HttpResponse:
    """Publish an announcement, turn it down, or take it away."""
    do, by, at = request.POST.get("do", ""), request.person.id, clock.now()
    try:
        if do == "withdraw":
            actions.withdraw(announcement_id=key, by=by, at=at)
        else:
            actions.decide(announcement_id=key, approve=do == "approve", by=by, at=at)
    except SamePerson as refusal:
        return _announcements(request, refusal)
    return redirect("announcements:list")


@require_GET
def public(request: HttpRequest) -> HttpResponse:
    """Show citizens what is announced."""
    return pages.render(
        request,
        "announcements/public.html",
        told=queries.told(Audience.PUBLIC, clock.now(), most=100),
        tree=regions.tree(),
        title_of=queries.title_of,
        body_of=queries.body_of,
        **pages.sight(request.GET),
    )
