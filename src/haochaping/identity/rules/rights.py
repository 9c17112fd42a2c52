"""Rights, roles and how far they reach.

A role is a table row here; who holds it where is a grant in the database.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from haochaping.audit.rules import Subject, Trail
from haochaping.kernel.words import Words

SYSTEM = 0  # the platform acting by itself, with the same verbs as people


class Right(StrEnum):
    """What a person may do within the scope of the grant."""

    SEE_DESK = "see_desk"
    SEE_RATINGS = "see_ratings"
    # single ratings of today: whoever works near the window sees them a day later (trust design
    # §1.7)
    SEE_LIVE = "see_live"
    SEE_ORDERS = "see_orders"
    SEE_FIGURES = "see_figures"
    SEE_DIRECTORY = "see_directory"
    SEE_AUDIT = "see_audit"
    DISPATCH = "dispatch"  # 派单
    HANDLE = "handle"  # 承办
    CALL_BACK = "call_back"  # 回访、电话评价
    CALL = "call"  # 请评价: at one's own window
    SEE_MESSAGES = "see_messages"  # 短信记录
    SCREEN = "screen"  # 异常处理
    KEEP_DIRECTORY = "keep_directory"  # 窗口、事项维护
    KEEP_POLICY = "keep_policy"  # 处置规则、工作日历
    DECIDE = "decide"  # 延期审批、退回争议裁定
    SUPERVISE = "supervise"  # 催办、督办、通报、约谈
    SEE_BOARD = "see_board"  # 督办看板
    INSTRUCT = "instruct"  # 领导批示
    SEE_PEOPLE = "see_people"  # 用户
    KEEP_PEOPLE = "keep_people"  # 账号与岗位
    CONFIRM_PEOPLE = "confirm_people"  # 复核岗位
    KEEP_KEYS = "keep_keys"  # 应用与密钥
    RUN_SYSTEM = "run_system"  # 系统运行
    KEEP_RETENTION = "keep_retention"  # 留存期限
    ANNOUNCE = "announce"  # 公告
    KEEP_INDICATORS = "keep_indicators"  # 指标编修与复核
    EXCHANGE = "exchange"  # 平台对接: what goes to partners, reconciliation, quarantine
    PRIVACY = "privacy"  # 个人信息请求
    PUBLISH = "publish"  # 结果公开: of the whole province, by two persons


RIGHTS: Mapping[Right, Words] = {
    Right.SEE_DESK: Words("看工作台", "see the desk"),
    Right.SEE_RATINGS: Words("查单条评价", "see single ratings"),
    Right.SEE_LIVE: Words("查当天的单条评价", "see single ratings of today"),
    Right.SEE_ORDERS: Words("看差评工单", "see orders"),
    Right.SEE_FIGURES: Words("看统计分析", "see figures"),
    Right.SEE_DIRECTORY: Words("看基础配置", "see the directory"),
    Right.SEE_AUDIT: Words("看审计日志", "read the audit trail"),
    Right.DISPATCH: Words("派单", "dispatch orders"),
    Right.HANDLE: Words("承办工单", "handle orders"),
    Right.CALL_BACK: Words("回访、电话评价", "call back, rate by telephone"),
    Right.CALL: Words("在本窗口请评价", "ask for a rating at the own window"),
    Right.SEE_MESSAGES: Words("看短信与渠道记录", "see messages and channels"),
    Right.SCREEN: Words("处理异常", "decide on anomalies"),
    Right.KEEP_DIRECTORY: Words("维护窗口、事项、人员、设备", "keep the directory"),
    Right.KEEP_POLICY: Words("修订处置规则与日历", "revise policies and calendar"),
    Right.DECIDE: Words("审批延期、裁定争议", "decide on extensions and disputes"),
    Right.SUPERVISE: Words("催办、督办、通报", "supervise"),
    Right.SEE_BOARD: Words("看督办看板", "see the board of supervision"),
    Right.INSTRUCT: Words("批示", "instruct"),
    Right.SEE_PEOPLE: Words("看用户", "see people"),
    Right.KEEP_PEOPLE: Words("建账号、提岗位", "make accounts, propose posts"),
    Right.CONFIRM_PEOPLE: Words("复核岗位", "confirm posts"),
    Right.KEEP_KEYS: Words("管应用与密钥", "keep systems and keys"),
    Right.RUN_SYSTEM: Words("看系统运行", "see how the system runs"),
    Right.KEEP_RETENTION: Words("定留存期限", "set terms of retention"),
    Right.ANNOUNCE: Words("拟、发公告", "announce"),
    Right.KEEP_INDICATORS: Words("编修与复核指标", "keep indicators"),
    Right.EXCHANGE: Words("平台对接与对账", "exchange with partners"),
    Right.PRIVACY: Words("答复个人信息请求", "answer requests about personal data"),
    Right.PUBLISH: Words("结果公开", "publish results"),
}


@dataclass(frozen=True)
class Role:
    """A post in an office, with what its holder may do."""

    title: Words
    rights: frozenset[Right]


_SEE = {Right.SEE_DESK, Right.SEE_RATINGS, Right.SEE_ORDERS, Right.SEE_FIGURES, Right.SEE_DIRECTORY}
_OFFICE = _SEE | {
    Right.SEE_LIVE,
    Right.DISPATCH,
    Right.SCREEN,
    Right.KEEP_DIRECTORY,
    Right.SEE_AUDIT,
    Right.SEE_MESSAGES,
}
_OFFICE |= {Right.KEEP_POLICY, Right.DECIDE, Right.SUPERVISE, Right.SEE_BOARD}
_OFFICE |= {Right.ANNOUNCE, Right.SEE_PEOPLE, Right.CONFIRM_PEOPLE, Right.EXCHANGE, Right.PRIVACY}

ROLES: Mapping[str, Role] = {
    "province": Role(
        Words("省政务办", "Provincial office"),
        frozenset(_OFFICE | {Right.INSTRUCT, Right.PUBLISH, Right.KEEP_INDICATORS}),
    ),
    "city": Role(Words("市政务办", "City office"), frozenset(_OFFICE)),
    "agent": Role(
        Words("12345 坐席", "12345 agent"),
        frozenset(_SEE | {Right.SEE_LIVE, Right.DISPATCH, Right.CALL_BACK, Right.SEE_BOARD}),
    ),
    "hotline": Role(
        Words("城市 12345 系统", "City 12345 system"),
        frozenset({Right.SEE_ORDERS, Right.DISPATCH, Right.HANDLE, Right.CALL_BACK}),
    ),
    "clerk": Role(Words("窗口人员", "Window clerk"), frozenset({Right.CALL})),
    "handler": Role(
        Words("部门经办", "Department handler"),
        frozenset({Right.SEE_DESK, Right.SEE_ORDERS, Right.HANDLE, Right.SEE_FIGURES}),
    ),
    "hall": Role(
        Words("大厅管理员", "Hall manager"),
        # no orders: they would show a bad rating while the rater still stands at the window
        frozenset(
            _SEE - {Right.SEE_ORDERS} | {Right.KEEP_DIRECTORY, Right.SEE_MESSAGES, Right.ANNOUNCE}
        ),
    ),
    "leader": Role(
        Words("领导", "Leader"),
        frozenset(_SEE | {Right.INSTRUCT, Right.SEE_BOARD, Right.PUBLISH, Right.KEEP_INDICATORS}),
    ),
    "auditor": Role(
        Words("审计员", "Auditor"),
        frozenset({Right.SEE_DESK, Right.SEE_AUDIT, Right.SEE_FIGURES, Right.SEE_PEOPLE}),
    ),
    "admin": Role(
        Words("系统管理员", "System administrator"),
        frozenset(
            {
                Right.SEE_DESK,
                Right.SEE_DIRECTORY,
                Right.KEEP_DIRECTORY,
                Right.SEE_PEOPLE,
                Right.KEEP_PEOPLE,
                Right.KEEP_KEYS,
                Right.EXCHANGE,
                Right.RUN_SYSTEM,
                Right.KEEP_RETENTION,
                Right.ANNOUNCE,
            }
        ),
    ),
    # 三员分立: one makes accounts, one confirms what they may do, one reads the trail
    "security": Role(
        Words("安全管理员", "Security administrator"),
        frozenset({Right.SEE_DESK, Right.SEE_PEOPLE, Right.CONFIRM_PEOPLE, Right.KEEP_RETENTION}),
    ),
}


@dataclass(frozen=True)
class Reach:
    """What a person may see.

    A range of 12-digit region codes and, for a department's people, their department.
    """

    low: int
    high: int
    department_id: int | None = None

    @property
    def scope(self) -> tuple[int, int]:
        """The range as a pair."""
        return self.low, self.high

    def covers(self, region: int) -> bool:
        """Say whether a region lies within."""
        return self.low <= region <= self.high


EVERYWHERE = Reach(0, 10**12 - 1)


# what the audit trail calls what is done here
TRAIL: Trail = {
    "user": Subject(
        Words("账号", "account"),
        {
            "appoint": Words("任命账号", "Appointed"),
            "sign_in": Words("登录", "Signed in"),
            "fail_sign_in": Words("登录失败", "Failed to sign in"),
            "refuse": Words("越权被拒", "Refused: not allowed"),
            "propose": Words("提出岗位", "Proposed a post"),
            "confirm": Words("复核岗位", "Confirmed a post"),
            "reject": Words("退回岗位", "Turned down a post"),
            "reset_password": Words("重置密码", "Reset a password"),
            "change_password": Words("修改密码", "Changed the own password"),
            "begin_factor": Words("启用两步验证", "Began a second factor"),
            "bind_provider": Words("绑定统一身份认证", "Bound to the identity provider"),
            "use_recovery": Words("使用恢复码", "Used a recovery code"),
            "drop_factor": Words("停用两步验证", "Gave up the second factor"),
            "end_session": Words("结束登录", "Ended a session"),
            "disable": Words("停用账号", "Disabled an account"),
            "enable": Words("恢复账号", "Enabled an account"),
        },
    ),
    "api_key": Subject(
        Words("接口密钥", "key"),
        {
            "issue_key": Words("签发密钥", "Issued a key"),
            "revoke_key": Words("停用密钥", "Revoked a key"),
            "start_client": Words("启用接入系统", "Started a client"),
            "hold_client": Words("停用接入系统", "Had a client rest"),
            "limit_client": Words("变更接入限制", "Changed a client's limits"),
            "propose_grant": Words("提出扩大接入权限", "Proposed a wider grant of a client"),
            "reject_grant": Words("退回接入权限变更", "Turned down a wider grant"),
            "grant_client": Words("变更接入权限", "Changed a client's grant"),
            "follow_successor": Words("随部门合并扩展", "Followed a merger of departments"),
            "refuse": Words("接口越权被拒", "Refused: outside its grant"),
        },
    ),
}
