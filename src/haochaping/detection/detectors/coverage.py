"""D18: ratings for which a receipt was given and which are not there."""

from haochaping.detection.rules.compare import Limits, Scored, compared, tally
from haochaping.detection.rules.detector import Detector, Unit
from haochaping.detection.rules.world import World
from haochaping.kernel.words import Words

NEVER = 1e-9  # one that is missing is one too many


def score(world: World) -> Scored:
    """Count the receipts of a window's devices for which no rating is stored."""
    devices = world.devices
    units, promised, _ = tally(devices.window, devices.promised)
    missing = promised - tally(devices.window, devices.stored)[1]
    limits = Limits(fewest=1, least=1, over=0.0)
    return compared(units, missing, promised, share=NEVER, limits=limits, alike=True)


DETECTOR = Detector(
    key="coverage",
    code="D18",
    name=Words("评价未入库", "Ratings that are missing"),
    unit=Unit.WINDOW,
    definition=Words(
        "已给出回执而库中没有的评价数", "Receipts given for which no rating is stored"
    ),
    needs=Words("评价器回执与评价记录", "the receipts of devices, the stored ratings"),
    said=Words(
        "{n} 张回执中有 {k} 张查不到评价（占 {share}，正常应为 {expected}）",
        "{k} of {n} receipts have no rating ({share}; it should be {expected})",
    ),
    honest=Words("没有正当原因，请立即报告", "none: report it at once"),
    score=score,
)
