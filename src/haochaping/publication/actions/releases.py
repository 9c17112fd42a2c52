"""The results of a month: drafted by one, checked, released by another, withdrawn with a reason."""

import hashlib
from datetime import date, datetime

import msgspec
from django.db import transaction
from django.db.models import Max

from haochaping.audit import actions as audit
from haochaping.feed import actions as feed
from haochaping.identity import queries as identity
from haochaping.identity.rules import Right, SamePerson
from haochaping.kernel.errors import NotFound
from haochaping.kernel.moments import business_day
from haochaping.kernel.words import Words, chinese
from haochaping.ledger.rules import Leaf
from haochaping.proofs import actions as proofs
from haochaping.proofs.rules import canonical
from haochaping.publication import models, queries, rules
from haochaping.publication.actions._public import reason_of
from haochaping.regions.rules import PROVINCE_OF_THE_PLATFORM


class TooEarly(rules.NotYet):
    """The month is not over."""

    code = "month_not_over"
    says = Words("当月还没有结束，不能编制。", "The month is not over yet.")


def may(*, by: int) -> None:
    """Raise NotAllowed unless somebody may publish for the province."""
    identity.require(by, Right.PUBLISH, within=PROVINCE_OF_THE_PLATFORM)


@transaction.atomic
def draft(*, period: date, reason: str = "", by: int, at: datetime) -> models.Release:
    """Count a month and keep it as a draft; an open draft of it is counted anew.

    Raises TooEarly, Personal, or NoReason where the month was released before: a correction says
    why.
    """
    may(by=by)
    if queries.month_of(period)[1] >= business_day(at):
        raise TooEarly
    of_month = models.Release.objects.filter(period=period)
    reason = reason_of(reason, needed=of_month.exclude(state=rules.State.DRAFT).exists())
    of_month.filter(state=rules.State.DRAFT).delete()
    last = of_month.aggregate(last=Max("version"))["last"] or 0
    before = queries.earlier(period, last + 1)
    data = canonical(_plain(queries.drafted(period, before)))
    made = models.Release.objects.create(
        period=period,
        version=last + 1,
        results=data,
        sha256=hashlib.sha256(data).hexdigest(),
        reason=reason,
        drafted_by=by,
        drafted_at=at,
    )
    _record(made, "draft", by, at)
    return made


def _plain(results: rules.Results) -> dict[str, object]:
    plain: dict[str, object] = msgspec.to_builtins(results)
    return plain


@transaction.atomic
def release(*, release_id: int, by: int, at: datetime) -> None:
    """Let everybody see a draft of somebody else's; raises SamePerson, NotYet or Unfit.

    Its SHA-256 becomes a leaf of the ledger: what is shown later is this and nothing else.
    """
    may(by=by)
    made = _locked(release_id)
    if made.state != rules.State.DRAFT:
        raise rules.NotYet
    if made.drafted_by == by:
        raise SamePerson
    if rules.faults(queries.results_of(made), queries.earlier(made.period, made.version)):
        raise rules.Unfit
    made.leaf = proofs.state(said=queries.said_of(made), kind=Leaf.STATEMENT, at=at)
    made.state, made.released_by, made.released_at = rules.State.RELEASED, by, at
    made.save(update_fields=["state", "released_by", "released_at", "leaf"])
    before = models.Release.objects.filter(period=made.period, state=rules.State.RELEASED)
    why = chinese(f"由第 {made.version} 版取代：{made.reason}")[:300]
    gone = {"withdrawn_at": at, "withdrawn_by": by, "withdrawn_reason": why}
    before.exclude(pk=made.pk).update(state=rules.State.WITHDRAWN, **gone)
    _record(made, "release", by, at)


@transaction.atomic
def withdraw(*, release_id: int, reason: str, by: int, at: datetime) -> None:
    """Take a release back, with a reason that everybody reads; raises NotYet, NoReason or
    Personal.
    """
    may(by=by)
    made = _locked(release_id)
    if made.state != rules.State.RELEASED:
        raise rules.NotYet
    why = reason_of(reason)
    made.state, made.withdrawn_by, made.withdrawn_at = rules.State.WITHDRAWN, by, at
    made.withdrawn_reason = why
    made.save(update_fields=["state", "withdrawn_by", "withdrawn_at", "withdrawn_reason"])
    said: dict[str, object] = {"v": 1, "kind": "withdrawal", "period": f"{made.period:%Y-%m}"}
    said["reason"] = made.withdrawn_reason
    proofs.state(said={**said, "version": made.version}, kind=Leaf.RESTATEMENT, at=at)
    _record(made, "withdraw", by, at)


def _locked(release_id: int) -> models.Release:
    found = models.Release.objects.select_for_update().filter(pk=release_id).first()
    if found is None:
        raise NotFound
    return found


def _record(made: models.Release, verb: str, by: int, at: datetime) -> None:
    audit.record(
        subject="release",
        subject_id=made.pk,
        verb=verb,
        details={
            "span": f"{made.period:%Y-%m}",
            "version": made.version,
            "reason": made.withdrawn_reason or made.reason,
        },
        region=PROVINCE_OF_THE_PLATFORM,
        by=by,
        at=at,
    )


def watch(*, at: datetime) -> int:
    """Raise an alarm where a release, or a day's figures, are no longer what their leaf commits
    to; return how many.
    """
    wrong = [*queries.altered(), *queries.altered_days()]
    if wrong:
        told = ", ".join(str(one) for one in wrong[:5])
        feed.note_failure(name=TROUBLE, error=f"altered: {told}", at=at)
    else:
        feed.note_success(name=TROUBLE)
    return len(wrong)


TROUBLE = "publication"  # the name under which /health tells of it
