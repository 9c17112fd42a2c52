"""What the audit trail calls what is done to ratings."""

from haochaping.audit.rules import Subject, Trail
from haochaping.kernel.words import Words

TRAIL: Trail = {
    "evaluation": Subject(
        Words("评价", "rating"),
        {
            "read": Words("查看评价", "Read a rating"),
            "replace": Words("群众改评", "Replaced a rating"),
            "rate_by_phone": Words("电话登记评价", "Registered a rating by phone"),
            "erase": Words("依法删除个人信息", "Erased what was personal"),
            "refuse_waiting": Words("待登记评价被拒", "Refused a waiting rating"),
            "expire_waiting": Words("待登记评价到期", "Gave up a waiting rating"),
        },
    )
}
