"""Noting how what we have and what a partner has compare, and what is done about differences."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction

from haochaping.exchange import models
from haochaping.exchange.actions._partner import locked
from haochaping.exchange.actions._partner import note as note_done
from haochaping.exchange.actions.uploading import resend
from haochaping.exchange.queries.uploading import Standing
from haochaping.exchange.rules.digests import What
from haochaping.identity.rules import Right
from haochaping.kernel.errors import NotFound
from haochaping.kernel.words import chinese
from haochaping.notifications import actions as notifications
from haochaping.notifications.rules import Telling, Topic


@transaction.atomic
def note_compared(
    *,
    compared: models.Reconciled,
    found: Sequence[tuple[str, What]],
    ids: Mapping[str, int],
    at: datetime,
) -> int:
    """Note the result of comparing a day; return how many differences are new.

    `ids` are the deliveries of messages. A difference that is gone is closed by itself.
    """
    key: dict[str, Any] = {
        "partner_id": compared.partner_id,
        "day": compared.day,
        "family": compared.family,
    }
    last = models.Reconciled.objects.select_for_update().filter(**key).first()
    red = (last.red_since if last else None) or at
    models.Reconciled.objects.update_or_create(
        **key,
        defaults={
            "at": at,
            "ours": compared.ours,
            "theirs": compared.theirs,
            "differing": len(found),
            "asked": compared.asked,
            "red_since": red if found else None,
        },
    )
    known = {one.message: one for one in models.Difference.objects.filter(**key, closed_at=None)}
    differing = dict(found)
    fresh = [
        models.Difference(**key, message=one, what=what, delivery_id=ids.get(one), found_at=at)
        for one, what in found
        if one not in known
    ]
    models.Difference.objects.bulk_create(fresh, ignore_conflicts=True)
    gone = [one.pk for message, one in known.items() if message not in differing]
    models.Difference.objects.filter(pk__in=gone).update(closed_at=at)
    return len(fresh)


@transaction.atomic
def send_differing(*, partner_id: int, day: date, family: str, by: int, at: datetime) -> int:
    """Send again what a partner lacks or has otherwise; return how many messages."""
    partner = locked(partner_id, by)
    open_ = models.Difference.objects.filter(
        partner_id=partner_id, day=day, family=family, closed_at=None, delivery__isnull=False
    ).exclude(what=What.UNKNOWN)
    ids = list(open_.values_list("delivery_id", flat=True))
    sent = resend(partner_id=partner_id, ids=ids, at=at)
    open_.update(resent_at=at)
    told = {"day": day.isoformat(), "family": family, "messages": sent}
    note_done(partner, "resend", told, by, at)
    return sent


@transaction.atomic
def close(*, difference_id: int, note: str, by: int, at: datetime) -> None:
    """Close a difference that is explained and stays, with the explanation."""
    row = models.Difference.objects.select_for_update().filter(pk=difference_id).first()
    if row is None:
        raise NotFound
    partner = locked(row.partner_id, by)
    if row.closed_at is None:
        row.closed_at, row.closed_by, row.note = at, by, note[:200]
        row.save(update_fields=["closed_at", "closed_by", "note"])
        note_done(partner, "close", {"message": row.message, "note": note[:200]}, by, at)


@transaction.atomic
def send_again(*, partner_id: int, status: int, by: int, at: datetime) -> int:
    """Send again all that a partner refused, or all that was given up; return how many messages."""
    partner = locked(partner_id, by)
    sent = resend(partner_id=partner_id, status=status, at=at)
    note_done(partner, "resend", {"status": status, "messages": sent}, by, at)
    return sent


def tell_amiss(*, standings: Sequence[Standing], at: datetime) -> int:
    """Tell the offices of partners what is amiss with them; return how many partners."""
    tellings = [
        Telling(
            one.partner.region, Right.EXCHANGE, None, Topic.EXCHANGE, one.partner.pk, _amiss(one)
        )
        for one in standings
        if one.trouble or one.late or one.differences or one.quarantined
    ]
    notifications.tell(tellings=tellings, at=at)
    return len(tellings)


def _amiss(one: Standing) -> str:
    counts = {
        chinese("拒收与死信"): one.trouble,
        chinese("超时"): one.late,
        chinese("对账差异"): one.differences,
        chinese("来件待处理"): one.quarantined,
    }
    told = chinese("、").join(f"{name} {n}" for name, n in counts.items() if n)
    return f"{one.partner.name}: {told}"[:60]
