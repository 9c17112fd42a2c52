"""Keeping what detectors found, and what people say of it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from haochaping.audit import actions as audit
from haochaping.detection import models, rules
from haochaping.evaluations import actions as evaluations
from haochaping.evaluations import queries as evaluations_found
from haochaping.identity import queries as identity
from haochaping.identity.rules import Right
from haochaping.kernel.errors import NotFound
from haochaping.kernel.masking import mask_text
from haochaping.notifications import actions as notifications
from haochaping.notifications.rules import Telling, Topic
from haochaping.screening.actions import OtherOffice

QUIET = timedelta(days=28)  # after a verdict, in which the same unit is not found again
MOST = 1000  # ratings kept with a finding


@dataclass(frozen=True)
class Seen:
    """A unit that was flagged in a night."""

    detector: str
    unit: str
    unit_id: int
    region: int
    department_id: int
    k: int
    n: int
    expected: float
    p: float
    ratings: Sequence[int]
    peers: Sequence[int]
    peers_to: float
    days: Mapping[str, int]


@transaction.atomic
def keep(
    *, city: int, period: tuple[date, date], ratings: int, seen: Iterable[Seen], at: datetime
) -> int:
    """Keep a night's findings of a city; return how many are new. An open one gets new figures
    until somebody has spoken; one that was decided in the last four weeks is left alone.
    """
    fresh, flagged = 0, 0
    for one in seen:
        flagged += 1
        figures = {
            "region": one.region,
            "department_id": one.department_id,
            "since": period[0],
            "until": period[1],
            "k": one.k,
            "n": one.n,
            "expected": one.expected,
            "p": one.p,
            "ratings": list(one.ratings[:MOST]),
            "peers": list(one.peers),
            "peers_to": one.peers_to,
            "days": dict(one.days),
            "seen_at": at,
        }
        unit = {"detector": one.detector, "unit": one.unit, "unit_id": one.unit_id}
        if _left_alone(unit, at):
            continue
        _, made = models.Finding.objects.update_or_create(
            **unit,
            state=rules.State.SUSPECTED,
            defaults=figures,
            create_defaults=figures | {"found_at": at},
        )
        fresh += made
    models.Run.objects.create(
        city=city, since=period[0], until=period[1], ratings=ratings, flagged=flagged, at=at
    )
    return fresh


def _left_alone(unit: dict[str, Any], at: datetime) -> bool:
    """Say whether a unit was decided lately, or somebody has spoken of its open finding: the second
    person judges what the first one saw.
    """
    same = models.Finding.objects.filter(**unit)
    spoken = models.Opinion.objects.filter(finding__in=same.filter(state=rules.State.SUSPECTED))
    return same.filter(decided_at__gt=at - QUIET).exists() or spoken.exists()


def judge(
    *,
    finding_ids: Collection[int],
    verdict: str,
    note: str,
    fakes: Collection[str],
    by: int,
    at: datetime,
) -> list[rules.State]:
    """Say of findings, or of appeals against them, what one found; return where each stands.

    Two who agree decide; ratings found invalid are left out of the adjusted figures if their
    detector is one of `fakes`, whose marked ratings are themselves invalid. Raises BadVerdict,
    OwnUnit, SaidAlready or NotNow at the first that refuses: each is a transaction of its own, for
    every rating takes a lock.
    """
    if verdict not in list(rules.Verdict) or not note.strip() or not finding_ids:
        raise rules.BadVerdict
    note = mask_text(note.strip())[:500]
    said = rules.Verdict(verdict)
    return [_judge(key, said, note, fakes, by, at) for key in sorted(set(finding_ids))]


@transaction.atomic
def _judge(
    finding_id: int,
    verdict: rules.Verdict,
    note: str,
    fakes: Collection[str],
    by: int,
    at: datetime,
) -> rules.State:
    finding = models.Finding.objects.select_for_update().filter(pk=finding_id).first()
    if finding is None:
        raise NotFound
    if identity.reach(by, Right.SCREEN).department_id is not None:
        raise rules.OwnUnit
    identity.require(by, Right.SCREEN, within=finding.region)
    said = models.Opinion.objects.filter(finding=finding).values_list("by", "verdict")
    before = rules.State(finding.state)
    after = rules.state_after(
        before, [(person, rules.Verdict(word)) for person, word in said], by, verdict
    )
    if after is rules.State.INVALID and finding.detector in fakes:
        _of_two_offices(finding, [person for person, word in said if word == verdict], by)
    models.Opinion.objects.create(finding=finding, verdict=verdict, note=note, by=by, at=at)
    if after is not before:
        finding.state, finding.decided_at = after, at
        ground = f"finding {finding.pk}"
        if after is rules.State.INVALID and finding.detector in fakes:
            finding.set_aside = evaluations.set_aside(
                evaluation_ids=finding.ratings, ground=ground, at=at
            )
        if after is rules.State.RESTORED and finding.detector in fakes:
            for key in sorted(finding.ratings):
                evaluations.restore(evaluation_id=key, ground=ground, at=at)
        finding.save(update_fields=["state", "decided_at", "set_aside"])
        _tell_department(finding, at)
    _record(finding, "judge", {"verdict": str(verdict), "state": str(after), "note": note}, by, at)
    return after


def _of_two_offices(finding: models.Finding, agreed: Sequence[int], by: int) -> None:
    """Raise OtherOffice where those who agree are of one office and a bad rating would go: nobody
    takes bad ratings out of their own figures (domain §9.1).
    """
    offices = {identity.office_of(one) for one in {*agreed, by}}
    if len(offices) == 1 and evaluations_found.any_bad(finding.ratings):
        raise OtherOffice


@transaction.atomic
def appeal(*, finding_id: int, text: str, by: int, at: datetime) -> None:
    """Appeal against a verdict, as the department whose unit was found; raises NotNow."""
    finding = models.Finding.objects.select_for_update().filter(pk=finding_id).first()
    if finding is None:
        raise NotFound
    identity.require(by, Right.HANDLE, within=finding.region, department_id=finding.department_id)
    if finding.state != rules.State.INVALID:
        raise rules.NotNow
    if not text.strip():
        raise rules.BadVerdict
    finding.state, finding.appeal = rules.State.APPEALED, text.strip()[:1000]
    finding.appealed_by, finding.appealed_at = by, at
    finding.save(update_fields=["state", "appeal", "appealed_by", "appealed_at"])
    _record(finding, "appeal", {}, by, at)
    city = finding.region // 10**8 * 10**8
    telling = Telling(city, Right.SCREEN, None, Topic.FINDING, finding.pk, finding.detector)
    notifications.tell(tellings=[telling], at=at)


def _tell_department(finding: models.Finding, at: datetime) -> None:
    """Tell the department what became of it: it may appeal."""
    if finding.state == rules.State.NORMAL:
        return
    telling = Telling(
        finding.region,
        Right.HANDLE,
        finding.department_id,
        Topic.FINDING,
        finding.pk,
        finding.detector,
    )
    notifications.tell(tellings=[telling], at=at)


def _record(
    finding: models.Finding, verb: str, details: dict[str, object], by: int, at: datetime
) -> None:
    audit.record(
        subject="finding",
        subject_id=finding.pk,
        verb=verb,
        details=details,
        region=finding.region,
        by=by,
        at=at,
    )
