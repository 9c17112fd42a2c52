"""Sign-in and the work desk."""

import threading
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from haochaping.analytics import queries as analytics
from haochaping.identity import actions as identity
from haochaping.identity import queries as people
from haochaping.identity.queries import OfficeRequest, Person
from haochaping.identity.rules import DEMO_PASSWORD, ROLES, Right, sign_in_wait
from haochaping.indicators.rules import LEVELS
from haochaping.kernel import clock, pages
from haochaping.kernel.errors import Refusal, TooBusy
from haochaping.kernel.moments import business_day
from haochaping.kernel.words import Words
from haochaping.orders import queries as orders
from haochaping.orders import rules as moves
from haochaping.regions import queries as regions
from haochaping.reports import queries as reports
from haochaping.screening import queries as screening


def sign_in(request: HttpRequest) -> HttpResponse:
    """Let a person in.

    The same words for a wrong name and a wrong password; five failures close the door for a while.
    """
    target = request.POST.get("next") or request.GET.get("next") or "/admin/"
    context: dict[str, Any] = {"next": target, "account": "", "refusal": None}
    if request.method != "POST":
        return pages.render(request, "console/sign_in.html", **context)
    account, at = request.POST.get("account", "").replace("\0", "").strip()[:150], clock.now()
    address = request.META.get("REMOTE_ADDR")
    refusal = Refusal(Words("账号或密码不正确。", "The account or the password is wrong."))
    if wait := sign_in_wait(people.failures(account, address, at), at):
        minutes = -(-wait // 60)
        refusal = Refusal(
            Words(
                f"失败次数过多，请 {minutes} 分钟后再试。",
                f"Too many failures; try again in {minutes} minutes.",
            )
        )
    else:
        user = _authenticated(request, account)
        if user is not None:
            identity.note_sign_in(user_id=user.pk, account=account, address=address, at=at)
            login(request, user)
            good = target.startswith("/") and url_has_allowed_host_and_scheme(
                target, {request.get_host()}
            )
            return HttpResponseRedirect(target if good else "/admin/")
        identity.note_failure(account=account, address=address, at=at)
    return pages.render(
        request,
        "console/sign_in.html",
        status=422,
        **{**context, "account": account, "refusal": refusal},
    )


_HASHING = threading.BoundedSemaphore(2)  # a password's hash takes a core and 20 MB for a moment
_HASHING_SECONDS = 3


def _authenticated(request: HttpRequest, account: str) -> Any:
    """Return the user of account and password, a few at a time; raises TooBusy."""
    if not _HASHING.acquire(timeout=_HASHING_SECONDS):
        raise TooBusy
    try:
        password = request.POST.get("password", "")[:256]
        if password == DEMO_PASSWORD and not settings.DEMO:
            return None  # everybody knows it
        return authenticate(request, username=account, password=password)
    finally:
        _HASHING.release()


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Let a person out."""
    logout(request)
    return redirect("console:sign_in")


@require_GET
def desk(request: OfficeRequest) -> HttpResponse:
    """Show what waits for this person and how today goes."""
    person = request.person
    if person.rights == {Right.CALL}:
        return redirect("console:clerk")  # a window has nothing else to do here
    at = clock.now()
    today = business_day(at)
    reach = person.reach
    sees_orders, sees_figures = (
        Right.SEE_ORDERS in person.rights,
        Right.SEE_FIGURES in person.rights,
    )
    lines, _ = (
        orders.page(reach, orders.Filter(tab=_first_tab(person)), at=at, number=1, size=8)
        if sees_orders
        else ([], 0)
    )
    return pages.render(
        request,
        "console/desk.html",
        role=ROLES[person.role].title,
        place=regions.tree().full_name(person.region),
        counts=orders.tab_counts(reach) if sees_orders else {},
        tabs=orders.TABS,
        tab=_first_tab(person),
        overdue=orders.overdue_count(reach, at) if sees_orders else 0,
        waiting=orders.waiting(reach) if sees_orders else {},
        sides=moves.SIDES,
        lines=lines,
        states=moves.STATES,
        levels=LEVELS,
        holds=screening.open_holds(reach.scope).count() if Right.SCREEN in person.rights else None,
        figures=analytics.figures(reach.scope, today - timedelta(days=6), today)
        if sees_figures
        else None,
        posts=people.waiting(reach).count() if Right.SEE_PEOPLE in person.rights else 0,
        keeps_people=Right.KEEP_PEOPLE in person.rights,
        reports=reports.fresh(person.id, at) if sees_figures else 0,
        at=at,
    )


def _first_tab(person: Person) -> str:
    if Right.HANDLE in person.rights:
        return "tosign"
    return "tocall" if Right.CALL_BACK in person.rights else "todispatch"
