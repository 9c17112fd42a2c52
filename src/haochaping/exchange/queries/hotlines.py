"""How each channel is: what it brought, whether it is alive, and what our own tests of it found."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Min

from haochaping.analytics import queries as analytics
from haochaping.analytics.rules import Counts
from haochaping.evaluations import queries as evaluations
from haochaping.evaluations.rules import Channel
from haochaping.exchange import models, rules
from haochaping.kernel.moments import business_day
from haochaping.kernel.sealed import Sealed
from haochaping.kernel.words import Words

DAYS = 7


@dataclass(frozen=True)
class ChannelState:
    """One channel on the monitoring page."""

    channel: Channel
    counts: Counts
    last: datetime | None
    probes: dict[int, models.Probe | None] = field(
        default_factory=dict
    )  # the latest of each level, 5…1
    alarms: list[Words] = field(default_factory=list)


def channels(scope: tuple[int, int], at: datetime) -> list[ChannelState]:
    """Return the state of every channel within a range of regions over the last seven days."""
    today = business_day(at)
    figures = analytics.figures(scope, today - timedelta(days=DAYS - 1), today)
    last = evaluations.last_received(scope, at - timedelta(days=DAYS))
    latest = {
        (probe.channel, probe.level): probe
        for probe in models.Probe.objects.filter(at__gt=at - timedelta(days=2)).order_by("at")
    }
    states = []
    for channel in Channel:
        counts = figures.by_channel.get(channel, Counts())
        probes = {level: latest.get((channel, level)) for level in range(5, 0, -1)}
        failed = [level for level, probe in probes.items() if probe is not None and not probe.good]
        alarms = rules.alarms(counts, figures.whole, failed, tested=any(probes.values()))
        states.append(ChannelState(channel, counts, last.get(channel), probes, alarms))
    return states


@dataclass(frozen=True)
class Link:
    """How the exchange with a hotline goes."""

    hotline: models.Hotline
    waiting: int
    oldest: datetime | None
    answer: str
    parked: int
    refused: int


def any_hotline() -> bool:
    """Say whether any city works on orders in a system of its own."""
    return models.Hotline.objects.filter(stopped_at=None).exists()


def hotlines_to_start(scope: tuple[int, int], besides: int) -> int:
    """Return how many systems wait for another person to start them: a city's orders wait too."""
    waiting = models.Hotline.objects.filter(region__range=scope, stopped_at__isnull=False)
    return waiting.exclude(changed_by=besides).count()


def hotline_of(client_id: int) -> models.Hotline | None:
    """Return the hotline behind a key."""
    return models.Hotline.objects.filter(client_id=client_id, stopped_at=None).first()


def hotlines(scope: tuple[int, int]) -> list[Link]:
    """Return how the exchange with each hotline within a range of regions goes."""
    links = []
    for hotline in models.Hotline.objects.filter(region__range=scope).order_by("region"):
        out = models.Outgoing.objects.filter(hotline=hotline, due_at__isnull=False).order_by("seq")
        out = out.defer("body")  # the office may not read it
        first, heard = out.first(), models.Incoming.objects.filter(hotline=hotline)
        refused = heard.filter(done_at__isnull=False).exclude(outcome="done").count()
        parked = heard.filter(done_at=None).count()
        links.append(
            Link(
                hotline,
                out.count(),
                first.made_at if first else None,
                first.answer if first else "",
                parked,
                refused,
            )
        )
    return links


def next_saying() -> datetime | None:
    """Return when something is to be said to a hotline next; None when nothing waits."""
    waits = models.Outgoing.objects.filter(due_at__isnull=False, hotline__stopped_at=None)
    due: datetime | None = waits.aggregate(due=Min("due_at"))["due"]
    return due


SEALED = tuple(
    Sealed(
        table,
        {"body": lambda _, context=context: context},  # type: ignore[misc]
        row=lambda row: f"{row['hotline_id']}/{row['seq']}",
        needs=("hotline_id", "seq"),
    )
    for table, context in (
        ("exchange_outgoing", "hotline.out"),
        ("exchange_incoming", "hotline.in"),
    )
)


def terms_of_hotline(hotline: models.Hotline) -> tuple[object, ...]:
    """Return what whoever starts a hotline agrees to."""
    return hotline.url, hotline.changed_by, hotline.kid
