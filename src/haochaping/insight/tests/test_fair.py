"""Scores, bands, ranks and charts: golden tables, properties, references and coverage."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from haochaping.analytics.rules import Counts, wilson
from haochaping.insight.rules import course, fair, silent
from haochaping.insight.rules.comparison import Group, Unit

# five windows: ratings of levels 5…1
TABLE = np.array(
    [
        [180, 15, 3, 1, 1],
        [40, 8, 2, 0, 0],
        [300, 60, 25, 10, 5],
        [10, 1, 0, 0, 1],
        [90, 30, 20, 6, 4],
    ],
    dtype=float,
)
GOLDEN_MEANS = [95.94, 92.97, 90.02, 90.15, 83.61]
GOLDEN_BORROWED = [0.093, 0.292, 0.049, 0.632, 0.121]
levels = st.lists(
    st.tuples(*[st.integers(0, 400)] * 5).filter(lambda row: sum(row) > 0), min_size=2, max_size=12
)


def test_a_golden_table_of_scores() -> None:
    """Worked out by hand, step by step, from the formulae of the trust design §3.2."""
    n = TABLE.sum(axis=1)
    shares = TABLE.sum(axis=0) / n.sum()
    mean = shares @ fair.POINTS
    variance = shares @ fair.POINTS**2 - mean**2
    means = TABLE @ fair.POINTS / n
    rho = (n * ((means - mean) ** 2 / variance - 1 / n)).sum() / (n * (1 - 1 / n)).sum()
    peers = fair.peers_of(TABLE)
    assert peers.weight == pytest.approx(1 / rho - 1)
    peers = fair.Peers(peers.shares, peers.weight)  # as if both were known
    assert [round(one.mean, 2) for one in fair.score(TABLE, peers)] == GOLDEN_MEANS
    assert [round(one.borrowed, 3) for one in fair.score(TABLE, peers)] == GOLDEN_BORROWED
    assert [one.shown for one in fair.score(TABLE, peers)] == [True, True, True, False, True]


def test_the_weight_of_the_peers_agrees_with_the_likelihood_of_the_dirichlet_multinomial() -> None:
    from scipy.optimize import minimize_scalar
    from scipy.stats import dirichlet_multinomial

    dice = np.random.default_rng(4)
    true = 60.0
    shares = np.array([0.8, 0.12, 0.04, 0.025, 0.015])
    table = np.array(
        [dice.multinomial(n, dice.dirichlet(true * shares)) for n in dice.integers(80, 600, 400)],
        dtype=float,
    )
    peers = fair.peers_of(table)

    def unlikely(log_a: float) -> float:
        alpha = np.exp(log_a) * peers.shares
        return -sum(
            dirichlet_multinomial.logpmf(row.astype(int), alpha, int(row.sum())) for row in table
        )

    best = float(np.exp(minimize_scalar(unlikely, bounds=(1, 8), method="bounded").x))
    assert peers.weight == pytest.approx(best, rel=0.25)
    assert best == pytest.approx(true, rel=0.2)


@given(levels)
def test_a_score_lies_between_the_raw_one_and_the_peers(table: list[tuple[int, ...]]) -> None:
    array = np.array(table, dtype=float)
    peers = fair.peers_of(array)
    for row, one in zip(array, fair.score(array, peers), strict=True):
        raw = row @ fair.POINTS / row.sum()
        low, high = sorted((raw, peers.mean))
        assert low - 1e-9 <= one.mean <= high + 1e-9
        assert 0 <= one.low <= one.mean <= one.high <= 100


@given(levels, st.randoms(use_true_random=False))
def test_the_order_of_the_units_changes_nothing(table: list[tuple[int, ...]], dice: object) -> None:
    order = list(range(len(table)))
    dice.shuffle(order)  # type: ignore[attr-defined]
    array = np.array(table, dtype=float)
    straight = fair.score(array, fair.peers_of(array))
    shuffled = fair.score(array[order], fair.peers_of(array[order]))
    assert [shuffled[order.index(i)].mean for i in range(len(order))] == pytest.approx(
        [one.mean for one in straight]
    )


@given(st.tuples(*[st.integers(1, 200)] * 5), st.integers(0, 3))
def test_more_of_a_better_level_never_lowers_a_score_and_more_data_narrows_it(
    row: tuple[int, ...], worse: int
) -> None:
    peers = fair.Peers(np.array([0.7, 0.2, 0.05, 0.03, 0.02]), 80.0)
    array = np.array([row], dtype=float)
    moved = array.copy()
    moved[0, worse] += 1
    moved[0, worse + 1] -= 1
    (before,), (after,) = fair.score(array, peers), fair.score(moved, peers)
    assert after.mean > before.mean
    # against peers of the same shares, so that the mean does not move
    own = fair.Peers(array[0] / array.sum(), 80.0)
    (small,), (large,) = fair.score(array, own), fair.score(array * 4, own)
    assert large.high - large.low < small.high - small.low


def test_intervals_cover_the_truth_as_often_as_they_say() -> None:
    """Trust design §3.4: simulation coverage 93–97 % over 200 seeds."""
    shares, weight = np.array([0.78, 0.13, 0.05, 0.025, 0.015]), 90.0
    covered = total = 0
    for seed in range(200):
        dice = np.random.default_rng(seed)
        truth = dice.dirichlet(weight * shares, size=40)
        table = np.array(
            [
                dice.multinomial(n, p)
                for n, p in zip(dice.integers(30, 900, 40), truth, strict=True)
            ],
            dtype=float,
        )
        for one, p in zip(fair.score(table, fair.peers_of(table)), truth, strict=True):
            covered += one.low <= p @ fair.POINTS <= one.high
            total += 1
    assert 0.93 <= covered / total <= 0.97


@pytest.mark.parametrize("units", [1, 2, 3, 5, 8, 13])
def test_intervals_cover_in_small_groups_as_well(units: int) -> None:
    """What is borrowed from few peers is little, and what is not known of them widens."""
    shares, covered, total = np.array([0.93, 0.04, 0.01, 0.01, 0.01]), 0, 0
    for seed in range(900 // units):
        dice = np.random.default_rng(seed)
        truth = dice.dirichlet(200 * shares, size=units)
        sizes = dice.integers(30, 300, units)
        table = np.array(
            [dice.multinomial(n, p) for n, p in zip(sizes, truth, strict=True)], dtype=float
        )
        for one, p in zip(fair.score(table, fair.peers_of(table)), truth, strict=True):
            covered += one.low <= p @ fair.POINTS <= one.high
            total += 1
    assert 0.93 <= covered / total <= 0.98


def test_nobody_is_sure_of_a_hundred_after_sixty_ratings() -> None:
    (one,) = fair.score(table := np.array([[60.0, 0, 0, 0, 0]]), fair.peers_of(table))
    assert one.mean == 100.0
    assert one.low < 98.0
    assert one.borrowed == 0.0  # there is nobody to borrow from


@pytest.mark.parametrize("small", [0, 100, 200])
def test_many_small_units_do_not_make_large_ones_differ_by_chance(small: int) -> None:
    dice, alarms, total = np.random.default_rng(7), 0, 0
    for _ in range(60):
        n = np.concatenate([dice.integers(300, 900, 40), dice.integers(1, 30, small)])
        p = dice.beta(0.97 * 200, 0.03 * 200, len(n))
        found = fair.funnel(dice.binomial(n, p).astype(float), n.astype(float))
        alarms += sum(abs(z) > fair.ALARM for z in found.z[:40])
        total += 40
    assert alarms / total < 0.03


def test_rank_intervals_cover_the_true_rank_and_the_top_quarter_is_said_only_when_sure() -> None:
    shares, weight = np.array([0.78, 0.13, 0.05, 0.025, 0.015]), 90.0
    covered = total = claimed = right = 0
    for seed in range(30):
        dice = np.random.default_rng(seed)
        truth = dice.dirichlet(weight * shares, size=40)
        table = np.array(
            [
                dice.multinomial(n, p)
                for n, p in zip(dice.integers(60, 900, 40), truth, strict=True)
            ],
            dtype=float,
        )
        ranks = (-(truth @ fair.POINTS)).argsort().argsort() + 1
        for place, rank in zip(fair.places(table, fair.peers_of(table)), ranks, strict=True):
            covered += place.best <= rank <= place.worst
            total += 1
            if place.top_quarter >= fair.SURELY:
                claimed += 1
                right += rank <= 10
    assert covered / total >= 0.93
    assert claimed > 10
    assert right / claimed >= 0.9


def test_equal_units_are_ties_and_the_seed_gives_the_same_ranks() -> None:
    same = np.tile(np.array([[80.0, 10, 5, 3, 2]]), (12, 1))
    found = fair.places(same, fair.peers_of(same))
    assert all(place.best <= 2 and place.worst >= 11 for place in found)
    assert all(place.top_quarter < fair.SURELY for place in found)
    assert found == fair.places(same, fair.peers_of(same))
    assert fair.places(same, fair.peers_of(same), [3]) == [
        found[3]
    ]  # one alone, without the others


def test_pure_chance_gives_no_over_dispersion_and_few_alarms_and_one_outlier_is_one() -> None:
    dice = np.random.default_rng(9)
    n = dice.integers(60, 2000, 300).astype(float)
    good = dice.binomial(n.astype(int), 0.97).astype(float)
    by_chance = fair.funnel(good, n)
    assert by_chance.phi < 1.15
    bands = [fair.band(z, size) for z, size in zip(by_chance.z, n, strict=True)]
    assert bands.count(fair.Band.SAME) / 300 > 0.92
    assert bands.count(fair.Band.LOW) + bands.count(fair.Band.HIGH) <= 3
    good[0] = n[0] * 0.8
    assert fair.band(fair.funnel(good, n).z[0], n[0]) is fair.Band.LOW


def test_over_dispersion_widens_the_funnel() -> None:
    dice = np.random.default_rng(3)
    n = np.full(200, 5000.0)
    good = dice.binomial(5000, dice.beta(970, 30, 200)).astype(float)
    found = fair.funnel(good, n)
    assert found.phi > 2
    assert found.tau2 > 0
    narrow = fair.limits(fair.Funnel(found.target, 0.0, 1.0, ()), 5000, fair.ALARM)
    wide = fair.limits(found, 5000, fair.ALARM)
    assert wide[0] < narrow[0] < found.target < narrow[1] < wide[1]
    clear = sum(fair.band(z, 5000) in (fair.Band.LOW, fair.Band.HIGH) for z in found.z)
    assert clear <= 6  # not the half of them that chance alone would call clear


@given(st.integers(0, 3000), st.integers(1, 3000))
def test_wilson_agrees_with_statsmodels_and_scipy(successes: int, more: int) -> None:
    from scipy.stats import binomtest
    from statsmodels.stats.proportion import proportion_confint

    total = successes + more
    low, high = wilson(successes, total, z=fair.Z95)
    assert (low, high) == pytest.approx(
        proportion_confint(successes, total, method="wilson"), abs=1e-12
    )
    reference = binomtest(successes, total).proportion_ci(method="wilson")
    assert (low, high) == pytest.approx((reference.low, reference.high), abs=1e-12)


def test_standardising_takes_the_mix_of_cases_out() -> None:
    """Two windows do both kinds of cases equally well; one of them has the hard ones."""
    easy, hard = np.array([[900.0, 80, 15, 3, 2]]), np.array([[500.0, 250, 150, 60, 40]])
    peers = fair.Peers(np.array([0.7, 0.2, 0.06, 0.03, 0.01]), 20.0)
    scores = {
        name: [
            (weight, fair.score(kind * share, peers)[0])
            for weight, kind, share in ((0.5, easy, a), (0.5, hard, b))
        ]
        for name, (a, b) in {"easy": (1.0, 0.2), "hard": (0.2, 1.0)}.items()
    }
    raw = {
        name: (easy * a + hard * b)[0] @ fair.POINTS / (easy * a + hard * b).sum()
        for name, (a, b) in {"easy": (1.0, 0.2), "hard": (0.2, 1.0)}.items()
    }
    assert raw["easy"] - raw["hard"] > 8
    even = {name: fair.standardise(groups) for name, groups in scores.items()}
    assert even["easy"] is not None
    assert even["hard"] is not None
    assert abs(even["easy"].mean - even["hard"].mean) < 1.5
    assert fair.standardise([]) is None


def test_the_silent_are_estimated_from_the_sample_and_never_counted_as_good() -> None:
    found = silent.correct(rated=2000, good=1980, silent=8000, asked=200, good_asked=170)
    assert found is not None
    assert found.share == pytest.approx(0.2 * 0.99 + 0.8 * 0.85)
    assert found.low < found.share < found.high
    assert (found.possible_low, found.possible_high) == pytest.approx((0.198, 0.998))
    nobody = silent.correct(rated=2000, good=1980, silent=8000, asked=0, good_asked=0)
    assert nobody is not None
    assert nobody.share is None
    assert (nobody.low, nobody.high) == pytest.approx((0.198, 0.998))
    assert silent.correct(rated=0, good=0, silent=0, asked=0, good_asked=0) is None


def test_the_correction_covers_the_truth() -> None:
    covered = 0
    for seed in range(300):
        dice = np.random.default_rng(seed)
        rated, silent_ones = 800, 3200
        good, hushed = dice.binomial(rated, 0.97), dice.binomial(silent_ones, 0.9)
        asked = 150
        good_asked = dice.hypergeometric(hushed, silent_ones - hushed, asked)
        found = silent.correct(
            rated=rated, good=good, silent=silent_ones, asked=asked, good_asked=good_asked
        )
        assert found is not None
        covered += found.low <= 0.2 * 0.97 + 0.8 * 0.9 <= found.high
    assert covered / 300 >= 0.93


def test_a_steady_share_stays_within_its_limits_and_a_shift_leaves_them() -> None:
    dice = np.random.default_rng(2)
    steady = [(int(dice.binomial(4000, 0.02)), 4000) for _ in range(60)]
    found = course.course(steady)
    assert found is not None
    assert found.sigma_z == pytest.approx(1, abs=0.25)
    assert sum(point.outside for point in found.points) == 0
    shifted = steady[:40] + [(int(dice.binomial(4000, 0.026)), 4000) for _ in range(20)]
    drifted = course.course(shifted, base=40)
    assert drifted is not None
    assert any(point.drifting for point in drifted.points[42:])
    assert not any(point.drifting for point in drifted.points[:30])


def test_laney_keeps_large_numbers_quiet() -> None:
    """Day by day a share that wavers by 20 % beyond chance: Shewhart alone would alarm daily."""
    dice = np.random.default_rng(5)
    series = [(int(dice.binomial(50_000, 0.02 * dice.normal(1, 0.2))), 50_000) for _ in range(60)]
    found = course.course(series)
    assert found is not None
    assert found.sigma_z > 3
    assert sum(point.outside for point in found.points) <= 1


def test_a_lasting_change_is_found_when_and_how_much_and_noise_is_none() -> None:
    dice = np.random.default_rng(8)
    series = [(int(dice.binomial(600, p)), 600) for p in [0.03] * 30 + [0.07] * 30]
    (change,) = course.change_points(series)
    assert abs(change.at - 30) <= 1
    assert (change.before, change.after) == pytest.approx((0.03, 0.07), abs=0.01)
    false = sum(
        bool(course.change_points([(int(dice.binomial(600, 0.03)), 600) for _ in range(60)]))
        for _ in range(200)
    )
    assert false <= 4
    assert course.change_points([(0, 0)] * 3) == []
    assert course.course([(1, 10)]) is None


@pytest.mark.parametrize("share", [0.0002, 0.0005, 0.002, 0.03])
def test_rare_events_are_not_marked_day_by_day(share: float) -> None:
    dice, marked, drifting, total = np.random.default_rng(3), 0, 0, 0
    for _ in range(40):
        found = course.course([(int(dice.binomial(300, share)), 300) for _ in range(60)])
        if found is not None:
            marked += sum(point.outside for point in found.points)
            drifting += sum(point.drifting for point in found.points)
            total += len(found.points)
    assert marked / total < 0.01
    assert drifting / total < 0.004
    burst = course.course([*[(int(dice.binomial(300, share)), 300) for _ in range(60)], (30, 300)])
    assert burst is not None
    assert burst.points[-1].outside


def test_a_unit_says_of_how_many_its_rank_is_and_its_peers_mean() -> None:
    table = {key: [90 + key, 10, 0, 0, 0] for key in range(6)} | {
        key: [10, 2, 0, 0, 0] for key in range(6, 40)
    }
    group = Group.of(table)
    found = group.beside(Unit(0, "", Counts()), placed=True)
    assert (found.ranked, found.peers) == (6, 39)
    assert found.place is not None
    assert found.place.worst <= 6
    assert found.peers_mean == pytest.approx(group.peers.mean)
