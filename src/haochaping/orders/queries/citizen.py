"""What the citizen is told of an order."""

from dataclasses import dataclass
from datetime import datetime

from haochaping.directory import queries as directory
from haochaping.orders import models, rules


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
    order = models.Order.objects.filter(evaluation_id=evaluation_id).first()
    if order is None:
        return None
    steps = {
        step.move: step for step in models.Step.objects.filter(order=order).order_by("at", "pk")
    }  # the last of each kind
    verified = steps.get(rules.Verb.UPHOLD) or steps.get(rules.Verb.DISMISS)
    rectified = steps.get(rules.Verb.RECTIFY)
    name = directory.department_names({order.department_id}).get(order.department_id, "")
    answered = order.state in (rules.State.REPLIED, rules.State.CALLED) or (
        order.state == rules.State.CLOSED and not order.set_aside
    )
    objected = (
        "upheld"
        if order.set_aside
        else "rejected"
        if rules.Verb.REJECT_OBJECTION in steps
        else "asked"
        if order.objected
        else ""
    )
    return Progress(
        rules.State(order.state),
        name,
        order.due_at,
        order.opened_at,
        order.dispatched_at,
        order.replied_at,
        order.closed_at,
        order.upheld,
        steps[rules.Verb.REPLY].given.get("reply", "") if rules.Verb.REPLY in steps else "",
        verified.at if verified else None,
        rectified.at if rectified else None,
        rectified.given.get("measures", "") if rectified else "",
        order.reopened,
        extended=order.extension > 0,
        interim=(steps[rules.Verb.INTERIM].at, steps[rules.Verb.INTERIM].given.get("reply", ""))
        if rules.Verb.INTERIM in steps
        else None,
        asked=(steps[rules.Verb.ASK_AGAIN].at, steps[rules.Verb.ASK_AGAIN].given.get("note", ""))
        if rules.Verb.ASK_AGAIN in steps
        else None,
        objected=objected,
        may_judge=answered,
        may_ask=order.state not in (rules.State.CLOSED, rules.State.OPENED),
        called=order.satisfaction is not None,
    )
