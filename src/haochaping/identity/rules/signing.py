"""The signatures of systems that call us, and what is their own."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qsl

from haochaping.identity.rules.rights import EVERYWHERE, Reach
from haochaping.kernel import crypto
from haochaping.kernel.addresses import Network, parsed, within
from haochaping.kernel.errors import Conflict, Refusal, Unauthorised
from haochaping.kernel.numbers import whole
from haochaping.kernel.words import Words

CLOCK_SKEW_SECONDS = 300  # trust design §5.1


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
    networks: tuple[Network, ...] = ()  # from which it may call; none: from everywhere
    per_minute: int | None = None  # calls; none: as the site says

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
    """The request is not signed as docs/integrate/signing.md says. Where its signature does not
    match, the answer holds the text that we signed, so that its sender sees which line differs:
    it is made of the request alone.
    """

    code = "bad_signature"
    signed_text = ""

    def problem(self) -> dict[str, object]:
        """Return the problem document."""
        told = {"signed_text": self.signed_text} if self.signed_text else {}
        return {**super().problem(), **told}


class NotFromHere(Refusal):
    """A client named the networks that it calls from, and this is none of them."""

    status = 403
    code = "not_from_here"
    says = Words(
        "该系统登记了来源地址，本次请求的来源不在其中；请联系平台管理员核对。",
        "The client named the networks that it calls from, and this request is from none of them; "
        "ask the platform's administrator.",
    )


class Replayed(Refusal):
    """The same signed request came before."""

    status = 409
    code = "replayed"
    says = Words(
        "该请求（nonce）已提交过；重试请换新的 nonce 重新签名。",
        "This nonce was used before; sign a retry with a new nonce.",
    )


def admit(key: ClientKey, address: str) -> None:
    """Raise NotFromHere where a client named its networks and a request comes from none of them."""
    if key.networks and not within(parsed(address), key.networks):
        raise NotFromHere


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
    "签名不符：请与答复中的 signed_text 逐行比对；若相同，则是密钥不对"
    "（docs/integrate/signing.md）。",
    "The signature does not match: compare with signed_text in this answer, line by line; where it "
    "is the same, the secret is another (docs/integrate/signing.md).",
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
        refusal = BadSignature(NO_MATCH)
        refusal.signed_text = text.decode()
        raise refusal
    return key, nonce


MOST_KEYS = 3  # of one client in force at once: the one, its successor, and room for a mistake
KEY_OVERLAPS = (24, 72, 168)  # hours for which an old key is good beside the new one


class TooManyKeys(Refusal):
    """A client has so many keys in force that one more would be one nobody watches."""

    status = 409
    code = "too_many_keys"
    says = Words(
        f"该系统已有 {MOST_KEYS} 个有效密钥，请先停用旧密钥，或等其到期后再轮换。",
        f"This system has {MOST_KEYS} keys in force: revoke one, or wait until one ends.",
    )
