"""Each detector sees the fraud that it is for, and says nothing of honest traffic."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from haochaping.detection.detectors import DETECTORS
from haochaping.detection.rules.compare import compared, discover, excess, together, usual
from haochaping.detection.rules.detector import Unit
from haochaping.detection.rules.world import World
from haochaping.detection.tests import made

SEEN_BY = {
    "few_phones": "reuse",
    "self_burst": "burst",
    "coached": "hasty",
    "lunch": "clock_profile",
    "kept_back": "sabotage",
    "ring": "ring",
    "template": "copies",
    "ghost": "ghost",
    "one_network": "network",
    "lost_keys": "terminal",
    "missing": "coverage",
    "killed": "fate",
    "pressured": "pressure",
    "paper": "paper",
}
INTENSITY = 0.3  # of a small world: the bench has the gates at a fifth


@cache
def clean() -> World:
    """An honest city."""
    return made.honest(3, windows=400)


@cache
def cheated() -> tuple[World, made.Labels]:
    """The same city, cheated in three windows or departments each way."""
    return made.cheated(clean(), 3, intensity=INTENSITY, windows=3, departments=3)


def flags(world: World, key: str) -> set[int]:
    """Return the units that a detector flags; staff under their window."""
    scored = DETECTORS[key].score(world)
    found = scored.units[scored.flagged].tolist()
    return {unit // 2 if DETECTORS[key].unit is Unit.STAFF else unit for unit in found}


def test_every_mechanical_fraud_has_a_detector() -> None:
    assert set(SEEN_BY) == set(made.MECHANICAL)
    assert set(SEEN_BY.values()) <= set(DETECTORS)


@pytest.mark.parametrize(("fraud", "detector"), SEEN_BY.items())
def test_a_detector_sees_its_fraud_and_nearly_nothing_else(fraud: str, detector: str) -> None:
    world, labels = cheated()
    guilty = {int(unit) for unit in labels.units[fraud][1]}
    assert len(flags(world, detector) & guilty) >= 2
    assert len(flags(clean(), detector)) <= 1


@pytest.mark.parametrize("key", list(DETECTORS))
def test_order_of_rows_and_the_day_of_the_calendar_change_no_verdict(key: str) -> None:
    world, _ = cheated()
    before = flags(world, key)
    assert flags(_shuffled(world), key) == before
    assert flags(_later(world, 28 * 86400.0), key) == before


def _shuffled(world: World) -> World:
    order = np.random.default_rng(5).permutation(len(world.ratings.id))
    columns = {name: getattr(world.ratings, name)[order] for name in vars(world.ratings)}
    place = np.argsort(order)
    texts = replace(world.texts, row=place[world.texts.row])
    return replace(world, ratings=replace(world.ratings, **columns), texts=texts)


def _later(world: World, seconds: float) -> World:
    rated, served = world.ratings, world.services
    moved = {name: getattr(rated, name) + seconds for name in ("rated", "served", "accepted")}
    return replace(
        world,
        since=world.since + seconds,
        until=world.until + seconds,
        ratings=replace(rated, **moved),
        services=replace(served, served=served.served + seconds),
        orders=replace(world.orders, closed=world.orders.closed + seconds),
    )


@pytest.mark.parametrize("key", list(DETECTORS))
def test_a_city_of_a_few_windows_and_one_of_none_raise_no_alarm(key: str) -> None:
    assert flags(World(0.0, 28 * 86400.0), key) == set()
    assert flags(made.honest(1, windows=20, median=40), key) == set()


@pytest.mark.parametrize("detector", DETECTORS.values(), ids=list(DETECTORS))
def test_what_a_detector_says_can_be_counted_after(detector: made.Unit) -> None:
    world, _ = cheated()
    scored = detector.score(world)
    for at in np.flatnonzero(scored.flagged)[:3]:
        facts = scored.facts(int(at))
        assert 0 < facts["k"] <= facts["n"]
        said = detector.sentence(facts)
        assert str(facts["n"]) in said.zh
        assert str(facts["k"]) in said.en
        rows = scored.rows(int(scored.units[at]))
        assert len(rows) == len(set(rows))


def test_the_usual_share_is_not_moved_by_a_tenth_of_cheats() -> None:
    n = np.full(100, 200.0)
    k = np.full(100, 10.0)
    k[:10] = 150
    assert usual(k, n) == pytest.approx(0.05)


def test_what_units_differ_by_is_allowed_for_and_rare_things_need_to_be_rare() -> None:
    dice = np.random.default_rng(2)
    n = np.full(400, 500.0)
    alike = dice.binomial(500, 0.1, 400).astype(float)
    wide = dice.binomial(500, dice.beta(10, 90, 400)).astype(float)
    one = np.append(alike[:-1], 85.0)
    assert excess(one, n)[1][-1] < 1e-5
    assert excess(np.append(wide[:-1], 85.0), n)[1][-1] > 1e-3
    rare = np.zeros(400)
    rare[0] = 1.0
    assert excess(rare, n)[1][0] > 0.3 * usual(rare, n) >= 0.0


def test_benjamini_and_hochberg_flag_as_their_paper_does() -> None:
    # the fifteen p-values of the example of Benjamini and Hochberg (1995), at q = 0.05: four
    p = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262]
    p += [0.5719, 0.6528, 0.7590, 1.0]
    assert discover(np.array(p)).tolist() == [True] * 4 + [False] * 11


def test_a_unit_without_a_name_and_one_with_few_ratings_are_left_out() -> None:
    units = np.arange(-1, 20)
    found = compared(units, np.full(21, 1.0), np.append(np.full(20, 100.0), 5.0))
    assert -1 not in found.units
    assert 19 not in found.units


def test_rows_are_together_only_if_all_their_columns_agree() -> None:
    groups = together(np.array([1, 1, 2, 1]), np.array([5, 6, 5, 5]))
    assert groups[0] == groups[3]
    assert len(set(groups.tolist())) == 3
