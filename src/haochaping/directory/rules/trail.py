"""What the audit trail calls what is done to the directory."""

from haochaping.audit.rules import Subject, Trail
from haochaping.kernel.words import Words

TRAIL: Trail = {
    "directory": Subject(
        Words("基础数据", "directory"),
        {
            "import": Words("导入基础数据", "Imported a table"),
            "undo": Words("撤销导入", "Undid an import"),
            "remove": Words("移除基础数据", "Removed an entry"),
            "add": Words("新增基础数据", "Added an entry"),
            "change": Words("变更基础数据", "Changed an entry"),
            "propose_closing": Words("提议停用", "Proposed to close an entry"),
            "propose_reopen": Words("提议启用", "Proposed to open an entry"),
            "close_entry": Words("停用", "Closed an entry"),
            "reopen_entry": Words("启用", "Opened an entry"),
            "reject_closing": Words("退回停用或启用", "Rejected to close or open an entry"),
        },
    ),
    "window": Subject(
        Words("窗口", "window"),
        {
            "propose_open": Words("提议启用窗口", "Proposed to open a window"),
            "propose_close": Words("提议停用窗口", "Proposed to close a window"),
            "open": Words("启用窗口", "Opened a window"),
            "close": Words("停用窗口", "Closed a window"),
            "propose_hours": Words("提议办公时间", "Proposed opening hours"),
            "change_hours": Words("变更办公时间", "Changed opening hours"),
            "reject_hours": Words("退回办公时间", "Rejected opening hours"),
        },
    ),
    "staff": Subject(Words("人员", "staff"), {"set_photo": Words("上传照片", "Set a photo")}),
}
