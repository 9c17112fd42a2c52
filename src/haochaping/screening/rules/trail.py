"""What the audit trail calls what is done here."""

from haochaping.audit.rules import Subject, Trail
from haochaping.kernel.words import Words

TRAIL: Trail = {
    "evaluation": Subject(
        Words("评价", "rating"),
        {
            "release": Words("异常放行", "Released a rating"),
            "doubt": Words("提出评价无效", "Doubted a rating"),
            "refute": Words("确认评价无效", "Found a rating invalid"),
            "propose_restore": Words("提出恢复评价", "Would take a rating in again"),
            "restore": Words("恢复评价", "Took a rating in again"),
        },
    ),
    "sensitive": Subject(
        Words("敏感词", "sensitive word"),
        {
            "add": Words("添加敏感词", "Added a word"),
            "remove": Words("移除敏感词", "Removed a word"),
        },
    ),
}
