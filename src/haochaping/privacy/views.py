"""The citizen's page about their data, and the office's list of requests."""

import json

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET

from haochaping.evaluations import queries as evaluations
from haochaping.identity.queries import OfficeRequest
from haochaping.invitations import queries as links
from haochaping.kernel import clock, downloads, pages
from haochaping.kernel.errors import Refusal
from haochaping.kernel.ids import receipt_number
from haochaping.kernel.limits import Limits
from haochaping.kernel.tables import Column, Line, Table
from haochaping.kernel.words import Words
from haochaping.privacy import actions, queries, rules
from haochaping.regions import queries as regions

_PER_LINK = Limits(20)  # tries a minute
_PAGE = 50


@csrf_exempt  # no cookie is involved: the address is the proof
def mine(request: HttpRequest, token: str) -> HttpResponse:
    """Show what is held of whoever rated, give a copy, and take requests."""
    at = clock.now()
    link = links.opened(token, at)
    rating = evaluations.rated({link.record_id}).get(link.record_id)
    if rating is None:
        return redirect("evaluations:rate", token=token)
    if not link.of_rater:
        raise links.NotTheRater
    if request.GET.get("download") == "1":
        return _copy(rating)
    refusal: Refusal | None = None
    if request.method == "POST":
        _PER_LINK.spend(token, at)
        try:
            kind = rules.Kind(request.POST.get("kind", ""))
            words = request.POST.get("words", "").replace("\0", "")
            actions.ask(
                evaluation_id=rating.id, region=rating.region, kind=kind, words=words, at=at
            )
            return redirect("privacy:mine", token=token)
        except ValueError:
            refusal = rules.Unsaid()
        except (rules.AskedBefore, rules.Unsaid) as told:
            refusal = told
    return pages.render(
        request,
        "privacy/mine.html",
        status=refusal.status if refusal else 200,
        token=token,
        rating=rating,
        requests=queries.of_rating(rating.id),
        kinds=rules.KINDS,
        states=rules.STATES,
        days=rules.WORKING_DAYS,
        longest=rules.LONGEST,
        refusal=refusal,
        **pages.sight(request.GET),
    )


def _copy(rating: evaluations.Rated) -> HttpResponse:
    actions.note_copy(evaluation_id=rating.id, region=rating.region, at=clock.now())
    text = json.dumps(queries.copy_of(rating.id), ensure_ascii=False, indent=1)
    file = HttpResponse(text, content_type="application/json; charset=utf-8")
    file["Content-Disposition"] = f'attachment; filename="{rating.receipt}.json"'
    file["Cache-Control"] = "no-store"
    return file


@require_GET
def requests(request: OfficeRequest) -> HttpResponseBase:
    """Show the requests that wait, and those that were answered last; all of them as a file if
    asked for, without what citizens wrote.
    """
    if downloads.wanted(request):
        return downloads.answer(request, _table(request.person.reach.scope))
    return _requests(request)


def _table(scope: tuple[int, int]) -> Table:
    columns = (
        Column(Words("评价回执号", "Receipt")),
        Column(Words("地区", "Place")),
        Column(Words("请求", "Request")),
        Column(Words("提出", "Asked")),
        Column(Words("最迟", "By")),
        Column(Words("状态", "State")),
        Column(Words("答复时间", "Answered")),
    )
    found, tree = queries.every(scope), regions.tree()
    lines = (
        Line(
            (
                receipt_number(one.evaluation_id),
                tree.full_name(one.region),
                rules.KINDS[one.kind],
                one.asked_at,
                one.due_at,
                rules.STATES[one.state],
                one.answered_at,
            )
        )
        for one in found.iterator(1000)
    )
    return Table("privacy", Words("个人信息请求", "Requests about personal data"), columns, lines)


@pages.posted("privacy:list")
def decide(request: OfficeRequest, request_id: int) -> HttpResponse:
    """Answer one."""
    given = request.POST
    try:
        actions.decide(
            request_id=request_id,
            agree=given.get("verdict") == "agree",
            answer=given.get("answer", "").replace("\0", ""),
            seen=given.get("seen"),
            by=request.person.id,
            at=clock.now(),
        )
    except Refusal as refusal:
        return _requests(request, refusal)
    return redirect("privacy:list")


@pages.within_scope
def _requests(request: OfficeRequest, refusal: Refusal | None = None) -> HttpResponse:
    scope = request.person.reach.scope
    waiting = Paginator(queries.waiting(scope), _PAGE).get_page(request.GET.get("page"))
    answered = Paginator(queries.answered(scope), _PAGE).get_page(request.GET.get("earlier"))
    return pages.render(
        request,
        "privacy/list.html",
        status=refusal.status if refusal else 200,
        refusal=refusal,
        waiting=waiting,
        answered=answered,
        ratings=queries.receipts([*waiting, *answered]),
        kinds=rules.KINDS,
        states=rules.STATES,
        days=rules.WORKING_DAYS,
        longest=rules.LONGEST,
        tree=regions.tree(),
        at=clock.now(),
        me=request.person.id,
    )
