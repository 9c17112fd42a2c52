"""The list of messages, and the doors through which gateways push receipts and replies."""

from dataclasses import dataclass
from itertools import batched

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from haochaping.identity import queries as identity
from haochaping.identity.queries import OfficeRequest
from haochaping.identity.rules import Right, SamePerson
from haochaping.kernel import clock, crypto, downloads, keyset, pages
from haochaping.kernel.errors import Refusal
from haochaping.kernel.moments import span
from haochaping.kernel.numbers import KEY, whole
from haochaping.kernel.tables import Column, Kind, Line, Table
from haochaping.kernel.words import Words
from haochaping.notifications import actions, models, queries, rules
from haochaping.notifications.senders import HOOKS
from haochaping.notifications.senders.gateway import Push
from haochaping.regions.rules import PROVINCE_OF_THE_PLATFORM

PAGE = 30


@require_GET
def messages(request: OfficeRequest) -> HttpResponseBase:
    """Show what was sent to whom (masked) and what became of it; as a file if asked for."""
    person = request.person
    state = request.GET.get("state", "")
    asked = request.GET
    since, until = span(asked.get("since", ""), asked.get("until", ""))
    wanted = state if state in rules.State else ""
    found = queries.within(person.reach.scope, wanted, since, until)
    if downloads.wanted(request):
        some = batched(found.iterator(), _AT_ONCE)
        lines = (_line(one) for rows in some for one in queries.lines(list(rows)))
        return downloads.answer(request, Table("messages", _TITLE, _COLUMNS, lines))
    after = asked.get("after", "")
    shown, following = keyset.page(found, queries.NEWEST, after=after, size=PAGE)
    return pages.render(
        request,
        "notifications/messages.html",
        lines=queries.lines(shown),
        first=not after,
        following=following,
        asked=asked,
        query=pages.onward(asked),
        counts=queries.counts(person.reach.scope),
        states=rules.STATES,
        state=state,
        configured=bool(settings.SMS),
    )


_AT_ONCE = 500
_TITLE = Words("短信记录", "Messages")
_COLUMNS = (
    Column(Words("模板", "Template")),
    Column(Words("号码（已遮盖）", "Number, masked")),
    Column(Words("状态", "State")),
    Column(Words("排队时间", "Queued")),
    Column(Words("送达时间", "Done")),
    Column(Words("计费条数", "Segments"), Kind.COUNT),
    Column(Words("原因", "Why")),
)


def _line(one: queries.Line) -> Line:
    moments = (one.queued_at, one.done_at)
    return Line((one.says, one.phone, rules.STATES[one.state], *moments, one.segments, one.why))


@require_GET
def templates(request: OfficeRequest) -> HttpResponse:
    """Show what each message says, as it is approved and as a citizen would read it."""
    return _templates(request)


@pages.posted("notifications:templates")
def change_template(request: OfficeRequest, key: str) -> HttpResponse:
    """Propose another text, or decide on the one that waits."""
    sent, by, at = request.POST, request.person.id, clock.now()
    waits = whole(sent.get("waits"), digits=KEY)
    try:
        if waits is not None:
            approve = sent.get("verdict") == "approve"
            actions.decide_text(text_id=waits, approve=approve, by=by, at=at)
        else:
            actions.propose_text(template=key, text=sent.get("text", ""), by=by, at=at)
    except (rules.BadText, SamePerson) as refusal:
        return _templates(request, refusal, key)
    return redirect("notifications:templates")


@dataclass(frozen=True)
class Shown:
    """A template on the page: its text, how it reads, and what waits for a second person."""

    key: str
    says: Words
    urgent: bool
    text: str
    reads: str
    parts: int
    waits: models.Text | None
    would_read: str


@pages.within_scope
def _templates(
    request: OfficeRequest, refusal: Refusal | None = None, tried: str = ""
) -> HttpResponse:
    texts, waiting = queries.texts(), queries.texts_waiting()
    shown = []
    for key, one in rules.TEMPLATES.items():
        waits, text = waiting.get(key), texts.get(key, one.text)
        reads = rules.wording(key, rules.example(key), text)
        would = rules.wording(key, rules.example(key), waits.text) if waits else ""
        parts = rules.segments(reads)
        shown.append(Shown(key, one.says, one.urgent, text, reads, parts, waits, would))
    person = request.person
    province = person.region == PROVINCE_OF_THE_PLATFORM
    return pages.render(
        request,
        "notifications/templates.html",
        status=refusal.status if refusal else 200,
        refusal=refusal,
        tried=tried,
        sent=request.POST.get("text", ""),
        shown=shown,
        keeps=province and Right.KEEP_POLICY in person.rights,
        names=identity.names({one.proposed_by for one in waiting.values()}),
        configured=bool(settings.SMS),
    )


def notices(request: OfficeRequest) -> HttpResponse:
    """Show what waits for one's office; POST says that all of it was seen."""
    person = request.person
    if request.method == "POST":
        upto = whole(request.POST.get("upto"), digits=KEY)
        if upto is not None:
            actions.see(upto=upto, by=person.id)
        return redirect("notifications:notices")
    return _notices(request)


@pages.posted("notifications:notices")
def contacts(request: OfficeRequest) -> HttpResponse:
    """Have one's office told at an address too, or no more."""
    person = request.person
    sent = request.POST
    try:
        removed, renewed = whole(sent.get("remove")), whole(sent.get("renew"))
        if removed is not None:
            actions.remove_contact(contact_id=removed, by=person.id, at=clock.now())
        elif renewed is not None:
            actions.renew_secret(contact_id=renewed, by=person.id, at=clock.now())
        else:
            way = sent.get("way", "")
            if way not in rules.Way:
                raise rules.BadContact
            actions.add_contact(
                way=rules.Way(way), address=sent.get("address", ""), by=person.id, at=clock.now()
            )
    except rules.BadContact as refusal:
        return _notices(request, refusal=refusal)
    return redirect("notifications:notices")


@pages.within_scope
def _notices(request: OfficeRequest, *, refusal: Refusal | None = None) -> HttpResponse:
    person = request.person
    given = request.GET
    topic = given.get("topic", "")
    wanted = queries.Wanted(
        topic=topic if topic in rules.Topic else "",
        unseen=given.get("unseen") == "1",
        search=given.get("search", "").strip()[:40],
    )
    page = Paginator(queries.found(person, wanted), PAGE).get_page(given.get("page"))
    return pages.render(
        request,
        "notifications/notices.html",
        page=page,
        wanted=wanted,
        base=f"{pages.onward(given)}&page=",
        places=rules.PLACES,
        seen=queries.seen_by(person.id),
        topics=rules.TOPICS,
        ways=rules.WAYS,
        outside=Right.SEE_ORDERS in person.rights,
        contacts=queries.contacts(person),
        refusal=refusal,
        status=refusal.status if refusal else 200,
    )


@csrf_exempt
@require_POST
def hook(request: HttpRequest, secret: str, provider: str, kind: str) -> HttpResponse:
    """Take in a push.

    The answer says whether to push again: only what is committed is acknowledged.
    """
    taker = HOOKS.get((provider, kind))
    if taker is None or not crypto.same(secret, settings.SMS_HOOK_SECRET):
        raise Http404
    answer = taker(Push(request.body, request.POST.dict()))
    return HttpResponse() if answer is None else JsonResponse(answer)
