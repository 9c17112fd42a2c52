"""差评聚类 and 专项整改: what people complain of, and putting it right."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from haochaping.directory import queries as directory
from haochaping.identity.queries import OfficeRequest
from haochaping.identity.rules import Reach, Right
from haochaping.indicators.rules import LEVELS
from haochaping.kernel import clock, downloads, pages
from haochaping.kernel.errors import NotFound, Refusal
from haochaping.kernel.ids import receipt_number
from haochaping.kernel.moments import business_day, parse_day
from haochaping.kernel.numbers import KEY, whole
from haochaping.kernel.tables import Column, Kind, Line, Table
from haochaping.kernel.words import Words
from haochaping.problems import actions, models, queries, rules
from haochaping.problems.rules.campaign import STAGES
from haochaping.regions import queries as regions
from haochaping.regions.rules import PROVINCE_OF_THE_PLATFORM, scope

PERIODS = (7, 30, 90, 365)
_EXAMPLES = 12


def _reason_names() -> dict[str, Words]:
    return {key: Words(zh, en) for key, (zh, en) in queries.names().items()}


def _days(request: OfficeRequest, today: date) -> tuple[int, date]:
    asked = whole(request.GET.get("days", "")) or 30
    days = asked if asked in PERIODS else 30
    return days, today - timedelta(days=days - 1)


@require_GET
def problem_list(request: OfficeRequest) -> HttpResponseBase:
    """Show what people complain of: problems by how many told of them, new ones marked; as a file
    if asked for, and then all of them.
    """
    person, today = request.person, business_day(clock.now())
    days, since = _days(request, today)
    named = _reason_names()
    asked = _Asked.of(request, named)
    narrowed: dict[str, Any] = {"reason": asked.reason, "of": asked.of_whom}
    if downloads.wanted(request):
        every = queries.problems(asked.reach, since, today, limit=None, **narrowed)
        return downloads.answer(request, _table(every))
    found = queries.problems(asked.reach, since, today, **narrowed)
    return pages.render(
        request,
        "problems/list.html",
        found=found,
        alarms=queries.alarms(person.reach),
        reasons=[(named[key], key, n) for key, n in _spoken(asked, since, today, named)],
        asked=asked,
        tree=regions.tree(),
        days=days,
        periods=PERIODS,
        place=regions.tree().full_name(person.region),
        places={one.problem.region: regions.tree().name(one.problem.region) for one in found},
    )


@dataclass(frozen=True)
class _Asked:
    """What the list is narrowed to: a reason, a city, and departments by what they are called."""

    reach: Reach
    reason: str
    city: str
    department: str
    of_whom: Mapping[str, list[int]]

    @classmethod
    def of(cls, request: OfficeRequest, named: Mapping[str, Words]) -> "_Asked":
        """Read it; what lies outside one's own reach narrows nothing."""
        sent, reach = request.GET, request.person.reach
        reason, department = sent.get("reason", ""), sent.get("department", "").strip()[:40]
        city = whole(sent.get("city", ""), digits=6)
        if city is not None and reach.covers(city * 10**6):
            low, high = scope(city * 10**6)
            reach = replace(reach, low=low, high=high)
        return cls(
            reach,
            reason if reason in named else "",
            sent.get("city", "")[:6],
            department,
            {"department_id": directory.departments_named(department, reach.scope)}
            if department
            else {},
        )

    def query(self, **changes: object) -> str:
        """Return the address's question with changes."""
        known = {"reason": self.reason, "city": self.city, "department": self.department}
        return "?" + urlencode({k: v for k, v in (known | changes).items() if v})


def _table(found: Sequence[queries.Told]) -> Table:
    name = regions.tree().full_name
    columns = (
        Column(Words("问题", "Problem")),
        Column(Words("地区", "Place")),
        Column(Words("人数", "People"), Kind.COUNT),
        Column(Words("条数", "Texts"), Kind.COUNT),
        Column(Words("首次", "First")),
        Column(Words("最近", "Last")),
    )
    lines = (
        Line(
            (
                one.problem.name,
                name(one.problem.region),
                one.people,
                one.texts,
                str(one.problem.first_day),
                str(one.last),
            )
        )
        for one in found
    )
    return Table("problems", Words("差评聚类", "What people complain of"), columns, lines)


def _spoken(asked: _Asked, since: date, today: date, named: Any) -> list[tuple[str, int]]:
    some = asked.of_whom.get("department_id")
    found = queries.reasons(asked.reach, since, today, some)
    return [(key, n) for key, n in found if key in named]


@require_GET
def problem(request: OfficeRequest, key: int) -> HttpResponse:
    """Show a problem: how it grew, where, in whose words, and what is done about it."""
    return _problem(request, key)


@pages.within_scope
def _problem(request: OfficeRequest, key: int, refusal: Refusal | None = None) -> HttpResponse:
    person, at = request.person, clock.now()
    found = queries.one(key)
    told = list(queries.texts(found.pk, person.reach)) if found else []
    if found is None or not told:
        raise NotFound
    said = queries.words_of([text.pk for text in told[:_EXAMPLES]])
    departments: dict[int, set[str]] = {}
    for text in told:
        departments.setdefault(text.department_id, set()).add(text.person)
    names = directory.department_names(set(departments))
    return pages.render(
        request,
        "problems/one.html",
        status=refusal.status if refusal else 200,
        problem=found,
        people=len({text.person for text in told}),
        texts=len(told),
        weeks=queries.by_week(found.pk, person.reach, business_day(at)),
        examples=[
            (text, receipt_number(text.pk), said.get(text.pk, "")) for text in told[:_EXAMPLES]
        ],
        reasons=_reason_names(),
        departments=sorted(
            ((names.get(one, "—"), one, len(people)) for one, people in departments.items()),
            key=lambda row: (-row[2], row[0]),
        ),
        campaigns=[_stage(one) for one in queries.campaigns_of(found.pk)],
        stages=STAGES,
        place=regions.tree().name(found.region),
        may_lead=Right.SUPERVISE in person.rights and person.reach.covers(found.region),
        sees_ratings=Right.SEE_RATINGS in person.rights,
        tomorrow=business_day(at) + timedelta(days=1),
        usual=business_day(at) + timedelta(days=30),
        refusal=refusal,
        asked=request.POST.get("asked", ""),
    )


def _stage(campaign: models.Campaign) -> tuple[models.Campaign, rules.Stage]:
    return campaign, rules.stage_of(campaign.answered_at, campaign.closed_at)


@require_POST
def rename(request: OfficeRequest, key: int) -> HttpResponse:
    """Give a problem a name that people understand."""
    actions.rename(
        problem_id=key, name=request.POST.get("name", ""), by=request.person.id, at=clock.now()
    )
    return redirect("problems:one", key)


@pages.posted("problems:one", "key")
def hand_off(request: OfficeRequest, key: int) -> HttpResponse:
    """Hand a problem to a department as a campaign."""
    try:
        made = actions.hand_off(
            problem_id=key,
            department_id=whole(request.POST.get("department", "")) or 0,
            asked=request.POST.get("asked", ""),
            due_on=parse_day(request.POST.get("due", "")),
            by=request.person.id,
            at=clock.now(),
        )
    except rules.BadCampaign as refusal:
        return _problem(request, key, refusal)
    return redirect("problems:campaign", made)


@require_GET
def campaigns(request: OfficeRequest) -> HttpResponseBase:
    """Show the campaigns within reach, the open ones first; as a file if asked for."""
    every = queries.campaigns(request.person.reach)
    if downloads.wanted(request):
        return downloads.answer(request, _campaign_table(every))
    found = Paginator(every, _PAGE).get_page(request.GET.get("page"))
    names = directory.department_names({one.department_id for one in found})
    today = business_day(clock.now())
    return pages.render(
        request,
        "problems/campaigns.html",
        page=found,
        found=[(*_stage(one), names.get(one.department_id, "—")) for one in found],
        stages=STAGES,
        today=today,
    )


_PAGE = 60  # campaigns


def _campaign_table(every: QuerySet[models.Campaign]) -> Table:
    found = list(every)
    names = directory.department_names({one.department_id for one in found})
    columns = (
        Column(Words("专项", "Campaign")),
        Column(Words("要求", "Asked")),
        Column(Words("责任单位", "Department")),
        Column(Words("状态", "Stage")),
        Column(Words("期限", "Due")),
        Column(Words("答复", "Answer")),
        Column(Words("了结", "Closed")),
    )
    lines = (
        Line(
            (
                one.title,
                one.asked,
                names.get(one.department_id, "—"),
                STAGES[_stage(one)[1]],
                str(one.due_on),
                one.answer,
                one.closed_at,
            )
        )
        for one in found
    )
    return Table("campaigns", Words("专项整改", "Campaigns"), columns, lines)


@require_GET
def campaign(request: OfficeRequest, key: int) -> HttpResponse:
    """Show a campaign: what was asked, what was done, and whether it helped."""
    return _campaign(request, key)


@pages.within_scope
def _campaign(request: OfficeRequest, key: int, refusal: Refusal | None = None) -> HttpResponse:
    person, today = request.person, business_day(clock.now())
    found = queries.campaign(key, person.reach)
    if found is None:
        raise NotFound
    about = queries.one(found.problem_id)
    turned = business_day(found.answered_at or found.opened_at)
    days = queries.days_told(about.pk if about else 0, found.department_id)
    _, stage = _stage(found)
    return pages.render(
        request,
        "problems/campaign.html",
        status=refusal.status if refusal else 200,
        campaign=found,
        problem=about,
        stage=stage,
        stages=STAGES,
        department=directory.department_names({found.department_id}).get(found.department_id, "—"),
        weeks=queries.by_week(about.pk, person.reach, today) if about else [],
        effect=rules.effect(days, turned, today),
        turned=turned,
        today=today,
        may_answer=Right.HANDLE in person.rights and stage is rules.Stage.OPEN,
        may_close=Right.SUPERVISE in person.rights and stage is rules.Stage.ANSWERED,
        refusal=refusal,
    )


@pages.posted("problems:campaign", "key")
def answer(request: OfficeRequest, key: int) -> HttpResponse:
    """Say what the department did."""
    try:
        actions.answer(
            campaign_id=key,
            text=request.POST.get("answer", ""),
            by=request.person.id,
            at=clock.now(),
        )
    except (rules.NotNow, rules.BadCampaign) as refusal:
        return _campaign(request, key, refusal)
    return redirect("problems:campaign", key)


@pages.posted("problems:campaign", "key")
def close(request: OfficeRequest, key: int) -> HttpResponse:
    """End a campaign, or ask again."""
    try:
        actions.close(
            campaign_id=key,
            outcome=request.POST.get("outcome", ""),
            again=request.POST.get("again") == "1",
            by=request.person.id,
            at=clock.now(),
        )
    except rules.NotNow as refusal:
        return _campaign(request, key, refusal)
    return redirect("problems:campaign", key)


@require_GET
def reasons(request: OfficeRequest) -> HttpResponse:
    """Show the reasons, their words, and what waits for a person's judgement."""
    person = request.person
    found = queries.to_judge(person.reach)
    said = queries.words_of([text.pk for text in found])
    model = queries.last("model")
    return pages.render(
        request,
        "problems/reasons.html",
        keywords=queries.keywords(),
        named=_reason_names(),
        waiting=[(text, receipt_number(text.pk), said.get(text.pk, "")) for text in found],
        judged=queries.judged(),
        model=model,
        levels=LEVELS,
        may_lead=Right.SUPERVISE in person.rights and person.region == PROVINCE_OF_THE_PLATFORM,
    )


@require_POST
def judge(request: OfficeRequest) -> HttpResponse:
    """Say which reasons a rating speaks of."""
    actions.judge(
        evaluation_id=whole(request.POST.get("rating", ""), digits=KEY) or 0,
        reasons=request.POST.getlist("reason"),
        by=request.person.id,
        at=clock.now(),
    )
    return redirect("problems:reasons")


@require_POST
def set_keywords(request: OfficeRequest) -> HttpResponse:
    """Change the words of a reason."""
    actions.set_keywords(
        reason=request.POST.get("reason", ""),
        words=request.POST.get("words", "").split(),
        by=request.person.id,
        at=clock.now(),
    )
    return redirect("problems:reasons")
