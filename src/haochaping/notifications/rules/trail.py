"""What the audit trail calls what is done here."""

from haochaping.audit.rules import Subject, Trail
from haochaping.kernel.words import Words

TRAIL: Trail = {
    "contact": Subject(
        Words("提醒地址", "address for notices"),
        {
            "add": Words("添加提醒地址", "Added an address for notices"),
            "remove": Words("移除提醒地址", "Removed an address for notices"),
            "renew": Words("更换签名密钥", "Renewed the secret of an address for notices"),
        },
    ),
    "template": Subject(
        Words("短信模板", "message template"),
        {
            "propose": Words("提议短信正文", "Proposed the text of a message"),
            "approve": Words("启用短信正文", "Put the text of a message in force"),
            "reject": Words("退回短信正文", "Rejected the text of a message"),
        },
    ),
}
