"""People 用户: accounts and posts within one's own place, each post known to two people."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from itertools import batched
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from haochaping.directory import queries as directory
from haochaping.identity import actions, queries
from haochaping.identity.queries import Grant, OfficeRequest
from haochaping.identity.rules import RIGHTS, ROLES, BadPost, Right
from haochaping.kernel import clock, downloads, pages
from haochaping.kernel.db import talk
from haochaping.kernel.errors import NotFound, Refusal
from haochaping.kernel.moments import business_day, parse_day
from haochaping.kernel.numbers import KEY, whole
from haochaping.kernel.tables import Column, Line, Table
from haochaping.kernel.words import Words
from haochaping.notifications import actions as notifications
from haochaping.notifications.rules import Telling, Topic
from haochaping.regions import queries as regions

PAGE = 50
_SOON = timedelta(days=30)  # before a post ends it is named


@require_GET
def people(request: OfficeRequest) -> HttpResponseBase:
    """List the accounts within one's place; what waits for a second person stands first. As a file
    if asked for.
    """
    person, tree = request.person, regions.tree()
    today = business_day(clock.now())
    search = request.GET.get("search", "").strip()[:40]
    role = request.GET.get("role", "")
    found = queries.grants(person.reach, search, role if role in ROLES else "")
    if downloads.wanted(request):
        return downloads.answer(request, Table("people", _TITLE, _COLUMNS, _lines(found)))
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    departments = directory.department_names(
        {row.department_id for row in page if row.department_id is not None}
    )
    waiting = list(queries.waiting(person.reach))
    return pages.render(
        request,
        "accounts/people.html",
        page=page,
        waiting=waiting,
        ending=queries.ending(person.reach, today + _SOON),
        today=today,
        proposers=queries.names({row.proposer or 0 for row in waiting}),
        places={row.region: tree.full_name(row.region) for row in page},
        departments=departments,
        roles=ROLES,
        role=role,
        search=search,
        keeps=Right.KEEP_PEOPLE in person.rights,
        confirms=Right.CONFIRM_PEOPLE in person.rights,
        own=person.id,
    )


_TITLE = Words("用户", "People")
_COLUMNS = (
    Column(Words("姓名", "Name")),
    Column(Words("账号", "Account")),
    Column(Words("角色", "Role")),
    Column(Words("地区", "Place")),
    Column(Words("部门", "Department")),
    Column(Words("待复核", "Waits")),
    Column(Words("已停用", "Disabled")),
    Column(Words("有效期至", "Until")),
    Column(Words("最近登录", "Last sign-in")),
)


def _lines(found: Iterable[Grant]) -> Iterator[Line]:
    tree = regions.tree()
    for some in batched(found, PAGE):
        ids = {row.department_id for row in some if row.department_id is not None}
        departments = directory.department_names(ids)
        for one in some:
            yield Line(
                (
                    one.user.first_name,
                    one.user.username,
                    ROLES[one.role].title if one.role in ROLES else one.role,
                    tree.full_name(one.region),
                    departments.get(one.department_id or 0, ""),
                    "✓" if one.proposer is not None else "",
                    "" if one.user.is_active else "✓",
                    one.until.isoformat() if one.until else "",
                    one.user.last_login,
                )
            )


@require_GET
def roles(request: OfficeRequest) -> HttpResponse:
    """Show what each role may do, as one table."""
    return pages.render(request, "accounts/roles.html", roles=ROLES, rights=RIGHTS)


@require_GET
def new(request: OfficeRequest) -> HttpResponse:
    """Ask for a new account."""
    return _form(request, None)


@require_GET
def person(request: OfficeRequest, key: int) -> HttpResponse:
    """Show an account and what may be done with it."""
    return _form(request, key)


@pages.within_scope
def _form(
    request: OfficeRequest, key: int | None, *, refusal: Refusal | None = None, password: str = ""
) -> HttpResponse:
    who, tree = request.person, regions.tree()
    grant = queries.grant(key, who.reach) if key is not None else None
    asked = _shown(grant)  # what waits to be confirmed, else what holds
    department = directory.codes_of(asked["department_id"], asked["window_id"])
    return pages.render(
        request,
        "accounts/person.html",
        grant=grant,
        account=request.POST.get("account", grant.user.username if grant else ""),
        name=request.POST.get("name", grant.user.first_name if grant else ""),
        role=request.POST.get("role", asked["role"]),
        region=whole(request.POST.get("region"), digits=12) or asked["region"] or who.region,
        department=request.POST.get("department", department[0]),
        window=request.POST.get("window", department[1]),
        until=request.POST.get("until", asked["until"] or ""),
        offered={
            kind: directory.choices(who.reach.scope, kind) for kind in ("department", "window")
        },
        places=[(code, tree.full_name(code)) for code in tree.within(who.region)],
        roles=ROLES,
        keeps=Right.KEEP_PEOPLE in who.rights and key != who.id,
        confirms=bool(
            grant
            and grant.proposer is not None
            and Right.CONFIRM_PEOPLE in who.rights
            and who.id not in {grant.proposer, grant.user_id}
        ),
        mark=queries.mark_of_post(grant) if grant else "",
        password=password,
        refusal=refusal,
        status=refusal.status if refusal else 200,
    )


def _shown(grant: Any) -> Mapping[str, Any]:
    """Return the post that a form shows, by the names of a proposed one."""
    if grant is None:
        return dict.fromkeys(("region", "department_id", "window_id", "until")) | {
            "role": "handler"
        }
    if grant.proposed is not None:
        proposed: dict[str, Any] = grant.proposed
        return proposed
    names = ("role", "region", "department_id", "window_id")
    until = grant.until.isoformat() if grant.until else None
    return {name: getattr(grant, name) for name in names} | {"until": until}


@pages.posted("accounts:people")
def change(request: OfficeRequest) -> HttpResponse:
    """Make an account, change a post, reset a password, or let somebody in no more."""
    sent, by, at = request.POST, request.person.id, clock.now()
    key = whole(sent.get("key"), digits=KEY)
    if "reset" in sent and key is not None:
        password, waits = actions.reset_password(user_id=key, by=by, at=at)
        _tell(Right.CONFIRM_PEOPLE, waits.region, key, waits.user.username, at)
        return _form(request, key, password=password)
    if "disable" in sent and key is not None:
        _told_of(actions.set_active(user_id=key, active=False, by=by, at=at), at)
        return redirect("accounts:person", key)
    if "enable" in sent and key is not None:
        _told_of(actions.set_active(user_id=key, active=True, by=by, at=at), at)
        return redirect("accounts:person", key)
    try:
        post = _post(request)
        key, first = actions.propose_post(post=post, user_id=key, by=by, at=at)
        _tell(Right.CONFIRM_PEOPLE, post.region, key, post.username, at)
    except BadPost as refusal:
        return _form(request, key, refusal=refusal)
    return _form(request, key, password=first) if first else redirect("accounts:people")


def _post(request: OfficeRequest) -> actions.Post:
    """Return the post that a form describes; raises BadPost for what does not exist."""
    sent = request.POST
    code, window_code = sent.get("department", "").strip(), sent.get("window", "").strip()
    ids = talk(directory.department_ids([code])) if code else {}
    at_window = directory.window_of_code(window_code) if window_code else None
    if (code and code not in ids) or (window_code and at_window is None):
        raise BadPost(BadPost.unknown, field="department")
    places = directory.department_regions(set(ids.values()))
    return actions.Post(
        username=sent.get("account", "").strip(),
        name=sent.get("name", "").strip(),
        role=sent.get("role", ""),
        region=whole(sent.get("region"), digits=12) or 0,
        department_id=ids.get(code),
        window_id=at_window.pk if at_window else None,
        until=_last_day(sent.get("until", "").strip()),
        place=at_window.hall.region if at_window else next(iter(places.values()), None),
    )


def _last_day(text: str) -> date | None:
    if not text:
        return None
    day = parse_day(text)
    if day is None:
        raise BadPost(BadPost.over, field="until")
    return day


def _told_of(grant: Any, at: datetime) -> None:
    """Tell who confirms posts that one administrator let somebody in no more, or again."""
    _tell(Right.CONFIRM_PEOPLE, grant.region, grant.user_id, grant.user.username, at)


def _tell(right: Right, region: int, user_id: int, account: str, at: datetime) -> None:
    """Tell whom it concerns that a post was proposed or decided: who is to look at it, and whose it
    is.
    """
    office = Telling(region, right, None, Topic.POST, user_id, account)
    own = Telling(region, right, None, Topic.OWN_POST, user_id, account, user_id=user_id)
    notifications.tell(tellings=[office, own], at=at)


@require_POST
def decide(request: OfficeRequest, key: int) -> HttpResponse:
    """Confirm a post that somebody else proposed, or turn it down."""
    by, at = request.person.id, clock.now()
    verdict = request.POST.get("verdict")
    if verdict not in {"confirm", "reject"}:
        raise NotFound
    confirmed, shown = verdict == "confirm", request.POST.get("shown")
    decided = actions.decide_post(user_id=key, confirmed=confirmed, shown=shown, by=by, at=at)
    _tell(Right.KEEP_PEOPLE, decided.region, key, decided.user.username, at)
    return redirect("accounts:people")
