"""What the interface takes and gives, for type checkers.

Written from docs/integrate/openapi.json by `hcp docs`: do not edit.
"""

from typing import Any, Optional, TypedDict

__all__ = [
    "Amended",
    "Applicant",
    "CallWanted",
    "Called",
    "Change",
    "Changes",
    "FileReport",
    "KeyFacts",
    "KeyInForce",
    "Known",
    "Link",
    "LinkWanted",
    "Nothing",
    "Outcomes",
    "Page",
    "Problem",
    "Rater",
    "Rating",
    "RatingStored",
    "Record",
    "RecordStored",
    "RefusedRow",
    "Rotated",
    "RotationWanted",
    "Service",
    "Settled",
    "Since",
]


class Applicant(TypedDict, total=False):
    # 姓名 — Name
    name: str
    # 申请人类型，国标代码 — Kind of applicant, national code
    kind: int
    # 证件类型，国标代码 — Kind of certificate, national code
    certificate_type: str
    # 统一身份认证的不透明标识 — Opaque hash from the national identity system
    cert_key: str
    # 手机号，或带区号的座机号 — Mobile number, or landline with area code
    phone: str


class _Amended(TypedDict):
    # 办件编号，全国唯一 — Number of the case, unique in the country
    project_no: str
    # 第几次服务；与办件编号一起确定一次服务 — Which service of the case; with project_no it names the service
    service_number: int
    # 行政区划代码，6 或 12 位 — Code of the region, 6 or 12 digits
    region: str
    # 部门统一社会信用代码，校验位须正确 — The department's credit code, checked
    department_code: str
    # 事项编码 31 位，业务办理项 33 位 — Code of the item: 31 characters, or 33
    item_code: str
    # 服务时间：RFC 3339，或 2026-08-12 14:01:41（北京时间） — When: RFC 3339, or 2026-08-12 14:01:41 in
    # China time
    served_at: str


class Amended(_Amended, total=False):
    # 部门名称；部门未知时按此登记待确认 — Name of the department, where it is not known yet
    department_name: str
    # 事项名称 — Name of the item
    item_name: str
    # 事项类型代码，99 为未知 — Type of the item; 99 is not known
    task_type: str
    # 服务名称 — Name of the service
    service_name: str
    # 环节：1 事项设立，2 应用上线，3 办件服务，4 证照共享，5 结果送达 — Stage: 1 item, 2 application, 3 service, 4 licence
    # shared, 5 result delivered
    stage: int
    # 1 待受理，2 已受理，3 已办结 — 1 waiting, 2 accepted, 3 finished
    status: int
    # 受理时间 — When the case was accepted
    accepted_at: str
    # 办结时间 — When the case was finished
    finished_at: str
    # 是否网上办理，空为未知 — Done online or not; null: not known
    online: Optional[bool]
    # 窗口编号 — Code of the window
    window_code: str
    # 工作人员工号 — Number of the member of staff
    staff_number: str
    # 工作人员姓名 — Name of the member of staff
    staff_name: str
    # 申请人，全部加密保存 — Whom the service was for; stored encrypted
    applicant: Applicant
    # 本单位自用字段，原样保存 — An object of your own; kept
    extra: dict[str, Any]
    # 为何更正 — Why it is amended
    reason: str


class CallWanted(TypedDict):
    # 办件编号，全国唯一 — Number of the case, unique in the country
    project_no: str
    # 第几次服务；与办件编号一起确定一次服务 — Which service of the case; with project_no it names the service
    service_number: int
    # 窗口编号 — Code of the window
    window_code: str


class Called(TypedDict):
    # 平板提示到何时 — Until when the tablet asks
    until: str


class Change(TypedDict):
    # 发生了什么 — service, rating, follow_up, replacement, set_aside, restored or erased
    kind: str
    # 评价回执号 — Number of the receipt
    receipt: str
    # 办件编号，全国唯一 — Number of the case, unique in the country
    project_no: str
    # 第几次服务；与办件编号一起确定一次服务 — Which service of the case; with project_no it names the service
    service_number: int
    # 部门统一社会信用代码，校验位须正确 — The department's credit code, checked
    department_code: str


class Changes(TypedDict):
    # 逐条结果 — One for each, in order
    items: list[Change]
    # 上一页给出的位置，首次为空 — What the last page gave, empty at first
    cursor: str
    # 是否还有下一页 — Whether there is more
    more: bool


class RefusedRow(TypedDict):
    # 行号 — Number of the line
    line: int
    # 该行的编号 — What the row names
    names: str
    # 稳定的代码，见 codes.md — Stable; see codes.md
    code: str
    # 英文说明 — The sentence in English
    detail: str
    # 中文说明 — The sentence in Chinese
    detail_zh: str


class FileReport(TypedDict):
    # 已保存行数 — Rows stored
    accepted: int
    # 此前已保存行数 — Rows stored before
    duplicate: int
    # 未受理行数 — Rows refused
    refused: int
    # 未受理的行，最多 1000 — Refused rows, 1000 at most
    rows: list[RefusedRow]
    # 未识别的列 — Columns that are not known
    unknown_fields: list[str]


class KeyInForce(TypedDict):
    # 密钥编号 — Id of the key
    key: str
    # 何时失效 — When it ends
    ends_at: Optional[str]


class KeyFacts(TypedDict):
    # 密钥编号 — Id of the key
    key: str
    # 签名算法 — How it signs
    algorithm: str
    # 行政区划代码，6 或 12 位 — Code of the region, 6 or 12 digits
    region: str
    # 限定的部门，空为不限 — Departments it is bound to, or none
    departments: list[str]
    # 可否办理他系统登记的办件 — Whether it may work on services of other systems
    everybodys: bool
    # 有效的密钥 — Keys in force
    keys: list[KeyInForce]


class Known(TypedDict):
    # 办件回执号 — Number of the record
    record: str
    # 1 待受理，2 已受理，3 已办结 — 1 waiting, 2 accepted, 3 finished
    status: int
    # 更正次数 — How often it was amended
    amendments: int
    # 是否已评价 — Whether it was rated
    rated: bool
    # 是否已追评 — Whether it was followed up
    followed_up: bool
    # 入账承诺：签名文本，可转交评价人；未评价或账本核查中为 null — A signed note that the rating will stand in the ledger,
    # to hand to its citizen; null where it is not rated or the ledger is being examined
    promise: Optional[str]


class Link(TypedDict):
    # 群众评价的地址 — Where the citizen rates
    url: str
    # 是否已评价 — Whether it was rated
    rated: bool
    # 链接有效天数 — How many days it is good
    days: int


class _LinkWanted(TypedDict):
    # 办件编号，全国唯一 — Number of the case, unique in the country
    project_no: str
    # 第几次服务；与办件编号一起确定一次服务 — Which service of the case; with project_no it names the service
    service_number: int


class LinkWanted(_LinkWanted, total=False):
    # 1 政务服务网；2 移动端；3 二维码；4 窗口评价器；5 自助终端；6 12345 电话；7 短信；8 邀请链接；9 部门系统 — 1 Web; 2 App; 3 QR
    # code; 4 Window tablet; 5 Terminal; 6 12345 phone; 7 SMS; 8 Link; 9 Department system
    channel: int
    # 评价后返回的地址 — Where the page leads back to
    back_url: str
    # 嵌入评价页的网站源 — The origin of the page that shows it in a frame
    embed: str
    # 链接有效天数 — How many days it is good
    days: int


class Nothing(TypedDict, total=False):
    pass


class Settled(TypedDict):
    # 序号 — Number
    no: int
    # 办件编号，全国唯一 — Number of the case, unique in the country
    project_no: str
    # 第几次服务；与办件编号一起确定一次服务 — Which service of the case; with project_no it names the service
    service_number: int
    # 1 首次评价，2 追加评价 — 1 first, 2 follow-up
    kind: int
    # accepted 已计入，refused 未受理 — accepted or refused
    outcome: str
    # 稳定的代码，见 codes.md — Stable; see codes.md
    code: Optional[str]
    # 评价回执号 — Number of the receipt
    receipt: Optional[str]
    # 时间 — When
    at: str


class Outcomes(TypedDict):
    # 逐条结果 — One for each, in order
    items: list[Settled]
    # 本页最大序号 — The last number of the page
    last: int


class Page(TypedDict, total=False):
    # 上一页给出的位置，首次为空 — What the last page gave, empty at first
    cursor: str


class _Problem(TypedDict):
    # 问题类型 — Kind of the problem
    type: str
    # 标题 — Title
    title: str
    # HTTP 状态 — HTTP status
    status: int
    # 稳定的代码，见 codes.md — Stable; see codes.md
    code: str
    # 英文说明 — The sentence in English
    detail: str
    # 中文说明 — The sentence in Chinese
    detail_zh: str


class Problem(_Problem, total=False):
    # 哪个字段 — Which field
    field: str


class Rater(TypedDict, total=False):
    # 姓名 — Name
    name: str
    # 统一身份认证的不透明标识 — Opaque hash from the national identity system
    cert_key: str
    # 手机号，或带区号的座机号 — Mobile number, or landline with area code
    phone: str
    # 匿名评价 — Rated without a name
    anonymous: bool


class _Rating(TypedDict):
    # 办件编号，全国唯一 — Number of the case, unique in the country
    project_no: str
    # 第几次服务；与办件编号一起确定一次服务 — Which service of the case; with project_no it names the service
    service_number: int
    # 5 非常满意；4 满意；3 基本满意；2 不满意；1 非常不满意 — 5 Very satisfied; 4 Satisfied; 3 Fairly satisfied; 2
    # Dissatisfied; 1 Very dissatisfied
    level: int
    # 1 政务服务网；2 移动端；3 二维码；4 窗口评价器；5 自助终端；6 12345 电话；7 短信；8 邀请链接；9 部门系统 — 1 Web; 2 App; 3 QR
    # code; 4 Window tablet; 5 Terminal; 6 12345 phone; 7 SMS; 8 Link; 9 Department system
    channel: int


class Rating(_Rating, total=False):
    # 评价时间，空为现在 — When it was given; empty means now
    rated_at: str
    # 1 首次评价，2 追加评价 — 1 first, 2 follow-up
    kind: int
    # 评价指标代码，须属所选等级；差评须有指标或文字 — Indicator codes of the level; a bad rating needs codes or words
    codes: list[int]
    # 评价内容 — What the citizen wrote
    words: str
    # 评价人，全部可空 — Who rated; all of it may be empty
    rater: Rater
    # 不接受系统默认评价 — A default rating is refused
    is_default: bool
    # 办件尚未登记时先保存，登记后生效 — Keep it when the service is not registered yet; it counts once the
    # record arrives
    wait: bool


class _RatingStored(TypedDict):
    # waiting 等待办件登记 — waiting: kept until its service is registered
    outcome: str


class RatingStored(_RatingStored, total=False):
    # 评价回执号 — Number of the receipt
    receipt: str


class _Record(TypedDict):
    # 办件编号，全国唯一 — Number of the case, unique in the country
    project_no: str
    # 第几次服务；与办件编号一起确定一次服务 — Which service of the case; with project_no it names the service
    service_number: int
    # 行政区划代码，6 或 12 位 — Code of the region, 6 or 12 digits
    region: str
    # 部门统一社会信用代码，校验位须正确 — The department's credit code, checked
    department_code: str
    # 事项编码 31 位，业务办理项 33 位 — Code of the item: 31 characters, or 33
    item_code: str
    # 服务时间：RFC 3339，或 2026-08-12 14:01:41（北京时间） — When: RFC 3339, or 2026-08-12 14:01:41 in
    # China time
    served_at: str


class Record(_Record, total=False):
    # 部门名称；部门未知时按此登记待确认 — Name of the department, where it is not known yet
    department_name: str
    # 事项名称 — Name of the item
    item_name: str
    # 事项类型代码，99 为未知 — Type of the item; 99 is not known
    task_type: str
    # 服务名称 — Name of the service
    service_name: str
    # 环节：1 事项设立，2 应用上线，3 办件服务，4 证照共享，5 结果送达 — Stage: 1 item, 2 application, 3 service, 4 licence
    # shared, 5 result delivered
    stage: int
    # 1 待受理，2 已受理，3 已办结 — 1 waiting, 2 accepted, 3 finished
    status: int
    # 受理时间 — When the case was accepted
    accepted_at: str
    # 办结时间 — When the case was finished
    finished_at: str
    # 是否网上办理，空为未知 — Done online or not; null: not known
    online: Optional[bool]
    # 窗口编号 — Code of the window
    window_code: str
    # 工作人员工号 — Number of the member of staff
    staff_number: str
    # 工作人员姓名 — Name of the member of staff
    staff_name: str
    # 申请人，全部加密保存 — Whom the service was for; stored encrypted
    applicant: Applicant
    # 本单位自用字段，原样保存 — An object of your own; kept
    extra: dict[str, Any]


class RecordStored(TypedDict):
    # accepted 已保存，duplicate 此前已保存 — accepted: stored now, duplicate: before
    outcome: str
    # 办件回执号 — Number of the record
    record: str


class Rotated(TypedDict):
    # 密钥编号 — Id of the key
    key: str
    # 密钥，只出现一次 — Told once
    secret: str
    # 旧密钥剩余小时数 — For how many hours the old key is good
    old_key_ends_in_hours: int
    # 多少秒后处处可用 — After how many seconds it is known everywhere
    known_everywhere_in_seconds: int


class RotationWanted(TypedDict, total=False):
    # 旧密钥还有效的小时数 — For how many hours the old key stays good
    overlap_hours: int


class Service(TypedDict):
    # 办件编号，全国唯一 — Number of the case, unique in the country
    project_no: str
    # 第几次服务；与办件编号一起确定一次服务 — Which service of the case; with project_no it names the service
    service_number: int


class Since(TypedDict, total=False):
    # 上次收到的最大序号 — The last number you have seen
    since: int
