"""Vocabulary of the feed."""

from enum import IntEnum


class Kind(IntEnum):
    """What kind of fact an entry refers to; the reference is the fact's key."""

    RECORD = 1  # 办件服务记录
    RATING = 2  # 首次评价
    FOLLOW_UP = 3  # 追加评价
    SET_ASIDE = 4  # 申诉成立，不计入调整后统计: the reference is the rating's
    REPLACED = 5  # 改评: the reference is the rating's
    RESTORED = 7  # 申诉恢复: set aside and taken in again; the reference is the rating's
    ERASED = 8  # 个人信息已删除: the reference is the rating's
    AMENDED = 9  # 办件更正: the reference is the service's
    ORDER = 6  # 差评工单有了变化: the reference is the order's
