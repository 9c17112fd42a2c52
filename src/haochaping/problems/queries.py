"""Reading problems."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, F, Max, Q, QuerySet, Value
from django.db.models.functions import Coalesce, NullIf

from haochaping.evaluations import queries as evaluations
from haochaping.identity.rules import Reach
from haochaping.kernel.db import rows
from haochaping.problems import models
from haochaping.problems.rules import reasons as default

CURSOR = "problems"  # its name as a reader of the feed
_TELLER = Coalesce(NullIf("teller", Value("")), "person")


def lexicon() -> dict[str, tuple[str, ...]]:
    """Return the words of each reason, as edited."""
    return {row.reason: tuple(row.words) for row in models.Keywords.objects.order_by("reason")}


def keywords() -> list[models.Keywords]:
    """Return the reasons and their words."""
    return list(models.Keywords.objects.order_by("reason"))


def names() -> dict[str, tuple[str, str]]:
    """Return the reasons' names in both languages, “none given” among them."""
    found = {row.reason: (row.zh, row.en) for row in models.Keywords.objects.all()}
    none = default.DEFAULT[-1]
    return {**found, none.key: (none.chinese, none.english)}


def last(kind: str) -> models.Fitted | None:
    """Return what was learnt last."""
    return models.Fitted.objects.filter(kind=kind).order_by("-pk").first()


def to_group() -> list[int]:
    """Return the cities that have texts not grouped yet."""
    found = models.Text.objects.filter(grouped=False).values_list("city", flat=True)
    return sorted(set(found.distinct()))


def window(city: int, since: date) -> list[models.Text]:
    """Return the texts of a city since a day, the oldest first."""
    return list(models.Text.objects.filter(city=city, day__gte=since).order_by("day", "pk"))


def words_of(keys: Sequence[int]) -> dict[int, str]:
    """Return the words of ratings, masked."""
    return evaluations.words_of(keys)


def _within(reach: Reach) -> QuerySet[models.Text]:
    found = models.Text.objects.filter(region__range=reach.scope)
    if reach.department_id is not None:
        found = found.filter(department_id=reach.department_id)
    return found


@dataclass(frozen=True)
class Told:
    """A problem, and how much of it lies within somebody's reach and period."""

    problem: models.Problem
    texts: int
    people: int
    last: date


def problems(
    reach: Reach,
    since: date,
    until: date,
    *,
    reason: str = "",
    of: Mapping[str, int | Collection[int]] | None = None,
    limit: int | None = 200,
) -> list[Told]:
    """Return the problems told within a reach and period by two people or more, the most people
    first; of a department, window or item, or of any of some (`window_id`: its key or keys), where
    that is said.
    """
    found = _within(reach).filter(day__range=(since, until), problem_id__isnull=False)
    for column, keys in (of or {}).items():
        found = found.filter(**{f"{column}__in": [keys] if isinstance(keys, int) else keys})
    if reason:
        found = found.filter(reasons__contains=[reason])
    counted = (
        found.values("problem_id")
        .annotate(n=Count("pk"), told=Count(_TELLER, distinct=True), last=Max("day"))
        .filter(told__gte=2)
        .order_by("-told", "-last", "problem_id")[:limit]
    )
    rows_ = list(counted)
    known = models.Problem.objects.in_bulk([row["problem_id"] for row in rows_])
    return [
        Told(known[row["problem_id"]], row["n"], row["told"], row["last"])
        for row in rows_
        if row["problem_id"] in known
    ]


def one(problem_id: int) -> models.Problem | None:
    """Return a problem, or the one that it went into."""
    problem = models.Problem.objects.filter(pk=problem_id).first()
    while problem is not None and problem.merged_into is not None:
        problem = models.Problem.objects.filter(pk=problem.merged_into).first()
    return problem


def texts(problem_id: int, reach: Reach) -> QuerySet[models.Text]:
    """Return the texts of a problem within a reach, the newest first."""
    return _within(reach).filter(problem_id=problem_id).order_by("-day", "-pk")


def days_told(problem_id: int, department_id: int | None = None) -> list[tuple[date, str]]:
    """Return on which days a problem was told, and by whom, each once."""
    found = models.Text.objects.filter(problem_id=problem_id)
    if department_id is not None:
        found = found.filter(department_id=department_id)
    return sorted(set(found.values_list("day", _TELLER)))


def by_week(problem_id: int, reach: Reach, today: date, weeks: int = 26) -> list[tuple[date, int]]:
    """Return how many different people told of a problem in each week up to this one."""
    monday = today - timedelta(days=today.weekday())
    told: dict[date, set[str]] = {
        monday - timedelta(weeks=back): set() for back in range(weeks - 1, -1, -1)
    }
    for person, day in texts(problem_id, reach).values_list(_TELLER, "day"):
        week = day - timedelta(days=day.weekday())
        if week in told:
            told[week].add(person)
    return [(week, len(people)) for week, people in told.items()]


_REASONS = """
SELECT reason, count(*) AS n FROM problems_text CROSS JOIN unnest(reasons) AS reason
 WHERE region BETWEEN $1 AND $2 AND day BETWEEN $3::date AND $4::date
   AND ($5::int IS NULL OR department_id = $5)
   AND ($6::int[] IS NULL OR department_id = ANY($6))
 GROUP BY reason ORDER BY n DESC, reason
"""


def reasons(
    reach: Reach, since: date, until: date, departments: Sequence[int] | None = None
) -> list[tuple[str, int]]:
    """Return how many bad ratings (of some departments, where that is said) speak of each reason;
    one may speak of several.
    """
    found = rows(_REASONS, *reach.scope, since, until, reach.department_id, departments)
    return [(row["reason"], row["n"]) for row in found]


def to_judge(reach: Reach, limit: int = 50) -> list[models.Text]:
    """Return the texts that a person's judgement would teach the most."""
    return list(_within(reach).filter(doubtful=True).order_by("confidence", "pk")[:limit])


def judged() -> int:
    """Return how many texts people have judged."""
    return models.Text.objects.filter(judged_by__isnull=False).count()


def alarms(reach: Reach) -> list[models.Problem]:
    """Return the problems told within a reach that are new or more than chance, lately."""
    told = _within(reach).filter(problem_id__isnull=False).values("problem_id")
    found = models.Problem.objects.filter(merged_into=None, pk__in=told)
    return list(found.filter(Q(emerging=True) | Q(alerted=True)).order_by("-lately", "pk")[:50])


def campaigns(reach: Reach) -> QuerySet[models.Campaign]:
    """Return the campaigns that somebody may see, the open ones first."""
    return _campaigns(reach).order_by(F("closed_at").desc(nulls_first=True), "due_on", "pk")


def _campaigns(reach: Reach) -> QuerySet[models.Campaign]:
    found = models.Campaign.objects.filter(region__range=reach.scope)
    if reach.department_id is not None:
        found = found.filter(department_id=reach.department_id)
    return found


def campaign(campaign_id: int, reach: Reach) -> models.Campaign | None:
    """Return one campaign within a reach."""
    return _campaigns(reach).filter(pk=campaign_id).first()


def flagged() -> list[int]:
    """Return the cities (six digits) in which a problem is emerging or alarming."""
    found = models.Problem.objects.filter(Q(emerging=True) | Q(alerted=True))
    return sorted({region // 10**6 for region in found.values_list("region", flat=True)})


def campaigns_of(problem_id: int) -> list[models.Campaign]:
    """Return the campaigns about a problem, the newest first."""
    return list(models.Campaign.objects.filter(problem_id=problem_id).order_by("-opened_at"))
