"""D4: ratings come at hours at which nobody is served."""

import numpy as np

from haochaping.detection.rules.compare import Scored, compared
from haochaping.detection.rules.detector import Detector, Unit
from haochaping.detection.rules.world import Floats, Ints, World
from haochaping.kernel.words import Words

HOURS, ZONE = 24, 8 * 3600


def score(world: World) -> Scored:
    """Compare when a window is rated with when its services end, hour by hour (G-test), and count
    the ratings beyond what the hour's services give.
    """
    rated = world.ratings
    here = np.flatnonzero((rated.on_site == 1) & np.isfinite(rated.served) & (rated.window >= 0))
    units, where = np.unique(rated.window[here], return_inverse=True)
    when, done = (_profile(where, at[here], len(units)) for at in (rated.rated, rated.served))
    n = when.sum(axis=1)
    share = when.sum(axis=0) / np.maximum(done.sum(axis=0), 1)  # of all windows, at each hour
    expected = done * share + 0.5
    expected *= (n / np.maximum(expected.sum(axis=1), 1))[:, None]
    more = np.maximum(when - expected, 0)
    k = np.floor(more.sum(axis=1))
    mine = here[(more > 3 * np.sqrt(expected))[where, _hour(rated.rated[here])]]
    return compared(units, k, n, marked=(rated.window[mine], rated.id[mine]))


def _hour(at: Floats) -> Ints:
    return ((at + ZONE) % 86400 // 3600).astype(np.int64)


def _profile(where: Ints, at: Floats, units: int) -> Floats:
    counts = np.bincount(where * HOURS + _hour(at), minlength=units * HOURS)
    return counts.reshape(units, HOURS).astype(float)


DETECTOR = Detector(
    key="clock_profile",
    code="D4",
    name=Words("评价时段异常", "Rated at odd hours"),
    unit=Unit.WINDOW,
    definition=Words(
        "各小时评价数超出同一小时办件应有评价数的部分占比",
        "Ratings beyond what the services of the same hour give ÷ on-site ratings",
    ),
    needs=Words("服务时间、评价时间", "the moments of service and rating"),
    said=Words(
        "{n} 条现场评价中约 {k} 条落在没有相应办件的时段（占 {share}，同类窗口通常 {expected}）",
        "about {k} of {n} on-site ratings fall in hours without services "
        "for them ({share}; peers: {expected})",
    ),
    honest=Words("午间值班、延时服务未登记", "lunch shifts or late hours that nobody registered"),
    score=score,
)
