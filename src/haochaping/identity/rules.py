"""Rights, roles and signatures.

A role is a table row here; who holds it where is a grant in the database.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from urllib.parse import parse_qsl

from haochaping.audit.rules import Subject, Trail
from haochaping.kernel import crypto
from haochaping.kernel.errors import Conflict, Refusal, Unauthorised
from haochaping.kernel.numbers import whole
from haochaping.kernel.words import Words

# of the accounts of every demonstration; it opens nothing where there is none
DEMO_PASSWORD = "haochaping-demo"  # noqa: S105 - printed on the screen
SYSTEM = 0  # the platform acting by itself, with the same verbs as people
CLOCK_SKEW_SECONDS = 300  # trust design §5.1


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

ROLES: Mapping[str, Role] = {
    "province": Role(Words("省政务办", "Provincial office"), frozenset(_OFFICE | {Right.INSTRUCT})),
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
        frozenset(_SEE | {Right.KEEP_DIRECTORY, Right.SEE_MESSAGES}),
    ),
    "leader": Role(Words("领导", "Leader"), frozenset(_SEE | {Right.INSTRUCT, Right.SEE_BOARD})),
    "auditor": Role(
        Words("审计员", "Auditor"), frozenset({Right.SEE_DESK, Right.SEE_AUDIT, Right.SEE_FIGURES})
    ),
    "admin": Role(
        Words("系统管理员", "System administrator"),
        frozenset({Right.SEE_DESK, Right.SEE_DIRECTORY, Right.KEEP_DIRECTORY}),
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


@dataclass(frozen=True)
class Client:
    """A system that hands something in, and what is its own.

    Its region; the departments that it may name (credit codes, none: every one of its region); and
    whether it works on services that other systems have registered. `id` is None for ourselves.
    """

    id: int | None
    reach: Reach
    departments: frozenset[str] = frozenset()
    everybodys: bool = False

    def names(self, department: str) -> bool:
        """Say whether it may name a department, by its credit code."""
        return not self.departments or department in self.departments

    def owns(self, registered_by: int | None) -> bool:
        """Say whether a service is its own: it registered it, or no system did."""
        return self.everybodys or registered_by is None or registered_by == self.id


OURSELVES = Client(None, EVERYWHERE, everybodys=True)


@dataclass(frozen=True)
class ClientKey:
    """A key with which a client system signs, and how far the client reaches."""

    kid: str
    client_id: int
    secret: bytes
    algorithm: str  # sha256 | sm3
    reach: Reach
    departments: frozenset[str] = frozenset()
    everybodys: bool = False

    @property
    def client(self) -> Client:
        """The system behind the key."""
        return Client(self.client_id, self.reach, self.departments, self.everybodys)


@dataclass(frozen=True)
class SignedRequest:
    """A request as it came: what is signed, and the signature."""

    method: str
    path: str
    query: str
    body: bytes
    headers: Mapping[str, str]  # names in lower case


class SamePerson(Conflict):
    """What one person has proposed or decided first, another must confirm."""

    code = "same_person"
    says = Words(
        "须由另一人复核，本人不能审核自己的提议。",
        "Another person must confirm it; nobody confirms their own proposal.",
    )


ALGORITHMS = ("sha256", "sm3")  # of keys with which requests are signed


class BadSignature(Unauthorised):
    """The request is not signed as docs/integrate/signing.md says."""

    code = "bad_signature"


class Replayed(Refusal):
    """The same signed request came before."""

    status = 409
    code = "replayed"
    says = Words(
        "该请求（nonce）已提交过；重试请换新的 nonce 重新签名。",
        "This nonce was used before; sign a retry with a new nonce.",
    )


def signing_text(
    request: SignedRequest, *, algorithm: str, time: str, nonce: str, kid: str
) -> bytes:
    """Return the bytes that are signed (trust design §5.1, profile P2)."""
    query = (
        "&".join(
            f"{name}={value}"
            for name, value in sorted(parse_qsl(request.query, keep_blank_values=True))
        )
        if request.query
        else ""
    )
    body = crypto.digest(algorithm, request.body)
    return "\n".join(("HCP1", request.method, request.path, query, body, time, nonce, kid)).encode()


def signed(request: SignedRequest, key: ClientKey, at: datetime) -> dict[str, str]:
    """Return the headers with which whoever holds a key sends a request of JSON."""
    time, nonce = str(int(at.timestamp())), secrets.token_hex(12)
    text = signing_text(request, algorithm=key.algorithm, time=time, nonce=nonce, kid=key.kid)
    return {
        "Content-Type": "application/json",
        "X-HCP-Key": key.kid,
        "X-HCP-Time": time,
        "X-HCP-Nonce": nonce,
        "X-HCP-Signature": crypto.signature(key.secret, key.algorithm, text),
    }


UNSIGNED = Words(
    "缺少签名头：X-HCP-Key、X-HCP-Time、X-HCP-Nonce、X-HCP-Signature 四项均须提供。",
    "Signature headers are missing: X-HCP-Key, X-HCP-Time, X-HCP-Nonce and X-HCP-Signature are "
    "all needed.",
)
UNKNOWN_KEY = Words("密钥编号不存在或已停用。", "The key is unknown or revoked.")
WRONG_TIME = Words(
    f"X-HCP-Time 应为秒级时间戳，且与服务器时间相差不超过 {CLOCK_SKEW_SECONDS} 秒，请校准时钟。",
    f"X-HCP-Time must be a timestamp in seconds within {CLOCK_SKEW_SECONDS} s of the server's "
    "clock; set your clock.",
)
BAD_NONCE = Words(
    "X-HCP-Nonce 应为 8–64 个可见 ASCII 字符。",
    "X-HCP-Nonce must be 8 to 64 printable ASCII characters.",
)
AMBIGUOUS_QUERY = Words(
    "查询串中参数名不得重复，参数名和值不得含有 &、= 或换行（见 docs/integrate/signing.md）。",
    "A name may stand once in the query, and neither names nor values may hold &, = or a line "
    "break (see docs/integrate/signing.md).",
)
NO_MATCH = Words(
    "签名不符，请对照 docs/integrate/signing.md 的测试向量检查。",
    "The signature does not match; check against the test vectors in docs/integrate/signing.md.",
)


def _exact(query: str) -> bool:
    """Say whether the signed text of a query stands for no other query.

    It is written decoded and in order, so what separates it may not be part of it.
    """
    pairs = parse_qsl(query, keep_blank_values=True)
    names = [name for name, _ in pairs]
    return len(names) == len(set(names)) and not any(
        mark in text for pair in pairs for text in pair for mark in "&=\n"
    )


def verify(
    request: SignedRequest, keys: Mapping[str, ClientKey], at: datetime
) -> tuple[ClientKey, str]:
    """Return the key and the nonce of a properly signed request.

    Raises BadSignature with what to mend.
    """
    kid, time, nonce, given = (
        request.headers.get(f"x-hcp-{name}", "") for name in ("key", "time", "nonce", "signature")
    )
    if not (kid and time and nonce and given):
        raise BadSignature(UNSIGNED)
    key = keys.get(kid)
    if key is None:
        raise BadSignature(UNKNOWN_KEY)
    seconds = whole(time, digits=12) or 0
    if abs(seconds - at.timestamp()) > CLOCK_SKEW_SECONDS:
        raise BadSignature(WRONG_TIME)
    # The documented bounds.
    if not 8 <= len(nonce) <= 64 or not nonce.isascii() or not nonce.isprintable():  # noqa: PLR2004
        raise BadSignature(BAD_NONCE)
    if not _exact(request.query):
        raise BadSignature(AMBIGUOUS_QUERY)
    text = signing_text(request, algorithm=key.algorithm, time=time, nonce=nonce, kid=kid)
    expected = crypto.signature(key.secret, key.algorithm, text)
    if not crypto.same(expected, given.lower()):
        raise BadSignature(NO_MATCH)
    return key, nonce


MOST_KEYS = 3  # of one client in force at once: the one, its successor, and room for a mistake


class TooManyKeys(Refusal):
    """A client has so many keys in force that one more would be one nobody watches."""

    status = 409
    code = "too_many_keys"
    says = Words(
        f"该系统已有 {MOST_KEYS} 个有效密钥，请先停用旧密钥，或等其到期后再轮换。",
        f"This system has {MOST_KEYS} keys in force: revoke one, or wait until one ends.",
    )


@dataclass(frozen=True)
class Failures:
    """Failed sign-ins of the last day: of the account from this address, of the account from
    anywhere, and of whoever from this address (moment and account).
    """

    here: Sequence[datetime]
    account: Sequence[datetime]
    address: Sequence[tuple[datetime, str]]


_TRIES = 5  # trust design §5.5
_SPRAYED = 30  # failures from one address within a quarter of an hour, over several accounts
_ACCOUNTS = 8
_QUARTER = 900  # seconds
_WORN = 50  # failures of an account a day, from anywhere, after which it is tried once a minute


def sign_in_wait(failures: Failures, at: datetime) -> int:
    """Return for how many seconds sign-in is closed after these failures.

    Account and address together: five are open, then 15 minutes doubling to a day. An address from
    which many accounts are tried is closed for a quarter of an hour. An account that is tried from
    everywhere only slows down, so that no stranger locks its owner out.
    """
    waits = [0.0]
    if len(failures.here) >= _TRIES:
        closed_for = min(_QUARTER * 2 ** (len(failures.here) - _TRIES), 86400)
        waits.append(closed_for - (at - max(failures.here)).total_seconds())
    recent = [one for one in failures.address if (at - one[0]).total_seconds() < _QUARTER]
    if len(recent) >= _SPRAYED and len({account for _, account in recent}) >= _ACCOUNTS:
        waits.append(_QUARTER - (at - max(moment for moment, _ in recent)).total_seconds())
    if len(failures.account) >= _WORN:
        waits.append(60 - (at - max(failures.account)).total_seconds())
    return int(max(waits))


# what the audit trail calls what is done here
TRAIL: Trail = {
    "user": Subject(
        Words("账号", "account"),
        {
            "appoint": Words("任命账号", "Appointed"),
            "sign_in": Words("登录", "Signed in"),
            "fail_sign_in": Words("登录失败", "Failed to sign in"),
            "refuse": Words("越权被拒", "Refused: not allowed"),
        },
    ),
    "api_key": Subject(
        Words("接口密钥", "key"),
        {
            "issue_key": Words("签发密钥", "Issued a key"),
            "revoke_key": Words("停用密钥", "Revoked a key"),
            "grant_client": Words("变更接入权限", "Changed a client's grant"),
            "refuse": Words("接口越权被拒", "Refused: outside its grant"),
        },
    ),
}
