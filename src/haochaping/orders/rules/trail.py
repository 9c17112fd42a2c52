"""What the audit trail calls what is done to orders: every move, and what stands beside them."""

from haochaping.audit.rules import Subject, Trail
from haochaping.kernel.words import Words
from haochaping.orders.rules.moves import ROWS

TRAIL: Trail = {
    "order": Subject(
        Words("工单", "order"),
        {
            **{str(verb): row.says for verb, row in ROWS.items()},
            "attach": Words("上传附件", "Attached a file"),
            "quarantine": Words("附件隔离", "Quarantined a file"),
            "reveal_phone": Words("查看群众电话", "Looked at a phone number"),
        },
    ),
    "dispatch_rule": Subject(
        Words("派单规则", "dispatch rule"),
        {
            "keep": Words("启用派单规则", "Kept a rule"),
            "retire": Words("停用派单规则", "Retired a rule"),
        },
    ),
    "text": Subject(
        Words("常用语", "text"),
        {
            "keep": Words("添加常用语", "Kept a text"),
            "retire": Words("停用常用语", "Retired a text"),
        },
    ),
}
