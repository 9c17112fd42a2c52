"""D16: bad ratings that turn good soon after the office had them."""

import numpy as np

from haochaping.detection.rules.compare import Limits, Scored, compared, tally
from haochaping.detection.rules.detector import Detector, Unit
from haochaping.detection.rules.world import World
from haochaping.kernel.words import Words

BAD, GOOD, HOURS = 2, 4, 48.0


def score(world: World) -> Scored:
    """Count the bad ratings that were replaced by good ones within 48 hours."""
    rated, changes = world.ratings, world.changes
    flipped = (changes.before <= BAD) & (changes.after >= GOOD) & (changes.hours <= HOURS)
    units, _, n = tally(rated.department[rated.level <= BAD])
    turned, count, _ = tally(changes.department[flipped])
    k = np.zeros(len(units))
    k[np.searchsorted(units, turned[np.isin(turned, units)])] = count[np.isin(turned, units)]
    return compared(
        units,
        k,
        n,
        marked=(changes.department[flipped], changes.id[flipped]),
        limits=Limits(fewest=10, least=4, over=0.1),
    )


DETECTOR = Detector(
    key="pressure",
    code="D16",
    name=Words("差评短时改好评", "Bad turned good at once"),
    unit=Unit.DEPARTMENT,
    definition=Words(
        "差评在 48 小时内被改为满意以上的占比",
        "Bad ratings replaced by satisfied ones within 48 hours ÷ bad ratings",
    ),
    needs=Words("改评记录", "replaced ratings"),
    said=Words(
        "{n} 条差评中有 {k} 条在 48 小时内改为满意（占 {share}，同类部门通常 {expected}）",
        "{k} of {n} bad ratings turned satisfied within 48 hours ({share}; peers: {expected})",
    ),
    honest=Words("部门当天就解决了问题", "a department that put things right the same day"),
    score=score,
)
