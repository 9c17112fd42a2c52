"""One's own account: password, second factor, and where one is signed in."""

from collections.abc import Callable, Sequence

from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from haochaping.identity import actions
from haochaping.identity import queries as identity
from haochaping.identity.queries import OfficeRequest
from haochaping.identity.rules import (
    ROLES,
    BadCode,
    BadPassword,
    address_of,
    idle_words,
    sign_in_wait,
)
from haochaping.kernel import clock, pages
from haochaping.kernel.errors import NotFound, Refusal
from haochaping.kernel.numbers import whole
from haochaping.kernel.qr import data_address
from haochaping.kernel.words import Words, chinese
from haochaping.regions import queries as regions

_SITE = chinese("好差评")


def own(request: OfficeRequest) -> HttpResponse:
    """Show one's own post; POST changes one's password and ends every other session."""
    if request.method != "POST":
        return _own(request)
    sent, person, at = request.POST, request.person, clock.now()
    try:
        given = {name: sent.get(name, "")[:256] for name in ("old", "new", "again")}
        user = _tried(request, lambda: actions.change_password(**given, by=person.id, at=at))
    except (BadPassword, BadCode) as refusal:
        return _own(request, refusal=refusal)
    update_session_auth_hash(request, user)  # this session goes on, the others end
    actions.end_sessions(user_id=person.id, but=request.session_id, at=at)
    return redirect("console:desk")


@pages.posted("accounts:own")
def factor(request: OfficeRequest) -> HttpResponse:
    """Begin a second factor (its secret is shown), confirm it by a code, or give it up."""
    person, at = request.person, clock.now()
    code = request.POST.get("code", "")[:40]
    try:
        match request.POST.get("step"):
            case "begin":
                # an open desk is not enough: whoever enrols a telephone holds the account
                given = request.POST.get("old", "")[:256]
                _tried(request, lambda: actions.check_password(user_id=person.id, password=given))
                return _own(request, secret=actions.propose_factor(user_id=person.id))
            case "confirm":
                try:
                    codes = actions.confirm_factor(
                        user_id=person.id, code=code, session_id=request.session_id, at=at
                    )
                except BadCode as refusal:  # what the telephone has scanned goes on being it
                    secret = actions.proposed_factor(user_id=person.id)
                    return _own(request, refusal=refusal, secret=secret)
                return _own(request, codes=codes)
            case "drop":
                _tried(request, lambda: actions.drop_factor(user_id=person.id, code=code, at=at))
            case _:
                raise BadCode
    except (BadCode, BadPassword) as refusal:
        return _own(request, refusal=refusal)
    return redirect("accounts:own")


def _tried[T](request: OfficeRequest, attempt: Callable[[], T]) -> T:
    """Try a secret of one's own; wrong ones count as failures to sign in, and these close this
    door too: whoever sits down at an open desk does not try passwords without end.
    """
    at, address = clock.now(), request.META.get("REMOTE_ADDR")
    account = identity.own(request.person.id, at).account
    if sign_in_wait(identity.failures(account, address, at), at):
        raise BadCode(Words("失败次数过多，请稍后再试。", "Too many failures; try again later."))
    try:
        return attempt()
    except (BadCode, BadPassword) as wrong:
        if isinstance(wrong, BadCode) or wrong.field == "old":
            actions.note_failure(account=account, address=address, at=at)
        raise


@require_POST
def end_session(request: OfficeRequest) -> HttpResponse:
    """End one of one's own sessions."""
    key = whole(request.POST.get("session", ""), digits=18)
    if key is None:
        raise NotFound
    actions.end_session(session_id=key, user_id=request.person.id, at=clock.now())
    return redirect("accounts:own")


@pages.within_scope
def _own(
    request: OfficeRequest,
    *,
    refusal: Refusal | None = None,
    secret: str = "",
    codes: Sequence[str] = (),
) -> HttpResponse:
    person = request.person
    mine = identity.own(person.id, clock.now())
    drawn = data_address(address_of(secret, mine.account, _SITE)) if secret else ""
    return pages.render(
        request,
        "accounts/own.html",
        role=ROLES[person.role].title,
        place=regions.tree().full_name(person.region),
        mine=mine,
        expired=request.must_change and not mine.must_change,
        here=request.session_id,
        limits=idle_words(),
        secret=secret,
        drawn=drawn,
        codes=codes,
        refusal=refusal,
        status=refusal.status if refusal else 200,
    )
