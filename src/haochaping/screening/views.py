"""Held ratings with their reasons, and what people decide about them."""

from collections.abc import Sequence
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_GET

from haochaping.directory import queries as directory
from haochaping.evaluations import queries as evaluations
from haochaping.evaluations.rules import CHANNELS
from haochaping.identity.queries import OfficeRequest
from haochaping.indicators.rules import LEVELS
from haochaping.kernel import clock, downloads, pages
from haochaping.kernel.errors import NotFound, Refusal
from haochaping.kernel.ids import receipt_number
from haochaping.kernel.masking import mask_text
from haochaping.kernel.moments import span
from haochaping.kernel.numbers import KEY, whole, wholes
from haochaping.kernel.tables import Column, Kind, Line, Table
from haochaping.kernel.words import Words
from haochaping.records import queries as records
from haochaping.regions import queries as regions
from haochaping.regions.rules import PROVINCE_OF_THE_PLATFORM
from haochaping.screening import actions, models, queries, rules

PAGE = 30
_AT_ONCE = 100  # of a batch


@require_GET
def holds(request: OfficeRequest) -> HttpResponseBase:
    """Show the ratings that wait for a person, or what became of them; as a file if asked for."""
    if downloads.wanted(request):
        found = queries.found(request.person.reach.scope, _asked(request))
        return downloads.answer(
            request, Table("holds", _TITLE, _COLUMNS, map(_line, found.iterator()))
        )
    return _holds(request)


_TITLE = Words("异常评价", "Held ratings")
_COLUMNS = (
    Column(Words("评价回执号", "Receipt")),
    Column(Words("等级", "Level"), Kind.COUNT),
    Column(Words("原因", "Why")),
    Column(Words("拦下时间", "Held")),
    Column(Words("放行时间", "Released")),
    Column(Words("核实情况", "Finding")),
    Column(Words("确认无效时间", "Found invalid")),
    Column(Words("无效理由", "Why invalid")),
)


def _line(hold: models.Hold) -> Line:
    return Line(
        (
            receipt_number(hold.evaluation_id),
            hold.level,
            rules.sentence(hold.reasons),
            hold.held_at,
            hold.released_at,
            hold.note,
            hold.refuted_at,
            hold.doubt,
        )
    )


@pages.posted("screening:holds")
def decide(request: OfficeRequest) -> HttpResponse:
    """Release the ratings that were ticked, or find them invalid; tell what became of each."""
    sent, by = request.POST, request.person.id
    act = {"release": actions.release, "refute": actions.refute}.get(sent.get("do", ""))
    if act is None:
        raise NotFound
    done, refusals = 0, list[Refusal]()
    for key in wholes(sent.getlist("hold")[:_AT_ONCE], digits=KEY):
        try:
            act(hold_id=key, note=sent.get("note", ""), by=by, at=clock.now())
            done += 1
        except (
            actions.NoteMissing,
            actions.AlreadyReleased,
            actions.OtherOffice,
            actions.NotOfThose,
        ) as refusal:
            refusals.append(refusal)
    return _holds(request, refusals, done)


def _asked(request: HttpRequest) -> queries.Asked:
    given = request.GET
    since, until = span(given.get("since", ""), given.get("until", ""))
    state, reason = given.get("state", ""), given.get("reason", "")
    return queries.Asked(
        state=rules.State(state) if state in rules.State else rules.State.WAITS,
        reason=reason if reason in rules.Reason else "",
        bad=given.get("bad") == "1",
        city=whole(given.get("city", ""), digits=6),
        since=since,
        until=until,
    )


@pages.within_scope
def _holds(
    request: OfficeRequest, refusals: Sequence[Refusal] = (), done: int | None = None
) -> HttpResponse:
    person, asked = request.person, _asked(request)
    page = Paginator(queries.found(person.reach.scope, asked), PAGE).get_page(
        request.GET.get("page")
    )
    held = list(page)
    return pages.render(
        request,
        "screening/holds.html",
        status=refusals[0].status if refusals and not done else 200,
        holds=held,
        page=page,
        onward=pages.onward(request.GET),
        asked=asked,
        given=request.GET,
        **_told(held),
        levels=LEVELS,
        channels=CHANNELS,
        states=rules.STATES,
        reasons=rules.REASONS,
        tree=regions.tree(),
        sentence=rules.sentence,
        categories=rules.CATEGORIES,
        refusals=refusals,
        done=done,
        me=person.id,
    )


def _told(held: Sequence[models.Hold]) -> dict[str, Any]:
    """Return what was rated, where, and which sensitive words it holds."""
    keys = {hold.evaluation_id for hold in held}
    ratings = evaluations.rated(keys)
    departments = {rating.department_id for rating in ratings.values()}
    finder = queries.finder()
    return {
        "ratings": ratings,
        "services": records.services(keys),
        "items": directory.item_names({rating.item_id for rating in ratings.values()}),
        "departments": directory.department_names(departments),
        "sensitive": {key: finder.find(one.words or "") for key, one in ratings.items()},
    }


@require_GET
def words(request: OfficeRequest) -> HttpResponse:
    """Show the list of sensitive words, and let anybody who screens try it."""
    return _words(request)


@pages.posted("screening:words")
def change_word(request: OfficeRequest) -> HttpResponse:
    """Add a word to the list, or take one off."""
    sent = request.POST
    try:
        actions.change_word(
            text=sent.get("word", ""),
            category=sent.get("category", ""),
            remove="remove" in sent,
            by=request.person.id,
            at=clock.now(),
        )
    except rules.BadWord as refusal:
        return _words(request, refusal=refusal)
    return redirect("screening:words")


@pages.posted("screening:words")
def try_words(request: OfficeRequest) -> HttpResponse:
    """Show what would be found in a text; it is kept nowhere."""
    return _words(request, tried=request.POST.get("text", "")[:2000])


@pages.within_scope
def _words(
    request: OfficeRequest, *, tried: str = "", refusal: Refusal | None = None
) -> HttpResponse:
    person = request.person
    lists: dict[rules.Category, list[str]] = {category: [] for category in rules.Category}
    for word, category in queries.sensitive_words().items():
        lists[category].append(word)
    return pages.render(
        request,
        "screening/words.html",
        lists=lists,
        categories=rules.CATEGORIES,
        may_change=person.reach.covers(PROVINCE_OF_THE_PLATFORM),
        tried=tried,
        found=queries.finder().find(tried),
        masked=mask_text(tried),
        refusal=refusal,
        status=refusal.status if refusal else 200,
    )
