"""What a partner was told of a day, as it is compared, and the board of what compared how."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

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
    turn = [key for key, one in known.items() if one.at <= at - _AGAIN]
    changed = {
        key
        for key, moment in last.items()
        if key not in known or known[key].differing or known[key].at <= moment or every
    }
    return sorted(changed | set(turn[:_IN_TURN]))


_AGAIN = timedelta(days=1)  # after which an equal day is looked at again
_IN_TURN = 100  # days an hour, those first that were not looked at for longest


@dataclass
class Day:
    """A day on the board."""

    day: date
    families: dict[str, models.Reconciled] = field(default_factory=dict)

    @property
    def green(self) -> bool:
        """Whether all that was compared is equal."""
        return all(not one.differing for one in self.families.values())


def boards(partner_ids: Collection[int], at: datetime) -> dict[int, list[Day]]:
    """Return the days of partners, the newest first."""
    since = business_day(at) - timedelta(days=DAYS)
    days: dict[int, dict[date, Day]] = {pk: {} for pk in partner_ids}
    compared = models.Reconciled.objects.filter(partner__in=partner_ids, day__gte=since)
    for one in compared.order_by("-day", "family"):
        day = days[one.partner_id].setdefault(one.day, Day(one.day))
        day.families[one.family] = one
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


def drifting(at: datetime) -> list[tuple[int, int]]:
    """Return the partners with days that have not been equal for a day: id and how many days."""
    red = models.Reconciled.objects.filter(red_since__lt=at - timedelta(days=1))
    counts: dict[int, int] = {}
    for partner_id in red.values_list("partner_id", flat=True):
        counts[partner_id] = counts.get(partner_id, 0) + 1
    return sorted(counts.items())
