"""Noting how what we have and what a partner has compare, and what is done about differences."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce

from haochaping.exchange import models
from haochaping.exchange.actions._partner import locked
from haochaping.exchange.actions._partner import note as note_done
from haochaping.exchange.actions.uploading import resend
from haochaping.exchange.queries.uploading import Standing
from haochaping.exchange.rules import OF_KIND, Family, Status, message_of
from haochaping.exchange.rules.digests import Found, What
from haochaping.exchange.rules.filed import Compared
from haochaping.identity.rules import Right
from haochaping.kernel.errors import NotFound, Refusal
from haochaping.kernel.words import Words, chinese, printable
from haochaping.notifications import actions as notifications
from haochaping.notifications.rules import Telling, Topic

_KEY = ("partner_id", "day", "family")


@transaction.atomic
def note_compared(
    *,
    compared: models.Reconciled,
    found: Sequence[Found],
    ids: Mapping[str, int],
    partly: bool = False,
    at: datetime,
) -> int:
    """Note the result of comparing a day; return how many differences are new.

    `ids` are the deliveries of messages: of all of the day, or where it was compared `partly`, of
    those that were. A difference that is gone is closed by itself; one that a person explained
    stays closed until it is another one.
    """
    key: dict[str, Any] = {name: getattr(compared, name) for name in _KEY}
    last = models.Reconciled.objects.select_for_update().filter(**key).first()
    red = (last.red_since if last else None) or at
    explained = _explained(key)
    open_ = [one for one in found if not explained & {one, Found(one.message, one.what)}]
    known = {one.message: one for one in models.Difference.objects.filter(**key, closed_at=None)}
    # a file says nothing of what it has no line for
    beside = known.keys() - ids.keys() if partly else set()
    beside = {one for one in beside if "/" not in one} - {one.message for one in open_}
    models.Reconciled.objects.update_or_create(
        **key,
        defaults={
            "at": at,
            "ours": compared.ours,
            "theirs": compared.theirs,
            "differing": len(open_) + len(beside),
            "explained": len(found) - len(open_),
            "asked": compared.asked,
            "red_since": red if open_ or beside else None,
            "unanswered_since": None,
            "answer": "",
        },
    )
    return _note_differences(key, open_, known, beside, ids, at)


def _note_differences(
    key: Mapping[str, Any],
    open_: Sequence[Found],
    known: Mapping[str, models.Difference],
    beside: Collection[str],
    ids: Mapping[str, int],
    at: datetime,
) -> int:
    """Note what differs; what was known and does not any more is closed, but what is `beside`."""
    differing = {one.message: one for one in open_}
    fresh = [
        models.Difference(
            **key,
            message=name,
            what=one.what,
            theirs=one.theirs[:40],
            delivery_id=ids.get(name),
            found_at=at,
        )
        for name, one in differing.items()
        if name not in known
    ]
    models.Difference.objects.bulk_create(fresh, ignore_conflicts=True)
    for name, one in differing.items():
        if name in known and (known[name].what, known[name].theirs) != (one.what, one.theirs):
            known[name].what, known[name].theirs = one.what, one.theirs
            known[name].save(update_fields=["what", "theirs"])
    gone = [one.pk for name, one in known.items() if name not in {*differing, *beside}]
    models.Difference.objects.filter(pk__in=gone).update(closed_at=at)
    return len(fresh)


def expect(*, partner_id: int, days: Iterable[tuple[date, Family]]) -> None:
    """Put days on the board that are to be compared: one that never is, is seen there."""
    wanted = [models.Reconciled(partner_id=partner_id, day=day, family=one) for day, one in days]
    models.Reconciled.objects.bulk_create(wanted, ignore_conflicts=True)


def note_unanswered(
    *, partner_id: int, day: date, family: Family, answer: str, at: datetime
) -> None:
    """Note that a partner does not answer for a day: how it compared before says nothing of now."""
    found = models.Reconciled.objects.filter(partner_id=partner_id, day=day, family=family)
    since = Coalesce("unanswered_since", Value(at))
    found.update(answer=printable(answer)[:200], unanswered_since=since)


@transaction.atomic
def note_filed(
    *, partner_id: int, days: Mapping[date, Compared], ids: Mapping[str, int], by: int, at: datetime
) -> int:
    """Note what comparing ratings with a partner's file found, by day; return how many differences
    are new.
    """
    partner = locked(partner_id, by)
    fresh = 0
    for day, one in sorted(days.items()):
        compared = models.Reconciled(
            partner=partner,
            day=day,
            family=Family.EVALUATION,
            ours=one.ours,
            theirs=one.theirs,
            asked=0,
        )
        fresh += note_compared(compared=compared, found=one.found, ids=ids, partly=True, at=at)
    told = {"days": len(days), "differences": sum(len(one.found) for one in days.values())}
    note_done(partner, "compare_file", told, by, at)
    return fresh


def _explained(key: Mapping[str, Any]) -> set[tuple[str, str, str]]:
    """Return what differs and was explained by a person: not what was sent anew since, nor what
    they have otherwise since.
    """
    closed = models.Difference.objects.filter(**key, closed_by__isnull=False)
    untouched = (
        Q(delivery=None) | Q(delivery__sent_at=None) | Q(delivery__sent_at__lt=F("closed_at"))
    )
    return set(closed.filter(untouched).values_list("message", "what", "theirs"))


@transaction.atomic
def send_differing(*, partner_id: int, day: date, family: str, by: int, at: datetime) -> int:
    """Send again what a partner lacks or has otherwise; return how many messages."""
    partner = locked(partner_id, by)
    open_ = models.Difference.objects.filter(
        partner_id=partner_id, day=day, family=family, closed_at=None, delivery__isnull=False
    ).exclude(what=What.UNKNOWN)
    ids = list(open_.values_list("delivery_id", flat=True))
    sent = resend(partner_id=partner_id, pk__in=ids, at=at)
    open_.update(resent_at=at)
    told = {"day": day.isoformat(), "family": family, "messages": sent}
    note_done(partner, "resend", told, by, at)
    return sent


@transaction.atomic
def close(*, difference_id: int, note: str, by: int, at: datetime) -> None:
    """Close a difference that is explained and stays, with the explanation; raises Unexplained."""
    note = note.strip()
    if not note:
        raise Unexplained
    row = models.Difference.objects.select_for_update().filter(pk=difference_id).first()
    if row is None:
        raise NotFound
    partner = locked(row.partner_id, by)
    if row.closed_at is None:
        row.closed_at, row.closed_by, row.note = at, by, note[:200]
        row.save(update_fields=["closed_at", "closed_by", "note"])
        _count_explained(row)
        note_done(partner, "close", {"message": row.message, "note": note[:200]}, by, at)


def _count_explained(row: models.Difference) -> None:
    """Take an explained difference off its day at once, and not only when it is compared again."""
    key = {"partner_id": row.partner_id, "day": row.day, "family": row.family}
    day = models.Reconciled.objects.select_for_update().filter(**key).first()
    if day is not None and day.differing:
        day.differing, day.explained = day.differing - 1, day.explained + 1
        day.red_since = day.red_since if day.differing else None
        day.save(update_fields=["differing", "explained", "red_since"])


class Unexplained(Refusal):
    """Whoever closes a difference says why it stays."""

    code = "unexplained"
    says = Words("请说明该差异为何保留。", "Say why the difference stays.")


@dataclass(frozen=True)
class Chosen:
    """Which messages are to be sent again."""

    status: int
    since: date | None = None  # of the fact
    until: date | None = None  # with this day
    family: str = ""
    message: str = ""  # its id


class ChooseFewer(Refusal):
    """What was acknowledged is sent again for a reason, and then only what it is about."""

    code = "choose_fewer"
    says = Words(
        "重报已确认的消息，请指定日期（最多 31 天）或消息号。",
        "To send again what was acknowledged, name days (31 at most) or a message.",
    )


_MOST_DAYS = timedelta(days=31)


@transaction.atomic
def send_again(*, partner_id: int, chosen: Chosen, by: int, at: datetime) -> int:
    """Send again what a partner refused, what was given up or left out, or what it has and lost;
    return how many messages. Raises ChooseFewer.
    """
    partner = locked(partner_id, by)
    span = chosen.until - chosen.since if chosen.since and chosen.until else None
    narrow = bool(chosen.message) or (span is not None and span < _MOST_DAYS)
    if chosen.status == Status.ACKNOWLEDGED and not narrow:
        raise ChooseFewer
    which: dict[str, Any] = {"status": chosen.status}
    which |= {"day__gte": chosen.since} if chosen.since else {}
    which |= {"day__lte": chosen.until} if chosen.until else {}
    if chosen.family:
        which["kind__in"] = [kind for kind, one in OF_KIND.items() if one == chosen.family]
    if chosen.message:
        which["kind"], which["ref"] = message_of(chosen.message) or (0, 0)
    sent = resend(partner_id=partner_id, at=at, **which)
    asked = {name: str(value) for name, value in asdict(chosen).items() if value}
    note_done(partner, "resend", {**asked, "messages": sent}, by, at)
    return sent


def tell_amiss(*, standings: Sequence[Standing], at: datetime) -> int:
    """Tell the offices of partners what is amiss with them; return how many partners."""
    tellings = [
        Telling(
            one.partner.region, Right.EXCHANGE, None, Topic.EXCHANGE, one.partner.pk, _amiss(one)
        )
        for one in standings
        if one.partner.ended_at is None
        and (one.trouble or one.late or one.differences or one.uncompared or one.quarantined)
    ]
    notifications.tell(tellings=tellings, at=at)
    return len(tellings)


def _amiss(one: Standing) -> str:
    counts = {
        chinese("拒收与死信"): one.trouble,
        chinese("超时"): one.late,
        chinese("对账差异"): one.differences,
        chinese("未比对"): one.uncompared,
        chinese("来件待处理"): one.quarantined,
    }
    told = chinese("、").join(f"{name} {n}" for name, n in counts.items() if n)
    return f"{one.partner.name}: {told}"[:60]
