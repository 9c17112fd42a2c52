"""What the audit trail calls what is done to orders: every move, and what stands beside them."""

from haochaping.audit.rules import Subject, Trail
from haochaping.kernel.words import Words
from haochaping.orders.rules.moves import ROWS

TRAIL: Trail = {
    "order": Subject(
        Words("工单", "order"),
        {
            **{str(verb): row.says for verb, row in ROWS.items()},
            "read": Words("查看工单", "Read an order"),
            "reveal_phone": Words("查看群众电话", "Looked at a phone number"),
        },
    )
}
