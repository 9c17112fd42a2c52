"""What a dispatch rule may be."""

from haochaping.audit.rules import Subject, Trail
from haochaping.kernel.errors import Refusal
from haochaping.kernel.words import Words


class NoDepartment(Refusal):
    """The department to dispatch to does not exist here."""

    code = "no_department"
    says = Words(
        "责任单位不存在或不在本地区，请重新选择。",
        "The department does not exist or lies elsewhere; choose again.",
    )


class NoItem(Refusal):
    """The item of a rule does not exist."""

    code = "no_item"
    says = Words("没有这个编码的事项，请核对。", "There is no item of this code; check it.")


# what the audit trail calls what is done here
TRAIL: Trail = {
    "dispatch_rule": Subject(
        Words("派单规则", "dispatch rule"),
        {
            "keep": Words("启用派单规则", "Kept a rule"),
            "retire": Words("停用派单规则", "Retired a rule"),
        },
    )
}
