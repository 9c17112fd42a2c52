"""What a leaf says in public (trust design §1.3): of what kind it is, a commitment that tells
nothing without its salt, and for a change which leaf it changes and why.
"""

from enum import IntEnum

from haochaping.ledger.rules.tree import HASH

_VERSION = 1


class Leaf(IntEnum):
    """Kinds of leaves."""

    SUBMITTED = 0x01  # 评价
    REPLACED = 0x02  # 改评
    INVALIDATED = 0x03  # 不计入调整后统计; a reason 0 takes that back 申诉恢复
    ERASED = 0x04  # 依法删除个人信息
    ORDER = 0x05  # 工单流转
    INVITED = 0x06  # 办件批次: how many services could be rated
    STATEMENT = 0x07  # 每日统计声明
    DAYBOOK = 0x08  # 日账根
    KEY = 0x09  # 密钥、规则与代码表
    CANARY = 0x0A  # 探测评价的结果
    RESTATEMENT = 0x0B  # 更正
    AUDIT = 0x0C  # 审计条目, in a log of their own


ELSEWHERE = (1 << 64) - 1  # the leaf that is changed stands in another log
CHANGES = frozenset((Leaf.REPLACED, Leaf.INVALIDATED, Leaf.ERASED))


def leaf(kind: Leaf, commitment: bytes, changed: int | None = None, reason: int = 0) -> bytes:
    """Return the entry of a leaf: 34 bytes, or 43 for one that changes the leaf `changed`.

    Raises ValueError where they do not fit together.
    """
    if len(commitment) != HASH or (changed is not None) != (kind in CHANGES):
        raise ValueError(kind, changed)
    head = bytes([_VERSION, kind]) + commitment
    return head if changed is None else head + changed.to_bytes(8) + bytes([reason])


def moved(entry: bytes, since: int, by: int) -> bytes:
    """Return a leaf of a log in which all from a number on moved: where it names one of these, it
    names it by its new number.
    """
    if Leaf(entry[1]) not in CHANGES:
        return entry
    named = int.from_bytes(entry[34:42])
    if named == ELSEWHERE or named < since:
        return entry
    return entry[:34] + (named + by).to_bytes(8) + entry[42:]
