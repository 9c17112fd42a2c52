"""Moving an order on.

Reads like minutes: load and lock, require, decide, write, record, announce.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import msgspec
from django.db import transaction

from haochaping.directory import queries as directory
from haochaping.evaluations import queries as evaluations
from haochaping.identity import queries as identity
from haochaping.identity import rules as people
from haochaping.identity.rules import SamePerson
from haochaping.kernel.errors import NotAllowed, NotFound, Refusal
from haochaping.kernel.numbers import whole
from haochaping.kernel.words import Words
from haochaping.orders import models, queries, rules
from haochaping.orders.actions import _saving
from haochaping.policies import queries as policies
from haochaping.regions.rules import city_range
from haochaping.routing.rules import NoDepartment


class NoLead(Refusal):
    """The order to merge into is not one that can lead."""

    code = "no_lead"
    says = Words(
        "主办工单须是同一责任单位正在办理的另一件工单，且本身未并入其他工单。",
        "The lead must be another open order of the same office that follows none itself.",
    )


@transaction.atomic
def advance(
    *, order_id: int, move: str, given: Mapping[str, str], by: int, at: datetime
) -> rules.State:
    """Make one move of rules.MOVES, or raise why not.

    Of two people at once one wins; the other is told that the order has moved on.
    """
    order = _saving.lock(order_id)
    if move not in rules.MOVES or not (rules.MOVES[move].button or by == people.SYSTEM):
        raise rules.NotNow
    identity.require(
        by, rules.MOVES[move].right, within=order.region, department_id=order.department_id
    )
    if order.lead_id is not None and rules.MOVES[move].right is people.Right.HANDLE:
        raise rules.NotNow  # its lead is worked on
    # a clock that was set back never puts a step before the one it follows
    at = max(at, order.moved_at)
    return _advance(order, move, given, by, at)


def _advance(
    order: models.Order, move: str, given: Mapping[str, str], by: int, at: datetime
) -> rules.State:
    case = queries.case_of(order)
    if rules.possible(move, case.state, case.satisfaction, case.sides):
        _check_given(order, move, given, by)
        if rules.MOVES[move].renews:
            order.terms = msgspec.to_builtins(policies.terms(order.region, at))
            order.save(update_fields=["terms"])
    after = _stepped(order, case, move, given, by, at)
    facts = rules.check_facts(move, given)
    if move == rules.Verb.MERGE:
        after = _join(order, after, facts)
    followers = _followers(order, move)
    _saving.write(
        order,
        after,
        move,
        facts,
        by=by,
        at=at,
        undoable=rules.MOVES[move].undoable and not followers,
    )
    for follower in followers:
        _follow(follower, move, facts, by, at)
    return after.state


def _stepped(
    order: models.Order,
    case: rules.Case,
    move: str,
    given: Mapping[str, str],
    by: int,
    at: datetime,
) -> rules.Case:
    terms, calendar = _saving.terms_of(order), _saving.calendar_of(order)
    return rules.step(case, move, given, by=by, at=at, terms=terms, calendar=calendar)


def _check_given(order: models.Order, move: str, given: Mapping[str, str], by: int) -> None:
    if (
        rules.Fact.DEPARTMENT in rules.MOVES[move].needs
        and given.get(rules.Fact.DEPARTMENT, "").strip()
    ):
        chosen = whole(given[rules.Fact.DEPARTMENT].strip())
        allowed = directory.still_open(directory.departments(city_range(order.region)))
        if chosen is None or not allowed.filter(pk=chosen).exists():
            raise NoDepartment
    closes = rules.MOVES[move].closes
    if closes in rules.DECIDED:
        if by != people.SYSTEM and any(
            track.kind == closes and track.by == by for track in order.open_tracks
        ):
            raise SamePerson
        if by != people.SYSTEM and identity.person(by).department_id is not None:
            raise NotAllowed  # nobody decides in their own department's matter


def _join(order: models.Order, case: rules.Case, facts: Mapping[str, str]) -> rules.Case:
    """Put an order behind a lead.

    From now on it goes where the lead goes, until each citizen is called.
    """
    lead = (
        models.Order.objects.select_for_update(of=("self",))
        .filter(number=facts[rules.Fact.LEAD])
        .first()
    )
    if (
        lead is None
        or lead.pk == order.pk
        or lead.lead_id is not None
        or lead.state not in _TOGETHER
        or lead.city != order.city
    ):
        raise NoLead
    if models.Order.objects.filter(lead=order).exists():
        raise NoLead
    order.lead = lead
    order.save(update_fields=["lead"])
    since = order.dispatched_at or lead.dispatched_at
    moved = replace(
        case,
        state=rules.State(lead.state),
        department_id=lead.department_id,
        dispatched_at=since,
        upheld=lead.upheld,
    )
    return rules.dated(moved, case.moved_at, _saving.terms_of(order), _saving.calendar_of(order))


def _followers(order: models.Order, move: str) -> list[models.Order]:
    """Return the orders that go along with a lead's move."""
    if rules.MOVES[move].target is None and not rules.MOVES[move].shared:
        return []
    if order.state not in _TOGETHER:
        return []
    return list(
        models.Order.objects.select_for_update(of=("self",))
        .filter(lead=order, state=order.state)
        .order_by("pk")
    )


_TOGETHER = (
    rules.State.OPENED,
    rules.State.DISPATCHED,
    rules.State.VERIFYING,
    rules.State.RECTIFYING,
    rules.State.ANSWERING,
)


def _follow(
    order: models.Order, move: str, facts: Mapping[str, str], by: int, at: datetime
) -> None:
    """Make the lead's move for a follower.

    From the reply on each stands alone, for each citizen is called.
    """
    at = max(at, order.moved_at)
    case = queries.case_of(order)
    try:
        after: rules.Case | None = _stepped(order, case, move, facts, by, at)
    except (
        Refusal
    ):  # its own history forbids it, like a second return: from here on it is worked on by itself
        after = None
    if after is None or after.state is rules.State.REPLIED:
        order.lead = None
        order.save(update_fields=["lead"])
    if after is not None:
        _saving.write(order, after, move, facts, by=by, at=at)


@transaction.atomic
def undo(*, order_id: int, by: int, at: datetime) -> rules.State:
    """Take back one's own last move within a few minutes, where the move allows and nothing has
    followed it. Raises NotNow.
    """
    order = _saving.lock(order_id)
    last = models.Step.objects.filter(order=order).order_by("-at", "-pk").first()
    if last is None or not last.before or last.by != by or at - last.at > rules.UNDO_WITHIN:
        raise rules.NotNow
    identity.require(
        by, rules.MOVES[last.move].right, within=order.region, department_id=order.department_id
    )
    case = _saving.restored(queries.case_of(order), last.before)
    _saving.write(order, case, rules.Verb.UNDO, {"note": rules.says_of(last.move).zh}, by=by, at=at)
    return case.state


@dataclass(frozen=True)
class Done:
    """What became of one order of a bulk move."""

    order_id: int
    number: str
    refusal: Refusal | None


def advance_many(
    *, order_ids: Sequence[int], move: str, given: Mapping[str, str], by: int, at: datetime
) -> list[Done]:
    """Make the same move for several orders, each in a transaction of its own.

    One that cannot be moved does not stop the others.
    """
    numbers = queries.numbers_of(order_ids)
    results = []
    for order_id in order_ids:
        number = numbers.get(order_id, "")
        try:
            advance(order_id=order_id, move=move, given=given, by=by, at=at)
        except NotAllowed as refusal:
            results.append(Done(order_id, "", refusal))
        except Refusal as refusal:
            results.append(Done(order_id, number, refusal))
        else:
            results.append(Done(order_id, number, None))
    return results


@transaction.atomic
def reveal_phone(*, order_id: int, reason: str, by: int, at: datetime) -> str:
    """Return the number to call the citizen back on, to who may call now.

    The reason is written down. Raises NotAllowed, NotNow or Incomplete.
    """
    order = models.Order.objects.filter(pk=order_id).first()
    if order is None:
        raise NotFound
    identity.require(by, people.Right.CALL_BACK, within=order.region)
    if order.state not in (rules.State.REPLIED, rules.State.CALLED):
        raise rules.NotNow
    if not reason.strip():
        raise rules.Incomplete(
            Words("请填写查看理由。", "Say why you need the number."), field="reason"
        )
    phone = evaluations.phone_of(order.evaluation_id)
    details = {"reason": reason.strip()[:200], "found": bool(phone)}
    _saving.record(order, "reveal_phone", details, by=by, at=at)
    return phone
