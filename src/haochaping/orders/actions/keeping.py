"""What stands beside the work on orders.

Attachments, texts written often, dispatch rules, successors of departments, new deadlines.
"""

import hashlib
from dataclasses import replace
from datetime import datetime

import msgspec
from django.conf import settings
from django.db import transaction

from haochaping.audit import actions as audit
from haochaping.calendar import queries as calendars
from haochaping.directory import queries as directory
from haochaping.identity import queries as identity
from haochaping.identity.rules import SYSTEM, Right
from haochaping.kernel.errors import NotFound
from haochaping.kernel.words import Words
from haochaping.orders import models, queries, rules
from haochaping.orders.actions import _saving
from haochaping.orders.actions.moving import NoDepartment
from haochaping.orders.rules.files import MOST
from haochaping.regions.rules import city_range

_WRITTEN = (rules.Fact.FINDING, rules.Fact.MEASURES, rules.Fact.REPLY)


@transaction.atomic
def attach(*, order_id: int, name: str, data: bytes, by: int, at: datetime) -> int:
    """Attach a file to an open order; return its id.

    Raises BadFile. With a scanner configured it waits for the scanner's word.
    """
    order = _saving.lock(order_id)
    person = identity.person(by)
    right = next(
        (held for held in (Right.HANDLE, Right.CALL_BACK, Right.DISPATCH) if held in person.rights),
        Right.HANDLE,
    )
    identity.require(by, right, within=order.region, department_id=order.department_id)
    if order.state == rules.State.CLOSED:
        raise rules.NotNow
    if models.Attachment.objects.filter(order=order).count() >= MOST:
        raise rules.BadFile(
            Words(f"一件工单最多 {MOST} 个附件。", f"At most {MOST} attachments to an order.")
        )
    file = rules.accept_file(name, data)
    digest = hashlib.sha256(file.data).digest()
    same = (
        models.Attachment.objects.filter(order=order, digest=digest)
        .values_list("pk", flat=True)
        .first()
    )
    if same is not None:
        return same
    verdict = "waiting" if settings.VIRUS_SCANNER else "clean"
    kept = models.Attachment.objects.create(
        order=order,
        name=file.name,
        kind=file.kind,
        size=len(file.data),
        digest=digest,
        data=file.data,
        verdict=verdict,
        by=by,
        at=at,
    )
    details = {"kind": file.kind, "size": len(file.data)}
    audit.record(
        subject="order",
        subject_id=order.pk,
        verb="attach",
        details=details,
        region=order.region,
        by=by,
        at=at,
    )
    return kept.pk


@transaction.atomic
def note_scan(*, attachment_id: int, clean: bool, by: int = SYSTEM, at: datetime) -> None:
    """Note the scanner's word on a file.

    An infected one is kept for evidence and shown to nobody.
    """
    kept = models.Attachment.objects.select_related("order").get(pk=attachment_id)
    kept.verdict = "clean" if clean else "infected"
    kept.save(update_fields=["verdict"])
    if not clean:
        details = {"file": kept.pk}
        audit.record(
            subject="order",
            subject_id=kept.order_id,
            verb="quarantine",
            details=details,
            region=kept.order.region,
            by=by,
            at=at,
        )


@transaction.atomic
def keep_template(*, fact: str, title: str, text: str, by: int, at: datetime) -> int:
    """Keep a text that one's own office writes often; return its id. Raises Incomplete."""
    person = identity.person(by)
    identity.require(by, Right.HANDLE, within=person.region, department_id=person.department_id)
    if fact not in _WRITTEN or not title.strip() or not text.strip():
        raise rules.Incomplete(
            Words("请填写名称和内容。", "Give a title and a text."), field="text"
        )
    made = models.Template.objects.create(
        region=person.region,
        department_id=person.department_id,
        fact=fact,
        title=title.strip()[:40],
        text=text.strip()[:1000],
        by=by,
    )
    audit.record(
        subject="text",
        subject_id=made.pk,
        verb="keep",
        details={"title": made.title},
        region=person.region,
        by=by,
        at=at,
    )
    return made.pk


@transaction.atomic
def retire_template(*, template_id: int, by: int, at: datetime) -> None:
    """Offer a text of one's own office no more."""
    person = identity.person(by)
    if not queries.templates(person).filter(pk=template_id).update(retired_at=at):
        raise NotFound
    audit.record(
        subject="text",
        subject_id=template_id,
        verb="retire",
        details={},
        region=person.region,
        by=by,
        at=at,
    )


@transaction.atomic
def keep_rule(
    *,
    region: int,
    rated_department_id: int | None,
    item_id: int | None,
    department_id: int,
    by: int,
    at: datetime,
) -> int:
    """Dispatch such orders to a department at once from now on; return the rule's id.

    Raises NoDepartment.
    """
    identity.require(by, Right.KEEP_POLICY, within=region)
    if not directory.departments(city_range(region)).filter(pk=department_id).exists():
        raise NoDepartment
    made = models.Rule.objects.create(
        region=region,
        rated_department_id=rated_department_id,
        item_id=item_id,
        department_id=department_id,
        by=by,
        at=at,
    )
    details = {"rated": rated_department_id, "item": item_id, "to": department_id}
    audit.record(
        subject="dispatch_rule",
        subject_id=made.pk,
        verb="keep",
        details=details,
        region=region,
        by=by,
        at=at,
    )
    return made.pk


@transaction.atomic
def retire_rule(*, rule_id: int, by: int, at: datetime) -> None:
    """Dispatch by a rule no more."""
    rule = models.Rule.objects.filter(pk=rule_id, retired_at=None).first()
    if rule is None:
        raise NotFound
    identity.require(by, Right.KEEP_POLICY, within=rule.region)
    rule.retired_at = at
    rule.save(update_fields=["retired_at"])
    audit.record(
        subject="dispatch_rule",
        subject_id=rule.pk,
        verb="retire",
        details={},
        region=rule.region,
        by=by,
        at=at,
    )


@transaction.atomic
def succeed(*, department_id: int, successor_id: int, by: int, at: datetime) -> int:
    """Hand the open orders of a department that was dissolved or merged to its successor.

    The clock goes on. Return how many.
    """
    places = directory.department_regions({department_id, successor_id})
    if len(places) < 2:  # noqa: PLR2004 - the two
        raise NoDepartment
    for region in places.values():
        identity.require(by, Right.KEEP_DIRECTORY, within=region)
    found = (
        models.Order.objects.select_for_update(of=("self",))
        .filter(department_id=department_id)
        .exclude(state=rules.State.CLOSED)
        .order_by("pk")
    )
    for order in found:
        tracks = queries.open_tracks(order.pk)
        after = replace(queries.case_of(order, tracks), department_id=successor_id)
        _saving.write(
            order,
            after,
            tracks,
            rules.Verb.SUCCEED,
            {"department": str(successor_id)},
            by=by,
            at=max(at, order.moved_at),
        )
    return len(found)


@transaction.atomic
def redate_all(*, policy_id: int, by: int, at: datetime) -> int:
    """Give open orders the limits of a policy that has just come into force.

    Return how many got a new deadline, each with a step that says so.
    """
    found = queries.redated(policy_id)
    for one in found:
        order, calendar = one.order, calendars.current(one.order.region)
        tracks = queries.open_tracks(order.pk)
        order.terms = msgspec.to_builtins(one.terms)
        order.save(update_fields=["terms"])
        _saving.write(
            order,
            rules.dated(queries.case_of(order, tracks), at, one.terms, calendar),
            tracks,
            rules.Verb.REDATE,
            {},
            by=by,
            at=at,
        )
    return len(found)


@transaction.atomic
def redate(*, order_id: int, by: int, at: datetime) -> None:
    """Compute a deadline anew with today's calendar, because a person says so.

    A corrected calendar alone never moves it.
    """
    order = _saving.lock(order_id)
    identity.require(by, Right.KEEP_POLICY, within=order.region)
    if order.state == rules.State.CLOSED:
        raise rules.NotNow
    tracks = queries.open_tracks(order.pk)
    after = rules.dated(
        queries.case_of(order, tracks), at, _saving.terms_of(order), calendars.current(order.region)
    )
    _saving.write(order, after, tracks, rules.Verb.REDATE, {}, by=by, at=at)
