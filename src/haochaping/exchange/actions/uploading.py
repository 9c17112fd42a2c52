"""Telling partners what happens here: queueing what is on the feed, and noting what they said."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Case, F, Q, QuerySet, Value, When

from haochaping.directory import queries as directory
from haochaping.evaluations import queries as evaluations
from haochaping.evaluations.rules import is_bad
from haochaping.exchange import models, rules
from haochaping.exchange.actions.erasing import tell_erased
from haochaping.exchange.rules import Status
from haochaping.feed import actions as feed
from haochaping.feed.rules import Kind
from haochaping.kernel.db import rows
from haochaping.kernel.ids import moment_of
from haochaping.kernel.moments import business_day
from haochaping.orders import queries as orders
from haochaping.records import queries as records
from haochaping.regions.rules import scope

READER = "exchange"  # our name on the feed
_OF_A_RATING = (Kind.RATING, Kind.SET_ASIDE, Kind.RESTORED, Kind.ERASED)  # told on its day
_MAY_HOLD = (Status.ACKNOWLEDGED, Status.DEAD)  # and ended
_QUEUE = """
INSERT INTO exchange_delivery (partner_id, kind, ref, record, day, status, deadline, due_at, tries,
                               reason, theirs)
SELECT $1, kind, ref, record, day, 0, deadline, due_at, 0, '', ''
  FROM unnest($2::timestamptz[], $3::smallint[], $4::bigint[], $5::bigint[], $6::date[],
              $7::timestamptz[]) AS given (due_at, kind, ref, record, day, deadline)
ON CONFLICT DO NOTHING
"""
_NOTE = """
UPDATE exchange_delivery AS delivery
   SET status = given.status, reason = given.reason,
       digest = COALESCE(given.digest, delivery.digest),
       theirs = CASE WHEN given.theirs = '' THEN delivery.theirs ELSE given.theirs END,
       tries = given.tries, due_at = given.due_at, since = given.since,
       sent_at = CASE WHEN given.status = 5 THEN delivery.sent_at ELSE $1 END,
       ended_at = CASE WHEN given.due_at IS NULL THEN $1 END
  FROM unnest($2::bigint[], $3::smallint[], $4::text[], $5::text[], $6::bytea[], $7::int[],
              $8::timestamptz[], $9::timestamptz[], $10::int[])
    AS given (id, status, reason, theirs, digest, tries, due_at, since, turn)
 WHERE delivery.id = given.id AND delivery.due_at IS NOT NULL AND delivery.turn = given.turn
"""
_LONGEST = 200  # characters of a reason
_HEARD = ["failures", "failing_since", "answer", "heard_at", "due_at", "acknowledged"]


def follow(*, at: datetime) -> int:
    """Queue what is new on the feed for every partner, and tell 12345 systems what was erased;
    return how many facts.
    """

    def effect(facts: Sequence[tuple[int, int]]) -> None:
        queue(facts=facts, at=at)
        tell_erased(evaluation_ids=[ref for kind, ref in facts if kind == Kind.ERASED], at=at)

    return feed.follow(name=READER, effect=effect, limit=50)


@transaction.atomic
def queue(*, facts: Sequence[tuple[int, int]], partner_id: int | None = None, at: datetime) -> None:
    """Queue facts for the partners within whose regions they lie (or for one), each once.

    What was erased, and a service that was amended, is queued again wherever it was told, is being
    told, or was told so long ago that nothing is known of it: its text is written anew, and
    replaces what the partner holds.
    """
    partners = models.Partner.objects.filter(ended_at=None)
    partners = partners.only("region", "departments", "dialect", "ways")
    if partner_id is not None:
        partners = partners.filter(pk=partner_id)
    if not partners:
        return
    found = _placed(facts)
    where = records.origins({row[2] for row in found})
    told = [row for row in found if row[2] in where and where[row[2]].counts]
    codes = _codes(partners, where)
    for partner in partners:
        low, high = scope(partner.region)
        ours = partner.departments
        within = {
            key
            for key, one in where.items()
            if low <= one.region <= high and (not ours or codes[one.department_id] in ours)
        }
        theirs = _without_echo(partner.pk, [row for row in told if row[2] in within])
        _queue(partner, theirs, at)
        if partner.dialect in rules.UNCHANGING:  # it would say that it has them, and keep its own
            continue
        of = models.Delivery.objects.filter(partner=partner)
        if erased := {ref for kind, ref in facts if kind == Kind.ERASED}:
            _written_anew(of.filter(record__in=erased), _MAY_HOLD, at)
            lost = _forgotten(of, {key for key in erased & within if where[key].counts}, at)
            placed = _placed([(kind, ref) for ref in lost for kind in _OF_A_SERVICE])
            _queue(partner, _without_echo(partner.pk, placed), at)
        if amended := {ref for kind, ref in facts if kind == Kind.AMENDED}:
            _written_anew(of.filter(kind=Kind.RECORD, ref__in=amended), rules.ENDED, at)


def _queue(
    partner: models.Partner, placed: Sequence[tuple[int, int, int, Any]], at: datetime
) -> None:
    """Queue facts for a partner, each once."""
    if not placed:
        return
    columns = [list(column) for column in zip(*placed, strict=True)]
    good = _good(placed) if partner.departments else set[tuple[int, int]]()
    due = [
        rules.first_try(row[0], partner.dialect, partner.ways, at, near=(row[0], row[1]) in good)
        for row in placed
    ]
    late = [one + rules.promise(row[0]) for one, row in zip(due, placed, strict=True)]
    rows(_QUEUE, partner.pk, due, *columns, late)


def _good(placed: Sequence[tuple[int, int, int, Any]]) -> set[tuple[int, int]]:
    """Return the ratings that are no bad ones, by kind and reference: who works where they were
    given is told of them the day after (trust design §1.7). Of bad ones orders tell at once.
    """
    found = set[tuple[int, int]]()
    for kind, read in (
        (Kind.RATING, evaluations.to_commit),
        (Kind.FOLLOW_UP, evaluations.follow_ups_to_commit),
    ):
        given = read([row[1] for row in placed if row[0] == kind])
        found |= {(kind, row["id"]) for row in given if not is_bad(row["level"])}
    return found


def _forgotten(of: QuerySet[models.Delivery], keys: set[int], at: datetime) -> list[int]:
    """Return those of services that a partner may have been told of so long ago that what was
    delivered is forgotten.
    """
    old = {key for key in keys if moment_of(key) < at - _REMEMBERED}
    told = of.filter(record__in=old, kind=Kind.RATING)
    return sorted(old - set(told.values_list("record", flat=True))) if old else []


_REMEMBERED = timedelta(days=90)  # what was delivered is forgotten no sooner (retention.rules)
_OF_A_SERVICE = (Kind.RECORD, Kind.RATING, Kind.FOLLOW_UP, Kind.REPLACED)


def _written_anew(
    found: QuerySet[models.Delivery], ended: Collection[Status], at: datetime
) -> None:
    """Send messages again, of all that ended those that did so; what is on its way is sent again
    whatever the partner says of it.
    """
    found.filter(status=Status.NEW).update(turn=F("turn") + 1)
    _afresh(found.filter(status__in={*ended, Status.SENT}), at)


def _codes(
    partners: Iterable[models.Partner], where: Mapping[int, records.Origin]
) -> Mapping[int, str]:
    """Return the credit codes of departments by id, where a partner is told of some only."""
    if not any(one.departments for one in partners):
        return {}
    return directory.usccs({one.department_id for one in where.values()})


def _without_echo(
    partner_id: int, placed: Sequence[tuple[int, int, int, Any]]
) -> list[tuple[int, int, int, Any]]:
    """Leave out what the partner itself told us."""
    told = models.Received.objects.filter(
        partner_id=partner_id, record__in={row[2] for row in placed}
    )
    known = set(told.values_list("record", "kind"))
    return [row for row in placed if (row[2], row[0]) not in known]


def _placed(facts: Sequence[tuple[int, int]]) -> list[tuple[int, int, int, Any]]:
    """Return kind, reference, service and day of facts; an order stands for its steps."""
    refs: dict[int, list[int]] = {}
    for kind, ref in facts:
        refs.setdefault(kind, []).append(ref)
    days: dict[tuple[int, int], Any] = {
        (Kind.RECORD, ref): business_day(moment_of(ref)) for ref in refs.get(Kind.RECORD, ())
    }
    rated = [ref for kind in _OF_A_RATING for ref in refs.get(kind, ())]
    first = {row["id"]: business_day(row["rated_at"]) for row in evaluations.to_commit(rated)}
    for kind in _OF_A_RATING:
        days |= {(kind, ref): first[ref] for ref in refs.get(kind, ()) if ref in first}
    for row in evaluations.follow_ups_to_commit(refs.get(Kind.FOLLOW_UP, ())):
        days[Kind.FOLLOW_UP, row["id"]] = business_day(row["rated_at"])
    for row in evaluations.replacements_to_commit(refs.get(Kind.REPLACED, ())):
        days[Kind.REPLACED, row["id"]] = business_day(row["at"])
    steps = {step["id"]: step for step in orders.steps_of(sorted(set(refs.get(Kind.ORDER, ()))))}
    placed: dict[tuple[int, int], tuple[int, int, int, Any]] = {}
    for kind, ref in facts:
        if (kind, ref) in days:
            placed[kind, ref] = (kind, ref, ref, days[kind, ref])
        elif kind == Kind.ORDER:
            placed |= {
                (kind, step_id): (kind, step_id, step["record"], business_day(step["at"]))
                for step_id, step in steps.items()
                if step["order_id"] == ref
            }
    return list(placed.values())


@transaction.atomic
def note_told(
    *,
    partner_id: int,
    sent: Sequence[models.Delivery],
    told: Mapping[int, rules.Told],
    digests: Mapping[int, bytes],
    at: datetime,
) -> None:
    """Note what a partner said of messages, by their ids; of which it said nothing, nothing.

    A message that does not get through while others do is given up in the end, and said to be.
    """
    partner = models.Partner.objects.select_for_update().get(pk=partner_id)
    made = [one for one in told.values() if one.status != Status.LEFT_OUT]
    if partner.pace and made:
        wait = timedelta(seconds=len(made) / partner.pace)
        partner.due_at = max(partner.due_at or at, at) + wait
    taken = [one for one in made if one.status != Status.NEW]
    if taken:
        partner.failures, partner.failing_since, partner.answer = 0, None, ""
        partner.heard_at = at
        partner.acknowledged += sum(one.status == Status.ACKNOWLEDGED for one in taken)
        partner.due_at = partner.due_at if partner.pace else None
    if taken or (made and partner.pace):
        partner.save(update_fields=_HEARD)
    noted = [
        _noted(one, told[one.pk], digests.get(one.pk), partner.heard_at, at)
        for one in sent
        if one.pk in told
    ]
    if noted:
        rows(_NOTE, at, *(list(column) for column in zip(*noted, strict=True)))


def _noted(
    one: models.Delivery,
    told: rules.Told,
    digest: bytes | None,
    heard_at: datetime | None,
    at: datetime,
) -> tuple[Any, ...]:
    """Return the columns of _NOTE."""
    status, tries, since, due = told.status, one.tries + 1, one.since, None
    if status == Status.NEW:
        since = since or at
        if rules.is_dead(tries, since, heard_at):
            status = Status.DEAD
        else:
            due = rules.again(tries, at)
    elif status == Status.SENT:
        due = at + timedelta(seconds=rules.ACKNOWLEDGED_WITHIN)
    reason, theirs = told.reason[:_LONGEST], told.theirs[:64]
    return one.pk, int(status), reason, theirs, digest, tries, due, since, one.turn


@transaction.atomic
def note_failure(
    *, partner_id: int, answer: str, unreachable: bool, wait: float = 0, at: datetime
) -> None:
    """Note that a partner took nothing of what it was sent: it is tried again, after longer and
    longer while it cannot be reached at all, no sooner than after the `wait` (seconds) that it
    asked for, and with less at once while it fails.
    """
    partner = models.Partner.objects.select_for_update().get(pk=partner_id)
    partner.failures += 1
    partner.failing_since = partner.failing_since or at
    partner.answer = answer[:_LONGEST]
    again = rules.again(partner.failures if unreachable else 1, at)
    partner.due_at = max(again, at + timedelta(seconds=wait))
    partner.save(update_fields=["failures", "failing_since", "answer", "due_at"])


_REST = timedelta(seconds=5)


def rest(*, partner_id: int, at: datetime) -> None:
    """Leave a partner alone for a moment: nothing can be sent to it now."""
    partners = models.Partner.objects.filter(pk=partner_id)
    partners.filter(Q(due_at=None) | Q(due_at__lt=at + _REST)).update(due_at=at + _REST)


@transaction.atomic
def resend(*, partner_id: int, at: datetime, **which: object) -> int:
    """Send messages again that have ended, of all that ended those that a filter chooses; return
    how many.
    """
    return _afresh(models.Delivery.objects.filter(partner_id=partner_id, due_at=None, **which), at)


def _afresh(found: QuerySet[models.Delivery], at: datetime) -> int:
    """Send messages again as if they had never been sent; return how many."""
    deadlines = (When(kind=kind, then=Value(at + rules.promise(kind))) for kind in rules.OF_KIND)
    return found.update(
        status=Status.NEW,
        due_at=at,
        ended_at=None,
        tries=0,
        turn=F("turn") + 1,
        since=None,
        reason="",
        deadline=Case(*deadlines, default=F("deadline")),
    )
