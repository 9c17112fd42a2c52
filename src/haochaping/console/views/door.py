"""Signing in, by password and perhaps a code, and out."""

import threading
from typing import Any

from django.conf import settings
from django.contrib.auth import authenticate, get_user_model, login, logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from haochaping.identity import actions as identity
from haochaping.identity import queries as people
from haochaping.identity.queries import OfficeRequest
from haochaping.identity.rules import (
    DEMO_PASSWORD,
    SESSION,
    TEMPORARY_DAYS,
    BadCode,
    TemporaryOver,
    sign_in_wait,
    too_old,
)
from haochaping.kernel import clock, pages
from haochaping.kernel.errors import Refusal, TooBusy
from haochaping.kernel.words import Words


def sign_in(request: HttpRequest) -> HttpResponse:
    """Let a person in.

    The same words for a wrong name and a wrong password; five failures close the door for a while.
    """
    target = request.POST.get("next") or request.GET.get("next") or "/admin/"
    if request.method != "POST":
        return shown(request, None, target=target)
    account, at = request.POST.get("account", "").replace("\0", "").strip()[:150], clock.now()
    address = request.META.get("REMOTE_ADDR")
    refusal = Refusal(Words("账号或密码不正确。", "The account or the password is wrong."))
    if wait := sign_in_wait(people.failures(account, address, at), at):
        refusal = too_often(wait)
    else:
        user = _authenticated(request, account)
        if user is not None:
            return pass_on(request, user, target, strong=False)
        identity.note_failure(account=account, address=address, at=at)
    return shown(request, refusal, target=target, account=account)


def pass_on(request: HttpRequest, user: Any, target: str, *, strong: bool) -> HttpResponse:
    """Let somebody in who is known, or ask for a code first where they have a second factor and
    nobody else asked for one (`strong`). A temporary password that nobody used in time lets nobody
    in: whoever handed it on still knows it.
    """
    since = user.password_at
    temporary = user.must_change and since is not None and not strong
    if temporary and too_old(since, TEMPORARY_DAYS, clock.now()):
        return shown(request, TemporaryOver(), target=target, account=user.username)
    if user.totp_since is not None and not strong:
        request.session.cycle_key()
        request.session[_HALF] = [user.pk, clock.now().timestamp(), target]
        return redirect("console:sign_in_code")
    return _let_in(request, user, target, 2 if strong else 1)


def shown(
    request: HttpRequest, refusal: Refusal | None, *, target: str = "/admin/", account: str = ""
) -> HttpResponse:
    """Show the door, perhaps with what was refused."""
    return pages.render(
        request,
        "console/sign_in.html",
        status=refusal.status if refusal else 200,
        next=target,
        account=account,
        refusal=refusal,
        provider=bool(settings.OIDC),
        certificates=settings.CERTIFICATES,
    )


_HALF, _HALF_SECONDS = "half", 300  # signed in by password, and for how long a code is waited for


def sign_in_code(request: HttpRequest) -> HttpResponse:
    """Let a person in whose password was right, by a code of the second factor. Wrong codes count
    as failures of the account.
    """
    at = clock.now()
    user_id, since, target = request.session.get(_HALF, (0, 0.0, "/admin/"))
    user = get_user_model().objects.filter(pk=user_id, is_active=True).first()
    if user is None or at.timestamp() - since > _HALF_SECONDS:
        return redirect("console:sign_in")
    refusal: Refusal | None = None
    if request.method == "POST":
        address = request.META.get("REMOTE_ADDR")
        if wait := sign_in_wait(people.failures(user.username, address, at), at):
            refusal = too_often(wait)
        elif identity.check_code(user_id=user.pk, code=request.POST.get("code", "")[:40], at=at):
            del request.session[_HALF]
            return _let_in(request, user, target, 2)
        else:
            identity.note_failure(account=user.username, address=address, at=at)
            refusal = BadCode()
    status = refusal.status if refusal else 200
    return pages.render(request, "console/sign_in_code.html", status=status, refusal=refusal)


def _let_in(request: HttpRequest, user: Any, target: str, factors: int) -> HttpResponse:
    begun = identity.begin_session(
        user_id=user.pk,
        factors=factors,
        address=request.META.get("REMOTE_ADDR"),
        browser=request.META.get("HTTP_USER_AGENT", ""),
        at=clock.now(),
    )
    login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
    request.session[SESSION] = begun
    good = target.startswith("/") and url_has_allowed_host_and_scheme(target, {request.get_host()})
    return HttpResponseRedirect(target if good else "/admin/")


def too_often(wait: int) -> Refusal:
    """Return why somebody has to wait so many seconds."""
    minutes = -(-wait // 60)
    return Refusal(
        Words(
            f"失败次数过多，请 {minutes} 分钟后再试。",
            f"Too many failures; try again in {minutes} minutes.",
        )
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
def sign_out(request: OfficeRequest) -> HttpResponse:
    """Let a person out."""
    person = request.person
    if request.session_id is not None:
        identity.end_session(session_id=request.session_id, user_id=person.id, at=clock.now())
    logout(request)
    return redirect("console:sign_in")
