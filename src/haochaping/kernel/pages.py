"""Rendering pages.

The template environment, what every template may use, and how a refusal looks.
"""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from contextvars import ContextVar
from datetime import date, datetime
from functools import cache, lru_cache, wraps
from http import HTTPStatus
from pathlib import Path
from typing import Any

import jinja2
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, QueryDict
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.template import engines
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import check_for_language, get_language
from django.views.decorators.csp import csp_override
from django.views.decorators.http import conditional_page, require_http_methods
from markupsafe import Markup

from haochaping.kernel.errors import NotAllowed, NotFound, NothingChosen, Refusal, TooOften
from haochaping.kernel.ids import receipt_number
from haochaping.kernel.keyset import MOST_COUNTED
from haochaping.kernel.masking import mask_text
from haochaping.kernel.moments import LOCAL
from haochaping.kernel.numbers import wholes
from haochaping.kernel.tables import Cell, Column, Kind, Line, written
from haochaping.kernel.words import Words

# the language while a page is rendered: asking Django a thousand times a page takes its time
_LANGUAGE: ContextVar[str] = ContextVar("language", default="")


def language() -> str:
    """Return the language of the page."""
    return _LANGUAGE.get() or get_language() or ""


def t(zh: str, en: str) -> str:
    """Return the text in the language of the page; templates write both side by side."""
    return Words(zh, en).in_language(language())


def say(words: Words | None) -> str:
    """Return words in the language of the page."""
    return words.in_language(language()) if words else ""


@lru_cache(maxsize=4096)
def _url(name: str, *args: Any, **kwargs: Any) -> str:
    return reverse(name, args=args, kwargs=kwargs)


def url(name: str, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None) -> str:
    """Return the address of a route; a page has hundreds, most of them the same on every page."""
    return _url(name, *args, **(kwargs or {}))


@cache
def _manifest() -> dict[str, str]:
    path = Path(settings.STATIC_ROOT) / "manifest.json"
    return json.loads(path.read_text()) if path.exists() else {}


def asset(name: str) -> str:
    """Return the hashed address of an asset."""
    return f"/static/{asset_path(name)}"


def asset_path(name: str) -> str:
    """Return where an asset lies in STATIC_ROOT."""
    return _manifest().get(name, name)


@cache
def _inlined(name: str) -> str:
    path = Path(settings.STATIC_ROOT) / asset_path(name)
    return path.read_text(encoding="utf-8") if path.exists() else ""


def inline(name: str) -> Markup:
    """Return the content of an asset of ours, for pages that must come in one response."""
    return Markup(_inlined(name))  # noqa: S704 - our own built file


def moment(at: datetime | None, form: str = "%m-%d %H:%M") -> str:
    """Return a moment by the clock of China."""
    return at.astimezone(LOCAL).strftime(form) if at else "—"


def chinese_day(at: datetime | date | None) -> str:
    """Return 11月23日 or 23 Nov."""
    if at is None:
        return "—"
    day = at.astimezone(LOCAL).date() if isinstance(at, datetime) else at
    return t(f"{day.month}月{day.day}日", f"{day:%d %b}")


def count(number: float) -> str:
    """Return a number with separators."""
    return f"{number:,.0f}"


def upto(number: int) -> str:
    """Return how many rows a list has, as keyset.how_many counts them: 10,000+ for many more."""
    return f"{MOST_COUNTED:,}+" if number > MOST_COUNTED else count(number)


def percent(share: float | None, digits: int = 2) -> str:
    """Return a share as a percentage, a dash where there is none."""
    return "—" if share is None else f"{share * 100:.{digits}f}%"


def decimal(number: float | None, digits: int = 1) -> str:
    """Return a number with decimals, a dash where there is none."""
    return "—" if number is None else f"{number:,.{digits}f}"


def cell(content: Cell, kind: str) -> str:
    """Return a cell of a table as people read it, in the language of the page."""
    return written(content, Kind(kind), english=language() == "en")


def cells(line: Line, columns: Sequence[Column]) -> list[tuple[bool, str, str]]:
    """Return the cells of a row: whether it holds a number, where it leads, what it says."""
    english = language() == "en"
    told = [
        (column.kind is not Kind.TEXT, "", written(content, column.kind, english=english))
        for content, column in zip(line.cells, columns, strict=True)
    ]
    number, _, text = told[0]
    return [(number, line.href, text), *told[1:]]


def environment(**options: Any) -> jinja2.Environment:
    """Return the Jinja environment.

    An undefined name in a template is an error, not an empty place.
    """
    made = jinja2.Environment(  # noqa: S701 - autoescape is on
        **{**options, "undefined": jinja2.StrictUndefined, "autoescape": True}
    )
    made.globals.update(
        t=t, asset=asset, inline=inline, url=url, csrf=_csrf, demo=settings.DEMO, language=language
    )
    made.filters.update(
        say=say,
        moment=moment,
        day=chinese_day,
        count=count,
        upto=upto,
        percent=percent,
        decimal=decimal,
        cell=cell,
        cells=cells,
        receipt=receipt_number,
        masked=mask_text,
    )
    return made


def shared(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Make a view's page one that caches may keep for a minute, for it is the same for everybody
    who reads its language: a rush meets the cache before us (ops/nginx.conf). A browser asks each
    time and is told that nothing changed; so what is withdrawn is gone for readers within a minute.
    """

    @conditional_page
    @wraps(view)
    def answered(*given: Any, **named: Any) -> HttpResponse:
        response = view(*given, **named)
        if response.status_code == HTTPStatus.OK and not response.has_header("Cache-Control"):
            response["Cache-Control"] = "public, max-age=0, s-maxage=60"
            patch_vary_headers(response, ["Cookie"])  # the language that was chosen
        return response

    return answered


def warm() -> None:
    """Compile every page before somebody waits for it."""
    made: jinja2.Environment = engines["jinja2"].env  # type: ignore[attr-defined]
    for name in made.list_templates(extensions=["html"]):
        made.get_template(name)


def _csrf(request: HttpRequest) -> Markup:
    return Markup('<input type="hidden" name="csrfmiddlewaretoken" value="{}">').format(
        get_token(request)
    )


def within_scope[**P](page: Callable[P, HttpResponse]) -> Callable[P, HttpResponse]:
    """Have a page of the back-office be read within the scope of who asks, also where it is the
    answer to a form: the gate opens the scope of a GET, and an action writes outside it.
    """

    @wraps(page)
    def read(*args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        request: Any = args[0]
        with request.scope():
            return page(*args, **kwargs)

    return read


def posted(
    route: str, *keep: str
) -> Callable[[Callable[..., HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """Have the answer to a form, where it is the page itself, lead on: its tabs, filters and pages
    are links of the address that was posted to, and a GET of that is one of the page's route, with
    the parts of the address named in `keep`.
    """

    def led(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.method == "POST":
                return view(request, *args, **kwargs)
            address = reverse(route, kwargs={name: kwargs[name] for name in keep})
            query = request.GET.urlencode()
            return redirect(f"{address}?{query}" if query else address)

        vars(answered)["leads_to"] = route, keep  # a contract looks whether there is such a page
        return require_http_methods(["GET", "HEAD", "POST"])(answered)

    return led


def render(
    request: HttpRequest, template: str, *, status: int = 200, **context: Any
) -> HttpResponse:
    """Render a whole page; htmx picks the part it wants.

    Raises RuntimeError for a page of the back-office that was read outside its scope.
    """
    if not getattr(request, "scoped", True):
        raise RuntimeError(f"{template} is read outside its scope: see within_scope")
    return _rendered(request, template, status=status, **context)


def _rendered(
    request: HttpRequest, template: str, *, status: int = 200, **context: Any
) -> HttpResponse:
    told = _LANGUAGE.set(get_language() or "")
    try:
        return HttpResponse(render_to_string(template, context, request=request), status=status)
    finally:
        _LANGUAGE.reset(told)


def chosen(form: QueryDict, name: str) -> list[int]:
    """Return the ticked ids; raises NothingChosen."""
    ids = wholes(form.getlist(name))
    if not ids:
        raise NothingChosen
    return ids[:500]


def onward(asked: QueryDict, *besides: str) -> str:
    """Return the query of a list without the place in it, with which links to its other pages
    begin; without other names, too.
    """
    kept = asked.copy()
    for name in ("page", "after", *besides):
        kept.pop(name, None)
    return f"?{kept.urlencode()}"


SIZES = ("large", "huge")  # of type, beside the ordinary: 24 and 30 px


def sight(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return how large a citizen wants the type, by what the address or the form says: `size`,
    `large` (whether it is any but the ordinary) and `scale`.
    """
    size = asked.get("size", "")
    size = size if size in SIZES else ""
    return {"size": size, "large": bool(size), "scale": scale_of(asked)}


def speak(response: HttpResponse, language: str) -> None:
    """Have a browser be spoken to in a language from now on, where it is one of ours."""
    if check_for_language(language):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            max_age=365 * 86400,
            samesite="Lax",
            httponly=True,
            secure=settings.HTTPS,
        )


def scale_of(asked: Mapping[str, Any]) -> str:
    """Return the factor by which an app enlarges its text, as it passes it in the address
    (`?scale=1.3`), within reason; empty for none.
    """
    try:
        factor = float(str(asked.get("scale", ""))[:6])
    except ValueError:
        return ""
    return f"{factor:.2f}" if 0.8 <= factor <= 2 else ""  # noqa: PLR2004 - what the page can bear


def framed(request: HttpRequest, response: HttpResponse, origin: str) -> HttpResponse:
    """Allow one origin to show a page in a frame; without one nobody may."""
    return with_policy(request, response, **{"frame-ancestors": [origin]}) if origin else response


def with_policy(
    request: HttpRequest, response: HttpResponse, **changes: Collection[str]
) -> HttpResponse:
    """Return a response whose content security policy differs in these directives."""
    policy: dict[str, Any] = {**settings.SECURE_CSP, **changes}

    def give(_request: HttpRequest) -> HttpResponse:
        return response

    changed: HttpResponse = csp_override(policy)(give)(request)
    return changed


def refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """Show why something could not be done and how to go on.

    A page for people, a problem document for programs.
    """
    response = _refusal_page(request, refusal)
    if isinstance(refusal, TooOften):
        response["Retry-After"] = str(refusal.seconds)
    elif refusal.status == 503:  # noqa: PLR2004 - the HTTP status itself
        response["Retry-After"] = "5"
    return response


def _refusal_page(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    if "application/json" in request.headers.get("Accept", ""):
        return JsonResponse(
            refusal.problem(),
            status=refusal.status,
            content_type="application/problem+json",
            json_dumps_params={"ensure_ascii": False},
        )
    shell = settings.REFUSAL_PAGES["office" if hasattr(request, "person") else "public"]
    return _rendered(request, shell, status=refusal.status, refusal=refusal)


# Django's signature.
def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """Show that there is no such page."""
    says = Words(
        "没有这个页面。您可以回到首页，或拨打 12345。",
        "There is no such page. Go back to the front page, or call 12345.",
    )
    return refused(request, NotFound(says))


# Django's signature.
def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """Show that the page may not be opened."""
    return refused(request, NotAllowed())


# Django's signature.
def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001
    """Show that a form was too old: somebody signed in or out in another tab."""
    says = Words(
        "页面已过期，请返回上一页刷新后重新提交。",
        "The page was out of date; go back, reload it and send it again.",
    )
    refusal = NotAllowed(says, code="stale_form")
    return refused(request, refusal)


# Django's signature.
def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """Show that the request made no sense."""
    refusal = Refusal(
        Words(
            "请求不完整或格式有误，请返回重试。",
            "The request was incomplete or malformed; go back and try again.",
        )
    )
    refusal.status = 400
    return refused(request, refusal)
