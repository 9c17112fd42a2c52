"""D14: keys of a device that nobody ever presses, or presses that never arrive."""

import numpy as np

from haochaping.detection.rules.compare import Limits, Scored, compared, merged, tally, usual
from haochaping.detection.rules.detector import Detector, Unit
from haochaping.detection.rules.world import World
from haochaping.kernel.words import Words

LOW, RARE = 3, 1e-4  # numbers that a sound device loses


def score(world: World) -> Scored:
    """Look for too few low presses on a window's device, and for numbers that it lost."""
    rated, devices = world.ratings, world.devices
    box = np.flatnonzero(rated.box == 1)
    units, k, n = tally(rated.window[box], rated.level[box] > LOW)
    silent = compared(units, k, n, limits=Limits(over=0.01, fewest=100))
    window, _, _ = tally(devices.window)
    given = tally(devices.window, devices.given)[1]
    lost = given - tally(devices.window, devices.received)[1]
    rate = max(usual(lost, given), RARE)
    gaps = compared(window, lost, given, share=rate, limits=Limits(least=2, over=0.0), alike=True)
    return merged(gaps, silent)


DETECTOR = Detector(
    key="terminal",
    code="D14",
    name=Words("评价器异常", "A device that is not well"),
    unit=Unit.WINDOW,
    definition=Words(
        "评价器编号缺失占比；以及低等级按键次数明显少于同类",
        "Numbers of a device that never arrived; and far fewer low presses than at peers",
    ),
    needs=Words("评价器流水号、现场评价等级", "the device's numbers, the levels pressed"),
    said=Words(
        "{n} 次按键中 {k} 次异常（缺失或缺少低等级，占 {share}，同类通常 {expected}）",
        "{k} of {n} presses are odd: missing, or never low ({share}; peers: {expected})",
    ),
    honest=Words(
        "断网后设备更换、重装", "a device that was exchanged or set up anew after an outage"
    ),
    score=score,
)
