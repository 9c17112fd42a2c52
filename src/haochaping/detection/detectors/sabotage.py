"""D9: invitations go to one telephone instead of the people who were served."""

import numpy as np

from haochaping.detection.rules.compare import Scored, compared, tally, together
from haochaping.detection.rules.detector import Detector, Unit
from haochaping.detection.rules.world import World
from haochaping.kernel.words import Words

HOLDERS = 3


def score(world: World) -> Scored:
    """Count the services whose telephone was given for three or more different people."""
    served = world.services
    known = np.flatnonzero((served.phone != 0) & (served.holder != 0))
    _, one = np.unique(together(served.phone[known], served.holder[known]), return_index=True)
    phones, holders = np.unique(served.phone[known][one], return_counts=True)
    shared = np.isin(served.phone[known], phones[holders >= HOLDERS])
    units, k, n = tally(served.window[known], shared)
    return compared(units, k, n)


DETECTOR = Detector(
    key="sabotage",
    code="D9",
    name=Words("评价邀请被截留", "Invitations kept back"),
    unit=Unit.WINDOW,
    definition=Words(
        "登记手机号被用于三名及以上不同办事人的办件占比",
        "Services whose telephone stands for three or more different "
        "people ÷ services with a telephone",
    ),
    needs=Words("办件手机、证件的加密标识", "keyed numbers of telephone and certificate"),
    said=Words(
        "{n} 件服务中有 {k} 件的手机号同时登记给了三名以上办事人（"
        "占 {share}，同类窗口通常 {expected}）",
        "{k} of {n} services have a telephone that was given for three "
        "or more people ({share}; peers: {expected})",
    ),
    honest=Words(
        "代办机构、为老人登记子女手机", "agencies, or children who give their number for parents"
    ),
    score=score,
)
