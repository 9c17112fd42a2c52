"""Campaigns 专项整改: handing a problem to a department, its answer, and the end."""

from datetime import date, datetime, timedelta

from django.db import transaction

from haochaping.audit import actions as audit
from haochaping.directory import queries as directory
from haochaping.identity import queries as identity
from haochaping.identity.rules import Right
from haochaping.kernel.errors import NotFound
from haochaping.kernel.moments import business_day
from haochaping.notifications import actions as notifications
from haochaping.notifications.rules import Telling, Topic
from haochaping.problems import models, queries, rules
from haochaping.regions.rules import city_of


@transaction.atomic
def hand_off(
    *, problem_id: int, department_id: int, asked: str, due_on: date | None, by: int, at: datetime
) -> int:
    """Have a department put a problem right until a day; return the campaign. Its ratings stay
    attached by the problem, those still to come, too. Raises BadCampaign.
    """
    problem = queries.one(problem_id)
    region = directory.department_regions({department_id}).get(department_id)
    if problem is None or region is None:
        raise NotFound
    identity.require(by, Right.SUPERVISE, within=region)
    identity.require(by, Right.SUPERVISE, within=problem.region)
    asked = asked.strip()
    if not asked or due_on is None or due_on <= business_day(at):
        raise rules.BadCampaign
    made, fresh = models.Campaign.objects.get_or_create(
        problem_id=problem.pk,
        department_id=department_id,
        closed_at=None,
        defaults={
            "region": region,
            "title": problem.name,
            "asked": asked[:1000],
            "due_on": due_on,
            "opened_by": by,
            "opened_at": at,
        },
    )
    if fresh:
        details = {"problem": problem.pk, "department": department_id, "due": str(due_on)}
        _record(made, "open", details, by, at)
        _tell(made, region, Right.HANDLE, department_id, at)
    return made.pk


@transaction.atomic
def answer(*, campaign_id: int, text: str, by: int, at: datetime) -> None:
    """Say what was done; raises NotNow or BadCampaign."""
    campaign = _lock(campaign_id)
    identity.require(by, Right.HANDLE, within=campaign.region, department_id=campaign.department_id)
    if rules.stage_of(campaign.answered_at, campaign.closed_at) is not rules.Stage.OPEN:
        raise rules.NotNow
    if not text.strip():
        raise rules.BadCampaign
    campaign.answer, campaign.answered_by, campaign.answered_at = text.strip()[:2000], by, at
    campaign.save(update_fields=["answer", "answered_by", "answered_at"])
    _record(campaign, "answer", {}, by, at)
    _tell(campaign, city_of(campaign.region), Right.SUPERVISE, None, at)


@transaction.atomic
def close(*, campaign_id: int, outcome: str, again: bool, by: int, at: datetime) -> None:
    """End a campaign that was answered, or ask the department again; raises NotNow."""
    campaign = _lock(campaign_id)
    identity.require(by, Right.SUPERVISE, within=campaign.region)
    if rules.stage_of(campaign.answered_at, campaign.closed_at) is not rules.Stage.ANSWERED:
        raise rules.NotNow
    campaign.outcome = outcome.strip()[:1000]
    if again:
        campaign.answered_at = campaign.answered_by = None
    else:
        campaign.closed_by, campaign.closed_at = by, at
    campaign.save(update_fields=["outcome", "answered_at", "answered_by", "closed_by", "closed_at"])
    _record(campaign, "close", {"again": again}, by, at)
    if again:
        _tell(campaign, campaign.region, Right.HANDLE, campaign.department_id, at)


def remind(*, at: datetime) -> int:
    """Tell departments of campaigns that are due tomorrow, and them and the office of those that
    were due yesterday and have no answer; return how many.
    """
    today, day = business_day(at), timedelta(days=1)
    open_ = models.Campaign.objects.filter(answered_at=None, closed_at=None)
    found = list(open_.filter(due_on__in=[today + day, today - day]))
    for one in found:
        _tell(one, one.region, Right.HANDLE, one.department_id, at)
        if one.due_on < today:
            _tell(one, city_of(one.region), Right.SUPERVISE, None, at)
    return len(found)


def _lock(campaign_id: int) -> models.Campaign:
    found = models.Campaign.objects.select_for_update().filter(pk=campaign_id).first()
    if found is None:
        raise NotFound
    return found


def _tell(
    campaign: models.Campaign, office: int, right: Right, department_id: int | None, at: datetime
) -> None:
    telling = Telling(office, right, department_id, Topic.CAMPAIGN, campaign.pk, campaign.title)
    notifications.tell(tellings=[telling], at=at)


def _record(
    campaign: models.Campaign, verb: str, details: dict[str, object], by: int, at: datetime
) -> None:
    audit.record(
        subject="campaign",
        subject_id=campaign.pk,
        verb=verb,
        details=details,
        region=campaign.region,
        by=by,
        at=at,
    )
