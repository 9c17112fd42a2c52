"""The gate before every page: who may open it, how far they see, and how refusals are shown."""

import logging
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, cast
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib.auth import SESSION_KEY, logout
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.db import OperationalError, connection, transaction
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    QueryDict,
    StreamingHttpResponse,
)
from django.http.multipartparser import MultiPartParserError
from django.urls import resolve, reverse
from django.utils.functional import SimpleLazyObject

from haochaping.audit import actions as audit
from haochaping.config.menu import menu_for
from haochaping.config.permissions import READ_BY_POST, ROUTES, Door
from haochaping.identity import actions as accounts
from haochaping.identity import queries as identity
from haochaping.identity.rules import NOTED, SESSION, Right
from haochaping.kernel import clock, pages
from haochaping.kernel.addresses import behind_proxy
from haochaping.kernel.db import rows
from haochaping.kernel.errors import NotAllowed, NotFound, NotStorable, Refusal, TooBusy
from haochaping.kernel.limits import Limits
from haochaping.kernel.numbers import whole
from haochaping.kernel.words import Words, storable
from haochaping.notifications import queries as notifications
from haochaping.regions import rules as regions

log = logging.getLogger(__name__)
_SCOPE = (
    "SELECT set_config('app.low', $1, true), set_config('app.high', $2, true), "
    "set_config('role', 'hcp_office', true)"
)


_REFUSED = Limits(5)  # rows of the trail a minute for one person at one door


_FORM, _MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"


def _storable(sent: QueryDict) -> bool:
    return all(storable(value) for _, values in sent.lists() for value in values)


def _readable(person: identity.Person) -> tuple[int, int]:
    """Return the regions whose rows may be read at all.

    A department's people read within their city, for a county's bureau may be given what happened
    at the city; which orders they see is narrowed to their department by every query.
    """
    if person.department_id is None:
        return person.reach.scope
    return regions.scope(regions.city_of(person.region))


@contextmanager
def _scope(request: identity.OfficeRequest) -> Iterator[None]:
    """Read within the scope of who asks, and note afterwards what of single cases was read."""
    if request.scoped:
        yield
        return
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost:  # all of a page is of one moment
            rows("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        low, high = _readable(request.person)
        rows(_SCOPE, str(low), str(high))
        request.scoped = True
        yield
    if request.reads:
        rows("SELECT set_config('role', 'none', true)")  # within the scope nothing is written
        audit.record_many(entries=request.reads, by=request.person.id, at=clock.now())


_PUBLIC_FORM, _OFFICE_FORM = 1024 * 1024, 32 * 1024 * 1024  # bytes of a form with files


class FormTooLarge(Refusal):
    """A form with files is larger than any page takes."""

    status = 413
    code = "too_large"
    says = Words(
        "提交的文件过大：不超过 32 MB，且须先登录。请压缩或分成几个文件再提交。",
        "The files are too large: 32 MB at most, and only when signed in. "
        "Make them smaller or send them one by one.",
    )


def bounded(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Middleware: refuse a form with files by its length, before a byte of it is read or spooled.

    It stands before the check for forgery, which reads the form. Forms without files are bounded by
    Django itself (DATA_UPLOAD_MAX_MEMORY_SIZE), and a body without a length is read as empty.
    """

    def pass_on(request: HttpRequest) -> HttpResponseBase:
        length = whole(request.META.get("CONTENT_LENGTH", ""), digits=12) or 0
        if (
            request.content_type == _MULTIPART
            and length > _PUBLIC_FORM
            and (length > _OFFICE_FORM or SESSION_KEY not in request.session)
        ):
            return pages.refused(request, FormTooLarge())
        return get_response(request)

    return pass_on


def read_as(user_id: int, address: str) -> HttpResponseBase:
    """Return what somebody would see at an address of ours now, through the same table and scope:
    a report is made of what its reader may see.
    """
    request = _request(address)
    try:
        asked = _asked_as(user_id, request)
        with asked.scope():
            return _seen(asked)
    except Refusal as refusal:
        return pages.refused(request, refusal)


def file_as(user_id: int, address: str, told: Callable[[int], None]) -> Iterator[bytes]:
    """Yield a list of ours as a file, as somebody may see it now, while it is read; `told` gets the
    number of its lines. Raises the page's refusals, and NotFound where it gives no file.
    """
    asked = _asked_as(user_id, _request(address))
    asked.told = told
    with asked.scope():
        answer = _seen(asked)
        if not isinstance(answer, StreamingHttpResponse):
            raise NotFound
        yield from cast("Iterator[bytes]", answer.streaming_content)


def _request(address: str) -> HttpRequest:
    parts = urlsplit(address)
    request = HttpRequest()
    request.method, request.path = "GET", parts.path
    request.GET = QueryDict(parts.query)
    request.META = {"SERVER_NAME": "localhost", "SERVER_PORT": "80"}
    request.user = AnonymousUser()
    return request


def _asked_as(user_id: int, request: HttpRequest) -> identity.OfficeRequest:
    try:
        request.resolver_match = resolve(request.path)
    except Http404:
        raise NotFound from None
    asked = _known(request, identity.person(user_id))
    _require(asked)
    return asked


def _seen(asked: identity.OfficeRequest) -> HttpResponseBase:
    match = asked.resolver_match
    if match is None:
        raise NotFound
    return cast("HttpResponseBase", match.func(asked, *match.args, **match.kwargs))


def _session(request: HttpRequest) -> identity.SignedIn | None:
    """Return the session of who asks, and note that it is used; one that was ended elsewhere, was
    idle or is a working day old is none.
    """
    if not request.user.is_authenticated:
        return None
    at = clock.now()
    here = identity.signed_in(request.session.get(SESSION), request.user.pk, at)
    if here is None:
        logout(request)
    elif at - here.seen_at > NOTED:
        accounts.note_seen(session_id=here.id, at=at)
    return here


def _known(request: HttpRequest, person: identity.Person) -> identity.OfficeRequest:
    """Return the request with who asks, and what pages of the back-office know of them."""
    asked = cast("identity.OfficeRequest", request)
    asked.person, asked.menu, asked.session_id = person, menu_for(person.rights), None
    # a file is made without a session: nobody's filters
    asked.saved = getattr(request.user, "filters", {}).get(request.path, {})
    asked.unseen = cast("int", SimpleLazyObject(lambda: notifications.unseen_count(person)))
    asked.reads, asked.scoped = [], False
    asked.scope = partial(_scope, asked)
    return asked


def _require(request: identity.OfficeRequest) -> None:
    """Raise NotAllowed unless who asks holds what the table asks for this page."""
    access = ROUTES.get(request.resolver_match.view_name) if request.resolver_match else None
    if access is None or (isinstance(access, Right) and access not in request.person.rights):
        raise NotAllowed


# what may be opened with a temporary password, or before a second factor is there
_BEFORE_CHANGE = {"accounts:own", "accounts:factor", "console:sign_out", "portal:language"}


class Gate:
    """Middleware.

    Deny by default, scope every read of the back-office by row-level security, turn refusals into
    pages.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on."""
        behind_proxy(request.META, settings.TRUSTED_PROXIES)
        response = self.get_response(request)
        if "Cache-Control" not in response and not request.path.startswith("/static/"):
            response["Cache-Control"] = "no-store"
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponseBase], args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        """Open the door or show why not.

        Django asks process_exception for a view's errors only, so what is raised here is shown
        here.
        """
        try:
            return self._open(request, view, args, kwargs)
        except Exception as error:
            shown = self.process_exception(request, error)
            if shown is None:
                raise
            return shown

    def _open(
        self, request: HttpRequest, view: Callable[..., HttpResponseBase], args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        """Check the table; open the view of a post-holder within their scope."""
        match = request.resolver_match
        access = ROUTES.get(match.view_name) if match else None
        if not _storable(request.GET) or not all(map(storable, map(str, kwargs.values()))):
            raise NotStorable
        if request.content_type == _FORM and not _storable(request.POST):
            raise NotStorable
        if access in (Door.PUBLIC, Door.TOKEN):
            return None
        if access is None:
            raise NotAllowed
        here = _session(request)
        if here is None:
            asked_for = urlencode({"next": request.get_full_path()})
            return HttpResponseRedirect(f"/admin/sign-in?{asked_for}")
        if not _storable(request.POST):  # multipart too
            raise NotStorable
        asked = _known(request, here.person)
        asked.session_id, asked.must_change = here.id, here.must_change
        unready = here.must_change or here.must_enrol
        if unready and match and match.view_name not in _BEFORE_CHANGE:
            return HttpResponseRedirect(reverse("accounts:own"))
        _require(asked)
        reads = request.method in ("GET", "HEAD") or (match and match.view_name in READ_BY_POST)
        if not reads:
            return None  # actions ask `identity.require` for the very thing they change
        with asked.scope():
            return view(request, *args, **kwargs)

    def _note(self, request: identity.OfficeRequest, refusal: NotAllowed) -> None:
        """Leave in the trail that somebody tried what they may not do."""
        match, person = request.resolver_match, request.person
        if not _REFUSED.allows(f"{person.id} {match.view_name if match else ''}", clock.now()):
            return
        accounts.note_refused(
            by=person.id,
            what=match.view_name if match else "",
            region=refusal.region or person.region,
            at=clock.now(),
        )

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Show a refusal as a page; anything else is a bug.

        It gets a number, is logged whole, and shows nothing of itself.
        """
        if isinstance(error, Refusal):
            if isinstance(error, NotAllowed) and hasattr(request, "person"):
                self._note(cast("identity.OfficeRequest", request), error)
            return pages.refused(request, error)
        if isinstance(
            error,
            Http404 | PermissionDenied | SuspiciousOperation | BadRequest | MultiPartParserError,
        ):
            # Django's own words for a bad request; its handlers show our pages (config/urls.py)
            return None
        if isinstance(error, OperationalError):
            log.warning("database away: %s", error)
            return pages.refused(request, TooBusy())
        number = uuid.uuid4().hex[:8]
        log.error(
            "bug %s at %s",
            number,
            request.resolver_match.view_name if request.resolver_match else "?",
            exc_info=error,
        )
        unknown = Refusal(
            Words(
                f"系统出错了（编号 {number}），我们已记录。请稍后再试，或拨打 12345。",
                f"Something broke (number {number}). It was logged; try again later.",
            )
        )
        unknown.status = 500
        return pages.refused(request, unknown)
