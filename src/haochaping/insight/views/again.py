"""A page of analysis that was worked out within the same five seconds is shown again to whoever
would see the same: when a meeting begins, a hundred people open one address. It says as of when it
is, and only its inside is kept: the frame with its menu, notices and forms is each reader's own.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache, wraps
from http import HTTPStatus
from typing import NamedTuple

from django.http import HttpResponse, HttpResponseBase
from django.utils.translation import get_language
from markupsafe import Markup

from haochaping.identity.queries import OfficeRequest, Person
from haochaping.insight.views.asked import wants
from haochaping.kernel import clock, pages

_SECONDS = 5
_PAGES = 64  # of 0.2 MB at most; for each process
_BEGINS, _ENDS = 'id="content" tabindex="-1">', "</main>"  # in console/base.html


class _Asked(NamedTuple):
    """Everything that the inside of a page follows from, and the five seconds."""

    address: str
    language: str | None
    reader: Person  # without the name: whoever has this post sees this
    moment: int


@lru_cache(maxsize=_PAGES)
def _shown(_asked: _Asked) -> list[Markup]:
    """Return the inside of a page, once somebody has put it in."""
    return []


forget = _shown.cache_clear


def again(page: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Have a page be worked out once for all who see the same of it in the same seconds; not for
    one that holds a form of its reader, and not for a file, which the trail knows.
    """

    @wraps(page)
    def shown(request: OfficeRequest, **kwargs: int) -> HttpResponseBase:
        if wants(request):
            return page(request, **kwargs)
        reader = replace(request.person, id=0, name="")
        moment = int(clock.now().timestamp()) // _SECONDS
        kept = _shown(_Asked(request.get_full_path(), get_language(), reader, moment))
        if kept:
            return pages.render(request, "insight/again.html", inside=kept[0])
        answer = page(request, **kwargs)
        if isinstance(answer, HttpResponse) and answer.status_code == HTTPStatus.OK:
            inside = answer.text.partition(_BEGINS)[2].rpartition(_ENDS)[0]
            if inside and "csrfmiddlewaretoken" not in inside:
                kept.append(Markup(inside))  # noqa: S704 - our own page
        return answer

    return shown
