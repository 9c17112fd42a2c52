"""Vocabulary of the feed."""

from enum import IntEnum


class Kind(IntEnum):
    """What kind of fact an entry refers to; the reference is the fact's key."""

    RECORD = 1  # 办件服务记录
    RATING = 2  # 首次评价
    FOLLOW_UP = 3  # 追加评价
