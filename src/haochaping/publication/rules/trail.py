"""Words of the audit trail about what is published."""

from haochaping.audit.rules import Subject, Trail
from haochaping.kernel.words import Words

TRAIL: Trail = {
    "release": Subject(
        Words("发布", "release"),
        {
            "draft": Words("编制月度结果", "Drafted"),
            "release": Words("发布月度结果", "Released"),
            "withdraw": Words("撤回月度结果", "Withdrew"),
        },
    ),
    "case": Subject(
        Words("公开案例", "published case"),
        {
            "draft_case": Words("拟公开案例", "Drafted"),
            "release_case": Words("公开案例", "Released"),
            "withdraw_case": Words("撤回案例", "Withdrew"),
        },
    ),
}
