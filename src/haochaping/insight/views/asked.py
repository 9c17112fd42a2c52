"""What a page of analysis was asked for: place, period, channel and party, all in the address."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

from haochaping.analytics import queries
from haochaping.analytics.queries import Cut, Fresh
from haochaping.analytics.rules import Counts, Loop, grains
from haochaping.analytics.rules.grains import Subject
from haochaping.evaluations.rules import CHANNELS, Channel
from haochaping.identity.queries import OfficeRequest, Person
from haochaping.identity.rules import Reach, Right
from haochaping.insight.measures import ALL
from haochaping.insight.rules import periods
from haochaping.insight.rules.measure import Facts, Measure, Value
from haochaping.insight.rules.periods import Period, Span
from haochaping.kernel import clock
from haochaping.kernel.errors import NotFound
from haochaping.kernel.moments import business_day
from haochaping.kernel.numbers import whole
from haochaping.kernel.words import Words
from haochaping.regions import queries as regions
from haochaping.regions.queries import Tree
from haochaping.regions.rules import Level, level_of, scope

PARTIES = {1: Words("个人", "People"), 2: Words("企业", "Enterprises")}
WIDTH = 1.05  # of a bucket of lengths, as orders are counted


@dataclass(frozen=True)
class Asked:
    """What is asked, and by whom; `now` is what the roll-ups do not cover yet."""

    person: Person
    at: datetime
    tree: Tree
    region: int
    period: Period
    channel: int | None
    party: int | None
    now: Fresh
    # whether today counts: who works near a window could tell from it who has just rated how
    # (trust design §1.7)
    live: bool
    search: str = ""  # by which a list is narrowed

    @property
    def today(self) -> date:
        """The last day that is shown: the business day of the question, or the one before."""
        return _last_day(self.at, live=self.live)

    @property
    def reach(self) -> Reach:
        """What of the person's reach lies in the place."""
        low, high = scope(self.region)
        return replace(self.person.reach, low=low, high=high)

    @property
    def place(self) -> str:
        """The name of the place."""
        return self.tree.full_name(self.region)

    @property
    def over(self) -> bool:
        """Whether the period is complete."""
        return self.period.over(self.today)

    @property
    def period_name(self) -> Words:
        """The name of the period, and whether it is over."""
        name = self.period.name
        return (
            name
            if self.over
            else Words(
                f"{name.zh}（截至{'今天' if self.live else '昨天'}，未完）",
                f"{name.en} (until {'now' if self.live else 'yesterday'}, incomplete)",
            )
        )

    def at_span(self, span: Span) -> "Asked":
        """Return the same question for today's period of another length."""
        return replace(self, period=periods.containing(span, self.today))

    @property
    def below(self) -> str:
        """What the places below are grouped by: cities of the province, else counties."""
        return "city" if level_of(self.region) is Level.PROVINCE else "county"

    def cut(self, **narrow: Any) -> Cut:
        """Return what is looked at, narrowed to a department and so on. A period that is not over
        is asked for whole: nothing was rated after today, and whole months answer at once.
        """
        return self.during(self.period.since, self.period.until, **narrow)

    def compared(self, other: Period, **narrow: Any) -> Cut:
        """Return another period, as many of its days as this one has had: a fair comparison."""
        since, until = other.since, other.until
        if not self.over:
            since, until = other.up_to(self.period, self.today)
        return self.during(since, until, **narrow)

    def fair(self, **narrow: Any) -> bool:
        """Say whether what is asked can be compared with another period: not where only whole
        months answer and it is none, or none that is over.
        """
        whole = grains.whole_months(self.period.since, self.period.until) and self.over
        return whole or queries.by_day(self.cut(**narrow))

    @property
    def unfiltered(self) -> "Asked":
        """The same question of every channel and whoever rated, for what knows of neither."""
        return replace(self, channel=None, party=None)

    def during(self, since: date, until: date, **narrow: Any) -> Cut:
        """Return the same place and filters for other days."""
        known: dict[str, Any] = {"channel": self.channel, "party": self.party, **narrow}
        if not self.live:
            until = min(until, self.today)
            known |= {"settled": True}
        return Cut(scope(self.region), min(since, until), until, **known)

    def query(self, **changes: object) -> str:
        """Return the address's question with changes; None leaves a part out."""
        known: dict[str, object] = {
            "region": self.region if self.region != self.person.region else None,
            "span": self.period.span,
            "day": self.period.since,
            "channel": self.channel,
            "party": self.party,
            "search": self.search or None,
        }
        return "?" + urlencode({k: v for k, v in (known | changes).items() if v is not None})


def read(request: OfficeRequest, *, region: int | None = None) -> Asked:
    """Read what is asked. Raises NotFound for a place outside one's own: it shows nothing of it."""
    return of_person(request.person, request.GET, region=region)


def of_person(person: Person, sent: Mapping[str, str], *, region: int | None = None) -> Asked:
    """Return what a person asks by the parts of an address; raises NotFound as above."""
    at, tree = clock.now(), regions.tree()
    live = Right.SEE_LIVE in person.rights
    region = region or whole(sent.get("region", ""), digits=12) or person.region
    if region < 10**11:
        region *= 10**6
    if region not in tree.names or not person.reach.covers(region):
        raise NotFound
    channel, party = whole(sent.get("channel", "")), whole(sent.get("party", ""))
    return Asked(
        person,
        at,
        tree,
        region,
        periods.read(sent.get("span", ""), sent.get("day", ""), _last_day(at, live=live)),
        channel if channel in set(Channel) else None,
        party if party in (1, 2) else None,
        queries.fresh(at),
        live,
    )


def _last_day(at: datetime, *, live: bool) -> date:
    today = business_day(at)
    return today if live else today - timedelta(days=1)


def of_the_whole(page: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Have who works for a department see its portrait instead of everybody's figures."""

    @wraps(page)
    def shown(request: OfficeRequest, **kwargs: int) -> HttpResponseBase:
        own = request.person.department_id
        return page(request, **kwargs) if own is None else redirect("insight:department", own)

    return shown


@dataclass(frozen=True)
class Tile:
    """A measure as a page shows it: now, the period before, and the same of last year."""

    measure: Measure
    value: Value
    before: Value | None = None
    year: Value | None = None

    @property
    def change(self) -> float | None:
        """The difference to the period before."""
        return _difference(self.value, self.before)

    @property
    def yearly(self) -> float | None:
        """The difference to the same of last year."""
        return _difference(self.value, self.year)


def _difference(one: Value, other: Value | None) -> float | None:
    if other is None or one.value is None or other.value is None:
        return None
    return one.value - other.value


def facts(cut: Cut, now: Fresh, *, lengths: bool = False) -> Facts:
    """Return everything that measures of a cut are made of."""
    found = queries.totals(cut, now=now)
    # an order is of a department: windows and items have no loop of their own
    unit = cut.subject in (Subject.WINDOW, Subject.ITEM)
    loops = [] if unit else queries.loops(cut, now=now)
    return Facts(
        queries.counts(found[0]) if found else Counts(),
        queries.loop(loops[0]) if loops else Loop(),
        queries.lengths(cut, now=now) if lengths else {},
        WIDTH,
    )


def both_before(asked: Asked, **narrow: Any) -> tuple[Facts | None, Facts | None]:
    """Return everything of the period before and of the same of last year; None where a
    comparison would not be fair.
    """
    if not asked.fair(**narrow):
        return None, None
    before, year = (
        facts(asked.compared(other, **narrow), asked.now)
        for other in (asked.period.previous, asked.period.last_year)
    )
    return before, year


def tiles(
    keys: Iterable[str], now: Facts, before: Facts | None = None, year: Facts | None = None
) -> list[Tile]:
    """Return the tiles of these measures, with what they are compared with."""
    return [
        Tile(one, one.of(now), *(one.of(other) if other else None for other in (before, year)))
        for one in (ALL[key] for key in keys)
    ]


def choices(asked: Asked) -> dict[str, Any]:
    """Return what the bar of filters shows."""
    places = [asked.person.region, *asked.tree.children(asked.person.region)]
    if asked.region not in places:
        places.append(asked.region)
    return {
        "asked": asked,
        "place": asked.place,
        "places": [(code, asked.tree.full_name(code)) for code in places],
        "spans": periods.SPANS,
        "channels": {int(channel): words for channel, words in CHANNELS.items()},
        "at": asked.at,
    }


def wants(request: HttpRequest) -> str:
    """Return the form in which the page is wanted: a page unless csv, xlsx or pdf is asked for."""
    form = request.GET.get("as", "")
    return form if form in ("csv", "xlsx", "pdf") else ""
