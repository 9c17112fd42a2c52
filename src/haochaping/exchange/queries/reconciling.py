"""What a partner was told of a day, as it is compared, and the board of what compared how."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from django.db.models import Max, Q, QuerySet

from haochaping.exchange import models, rules
from haochaping.exchange.rules.digests import What
from haochaping.kernel.moments import business_day

DAYS = 35  # back from today, within which a day that changed is compared again
_KINDS = {
    family: [kind for kind, one in rules.OF_KIND.items() if one == family]
    for family in rules.Family
}


@dataclass(frozen=True)
class Told:
    """What a partner was told of a day: digests by message, and which delivery each was."""

    entries: dict[str, str]
    ids: dict[str, int]


def told(partner_id: int, day: date, family: rules.Family) -> Told:
    """Return what is to be there: everything but what is left out by rule; what was never sent has
    an empty digest, so that it is seen to be missing.
    """
    found = models.Delivery.objects.filter(partner_id=partner_id, day=day, kind__in=_KINDS[family])
    entries, ids = {}, {}
    for pk, kind, ref, digest in (
        found.exclude(status=rules.Status.LEFT_OUT)
        .values_list("pk", "kind", "ref", "digest")
        .iterator(chunk_size=5000)
    ):
        message = rules.message_id(kind, ref)
        entries[message] = bytes(digest).hex() if digest else ""
        ids[message] = pk
    return Told(entries, ids)


def received(partner_id: int, day: date, family: rules.Family) -> dict[str, str]:
    """Return what we have of what a partner told us of a day: digests by message, taken in or
    waiting for a person, as its sender wrote them.
    """
    found = models.Received.objects.filter(partner_id=partner_id, day=day, family=family)
    kept = found.exclude(told=None).values_list("message", "told")
    return {message: bytes(told or b"").hex() for message, told in kept}


def moving(partner_id: int, messages: Collection[str], since: datetime) -> set[str]:
    """Return those messages that are on their way, in time, or were sent after a moment: what two
    sides have of them differs only as long as it takes.
    """
    named = {text: one for text in messages if (one := rules.message_of(text)) is not None}
    refs = [ref for _, ref in named.values()]
    found = models.Delivery.objects.filter(partner_id=partner_id, ref__in=refs)
    waits = Q(due_at__isnull=False, deadline__gt=since)
    moves = set(found.filter(waits | Q(sent_at__gte=since)).values_list("kind", "ref"))
    return {text for text, one in named.items() if one in moves}


def to_compare(
    partner: models.Partner, at: datetime, *, every: bool = False
) -> list[tuple[date, rules.Family]]:
    """Return the days that are to be compared: where something was sent since they were compared
    last, those that were not equal, and in turn a few that were, for a partner may lose what it
    had; or every day that it was told of. An equal day costs one question.
    """
    since = date.min if every else business_day(at) - timedelta(days=DAYS)
    ended = models.Delivery.objects.filter(partner=partner, day__gte=since)
    last: dict[tuple[date, rules.Family], datetime] = {}
    for day, kind, moment in ended.values_list("day", "kind").annotate(Max("sent_at")):
        key = (day, rules.OF_KIND[kind])
        if moment is not None:
            last[key] = max(moment, last.get(key, moment))
    compared = models.Reconciled.objects.filter(partner=partner).order_by("at")
    known = {(one.day, rules.Family(one.family)): one for one in compared}
    turn = [key for key, one in known.items() if one.at and one.at <= at - _AGAIN]
    changed = {
        key
        for key, moment in last.items()
        if every or key not in known or _again(known[key], moment)
    }
    # what is not answered for goes last: it may be what the partner stumbles over
    silent = {key for key, one in known.items() if one.unanswered_since is not None}
    return sorted(changed | set(turn[:_IN_TURN]), key=lambda key: (key in silent, key))


def _again(one: models.Reconciled, sent_at: datetime) -> bool:
    """Say whether a day is to be compared again, of which something was sent last at a moment."""
    old = one.at is None or one.at <= sent_at
    return old or bool(one.differing) or one.unanswered_since is not None


_AGAIN = timedelta(days=1)  # after which an equal day is looked at again
_IN_TURN = 100  # days an hour, those first that were not looked at for longest


class Look(StrEnum):
    """How a day stands on the board, the worst first."""

    DIFFERS = "red"  # 有差异
    UNCOMPARED = "grey"  # 未比对: never, not for two days, or the partner does not answer for it
    EQUAL = "green"  # 一致


def look(one: models.Reconciled, at: datetime) -> Look:
    """Return how a day and family stands. A partner that is asked is asked anew each day: what was
    equal the day before yesterday says nothing of today.
    """
    if one.at is None or one.unanswered_since is not None:
        return Look.DIFFERS if one.differing else Look.UNCOMPARED
    if one.differing:
        return Look.DIFFERS
    stale = one.partner.dialect in rules.ASKED and one.at < at - 2 * _AGAIN
    return Look.UNCOMPARED if stale else Look.EQUAL


@dataclass
class Day:
    """A day on the board."""

    day: date
    families: dict[str, models.Reconciled] = field(default_factory=dict)
    looks: dict[str, Look] = field(default_factory=dict)

    @property
    def look(self) -> Look:
        """How the day stands: as its worst family."""
        return min(self.looks.values(), key=list(Look).index)


def boards(partner_ids: Collection[int], at: datetime) -> dict[int, list[Day]]:
    """Return the days of partners, the newest first."""
    since = business_day(at) - timedelta(days=DAYS)
    days: dict[int, dict[date, Day]] = {pk: {} for pk in partner_ids}
    compared = models.Reconciled.objects.filter(partner__in=partner_ids, day__gte=since)
    whose = compared.select_related("partner").defer("partner__secret")
    for one in whose.order_by("-day", "family"):
        day = days[one.partner_id].setdefault(one.day, Day(one.day))
        day.families[one.family], day.looks[one.family] = one, look(one, at)
    return {pk: list(found.values()) for pk, found in days.items()}


def board(partner_id: int, at: datetime) -> list[Day]:
    """Return the days of a partner, the newest first."""
    return boards([partner_id], at)[partner_id]


def differences(partner_id: int) -> QuerySet[models.Difference]:
    """Return the open differences with a partner, the oldest day first."""
    found = models.Difference.objects.filter(partner_id=partner_id, closed_at=None)
    return found.select_related("delivery").order_by("day", "pk")


def ever_differed(partner_id: int) -> bool:
    """Say whether anything was ever found to differ with a partner."""
    return models.Difference.objects.filter(partner_id=partner_id).exists()


def cause(one: models.Difference) -> str:
    """Return the code of why a message differs, as far as it can be told from here."""
    if one.what == What.UNKNOWN or one.delivery is None:
        return "unknown"
    if one.what == What.ALTERED:
        return "altered"
    return rules.Status(one.delivery.status).name.lower()


def uncompared(at: datetime) -> QuerySet[models.Reconciled]:
    """Return the days that have not been compared for two days, or for which a partner has not
    answered for one, of partners that are asked.
    """
    asked = models.Reconciled.objects.filter(
        partner__dialect__in=rules.ASKED,
        partner__stopped_at=None,
        day__gte=business_day(at) - timedelta(days=DAYS),
    )
    never = Q(at=None, day__lt=business_day(at) - 2 * _AGAIN)
    silent = Q(unanswered_since__lt=at - _AGAIN)
    return asked.filter(never | silent | Q(at__lt=at - 2 * _AGAIN))


def drifting(at: datetime) -> list[tuple[int, int]]:
    """Return the partners with days that have not been equal, or not compared, for a day: id and
    how many days.
    """
    red = models.Reconciled.objects.filter(red_since__lt=at - _AGAIN)
    days = {*red.values_list("partner_id", "day"), *uncompared(at).values_list("partner_id", "day")}
    return sorted(Counter(partner_id for partner_id, _ in days).items())
