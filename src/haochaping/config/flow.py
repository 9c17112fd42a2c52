"""What follows what, on one page: events and their tasks, the readers of the feed in order, and
where the schedules stand.

Schedules are written beside their work (`@every`): `orders.tasks.climb_ladder` every five minutes,
and below the upkeep of each hour.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import DatabaseError
from msgspec import to_builtins

from haochaping.analytics import queries as analytics_queries
from haochaping.analytics import tasks as analytics
from haochaping.calendar import events as calendar_events
from haochaping.callbacks import events as calls
from haochaping.callbacks import tasks as callbacks
from haochaping.calls import actions as call_actions
from haochaping.config import gate
from haochaping.devices import actions as device_actions
from haochaping.devices import queries as device_queries
from haochaping.directory import events as directory_events
from haochaping.evaluations import actions as rating_actions
from haochaping.evaluations import events as rated
from haochaping.evaluations import tasks as evaluations
from haochaping.exchange import actions as exchange_actions
from haochaping.exchange import events as asked
from haochaping.exchange import tasks as exchange
from haochaping.exports import actions as export_actions
from haochaping.exports import events as listed
from haochaping.exports import tasks as exports
from haochaping.feed import actions as feed
from haochaping.identity import actions as identity
from haochaping.identity import events as identity_events
from haochaping.identity import queries as identity_queries
from haochaping.identity.rules import Right
from haochaping.indicators import events as indicator_events
from haochaping.invitations import actions as invitation_actions
from haochaping.invitations import actions as invitations
from haochaping.invitations import queries as invitation_queries
from haochaping.kernel import outbox, partitions
from haochaping.kernel.schedule import DAY, HOUR, every
from haochaping.lake import tasks as lake
from haochaping.ledger import tasks as ledger  # noqa: F401 - its schedules
from haochaping.notifications import actions as message_actions
from haochaping.notifications import events as messages
from haochaping.notifications import tasks as notifications
from haochaping.notifications.rules import Telling, Topic
from haochaping.orders import actions as order_actions
from haochaping.orders import events as moved
from haochaping.orders import queries as order_queries
from haochaping.orders import tasks as orders
from haochaping.policies import events as policy_events
from haochaping.privacy import tasks as privacy  # noqa: F401 - its schedule
from haochaping.problems import tasks as problems
from haochaping.proofs import actions as proof_actions
from haochaping.proofs import tasks as proofs
from haochaping.records import actions as record_actions
from haochaping.records import queries as record_queries
from haochaping.reports import actions as report_actions
from haochaping.retention import queries as retention
from haochaping.rosters import actions as roster_actions
from haochaping.sandbox import tasks as sandbox  # noqa: F401 - its schedule
from haochaping.screening import actions as screening
from haochaping.screening import events as screened

MONTHS_AHEAD = timedelta(days=62)
_UNCOUNTED = timedelta(days=2)  # in which a service may not stand in the figures yet


def connect() -> None:
    """Say which task follows which event. Called once per process."""
    if not outbox.followers(screened.BadRatingCleared):
        outbox.follow(screened.BadRatingCleared, orders.open_from)
        outbox.follow(screened.BadFollowUp, orders.take_follow_up)
        outbox.follow(rated.RatingReplaced, orders.take_replacement)
        outbox.follow(moved.OrderMoved, callbacks.follow_order, exchange.tell_hotline)
        outbox.follow(moved.LadderClimbed, exchange.tell_climbed)
        outbox.follow(asked.HotlineAnswered, exchange.say_answer)
        outbox.follow(calls.CallWanted, exchange.dial)
        outbox.follow(messages.MessageQueued, notifications.deliver_one)
        outbox.follow(messages.ReplyReceived, evaluations.rate_by_reply)
        outbox.follow(listed.ExportWanted, exports.make)
        _answer()


def _orders_follow(told: directory_events.DepartmentSucceeded) -> int:
    return order_actions.succeed(
        department_id=told.department_id, successor_id=told.successor_id, by=told.by, at=told.at
    )


def _systems_follow(told: directory_events.DepartmentSucceeded) -> int:
    code, successor, by, at = told.code, told.successor, told.by, told.at
    systems = identity.follow_successor(code=code, successor=successor, by=by, at=at)
    return systems + exchange_actions.follow_successor(code=code, successor=successor, by=by, at=at)


def _move(told: directory_events.Moved) -> None:
    invitation_actions.move_codes(kind=told.kind, targets=told.ids, region=told.region)
    if told.kind == "windows":
        device_actions.move(windows=told.ids, region=told.region)
        roster_actions.move(windows=told.ids, region=told.region)


def _tell_of_key(told: identity_events.KeyMade) -> None:
    message_actions.tell(
        tellings=[Telling(told.region, Right.EXCHANGE, None, Topic.KEY, told.client_id, told.name)],
        at=told.at,
    )


def _tell_of_waiting(told: rated.WaitingEnded) -> None:
    system = identity_queries.system(told.client_id)
    if system is not None:
        label = f"{told.number} × {system.name}"
        one = Telling(system.region, Right.EXCHANGE, None, Topic.WAITING, system.pk, label)
        message_actions.tell(tellings=[one], at=told.at)


def _answer() -> None:
    """Say who answers which question."""
    outbox.answer(
        listed.FileWanted, lambda asked: gate.file_as(asked.user_id, asked.address, asked.told)
    )
    outbox.answer(
        policy_events.WouldChange,
        lambda asked: order_queries.would_change(asked.policy_id, asked.at),
    )
    outbox.answer(
        policy_events.PolicyApproved,
        lambda told: order_actions.redate_all(policy_id=told.policy_id, by=told.by, at=told.at),
    )
    outbox.answer(directory_events.DepartmentSucceeded, _orders_follow, _systems_follow)
    outbox.answer(directory_events.Moved, _move)
    outbox.answer(identity_events.KeyMade, _tell_of_key)
    outbox.answer(rated.WaitingEnded, _tell_of_waiting)
    outbox.answer(
        directory_events.WhoNames,
        lambda asked: analytics_queries.named(asked.kind, asked.ids),
        lambda asked: record_queries.naming(asked.kind, asked.ids, asked.at - _UNCOUNTED),
        lambda asked: invitation_queries.with_codes(asked.kind, asked.ids),
        lambda asked: (
            device_queries.windows_with_devices(asked.ids)
            if asked.kind == "windows"
            else set[int]()
        ),
    )
    outbox.answer(
        indicator_events.EditionPublished,
        lambda told: proof_actions.state_rules(
            name="indicators", number=told.number, rules_=to_builtins(told.entries), at=told.at
        ),
    )
    outbox.answer(
        calendar_events.HowManyProvisional,
        lambda asked: order_queries.old_calendar((asked.low, asked.high)),
    )


# Pulled in turn by the worker (`site/worker.py`) until none finds anything, orders first and what
# loads heavy libraries last; each returns how many facts it took.
PULLS: dict[str, Callable[[datetime], int]] = {
    "sequence": lambda at: feed.sequence(at=at),
    "screening": lambda at: screening.pull(at=at),
    "rollup": analytics.fold,
    "ledger": proofs.follow,
    "exchange": exchange.follow,
    "problems": problems.pull,
    "lake": lake.pull,
}


if settings.SMS_INVITE_HOURS:
    PULLS["ask_by_sms"] = lambda at: invitations.ask_by_sms(
        after=timedelta(hours=float(settings.SMS_INVITE_HOURS)), at=at
    )


@every(seconds=HOUR, offset=7 * 60, once=True)
def upkeep(at: datetime) -> None:
    """Each hour.

    Make the partitions of the months to come, and forget nonces that are too old to be replayed.
    """
    partitions.create(at.date(), (at + MONTHS_AHEAD).date())
    identity.forget_nonces(at=at)


# what each term of retention ends (`retention.rules.TERMS`)
FORGET: dict[str, Callable[[datetime], object]] = {
    "applicants": lambda before: record_actions.forget_applicants(before=before),
    "messages": lambda before: message_actions.forget_messages(before=before),
    "traces": lambda before: rating_actions.forget_traces(before=before),
    "sessions": lambda before: identity.forget_sign_ins(before=before),
    "calls": lambda before: call_actions.forget(before=before),
    "exchange": lambda before: exchange_actions.forget_texts(before=before),
    "deliveries": lambda before: exchange_actions.forget_deliveries(before=before),
    "exports": lambda before: export_actions.forget(before=before),
    "reports": lambda before: report_actions.forget(before=before),
}


@every(seconds=DAY, offset=19 * HOUR + 30 * 60, once=True)  # 03:30 in China
def forget(at: datetime) -> None:
    """Each night: forget what is older than its term; one that fails keeps no other from it."""
    failed = []
    for key, term in retention.terms().items():
        try:
            FORGET[key](at - term)
        except DatabaseError as bug:
            failed.append(bug)
    if failed:
        raise ExceptionGroup("not all was forgotten", failed)
