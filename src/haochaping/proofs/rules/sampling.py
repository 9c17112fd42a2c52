"""Audit sampling 抽样核对 (trust design §1.6): after a day is closed an auditor names a word; it
and the root of the day decide which leaves must be opened. The platform cannot choose: the root
stands before the word is said.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from haochaping.kernel.errors import Refusal
from haochaping.kernel.words import Words

_DRAW = b"hcp/v1/draw\0"
MOST = 10_000  # leaves of one draw
_SURE = 0.05  # chance to miss what is there


class BadDraw(Refusal):
    """Leaves are asked for that nobody drew, or of a day that is not closed."""

    code = "draw"


OTHER_LEAVES = BadDraw(
    Words(
        "所要的叶子不是由该日根值和所给的词抽出的。请用 hcp_verify.py draw 重新生成抽样单。",
        "The leaves are not those that the day's root and the word draw. Make the request again "
        "with hcp_verify.py draw.",
    )
)
NO_SUCH_DAY = BadDraw(
    Words("没有这一天的日账，或尚未结账。", "There is no closed book of that day in this log.")
)


def drawn(root: bytes, seed: str, rated: Iterable[int], number: int) -> list[int]:
    """Return which of the leaves of ratings are drawn, in order: those with the smallest
    SHA-256("hcp/v1/draw" | 0 | root | seed | 0 | number of the leaf as 8 bytes).
    """
    begin = hashlib.sha256(_DRAW + root + seed.encode() + b"\0")

    def place(no: int) -> bytes:
        one = begin.copy()
        one.update(no.to_bytes(8))
        return one.digest()

    return sorted(sorted(rated, key=place)[:number])


def share_found(number: int) -> float:
    """Return which share of altered ratings a clean sample of so many excludes with 95 %:
    1 - 0.05^(1/n).
    """
    return 1 - _SURE ** (1 / number) if number else 1.0


@dataclass(frozen=True)
class Draw:
    """What an auditor asks to be opened."""

    day: str
    seed: str
    numbers: tuple[int, ...]


@dataclass(frozen=True)
class Found:
    """What a sample of a day found: the word that drew it, who checked, and how many leaves did
    not hold.
    """

    day: str
    seed: str
    auditor: str
    leaves: int
    wrong: int
