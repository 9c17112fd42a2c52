"""What the fields of the interface mean, and what a JSON Schema adds to their types."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from haochaping.evaluations.rules import CHANNELS, MAX_CODES, MAX_WORDS
from haochaping.exchange.rules import MOST
from haochaping.indicators.rules import LEVELS
from haochaping.invitations.rules import LINK_DAYS
from haochaping.kernel.words import Words


@dataclass(frozen=True)
class Meaning:
    """What a field says, and what a JSON Schema adds to its type."""

    says: Words
    limits: Mapping[str, Any] = field(default_factory=dict)


def _code(names: Mapping[Any, Words]) -> Words:
    return Words(
        "；".join(f"{int(code)} {words.zh}" for code, words in names.items()),
        "; ".join(f"{int(code)} {words.en}" for code, words in names.items()),
    )


_STATUS = Words("1 待受理，2 已受理，3 已办结", "1 waiting, 2 accepted, 3 finished")
FIELDS: Mapping[str, Meaning] = {
    "project_no": Meaning(
        Words("办件编号，全国唯一", "Number of the case, unique in the country"),
        {"minLength": 1, "maxLength": 64},
    ),
    "service_number": Meaning(
        Words(
            "第几次服务；与办件编号一起确定一次服务",
            "Which service of the case; with project_no it names the service",
        ),
        {"minimum": 1, "maximum": 99},
    ),
    "region": Meaning(
        Words("行政区划代码，6 或 12 位", "Code of the region, 6 or 12 digits"),
        {"pattern": "^[0-9]{6}([0-9]{6})?$"},
    ),
    "department_code": Meaning(
        Words("部门统一社会信用代码，校验位须正确", "The department's credit code, checked")
    ),
    "item_code": Meaning(
        Words("事项编码 31 位，业务办理项 33 位", "Code of the item: 31 characters, or 33")
    ),
    "served_at": Meaning(
        Words(
            "服务时间：RFC 3339，或 2026-08-12 14:01:41（北京时间）",
            "When: RFC 3339, or 2026-08-12 14:01:41 in China time",
        )
    ),
    "window_code": Meaning(Words("窗口编号", "Code of the window")),
    "applicant": Meaning(
        Words("申请人，全部加密保存", "Whom the service was for; stored encrypted")
    ),
    "reason": Meaning(Words("为何更正", "Why it is amended"), {"minLength": 1}),
    "level": Meaning(_code(LEVELS), {"minimum": 1, "maximum": 5}),
    "channel": Meaning(_code(CHANNELS), {"minimum": 1, "maximum": max(CHANNELS)}),
    "codes": Meaning(
        Words(
            "评价指标代码，须属所选等级；差评须有指标或文字",
            "Indicator codes of the level; a bad rating needs codes or words",
        ),
        {"maxItems": MAX_CODES},
    ),
    "words": Meaning(Words("评价内容", "What the citizen wrote"), {"maxLength": MAX_WORDS}),
    "rated_at": Meaning(Words("评价时间，空为现在", "When it was given; empty means now")),
    "Batch.messages": Meaning(Words("消息", "Messages"), {"maxItems": MOST}),
    "Inward.id": Meaning(
        Words("永不改变的消息号", "The number of the message, which never changes"),
        {"minLength": 1, "maxLength": 64},
    ),
    "Inward.document": Meaning(
        Words("国标字段名，值都是文本", "Fields by their national names; all values are texts")
    ),
    "day": Meaning(Words("文档里的日期", "The date in the documents"), {"format": "date"}),
    "prefix": Meaning(
        Words("前缀：SHA-256(id) 的十六进制位", "A prefix of SHA-256 over the id, hexadecimal"),
        {"pattern": "^[0-9a-f]*$"},
    ),
    "want": Meaning(
        Words(
            "node 结点，children 其下十六个，entries 全部消息",
            "node: the node, children: the sixteen below, entries: the messages",
        ),
        {"enum": ["node", "children", "entries"]},
    ),
    "of": Meaning(
        Words(
            "told 我们报给你的，received 我们收到你的",
            "told: what we told you, received: what of yours we have",
        ),
        {"enum": ["told", "received"]},
    ),
    "Rating.kind": Meaning(
        Words("1 首次评价，2 追加评价", "1 first, 2 follow-up"), {"minimum": 1, "maximum": 2}
    ),
    "wait": Meaning(
        Words(
            "办件尚未登记时先保存，登记后生效",
            "Keep it when the service is not registered yet; it counts once the record arrives",
        )
    ),
    "is_default": Meaning(
        Words("不接受系统默认评价", "A default rating is refused"), {"const": False}
    ),
    "rater": Meaning(Words("评价人，全部可空", "Who rated; all of it may be empty")),
    "back_url": Meaning(Words("评价后返回的地址", "Where the page leads back to")),
    "embed": Meaning(
        Words("嵌入评价页的网站源", "The origin of the page that shows it in a frame")
    ),
    "days": Meaning(
        Words("链接有效天数", "How many days it is good"), {"minimum": 1, "maximum": LINK_DAYS}
    ),
    "since": Meaning(Words("上次收到的最大序号", "The last number you have seen"), {"minimum": 0}),
    "cursor": Meaning(
        Words("上一页给出的位置，首次为空", "What the last page gave, empty at first")
    ),
    "overlap_hours": Meaning(
        Words("旧密钥还有效的小时数", "For how many hours the old key stays good")
    ),
    "receipt": Meaning(Words("评价回执号", "Number of the receipt")),
    "record": Meaning(Words("办件回执号", "Number of the record")),
    "code": Meaning(Words("稳定的代码，见 codes.md", "Stable; see codes.md")),
    "detail_zh": Meaning(Words("中文说明", "The sentence in Chinese")),
    "detail": Meaning(Words("英文说明", "The sentence in English")),
    "more": Meaning(Words("是否还有下一页", "Whether there is more")),
    "secret": Meaning(Words("密钥，只出现一次", "Told once")),
    "department_name": Meaning(
        Words(
            "部门名称；部门未知时按此登记待确认",
            "Name of the department, where it is not known yet",
        )
    ),
    "item_name": Meaning(Words("事项名称", "Name of the item")),
    "service_name": Meaning(Words("服务名称", "Name of the service")),
    "task_type": Meaning(Words("事项类型代码，99 为未知", "Type of the item; 99 is not known")),
    "stage": Meaning(
        Words(
            "环节：1 事项设立，2 应用上线，3 办件服务，4 证照共享，5 结果送达",
            "Stage: 1 item, 2 application, 3 service, 4 licence shared, 5 result delivered",
        ),
        {"minimum": 1, "maximum": 5},
    ),
    "Record.status": Meaning(_STATUS, {"minimum": 1, "maximum": 3}),
    "Amended.status": Meaning(_STATUS, {"minimum": 1, "maximum": 3}),
    "Known.status": Meaning(_STATUS),
    "accepted_at": Meaning(Words("受理时间", "When the case was accepted")),
    "finished_at": Meaning(Words("办结时间", "When the case was finished")),
    "online": Meaning(Words("是否网上办理，空为未知", "Done online or not; null: not known")),
    "staff_number": Meaning(Words("工作人员工号", "Number of the member of staff")),
    "staff_name": Meaning(Words("工作人员姓名", "Name of the member of staff")),
    "extra": Meaning(Words("本单位自用字段，原样保存", "An object of your own; kept")),
    "name": Meaning(Words("姓名", "Name")),
    "Applicant.kind": Meaning(Words("申请人类型，国标代码", "Kind of applicant, national code")),
    "certificate_type": Meaning(Words("证件类型，国标代码", "Kind of certificate, national code")),
    "cert_key": Meaning(
        Words("统一身份认证的不透明标识", "Opaque hash from the national identity system")
    ),
    "phone": Meaning(
        Words("手机号，或带区号的座机号", "Mobile number, or landline with area code")
    ),
    "anonymous": Meaning(Words("匿名评价", "Rated without a name")),
    "RecordStored.outcome": Meaning(
        Words("accepted 已保存，duplicate 此前已保存", "accepted: stored now, duplicate: before")
    ),
    "RatingStored.outcome": Meaning(
        Words("waiting 等待办件登记", "waiting: kept until its service is registered")
    ),
    "url": Meaning(Words("群众评价的地址", "Where the citizen rates")),
    "rated": Meaning(Words("是否已评价", "Whether it was rated")),
    "until": Meaning(Words("平板提示到何时", "Until when the tablet asks")),
    "amendments": Meaning(Words("更正次数", "How often it was amended")),
    "followed_up": Meaning(Words("是否已追评", "Whether it was followed up")),
    "promise": Meaning(
        Words(
            "入账承诺：签名文本，可转交评价人；未评价或账本核查中为 null",
            "A signed note that the rating will stand in the ledger, to hand to its citizen; null "
            "where it is not rated or the ledger is being examined",
        )
    ),
    "items": Meaning(Words("逐条结果", "One for each, in order")),
    "last": Meaning(Words("本页最大序号", "The last number of the page")),
    "no": Meaning(Words("序号", "Number")),
    "Settled.kind": Meaning(Words("1 首次评价，2 追加评价", "1 first, 2 follow-up")),
    "Settled.outcome": Meaning(Words("accepted 已计入，refused 未受理", "accepted or refused")),
    "at": Meaning(Words("时间", "When")),
    "Change.kind": Meaning(
        Words(
            "发生了什么", "service, rating, follow_up, replacement, set_aside, restored or erased"
        )
    ),
    "key": Meaning(Words("密钥编号", "Id of the key")),
    "algorithm": Meaning(Words("签名算法", "How it signs")),
    "departments": Meaning(Words("限定的部门，空为不限", "Departments it is bound to, or none")),
    "everybodys": Meaning(
        Words("可否办理他系统登记的办件", "Whether it may work on services of other systems")
    ),
    "keys": Meaning(Words("有效的密钥", "Keys in force")),
    "ends_at": Meaning(Words("何时失效", "When it ends")),
    "old_key_ends_in_hours": Meaning(
        Words("旧密钥剩余小时数", "For how many hours the old key is good")
    ),
    "known_everywhere_in_seconds": Meaning(
        Words("多少秒后处处可用", "After how many seconds it is known everywhere")
    ),
    "type": Meaning(Words("问题类型", "Kind of the problem")),
    "title": Meaning(Words("标题", "Title")),
    "status": Meaning(Words("HTTP 状态", "HTTP status")),
    "field": Meaning(Words("哪个字段", "Which field")),
    "accepted": Meaning(Words("已保存行数", "Rows stored")),
    "duplicate": Meaning(Words("此前已保存行数", "Rows stored before")),
    "refused": Meaning(Words("未受理行数", "Rows refused")),
    "rows": Meaning(Words("未受理的行，最多 1000", "Refused rows, 1000 at most")),
    "unknown_fields": Meaning(Words("未识别的列", "Columns that are not known")),
    "line": Meaning(Words("行号", "Number of the line")),
    "names": Meaning(Words("该行的编号", "What the row names")),
}
