"""Boards of published cases: what was put right, good ratings and bad ones."""

from collections.abc import Mapping
from enum import StrEnum

from haochaping.kernel.words import Words


class Board(StrEnum):
    """Where a case hangs. The first two are of orders, the last of ratings."""

    RIGHT = "right"
    COMPLAINT = "complaints"
    PRAISE = "praise"


BOARDS: Mapping[Board, Words] = {
    Board.RIGHT: Words("您提我改", "You said, we did"),
    Board.PRAISE: Words("好评榜", "Praised"),
    Board.COMPLAINT: Words("差评榜", "Criticised"),
}

LEADS: Mapping[Board, Words] = {
    Board.RIGHT: Words(
        "群众的差评，和它带来的改变：查实、整改、回访满意后公开。",
        "Bad ratings, and what they changed: found true, put right, and the citizen satisfied.",
    ),
    Board.PRAISE: Words(
        "群众写下的好评，供各单位学习。不按条数排名：评价多少取决于办件多少。",
        "What people praised, for others to learn from. Nobody is ranked by their number, which "
        "follows how many come.",
    ),
    Board.COMPLAINT: Words(
        "核查属实的差评，以及整改进展，含群众尚不满意的。",
        "Bad ratings that were found true and how far putting them right is, those included with "
        "which the citizen is not satisfied.",
    ),
}
