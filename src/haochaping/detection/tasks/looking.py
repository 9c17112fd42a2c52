"""Letting the detectors look at a city."""

import logging
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

import numpy as np

from haochaping.detection import actions, queries
from haochaping.detection.detectors import DETECTORS
from haochaping.detection.rules.compare import FEWEST, PEERS, Scored, tally
from haochaping.detection.rules.detector import Detector, Unit
from haochaping.detection.rules.world import World
from haochaping.directory import queries as directory
from haochaping.kernel.moments import LOCAL

log = logging.getLogger(__name__)
SPANS = (28, 84)  # days: of a small city the longer one
STEPS = 24  # of the shares of peers


def cities(at: datetime) -> list[int]:
    """Return the cities that served anybody in the last weeks."""
    return queries.cities(at - timedelta(days=SPANS[0] + 7))


def look_at(city: int, until: date, at: datetime) -> int:
    """Let the detectors look at one city; return how many findings are new."""
    for days in SPANS:
        since = until - timedelta(days=days - 1)
        world = queries.world(city, since, until)
        _, _, n = tally(world.ratings.window)
        if (n >= FEWEST).sum() >= PEERS:
            break
    flagged = [
        (detector, scored, int(at_))
        for detector in DETECTORS.values()
        for scored in [detector.score(world)]
        for at_ in np.flatnonzero(scored.flagged)
    ]
    owners = _owners([(one.unit, int(scored.units[at_])) for one, scored, at_ in flagged])
    fresh = actions.keep(
        city=city,
        period=(since, until),
        ratings=len(world.ratings.id),
        seen=_seen(world, flagged, owners),
        at=at,
    )
    log.info("city %s: %s findings, %s new", city, len(flagged), fresh)
    return fresh


def _owners(units: Sequence[tuple[Unit, int]]) -> dict[tuple[str, int], tuple[int, int]]:
    """Return region and department of units; one that is gone from the directory has none."""
    by: dict[Unit, set[int]] = {kind: set() for kind in Unit}
    for kind, key in units:
        by[kind].add(key)
    return directory.owners(
        windows=by[Unit.WINDOW], staff=by[Unit.STAFF], departments=by[Unit.DEPARTMENT]
    )


def _seen(
    world: World,
    flagged: list[tuple[Detector, Scored, int]],
    owners: dict[tuple[str, int], tuple[int, int]],
) -> Iterator[actions.Seen]:
    for detector, scored, at in flagged:
        unit = int(scored.units[at])
        owner = owners.get((detector.unit, unit))
        if owner is None:
            continue
        ratings = scored.rows(unit)
        share = scored.k / np.maximum(scored.n, 1)
        most = float(max(share.max(), 1e-9))
        yield actions.Seen(
            detector=detector.key,
            unit=detector.unit,
            unit_id=unit,
            region=owner[0],
            department_id=owner[1],
            k=int(scored.k[at]),
            n=int(scored.n[at]),
            expected=float(scored.expected[at]),
            p=float(scored.p[at]),
            ratings=ratings,
            peers=np.histogram(share, bins=STEPS, range=(0, most))[0].tolist(),
            peers_to=most,
            days=_days(world, ratings),
        )


def _days(world: World, ratings: list[int]) -> dict[str, int]:
    """Return how many of these ratings each day has, in order."""
    rated = world.ratings
    rows = np.flatnonzero(np.isin(rated.id, ratings))
    days = np.sort(rated.rated[rows])
    counted: dict[str, int] = {}
    for moment in days.tolist():
        day = datetime.fromtimestamp(moment, LOCAL).date().isoformat()
        counted[day] = counted.get(day, 0) + 1
    return counted
