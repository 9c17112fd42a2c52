"""What waits for a person about a partner: differences, what it refused, what it sent that does not
fit.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.views.decorators.http import require_GET

from haochaping.exchange import models, queries, rules
from haochaping.exchange.rules import digests
from haochaping.identity.queries import OfficeRequest
from haochaping.kernel import clock, downloads, pages
from haochaping.kernel.errors import NotFound, Refusal
from haochaping.kernel.tables import Column, Kind, Line, Table
from haochaping.kernel.words import Words

PAGE = 50
_COMPARED_WITHIN = timedelta(minutes=70)  # after what was sent again has arrived
CAUSES: Mapping[str, Words] = {
    "unknown": Words("本平台没有这条，请对方核实", "Not ours; ask them where it comes from"),
    "altered": Words("对方保存的内容不同", "They keep another text"),
    "new": Words("尚未报送", "Not sent yet"),
    "sent": Words("已报送，对方未确认", "Sent, never acknowledged"),
    "acknowledged": Words("对方确认过，现在缺失", "Acknowledged, and gone there now"),
    "refused": Words("对方拒收", "They refused it"),
    "dead": Words("多次失败，已作死信", "Given up after many tries"),
}


def _differing(found: Iterable[models.Difference], at: datetime) -> dict[str, Any]:
    differences = list(found)
    return {
        "differences": differences,
        "heads": _heads(differences, at),
        "causes": {one.pk: CAUSES[queries.cause(one)] for one in differences},
        "what": digests.WHAT,
    }


def _heads(differences: Sequence[models.Difference], at: datetime) -> set[int]:
    """Return the first difference of each day and family that can be put right by sending again:
    it was not sent, or it was and has been compared since.
    """
    first: dict[tuple[date, str], int] = {}
    for one in differences:
        sent = one.resent_at is not None and at - one.resent_at < _COMPARED_WITHIN
        if one.what != digests.What.UNKNOWN and not sent:
            first.setdefault((one.day, one.family), one.pk)
    return set(first.values())


def _refused(partner_id: int) -> QuerySet[models.Delivery]:
    return queries.deliveries(partner_id, sorted(rules.TROUBLE))


def _trouble(found: Iterable[models.Delivery], _at: datetime) -> dict[str, Any]:
    return {"trouble": list(found), "statuses": rules.STATUSES, "message_id": rules.message_id}


def _quarantine(found: Iterable[models.Received], _at: datetime) -> dict[str, Any]:
    return {"quarantine": queries.opened(found), "families": rules.FAMILIES}


@dataclass(frozen=True)
class List:
    """A list of what waits: its rows, what its page needs to show some of them, and its file."""

    title: Words
    found: Callable[[int], QuerySet[Any]]  # by partner
    shown: Callable[[Iterable[Any], datetime], dict[str, Any]]
    columns: Sequence[Column] = ()  # none: it holds what citizens wrote, and is no file
    line: Callable[[Any], Line] | None = None


def _line_of_difference(one: models.Difference) -> Line:
    cells = (
        one.day.isoformat(),
        one.message,
        digests.WHAT[digests.What(one.what)],
        CAUSES[queries.cause(one)],
        one.found_at,
        one.resent_at,
    )
    return Line(cells)


def _line_of_trouble(one: models.Delivery) -> Line:
    name = rules.message_id(one.kind, one.ref)
    return Line(
        (name, one.day.isoformat(), rules.STATUSES[rules.Status(one.status)], one.tries, one.reason)
    )


_MESSAGE, _DAY = Column(Words("消息", "Message")), Column(Words("日期", "Day"))
LISTS: Mapping[str, List] = {
    "differences": List(
        Words("对账差异", "Differences"),
        queries.differences,
        _differing,
        (
            _DAY,
            _MESSAGE,
            Column(Words("差异", "How")),
            Column(Words("原因", "Cause")),
            Column(Words("发现时间", "Found")),
            Column(Words("重报时间", "Sent again")),
        ),
        _line_of_difference,
    ),
    "trouble": List(
        Words("拒收与死信", "Refused, given up"),
        _refused,
        _trouble,
        (
            _MESSAGE,
            _DAY,
            Column(Words("状态", "State")),
            Column(Words("次数", "Tries"), Kind.COUNT),
            Column(Words("对方的话", "In their words")),
        ),
        _line_of_trouble,
    ),
    "quarantine": List(Words("来件待处理", "Quarantine"), queries.quarantine, _quarantine),
}


@require_GET
def waiting(request: OfficeRequest, key: int, which: str) -> HttpResponseBase:
    """Show all that waits for a person, a page at a time; or as a file."""
    one = LISTS.get(which)
    if one is None:
        raise NotFound
    if downloads.wanted(request) and one.line is not None:
        found = one.found(reached(request, key).pk).iterator()
        table = Table(which, one.title, one.columns, map(one.line, found))
        return downloads.answer(request, table)
    return show_list(request, key, which)


@pages.within_scope
def show_list(
    request: OfficeRequest,
    key: int,
    which: str,
    refusal: Refusal | None = None,
    done: int | None = None,
) -> HttpResponse:
    """Show a page of a list, why something was refused, how many messages will be sent again."""
    partner, one = reached(request, key), LISTS[which]
    page = Paginator(one.found(key), PAGE).get_page(request.GET.get("page"))
    return pages.render(
        request,
        "exchange/waiting.html",
        status=refusal.status if refusal else 200,
        partner=partner,
        title=one.title,
        page=page,
        back=which,
        **one.shown(page.object_list, clock.now()),
        refusal=refusal,
        done=done,
    )


def reached(request: OfficeRequest, key: int) -> models.Partner:
    """Return a partner within somebody's reach; raises NotFound."""
    found = queries.shown_partner(key)
    if found is None or not request.person.reach.covers(found.region):
        raise NotFound
    return found
