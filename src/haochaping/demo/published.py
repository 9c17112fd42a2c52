"""What the demonstration's office has published: the last months, and some cases."""

from datetime import date, datetime, timedelta

from haochaping.identity import queries as people
from haochaping.kernel.errors import Refusal
from haochaping.kernel.moments import business_day
from haochaping.publication import actions, queries
from haochaping.publication.rules import Board

_MONTHS = 3
_LOOKED_AT = 60  # orders or ratings, for a few that differ
_TITLES = {
    Board.RIGHT: (
        "窗口排队时间明显缩短", "一次性告知清单上墙", "午间不断岗", "材料可以网上先审",
        "导办人员到位", "自助机恢复使用",
    ),
    Board.PRAISE: ("群众点赞窗口服务", "群众来信致谢", "群众为服务点赞", "群众点赞"),
    Board.COMPLAINT: ("等候时间过长", "多次往返补材料", "答复前后不一"),
}  # fmt: skip
_DONE = {
    Board.RIGHT: "已按群众意见整改。",
    Board.PRAISE: "",
    Board.COMPLAINT: "核查属实，责任单位正在整改。",
}


def keep(at: datetime) -> None:
    """Draft, check and release as two people would."""
    one, other = people.user_of("province"), people.user_of("leader")
    if one is None or other is None:
        return
    month = business_day(at).replace(day=1)
    for _ in range(_MONTHS):
        month = (month - timedelta(days=1)).replace(day=1)
        _release(month, one, other, at)
    for board, titles in _TITLES.items():
        # no two that say the same: whoever looks through the demonstration wants to see several
        told = {story.said: story for story in reversed(queries.stories(board, _LOOKED_AT))}
        for title, story in zip(titles, told.values(), strict=False):
            texts = {
                "title": title,
                "said": story.said or title,
                "done": story.done or _DONE[board],
            }
            try:
                made = actions.draft_case(board=board, source=story.source, **texts, by=one, at=at)
            except Refusal:
                continue  # its words hold a name: nobody would publish them as they are
            if title != titles[-1]:  # one waits for its second person
                actions.release_case(case_id=made.pk, by=other, at=at)


def _release(month: date, one: int, other: int, at: datetime) -> None:
    made = actions.draft(period=month, by=one, at=at)
    actions.release(release_id=made.pk, by=other, at=at)
