"""The 12345 agent's pages: registering a rating during a call, and the list of calls to make."""

from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from haochaping.callbacks import actions, models, queries, rules
from haochaping.evaluations import queries as evaluations
from haochaping.evaluations import rules as rating
from haochaping.evaluations.rules import Channel
from haochaping.feedback import queries as feedback
from haochaping.identity.queries import OfficeRequest, Person
from haochaping.indicators import queries as indicators
from haochaping.indicators.rules import LEVELS, Where, offered
from haochaping.kernel import clock, pages
from haochaping.kernel.errors import Refusal
from haochaping.kernel.ids import first_key, key_of_receipt
from haochaping.kernel.numbers import phone as a_phone
from haochaping.kernel.numbers import whole, wholes
from haochaping.orders.rules import SATISFACTIONS, Satisfaction
from haochaping.records import queries as records


@require_http_methods(["GET", "POST"])
def phone(request: OfficeRequest) -> HttpResponse:
    """Look a caller's services up by phone or case number.

    Show script and form for the one that is chosen. A phone is only looked for by POST; a case
    number may stand in a link.
    """
    return _phone(request)


@pages.posted("callbacks:phone")
def rate(request: OfficeRequest) -> HttpResponse:
    """Register the rating and show its receipt number, to be read out."""
    person = request.person
    sent = request.POST
    key, level = key_of_receipt(sent.get("service", "")), sent.get("level", "")
    try:
        if key is None:
            raise rules.NothingFound
        receipt = actions.rate(
            record_id=key,
            level=whole(level, digits=1) or 0,
            codes=wholes(sent.getlist(f"codes{level}"), digits=rating.CODE_DIGITS),
            words=sent.get("words", ""),
            kind=rating.Kind.FOLLOW_UP if sent.get("kind") == "2" else rating.Kind.FIRST,
            verified=bool(sent.get("verified")),
            by=person.id,
            at=clock.now(),
        )
    except Refusal as refusal:
        return _phone(request, refusal=refusal)
    return _phone(request, receipt=receipt)


def _found(person: Person, asked: str) -> list[records.Served]:
    """Return the services of a case number or a phone within somebody's reach."""
    keys = records.keys_of_case(asked)
    if not keys and (number := a_phone(asked)):
        since = first_key(clock.now() - rules.OLDEST * 3)
        keys = records.keys_of_phone(number, since, person.reach.scope)
    services = [records.served(key) for key in keys]
    return [what for what in services if person.reach.covers(what.service.region)]


@pages.within_scope
def _phone(
    request: OfficeRequest, *, refusal: Refusal | None = None, receipt: str = ""
) -> HttpResponse:
    asked = (request.POST or request.GET).get("search", "").strip()[:64]
    if request.method == "GET" and a_phone(asked):
        asked = ""
    services = _found(request.person, asked) if asked else []
    if asked:
        details = {"found": len(services), "by": "phone" if a_phone(asked) else "number"}
        region = request.person.region
        request.reads.append(("evaluation", 0, "search", details, region))
    if asked and not services and refusal is None and not receipt:
        refusal = rules.NothingFound()
    rated = evaluations.rated({what.service.id for what in services})
    chosen = key_of_receipt((request.POST or request.GET).get("service", ""))
    what = next(
        (each for each in services if each.service.id == chosen),
        services[0] if len(services) == 1 else None,
    )
    context: dict[str, Any] = {
        "asked": asked,
        "services": services,
        "rated": rated,
        "what": None if receipt else what,
        "followed": what is not None and evaluations.follow_up(what.service.id) is not None,
        "levels": LEVELS,
        "choices": offered(
            indicators.catalogue().values(),
            online=what.service.online if what else None,
            where=Where(Channel.PHONE, what.service.region if what else None),
        ),
        "sent": request.POST,
        "refusal": refusal,
        "receipt": receipt,
    }
    return pages.render(
        request, "callbacks/phone.html", status=refusal.status if refusal else 200, **context
    )


@require_GET
def calls(request: OfficeRequest) -> HttpResponse:
    """Show the calls that this agent has in hand."""
    return _calls(request)


@require_POST
def take(request: OfficeRequest) -> HttpResponse:
    """Take the next calls in hand."""
    person = request.person
    actions.take(by=person.id, at=clock.now())
    return redirect("callbacks:calls")


@pages.posted("callbacks:calls")
def note(request: OfficeRequest, call_id: int) -> HttpResponse:
    """Show the number of a call, or record how it ended."""
    person = request.person
    outcome = request.POST.get("outcome", "")
    try:
        if request.POST.get("reveal"):
            return _calls(
                request,
                shown={
                    call_id: actions.reveal(
                        call_id=call_id,
                        reason=request.POST.get("reason", ""),
                        by=person.id,
                        at=clock.now(),
                    )
                },
            )
        if request.POST.get("dial"):
            actions.dial(call_id=call_id, by=person.id, at=clock.now())
            return _calls(request, dialled=call_id)
        if outcome in (rules.Outcome.DECLINED, rules.Outcome.UNREACHED, rules.Outcome.WRONG):
            actions.note(
                call_id=call_id,
                outcome=rules.Outcome(outcome),
                words=request.POST.get("note", ""),
                by=person.id,
                at=clock.now(),
            )
    except (rules.TakenByAnother, rules.ReasonMissing) as refusal:
        return _calls(request, refusal=refusal)
    return redirect("callbacks:calls")


@pages.posted("callbacks:calls")
def answer(request: OfficeRequest, call_id: int) -> HttpResponse:
    """Record what somebody said who was reached."""
    person = request.person
    try:
        sent = request.POST
        actions.answer(
            call_id=call_id,
            said=sent.get("said", ""),
            words=sent.get("note", ""),
            by=person.id,
            at=clock.now(),
        )
    except (rules.TakenByAnother, rules.AnswerMissing) as refusal:
        return _calls(request, refusal=refusal)
    return redirect("callbacks:calls")


@pages.within_scope
def _calls(
    request: OfficeRequest,
    *,
    shown: dict[int, str] | None = None,
    dialled: int = 0,
    refusal: Refusal | None = None,
) -> HttpResponse:
    person = request.person
    at = clock.now()
    mine: list[models.Call] = queries.mine(person.id, at)
    replies = {call.pk: feedback.progress(call.record_id) for call in mine if call.order_id}
    return pages.render(
        request,
        "callbacks/calls.html",
        status=refusal.status if refusal else 200,
        calls=[(call, records.served(call.record_id), replies.get(call.pk)) for call in mine],
        counts=queries.counts(person.reach.scope),
        waiting=queries.waiting(person.reach.scope, at),
        outcomes=rules.OUTCOMES,
        whys=rules.WHYS,
        scripts=rules.SCRIPTS,
        satisfactions={
            value: SATISFACTIONS[value]
            for value in (Satisfaction.SATISFIED, Satisfaction.UNSATISFIED, Satisfaction.BEYOND)
        },
        levels=LEVELS,
        shown=shown or {},
        dialled=dialled,
        may_dial=bool(settings.CTI),
        refusal=refusal,
        most=rules.AT_ONCE,
    )
