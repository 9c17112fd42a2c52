"""Reading calls: one by one, by client, and the steps that a client has passed."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Max, Min, Q, QuerySet, Sum
from django.db.models.functions import TruncDate

from haochaping.calls import models, rules
from haochaping.kernel.moments import LOCAL, span
from haochaping.kernel.numbers import KEY, whole

type Call = models.Call


@dataclass(frozen=True)
class Asked:
    """Which calls are looked for; nothing is all of them."""

    client_id: int | None = None
    operation: str = ""
    refused: bool = False
    code: str = ""
    since: datetime | None = None
    until: datetime | None = None


def asked(given: Mapping[str, str]) -> Asked:
    """Return what the form of the log asks for."""
    since, until = span(given.get("since", ""), given.get("until", ""))
    return Asked(
        client_id=whole(given.get("client", ""), digits=KEY),
        operation=given.get("operation", "")[:40],
        refused=given.get("outcome") == "refused",
        code=given.get("code", "").strip()[:40],
        since=since,
        until=until,
    )


def latest(
    scope: tuple[int, int], asked: Asked, before: int | None = None
) -> QuerySet[models.Call]:
    """Return the calls of clients within a range of regions, newest first, from the one before
    `before` on.
    """
    wanted = {
        "client_id": asked.client_id,
        "operation": asked.operation or None,
        "code": asked.code or None,
        "at__gte": asked.since,
        "at__lt": asked.until,
        "pk__lt": before,
    }
    given = {name: value for name, value in wanted.items() if value is not None}
    found = models.Call.objects.filter(region__range=scope, **given)
    if asked.refused:
        found = found.filter(Q(status__gte=rules.GOOD) | Q(refused__gt=0))
    return found.order_by("-pk")


@dataclass(frozen=True)
class Figures:
    """What a client called within a while."""

    client_id: int
    calls: int
    items: int
    refused: int  # items
    failed: int  # calls that were refused whole
    took: float  # milliseconds, of a call
    last: datetime  # the last hour in which it called
    codes: Sequence[tuple[str, int]]  # why, with how many calls had it first, most frequent first


def figures(scope: tuple[int, int], since: datetime, client_id: int | None = None) -> list[Figures]:
    """Return what each client within a range of regions, or one of them, called since a moment,
    most calls first.
    """
    found = _hours(scope, client_id).filter(hour__gte=since)
    failed = Q(status__gte=rules.GOOD)
    by_client = found.values("client_id").annotate(
        n=Sum("calls"),
        things=Sum("items"),
        not_taken=Sum("refused"),
        failures=Sum("calls", filter=failed, default=0),
        spent=Sum("took"),
        seen=Max("hour"),
    )
    why = found.exclude(code="").values_list("client_id", "code").annotate(n=Sum("calls"))
    codes: dict[int, list[tuple[str, int]]] = {}
    for key, code, n in why.order_by("-n", "code"):
        codes.setdefault(key, []).append((code, n))
    return [
        Figures(
            row["client_id"],
            row["n"],
            row["things"],
            row["not_taken"],
            row["failures"],
            row["spent"] / row["n"],
            row["seen"],
            codes.get(row["client_id"], ()),
        )
        for row in by_client.order_by("-n", "client_id")
    ]


def by_day(scope: tuple[int, int], since: datetime) -> dict[date, int]:
    """Return how many calls the clients within a range of regions made each day since a moment."""
    days = _hours(scope, None).filter(hour__gte=since)
    return dict(days.values_list(TruncDate("hour", tzinfo=LOCAL)).annotate(Sum("calls")))


_HANDING_IN = [
    name for name in rules.OPERATIONS if name.startswith(("records", "evaluations", "messages"))
]


def handed_in(
    scope: tuple[int, int], since: datetime, clients: Collection[int] | None = None
) -> list[tuple[date, int, int, str, int]]:
    """Return what clients within a range of regions, or these of them, handed in since a moment:
    day, items, how many of them were refused, the first refusal's code (empty: none), and calls.
    """
    found = _hours(scope, None).filter(hour__gte=since, operation__in=_HANDING_IN)
    if clients is not None:
        found = found.filter(client_id__in=clients)
    days = found.values_list(TruncDate("hour", tzinfo=LOCAL), "code")
    sums = days.annotate(things=Sum("items"), bad=Sum("refused"), n=Sum("calls"))
    return [(day, things, bad, code, n) for day, code, things, bad, n in sums]


def _hours(scope: tuple[int, int], client_id: int | None) -> QuerySet[models.Hour]:
    found = models.Hour.objects.filter(region__range=scope)
    return found if client_id is None else found.filter(client_id=client_id)


def passed(
    scope: tuple[int, int], at: datetime, client_id: int | None = None
) -> Mapping[int, Mapping[str, datetime | bool]]:
    """Return the steps of the checklist that each client within a range of regions, or one of
    them, has passed.
    """
    found = _hours(scope, client_id)
    firsts: dict[int, dict[str, datetime]] = {}
    good = found.filter(status__lt=rules.GOOD).values_list("client_id", "operation")
    for key, operation, first in good.annotate(first=Min("hour")):
        firsts.setdefault(key, {})[operation] = first
    week = found.filter(hour__gte=at - timedelta(days=7)).values("client_id")
    lately = {
        row["client_id"]: rules.Lately(
            row["things"], row["not_taken"], row["days"], row["asked_at"]
        )
        for row in week.annotate(
            things=Sum("items"),
            not_taken=Sum("refused"),
            days=Count(TruncDate("hour", tzinfo=LOCAL), distinct=True),
            asked_at=Max("hour", filter=Q(operation="changes", status__lt=rules.GOOD)),
        )
    }
    return {
        key: rules.checklist(done, lately.get(key, rules.Lately()), at)
        for key, done in firsts.items()
    }
