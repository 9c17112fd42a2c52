"""总体效能 and 地区对比: how it goes on the whole, and where."""

from collections.abc import Sequence
from dataclasses import replace

from django.http import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_GET

from haochaping.analytics import queries
from haochaping.analytics.rules import Counts, people
from haochaping.analytics.rules.grains import Subject
from haochaping.directory import queries as directory
from haochaping.evaluations.rules import CHANNELS
from haochaping.identity.queries import OfficeRequest
from haochaping.identity.rules import Right
from haochaping.indicators.rules import LEVELS
from haochaping.insight import queries as maps
from haochaping.insight.measures import ALL
from haochaping.insight.rules import comparison, drawing
from haochaping.insight.rules.comparison import Compared, Unit
from haochaping.insight.rules.fair import FEWEST
from haochaping.insight.rules.measure import Group
from haochaping.insight.views import figures, plots
from haochaping.insight.views.again import again
from haochaping.insight.views.asked import Asked, both_before, facts, of_the_whole, read, tiles
from haochaping.insight.views.downloads import answer
from haochaping.kernel.words import Words
from haochaping.policies import queries as policies

TILES = (
    "ratings",
    "active_good_share",
    "bad_per_10000",
    "rated_share",
    "replied_in_time",
    "rectified_in_time",
    "satisfied_share",
    "windows_covered",
    "items_covered",
    "channels_covered",
)


@require_GET
@again
@of_the_whole
def overview(request: OfficeRequest) -> HttpResponseBase:
    """Show volume, levels, rates, places, channels, trend and the loop of a place and period."""
    asked = read(request)
    cut = asked.cut()
    channels = figures.by_channel(cut, asked.now)
    now = replace(facts(cut, asked.now), parts=_coverage(asked, len(channels)))
    before, year = both_before(asked)
    filtered = asked.channel is not None or asked.party is not None
    trend = figures.trend(asked)
    places = compared_places(asked)
    weights = policies.terms(asked.region, asked.at).weights
    hours = None if filtered else plots.hours_grid(cut, asked.now)
    return answer(
        request,
        asked,
        template="insight/overview.html",
        title=Words("总体效能", "Overview"),
        tiles=tiles(_of(asked), now, before, year),
        tables=[
            figures.trend_table(trend),
            figures.levels_table(now.counts),
            figures.channels_table(channels),
            figures.codes_table(queries.codes(cut, now=asked.now), bad=True),
            places_table(asked, places),
            *([plots.hours_table(hours)] if hours else []),
        ],
        figures=now.counts,
        trend=trend,
        hours=hours,
        levels=LEVELS,
        whole_loop=None if filtered else now.loop,
        filtered=filtered,
        score=_score(now.counts.adjusted, weights),
        people=_people(asked, cut),
    )


def _of(asked: Asked) -> tuple[str, ...]:
    """Return the measures that know of what is asked: orders, coverage and hours know neither of
    channels nor of who rated, and who was served is known of no channel.
    """
    if asked.channel is None and asked.party is None:
        return TILES
    known = (key for key in TILES if ALL[key].group not in (Group.LOOP, Group.COVERAGE))
    return tuple(key for key in known if asked.channel is None or key != "rated_share")


def _people(asked: Asked, cut: queries.Cut) -> float | None:
    """Return about how many people rated; registers are kept of cities and the province alone."""
    if queries.narrow(cut):
        return None
    return people.estimate(*queries.registers(cut, now=asked.now))


def _score(counts: Counts, weights: tuple[int, int, int, int, int]) -> float | None:
    """Return the score by the policy's weights; below thirty ratings nothing is scored."""
    return counts.score(weights) if counts.total >= FEWEST else None


def _coverage(asked: Asked, channels: int) -> dict[str, tuple[float, float]]:
    """Return how many windows, items and channels were rated, and how many there are."""
    cut, now = asked.cut(), asked.now
    return {
        "windows_covered": (
            _rated_and_open(cut, Subject.WINDOW, now),
            directory.still_open(directory.windows(cut.scope)).count(),
        ),
        "items_covered": (
            _rated_and_open(cut, Subject.ITEM, now),
            directory.still_open(directory.items(cut.scope)).count(),
        ),
        "channels_covered": (channels, len(CHANNELS)),
    }


def _rated_and_open(cut: queries.Cut, subject: Subject, now: queries.Fresh) -> int:
    return queries.how_many(cut, subject, among=directory.OPEN[subject.value], now=now)


def compared_places(asked: Asked, own: int | None = None) -> list[Compared]:
    """Compare the places below: cities of the province, counties of a city; one of them may have
    its place among them.
    """
    cut, below = asked.cut(), asked.below
    counts: dict[int, Counts] = {}
    mix: dict[int, list[tuple[str, Counts]]] = {}
    for row in queries.totals(cut, (below, "channel"), now=asked.now):
        one = queries.counts(row)
        counts[row[below]] = counts.get(row[below], Counts()) + one
        if row["channel"]:
            mix.setdefault(row[below], []).append((str(row["channel"]), one))
    whole: dict[str, int] = {}
    for parts in mix.values():
        for kind, one in parts:
            whole[kind] = whole.get(kind, 0) + one.adjusted.total
    total = sum(whole.values()) or 1
    units = [
        Unit(code, asked.tree.name(code), one, mix=tuple(mix.get(code, ())))
        for code, one in counts.items()
    ]
    found = comparison.compare(units, weights=lambda kind: whole.get(kind, 0) / total, own=own)
    return comparison.by_band(found)


def places_table(asked: Asked, found: Sequence[Compared]) -> figures.Table:
    """Return the places below with their bands, each leading on."""
    hrefs = {
        one.unit.key: reverse("insight:region", args=[one.unit.key]) + asked.query(region=None)
        for one in found
    }
    return figures.bands_table(
        "places", Words("地区对比", "Places"), Words("地区", "Place"), found, hrefs
    )


@require_GET
@again
@of_the_whole
def places(request: OfficeRequest) -> HttpResponseBase:
    """Compare the places below one's own, as bands with intervals; the province as a tile map."""
    asked = read(request)
    found = compared_places(asked)
    table = places_table(asked, found)
    return answer(
        request,
        asked,
        template="insight/places.html",
        title=Words("地区对比", "Places"),
        tables=[table],
        found=found,
        hrefs={one.unit.key: line.href for one, line in zip(found, table.lines, strict=True)},
        tiles_at=drawing.TILES if asked.below == "city" else {},
        map=maps.map_of(asked.region),
        names={one.unit.key: one.unit.name for one in found},
        may_bring=Right.SUPERVISE in asked.person.rights and asked.region == asked.person.region,
        band_of={one.unit.key: one.band for one in found},
        dots=plots.dots(found),
    )
