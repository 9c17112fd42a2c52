"""What a person does about a partner, on its page or in a list of what waits."""

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect

from haochaping.exchange import actions, rules, tasks
from haochaping.exchange.rules import Status
from haochaping.exchange.views.partners import show
from haochaping.exchange.views.waiting import LISTS, reached, show_list
from haochaping.identity.queries import OfficeRequest
from haochaping.kernel import clock, pages
from haochaping.kernel.errors import NotFound, Refusal
from haochaping.kernel.moments import begin_of, parse_day
from haochaping.kernel.numbers import whole


@pages.posted("exchange:partner", "key")
def change(request: OfficeRequest, key: int) -> HttpResponse:
    """Do what a person decided about a partner, and come back to where it was decided."""
    act = _ACTS.get(request.POST.get("do", ""))
    if act is None:
        raise NotFound
    reached(request, key)
    common = {"by": request.person.id, "at": clock.now()}
    which, refusal, done = request.POST.get("back", ""), None, None
    try:
        done = act(key, request.POST, common)
    except Refusal as told:
        refusal = told
    else:
        tasks.nudge.defer(partner_id=key)
    if which in LISTS:
        return show_list(request, key, which, refusal, done)
    if refusal is not None or done is not None:
        return show(request, key, refusal, None, done)
    return redirect("exchange:partner", key=key)


type _Common = dict[str, Any]


def _start(key: int, sent: QueryDict, common: _Common) -> None:
    actions.start(partner_id=key, shown=sent.get("shown"), **common)


def _stop(key: int, _sent: QueryDict, common: _Common) -> None:
    actions.stop(partner_id=key, **common)


def _disconnect(key: int, _sent: QueryDict, common: _Common) -> None:
    actions.disconnect(partner_id=key, **common)


def _move(key: int, sent: QueryDict, common: _Common) -> None:
    actions.move(partner_id=key, url=sent.get("url", "")[:300], **common)


def _settle(key: int, sent: QueryDict, common: _Common) -> None:
    ways = {name: sent.get(name, "") for name in rules.CONVENTIONS if name in sent}
    actions.settle(partner_id=key, ways=ways, **common)


def _resend(key: int, sent: QueryDict, common: _Common) -> int | None:
    status = whole(sent.get("status", "")) or 0
    if status in rules.ENDED:
        chosen = actions.Chosen(
            status=Status(status),
            since=parse_day(sent.get("since", "")),
            until=parse_day(sent.get("until", "")),
            family=sent.get("family", ""),
            message=sent.get("message", "").strip()[:40],
        )
        return actions.send_again(partner_id=key, chosen=chosen, **common)
    return None


def _agree(key: int, sent: QueryDict, common: _Common) -> None:
    terms = actions.Terms(
        words=sent.get("words") == "1",
        personal=sent.get("personal") == "1",
        batch=whole(sent.get("batch", ""), digits=5) or 0,
        pace=whole(sent.get("pace", "") or "0", digits=9) or 0,
        departments=sorted(sent.get("departments", "").split()),
    )
    actions.agree(partner_id=key, terms=terms, **common)


def _history(key: int, sent: QueryDict, common: _Common) -> None:
    day = parse_day(sent.get("since", ""))
    if day is not None:
        since = begin_of(day)
        actions.ask_history(partner_id=key, since=since, **common)
        tasks.tell_history.defer(partner_id=key, since=since.isoformat())


def _differing(key: int, sent: QueryDict, common: _Common) -> int | None:
    day = parse_day(sent.get("day", ""))
    if day is not None:
        family = sent.get("family", "")
        return actions.send_differing(partner_id=key, day=day, family=family, **common)
    return None


def _close(_key: int, sent: QueryDict, common: _Common) -> None:
    difference_id = whole(sent.get("difference", "")) or 0
    actions.close(difference_id=difference_id, note=sent.get("note", ""), **common)


def _compare(key: int, _sent: QueryDict, _common: _Common) -> None:
    tasks.compare.defer(partner_id=key)


def _correct(_key: int, sent: QueryDict, common: _Common) -> None:
    received_id = whole(sent.get("received", "")) or 0
    names, values = sent.getlist("field"), sent.getlist("value")
    changes = {
        name.strip()[:40]: value.strip()
        for name, value in zip(names, values, strict=False)
        if name.strip() and value.strip()
    }
    changes |= dict.fromkeys(sent.getlist("cleared"), "")
    actions.correct(received_id=received_id, changes=changes, **common)


def _drop(_key: int, sent: QueryDict, common: _Common) -> None:
    received_id = whole(sent.get("received", "")) or 0
    actions.drop(received_id=received_id, why=sent.get("why", ""), **common)


def _again(key: int, _sent: QueryDict, common: _Common) -> None:
    actions.take_again(partner_id=key, **common)


_ACTS: Mapping[str, Callable[[int, QueryDict, _Common], int | None]] = {
    "start": _start,
    "stop": _stop,
    "disconnect": _disconnect,
    "move": _move,
    "settle": _settle,
    "resend": _resend,
    "differing": _differing,
    "close": _close,
    "compare": _compare,
    "agree": _agree,
    "history": _history,
    "correct": _correct,
    "drop": _drop,
    "again": _again,
}
