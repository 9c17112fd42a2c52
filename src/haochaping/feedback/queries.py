"""What the citizen is told of an order."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from haochaping.directory import queries as directory
from haochaping.orders import queries as orders
from haochaping.orders import rules


@dataclass(frozen=True)
class Progress:
    """What the citizen is told: plain words, dates, and an office, never a person."""

    state: rules.State
    department: str
    due_at: datetime | None
    received_at: datetime
    dispatched_at: datetime | None
    replied_at: datetime | None
    closed_at: datetime | None
    upheld: bool | None
    reply: str
    verified_at: datetime | None = None
    rectified_at: datetime | None = None
    measures: str = ""
    reopened: int = 0
    extended: bool = False
    interim: tuple[datetime, str] | None = None
    asked: tuple[datetime, str] | None = None  # what the citizen asked last
    objected: str = ""  # "", "asked", "upheld" or "rejected"
    may_judge: bool = False
    may_ask: bool = False
    called: bool = False


def progress(evaluation_id: int) -> Progress | None:
    """Return how far the order of a rating is; None when there is none (yet)."""
    order = orders.of_rating(evaluation_id)
    if order is None:
        return None
    steps = orders.last_steps(order.pk)
    verified = steps.get(rules.Verb.UPHOLD) or steps.get(rules.Verb.DISMISS)
    rectified = steps.get(rules.Verb.RECTIFY)
    return Progress(
        rules.State(order.state),
        directory.department_names({order.department_id}).get(order.department_id, ""),
        order.due_at,
        order.opened_at,
        order.dispatched_at,
        order.replied_at,
        order.closed_at,
        order.upheld,
        _given(steps.get(rules.Verb.REPLY), rules.Fact.REPLY),
        verified.at if verified else None,
        rectified.at if rectified else None,
        _given(rectified, rules.Fact.MEASURES),
        order.reopened,
        extended=order.extension > 0,
        interim=_said(steps.get(rules.Verb.INTERIM), rules.Fact.REPLY),
        asked=_said(steps.get(rules.Verb.ASK_AGAIN), rules.Fact.NOTE),
        objected=_objected(order, steps),
        may_judge=_answered(order),
        may_ask=order.state not in (rules.State.CLOSED, rules.State.OPENED),
        called=order.satisfaction is not None,
    )


def _given(step: orders.Step | None, fact: rules.Fact) -> str:
    return str(step.given.get(fact, "")) if step else ""


def _said(step: orders.Step | None, fact: rules.Fact) -> tuple[datetime, str] | None:
    return (step.at, _given(step, fact)) if step else None


def _answered(order: orders.Order) -> bool:
    return order.state in (rules.State.REPLIED, rules.State.CALLED) or (
        order.state == rules.State.CLOSED and not order.set_aside
    )


def _objected(order: orders.Order, steps: Mapping[str, orders.Step]) -> str:
    if order.set_aside:
        return "upheld"
    if rules.Verb.REJECT_OBJECTION in steps:
        return "rejected"
    return "asked" if order.objected else ""
