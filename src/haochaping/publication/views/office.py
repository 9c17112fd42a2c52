"""结果公开: where the office drafts, checks, releases and withdraws."""

from datetime import date

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET

from haochaping.identity import queries as identity
from haochaping.identity.queries import OfficeRequest
from haochaping.indicators.rules import LEVELS
from haochaping.insight.rules.fair import BANDS
from haochaping.kernel import clock, pages
from haochaping.kernel.errors import NotFound, Refusal
from haochaping.kernel.moments import business_day, parse_day
from haochaping.kernel.numbers import whole
from haochaping.kernel.words import Words
from haochaping.publication import actions, queries, rules


class NoMonth(Refusal):
    """Which month is meant was not said."""

    code = "no_month"
    says = Words("请选择月份，例如 2026-10。", "Choose a month, such as 2026-10.")


@require_GET
def board(request: OfficeRequest) -> HttpResponse:
    """Show releases and cases, each with its check and what can be done."""
    return _board(request)


@pages.within_scope
def _board(request: OfficeRequest, refusal: Refusal | None = None) -> HttpResponse:
    sent = request.POST if refusal else {}  # what was written and refused is not lost
    asked, releases = sent.get("board", request.GET.get("board", "")), queries.releases()
    board = rules.Board(asked) if asked in rules.Board else rules.Board.RIGHT
    drafts = [one for one in releases if one.state == rules.State.DRAFT]
    checks = {
        one.pk: rules.faults(queries.results_of(one), queries.earlier(one.period, one.version))
        for one in drafts
    }
    waiting, told = (
        list(queries.cases(state)[:200]) for state in (rules.State.DRAFT, rules.State.RELEASED)
    )
    people = {one.drafted_by for one in releases} | {one.drafted_by for one in [*waiting, *told]}
    people |= {one.released_by for one in releases if one.released_by}
    return pages.render(
        request,
        "publication/board.html",
        status=refusal.status if refusal else 200,
        releases=releases,
        checks=checks,
        states=rules.STATES,
        waiting=waiting,
        told=told,
        boards=rules.BOARDS,
        sent=sent,
        board=board,
        stories=queries.stories(board, 12),
        names=identity.names(people),
        me=request.person.id,
        last_month=_last_month(),
        refusal=refusal,
    )


@require_GET
def draft(request: OfficeRequest, release_id: int) -> HttpResponse:
    """Show what a draft would tell everybody, beside the month or version before it: whoever
    releases it has seen it.
    """
    one = next((one for one in queries.releases() if one.pk == release_id), None)
    if one is None or one.state != rules.State.DRAFT:
        raise NotFound
    held, earlier = queries.results_of(one), queries.earlier(one.period, one.version)
    before = queries.before(one)
    old = queries.results_of(before) if before else None
    return pages.render(
        request,
        "publication/draft.html",
        release=one,
        before=before,
        whole=(held.whole, old.whole if old else None),
        faults=rules.faults(held, earlier),
        cities=rules.beside(held.cities, old.cities if old else ()),
        changed=rules.most_changed(held.departments, old.departments if old else (), _CHANGED),
        told={kind: getattr(held, kind) for kind in rules.KINDS},
        kinds=_KINDS,
        bands=BANDS,
        levels=LEVELS,
        drafter=identity.names({one.drafted_by}).get(one.drafted_by, ""),
        mine=one.drafted_by == request.person.id,
    )


_CHANGED = 30  # departments that changed most
_KINDS = {
    "cities": Words("设区市", "Cities"),
    "counties": Words("县（市、区）", "Counties"),
    "departments": Words("部门", "Departments"),
    "items": Words("事项", "Items"),
}


def _last_month() -> str:
    first = business_day(clock.now()).replace(day=1)
    before = date.fromordinal(first.toordinal() - 1)
    return f"{before:%Y-%m}"


@pages.posted("publication:board")
def change(request: OfficeRequest) -> HttpResponse:
    """Draft, release or withdraw the results of a month."""
    sent, by, at = request.POST, request.person.id, clock.now()
    key, reason = whole(sent.get("release", "")) or 0, sent.get("reason", "")
    try:
        if sent.get("do") == "draft":
            period = parse_day(f"{sent.get('period', '')}-01")
            if period is None:
                raise NoMonth
            actions.draft(period=period, reason=reason, by=by, at=at)
        elif sent.get("do") == "release":
            actions.release(release_id=key, by=by, at=at)
        elif sent.get("do") == "withdraw":
            actions.withdraw(release_id=key, reason=reason, by=by, at=at)
    except Refusal as refusal:
        return _board(request, refusal)
    return redirect("publication:board")


@pages.posted("publication:board")
def change_case(request: OfficeRequest) -> HttpResponse:
    """Draft, release or withdraw a case."""
    sent, by, at = request.POST, request.person.id, clock.now()
    key = whole(sent.get("case", "")) or 0
    try:
        if sent.get("do") == "draft":
            texts = {name: sent.get(name, "") for name in ("title", "said", "done")}
            board, source = sent.get("board", ""), whole(sent.get("source", "")) or 0
            if board not in rules.Board:
                raise NotFound
            actions.draft_case(board=rules.Board(board), source=source, **texts, by=by, at=at)
        elif sent.get("do") == "release":
            actions.release_case(case_id=key, by=by, at=at)
        elif sent.get("do") == "withdraw":
            actions.withdraw_case(case_id=key, reason=sent.get("reason", ""), by=by, at=at)
    except Refusal as refusal:
        return _board(request, refusal)
    return redirect("publication:board")
