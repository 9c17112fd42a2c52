"""What is kept for a time, for how long, and why; and what is kept for good.

Sources: 个人信息保护法 (PIPL) 19 and 47, no longer than the purpose needs; 网络安全法 21, logs of a
network for six months at least; trust design §1.8.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from haochaping.audit.rules import Subject, Trail
from haochaping.kernel.errors import Refusal
from haochaping.kernel.words import Words


@dataclass(frozen=True)
class Term:
    """How many days something is kept: usually, at least and at most, and why."""

    says: Words
    goes: Words  # what becomes of it then
    why: Words
    usual: int
    least: int
    most: int


_LOGS = Words("网络日志不少于六个月（网络安全法第二十一条）", "Logs: six months at least by law")
_PURPOSE = Words(
    "不超过处理目的所需（个人信息保护法第十九条）", "No longer than its purpose needs by law"
)
_GONE = Words("删除", "deleted")

TERMS: Mapping[str, Term] = {
    "applicants": Term(
        Words("办件申请人的姓名、手机号", "Names and telephones of applicants"),
        Words("清空；一人一评的不可逆编号保留", "blanked; the keyed number stays"),
        Words("回访、核实、更正所需", "Needed to call back, verify and correct"),
        1095,
        180,
        3650,
    ),
    "messages": Term(
        Words("短信及群众回复的号码和内容", "Numbers and texts of SMS, both ways"), _GONE, _LOGS,
        400, 180, 1095,
    ),
    "traces": Term(
        Words("评价来源网络的不可逆编号", "Keyed numbers of the networks ratings came from"),
        _GONE, Words("只为发现刷评", "Only to see gaming"), 60, 30, 180,
    ),
    "sessions": Term(
        Words("登录记录与失败记录", "Sign-ins and failures"), _GONE, _LOGS, 400, 180, 1095
    ),
    "calls": Term(
        Words("接口单次调用记录（按小时的统计长期保留）", "Single calls of systems (hours stay)"),
        _GONE, _PURPOSE, 30, 7, 365,
    ),
    "exchange": Term(
        Words(
            "与 12345 系统往来消息、对接方未能入库来件的正文",
            "Texts of messages with 12345 systems, and of what partners sent that did not fit",
        ),
        Words("清空；编号与摘要保留", "blanked; number and digest stay"), _PURPOSE, 90, 30, 730,
    ),
    "deliveries": Term(
        Words("报送记录（已完成的）", "Deliveries to partners that have ended"), _GONE,
        Words("对账与补报所需", "Needed to reconcile and to send again"), 400, 90, 1095,
    ),
    "exports": Term(
        Words("导出的文件", "Exported files"), _GONE, _PURPOSE, 7, 1, 30
    ),
    "reports": Term(
        Words("订阅报告", "Reports"), _GONE, Words("可随时重新生成", "They can be made again"),
        800, 90, 1825,
    ),
}  # fmt: skip

# what is not deleted by age, and why
FOR_GOOD: tuple[tuple[Words, Words], ...] = (
    (
        Words("评价、追评与工单", "Ratings and orders"),
        Words(
            "公开结果与存证的依据；本人可申请删除（个人信息请求）",
            "What is published and proved rests on them; the person may have theirs erased",
        ),
    ),
    (
        Words("审计日志", "The audit trail"),
        Words("只增不改，接入存证账本", "Append-only, entered in the ledger"),
    ),
    (
        Words("存证账本与日志簿", "The ledger and day books"),
        Words("不含个人信息，供任何人验证", "Nothing personal; anybody may verify them"),
    ),
    (
        Words("备份", "Backups"),
        Words(
            "由运维按方案保留；封存密钥的备份不超过 35 天",
            "Kept by the operator's plan; backups of sealing keys 35 days at most",
        ),
    ),
)


class BadTerm(Refusal):
    """A term cannot be so many days."""

    code = "bad_term"

    def __init__(self, term: Term) -> None:
        super().__init__(
            Words(
                f"{term.says.zh}：应为 {term.least}–{term.most} 天。",
                f"{term.says.en}: between {term.least} and {term.most} days.",
            )
        )


# what the audit trail calls what is done here
TRAIL: Trail = {
    "retention": Subject(
        Words("留存期限", "term of retention"),
        {
            "propose": Words("提出留存期限", "Proposed a term"),
            "approve": Words("启用留存期限", "Put a term in force"),
            "reject": Words("退回留存期限", "Rejected a term"),
        },
    )
}
