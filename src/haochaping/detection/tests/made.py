"""Worlds that are made up: honest traffic, and frauds put into it whose labels stay sealed until the
detectors have spoken (trust design §2.5). The same seed gives the same world.

A fraud of intensity 0.2 changes a fifth of what the unit has: of its ratings, services, orders or
presses.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from haochaping.detection.rules.detector import Unit
from haochaping.detection.rules.world import (
    Calls,
    Changes,
    Devices,
    Floats,
    Ints,
    Orders,
    Ratings,
    Services,
    Texts,
    World,
)

DAY, START = 86400.0, 1_790_000_000.0 // 86400 * 86400 - 8 * 3600  # a midnight of China
_HOURS = np.array([9, 10, 11, 12, 13, 14, 15, 16])
_BUSY = np.array([9, 14, 13, 2, 3, 12, 11, 7]) / 71
_LEVELS = np.array([0.72, 0.20, 0.05, 0.018, 0.012])  # 5 first
_SPOKEN = ("今天来办", "第二次来办", "带父母来办", "网上预约后来办", "下班前赶来办", "早上排队来办")
_OF = (
    "企业登记",
    "社保转移",
    "公积金提取",
    "不动产过户",
    "身份证",
    "驾驶证换领",
    "医保报销",
    "准生证",
)
_PRAISED = ("很快就好了", "讲得很清楚", "没有多跑", "比去年方便多了", "态度很热情", "指引看得懂")
_TEMPLATES = ("窗口工作人员服务态度非常好，业务熟练，办事效率高，给予好评",)


@dataclass(frozen=True)
class Labels:
    """What was put in: the units of each fraud. Sealed: no detector is given it."""

    units: Mapping[str, tuple[Unit, Ints]]


def honest(seed: int, windows: int = 1500, days: int = 30, median: float = 420) -> World:
    """Return honest traffic: windows differ in size, quality and response, ten to a department."""
    dice = np.random.default_rng(seed)
    size = np.maximum(60, median * np.exp(dice.normal(0, 0.5, windows))).astype(int)
    window = np.repeat(np.arange(windows), size)
    n = len(window)
    day = dice.choice(days, n, p=_weekdays(days))
    served = START + day * DAY + dice.choice(_HOURS, n, p=_BUSY) * 3600 + dice.integers(0, 3600, n)
    holder, phone = _people(dice, window, n)
    rated = dice.random(n) < dice.beta(36, 14, windows)[window]
    services = Services(window, served, phone, holder, rated.astype(np.int64))
    ratings = _rated(dice, services, np.flatnonzero(rated), windows)
    boxes = np.bincount(ratings.window[ratings.box == 1], minlength=windows)
    lost = dice.binomial(boxes, 1e-4)
    return World(
        START,
        START + days * DAY,
        ratings,
        services,
        _texts(dice, ratings),
        _changes(dice, ratings),
        _orders(dice, windows // 10),
        Devices(np.arange(windows), boxes + lost, boxes, boxes, boxes),
        _calls(dice, ratings),
    )


def _weekdays(days: int) -> Floats:
    weight = np.array([1.25, 1.05, 1.0, 1.0, 0.9, 0.12, 0.12])[np.arange(days) % 7]
    return weight / weight.sum()


def _people(dice: np.random.Generator, window: Ints, n: int) -> tuple[Ints, Ints]:
    """Return whose each service is: one in fifteen comes again, one phone in forty is a child's."""
    holder = np.arange(1, n + 1)
    again = np.flatnonzero(dice.random(n) < 0.065)
    holder[again] = 10**9 + window[again] // 10 * 200 + dice.integers(0, 200, len(again))
    phone = holder + 10**10
    family = np.flatnonzero(dice.random(n) < 0.025)
    phone[family] = phone[np.maximum(family - 1, 0)]
    return holder, phone


def _rated(dice: np.random.Generator, services: Services, of: Ints, windows: int) -> Ratings:
    n, window = len(of), services.window[of]
    kind = dice.choice(3, n, p=[0.55, 0.30, 0.15])  # box, own telephone at the window, later
    lag = np.where(
        kind < 2,
        dice.uniform(15, 240, n) + dice.exponential(20, n),
        dice.exponential(18000, n) + 60,
    )
    quality = dice.dirichlet(_LEVELS * 150, windows)
    level = 5 - (dice.random(n)[:, None] > np.cumsum(quality, axis=1)[window][:, :4]).sum(axis=1)
    network = np.where(kind == 0, 0, dice.integers(1, 2**40, n))
    shared = dice.random(n)
    network = np.where((network > 0) & (shared < 0.15), 2**41 + dice.integers(0, 50, n), network)
    network = np.where((network > 0) & (shared > 0.95), 2**42 + window // 10, network)
    return Ratings(
        id=of + 1,
        window=window,
        staff=window * 2 + (of % 2),
        department=window // 10,
        channel=kind + 1,
        level=level,
        rated=services.served[of] + lag,
        served=services.served[of],
        accepted=services.served[of] - dice.uniform(480, 5400, n),
        rater=services.holder[of],
        network=network,
        on_site=(kind < 2).astype(np.int64),
        box=(kind == 0).astype(np.int64),
    )


def _texts(dice: np.random.Generator, ratings: Ratings) -> Texts:
    row = np.sort(dice.choice(len(ratings.id), len(ratings.id) // 40, replace=False))
    parts = [dice.integers(0, len(part), len(row)) for part in (_SPOKEN, _OF, _PRAISED)]
    number = dice.integers(3, 60, len(row))
    words = [
        f"{_SPOKEN[a]}{_OF[b]}，等了{minutes}分钟，{_PRAISED[c]}{minutes * a}"
        for a, b, c, minutes in zip(*parts, number, strict=True)
    ]
    return Texts(row, tuple(words))


def _changes(dice: np.random.Generator, ratings: Ratings) -> Changes:
    bad = np.flatnonzero(ratings.level <= 2)
    some = bad[dice.random(len(bad)) < 0.08]
    after = dice.choice([5, 4, 3, 1], len(some))
    hours = dice.uniform(1, 200, len(some))
    return Changes(ratings.department[some], ratings.id[some], ratings.level[some], after, hours)


def _orders(dice: np.random.Generator, departments: int) -> Orders:
    department = np.repeat(np.arange(departments), 240)  # of half a year
    n = len(department)
    closed = START + dice.integers(0, 30, n) * DAY + dice.integers(9 * 3600, 17 * 3600, n)
    dropped = (dice.random(n) < dice.beta(10, 90, departments)[department]).astype(np.int64)
    called = (dice.random(n) < 0.96).astype(np.int64)
    reply = np.where(dice.random(n) < 0.02, 7, dice.integers(10, 2**40, n))
    return Orders(department, np.arange(n) + 1, closed, dropped, called, reply)


def _calls(dice: np.random.Generator, ratings: Ratings) -> Calls:
    row = dice.choice(len(ratings.id), 40 * (int(ratings.department.max()) + 1), replace=False)
    kinder = np.where(dice.random(len(row)) < 0.1, 5, ratings.level[row])
    return Calls(ratings.department[row], kinder)


type Fraud = Callable[[World, Ints, float, np.random.Generator], World]


def _some(of: Ints, units: Ints, share: float, dice: np.random.Generator) -> Ints:
    """Return the rows of a share of what these units have."""
    mine = np.flatnonzero(np.isin(of, units))
    return mine[dice.random(len(mine)) < share]


def _changed(old: Ints, rows: Ints, value: Ints | Floats | float) -> Ints:
    new = old.copy()
    new[rows] = value
    return new


def few_phones(world: World, units: Ints, share: float, dice: np.random.Generator) -> World:
    """A share of the ratings come from four telephones of the window's own."""
    rated = world.ratings
    rows = _some(rated.window, units, share, dice)
    who = 5 * 10**12 + rated.window[rows] * 4 + dice.integers(0, 4, len(rows))
    return replace(world, ratings=replace(rated, rater=_changed(rated.rater, rows, who)))


def self_burst(world: World, units: Ints, share: float, dice: np.random.Generator) -> World:
    """A share of the on-site ratings are pressed one after the other after closing."""
    rated = world.ratings
    rows = _some(np.where(rated.on_site == 1, rated.window, -1), units, share, dice)
    rows = rows[np.lexsort((rated.served[rows], rated.window[rows]))]
    day = rated.served[rows] // DAY * DAY + 9.6 * 3600  # 17:36 in China
    when = day + np.cumsum(dice.uniform(3, 8, len(rows))) % 5000
    return replace(world, ratings=replace(rated, rated=_moved(rated.rated, rows, when)))


def _moved(old: Floats, rows: Ints, when: Floats) -> Floats:
    new = old.copy()
    new[rows] = when
    return new


def coached(world: World, units: Ints, share: float, dice: np.random.Generator) -> World:
    """The clerk presses, or says what to press, as soon as the service ends."""
    rated = world.ratings
    rows = _some(np.where(rated.on_site == 1, rated.window, -1), units, share, dice)
    when = rated.served[rows] + dice.uniform(2, 10, len(rows))
    return replace(world, ratings=replace(rated, rated=_moved(rated.rated, rows, when)))


def lunch(world: World, units: Ints, share: float, dice: np.random.Generator) -> World:
    """A share of the on-site ratings are given in the lunch break of the same day."""
    rated = world.ratings
    rows = _some(np.where(rated.on_site == 1, rated.window, -1), units, share, dice)
    noon = (rated.served[rows] + 8 * 3600) // DAY * DAY + 4 * 3600
    when = noon + dice.uniform(600, 3000, len(rows))
    return replace(world, ratings=replace(rated, rated=_moved(rated.rated, rows, when)))


def kept_back(world: World, units: Ints, share: float, dice: np.random.Generator) -> World:
    """Staff type their own number instead of the citizen's."""
    served = world.services
    rows = _some(served.window, units, share, dice)
    mine = 6 * 10**12 + served.window[rows]
    return replace(world, services=replace(served, phone=_changed(served.phone, rows, mine)))


def ring(world: World, units: Ints, share: float, dice: np.random.Generator) -> World:
    """Five relatives rate one member of staff again and again, a share of all their ratings."""
    rated = world.ratings
    rows = _some(rated.staff, units * 2, share, dice)
    who = 7 * 10**12 + rated.staff[rows] * 5 + dice.integers(0, 5, len(rows))
    return replace(world, ratings=replace(rated, rater=_changed(rated.rater, rows, who)))


def template(world: World, units: Ints, share: float, dice: np.random.Generator) -> World:
    """A share of the ratings carry the same sentence."""
    rows = _some(world.ratings.window, units, share, dice)
    rows = rows[~np.isin(rows, world.texts.row)]
    words = tuple(
        _TEMPLATES[0] + "。！"[: int(number)] for number in dice.integers(0, 2, len(rows))
    )
    texts = Texts(np.append(world.texts.row, rows), (*world.texts.words, *words))
    return replace(world, texts=texts)


def ghost(world: World, units: Ints, share: float, dice: np.random.Generator) -> World:
    """A share of the rated services never took place: they begin and end within seconds."""
    rated = world.ratings
    rows = _some(np.where(rated.on_site == 1, rated.window, -1), units, share, dice)
    begun = rated.served[rows] - dice.uniform(1, 15, len(rows))
    return replace(world, ratings=replace(rated, accepted=_moved(rated.accepted, rows, begun)))


def one_network(world: World, units: Ints, share: float, dice: np.random.Generator) -> World:
    """A share of the ratings on own devices come from the office's own network."""
    rated = world.ratings
    rows = _some(np.where(rated.network != 0, rated.window, -1), units, share, dice)
    net = 8 * 10**12 + rated.window[rows]
    return replace(world, ratings=replace(rated, network=_changed(rated.network, rows, net)))


def lost_keys(world: World, units: Ints, share: float, dice: np.random.Generator) -> World:
    """A share of the presses below 非常满意 on the window's device never arrive; it counted them."""
    rated = world.ratings
    low = np.where((rated.box == 1) & (rated.level < 5), rated.window, -1)
    rows = _some(low, units, share, dice)
    gone = np.bincount(rated.window[rows], minlength=len(world.devices.window))
    devices = world.devices
    devices = replace(
        devices,
        received=devices.received - gone,
        promised=devices.promised - gone,
        stored=devices.stored - gone,
    )
    return replace(_without(world, rows), devices=devices)


def _without(world: World, rows: Ints) -> World:
    """Return a world in which these ratings are not there."""
    kept = np.ones(len(world.ratings.id), bool)
    kept[rows] = False
    there = kept[world.texts.row]
    place = np.cumsum(kept) - 1
    words = tuple(word for word, stays in zip(world.texts.words, there, strict=True) if stays)
    columns = {name: getattr(world.ratings, name)[kept] for name in Ratings.__dataclass_fields__}
    return replace(
        world, ratings=Ratings(**columns), texts=Texts(place[world.texts.row[there]], words)
    )


def killed(world: World, units: Ints, share: float, dice: np.random.Generator) -> World:
    """A share of the department's orders end as untrue, whatever they say."""
    rows = _some(world.orders.department, units, share, dice)
    orders = replace(world.orders, dropped=_changed(world.orders.dropped, rows, 1))
    return replace(world, orders=orders)


def pressured(world: World, units: Ints, share: float, dice: np.random.Generator) -> World:
    """A share of the bad ratings turn good within two days of a call by the office."""
    rated = world.ratings
    bad = np.where(rated.level <= 2, rated.department, -1)
    rows = _some(bad, units, share, dice)
    rows = rows[~np.isin(rated.id[rows], world.changes.id)]
    old = world.changes
    changes = Changes(
        np.append(old.department, rated.department[rows]),
        np.append(old.id, rated.id[rows]),
        np.append(old.before, rated.level[rows]),
        np.append(old.after, np.full(len(rows), 5)),
        np.append(old.hours, dice.uniform(2, 40, len(rows))),
    )
    return replace(world, changes=changes)


def paper(world: World, units: Ints, share: float, dice: np.random.Generator) -> World:
    """A share of the orders are closed with one reply, and nobody was called."""
    rows = _some(world.orders.department, units, share, dice)
    orders = replace(world.orders, called=_changed(world.orders.called, rows, 0))
    return replace(world, orders=replace(orders, reply=_changed(orders.reply, rows, 99)))


def missing(world: World, units: Ints, share: float, dice: np.random.Generator) -> World:
    """Somebody removed a share of the ratings below 非常满意 after their receipts had been given."""
    rated = world.ratings
    rows = _some(
        np.where((rated.box == 1) & (rated.level < 5), rated.window, -1), units, share, dice
    )
    gone = np.bincount(rated.window[rows], minlength=len(world.devices.window))
    devices = replace(world.devices, stored=world.devices.stored - gone)
    return replace(_without(world, rows), devices=devices)


def drip(world: World, units: Ints, share: float, dice: np.random.Generator) -> World:
    """A share of the ratings are made up by people who take their time: level 5, spread out."""
    rated = world.ratings
    rows = _some(rated.window, units, share, dice)
    return replace(world, ratings=replace(rated, level=_changed(rated.level, rows, 5)))


def step(world: World, units: Ints, share: float, dice: np.random.Generator) -> World:
    """From the middle of the time on, a share of the ratings are at the highest level."""
    rated = world.ratings
    late = np.where(rated.rated > (world.since + world.until) / 2, rated.window, -1)
    rows = _some(late, units, share, dice)
    return replace(world, ratings=replace(rated, level=_changed(rated.level, rows, 5)))


def suppress(world: World, units: Ints, share: float, dice: np.random.Generator) -> World:
    """People who look unhappy are not asked: a share of the ratings below 满意 never come."""
    rated = world.ratings
    rows = _some(np.where(rated.level <= 3, rated.window, -1), units, share, dice)
    served = world.services
    silent = _changed(served.rated, rated.id[rows] - 1, 0)
    return replace(_without(world, rows), services=replace(served, rated=silent))


# what leaves a mechanical trace, and must be seen at an intensity of a fifth
MECHANICAL: Mapping[str, tuple[Unit, Fraud]] = {
    "few_phones": (Unit.WINDOW, few_phones),
    "self_burst": (Unit.WINDOW, self_burst),
    "coached": (Unit.WINDOW, coached),
    "lunch": (Unit.WINDOW, lunch),
    "kept_back": (Unit.WINDOW, kept_back),
    "ring": (Unit.WINDOW, ring),
    "template": (Unit.WINDOW, template),
    "ghost": (Unit.WINDOW, ghost),
    "one_network": (Unit.WINDOW, one_network),
    "lost_keys": (Unit.WINDOW, lost_keys),
    "missing": (Unit.WINDOW, missing),
    "killed": (Unit.DEPARTMENT, killed),
    "pressured": (Unit.DEPARTMENT, pressured),
    "paper": (Unit.DEPARTMENT, paper),
}
# what looks like honest traffic: reported, never promised
HUMAN: Mapping[str, tuple[Unit, Fraud]] = {
    "drip": (Unit.WINDOW, drip),
    "step": (Unit.WINDOW, step),
    "suppress": (Unit.WINDOW, suppress),
}


ENOUGH = 300  # services of a window in which somebody cheats: of smaller ones little is said


def cheated(
    world: World, seed: int, *, intensity: float = 0.2, windows: int = 9, departments: int = 5
) -> tuple[World, Labels]:
    """Put each fraud into so many windows or departments of an honest world, each in its own."""
    dice = np.random.default_rng(seed + 10**6)
    size = np.bincount(world.services.window)
    free = {
        Unit.WINDOW: dice.permutation(np.flatnonzero(size >= ENOUGH)),
        Unit.DEPARTMENT: dice.permutation(np.unique(world.orders.department)),
    }
    units: dict[str, tuple[Unit, Ints]] = {}
    for name, (kind, fraud) in {**HUMAN, **MECHANICAL}.items():
        wanted = windows if kind is Unit.WINDOW else departments
        chosen, free[kind] = free[kind][:wanted], free[kind][wanted:]
        units[name] = (kind, np.sort(chosen))
        # `suppress` names services by the ids of honest ratings, so it comes before any is removed
        world = fraud(world, np.sort(chosen), intensity, dice)
    return world, Labels(units)
