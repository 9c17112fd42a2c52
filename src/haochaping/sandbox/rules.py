"""What the sandbox allows, and how it finds out what is wrong with a signature."""

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from datetime import timedelta

from haochaping.identity.rules import SignedRequest
from haochaping.kernel.errors import Refusal
from haochaping.kernel.words import Words

PREFIX = "sb"  # of every key here
DAYS = timedelta(days=30)  # for which a system is kept
CALLS = 100  # of one system that are kept
BODY = 4000  # characters of a body that are shown
PER_MINUTE = 120  # calls of one key, and of one address
AN_HOUR = 10  # systems that one address may have made within an hour
SYSTEMS = 2000  # in force at once
UNUSED = timedelta(days=1)  # after which one that nobody called goes


# what a system should have tried before it asks for a key of production
STEPS: Mapping[str, Words] = {
    "signed": Words("签名正确", "A signature was right"),
    "record": Words("登记一次办件", "A service was registered"),
    "rated": Words("上报一条评价，或取得评价链接", "A rating was handed in, or a link asked for"),
    "repeated": Words("重发同一请求，得到“此前已受理”", "The same was sent again: stored before"),
    "batch": Words("批量接口", "A batch was sent"),
    "asked": Words("查询状态或结果", "A status or outcomes were asked for"),
    "rotated": Words("更换密钥，并用新密钥调用", "A key was rotated, and the new one used"),
}


class TooMany(Refusal):
    """So many systems were asked for that somebody is playing."""

    status = 429
    code = "too_many_sandboxes"
    says = Words(
        "从您的网络申请的沙箱过多，请一小时后再试。",
        "Too many sandboxes were asked for from your network; try again in an hour.",
    )


class NotHere(Refusal):
    """What the sandbox does not play."""

    code = "not_in_sandbox"
    says = Words(
        "沙箱不受理文件，请用单条或批量接口试验；正式环境可用。",
        "The sandbox takes no files; try single and batch calls. They work in production.",
    )


# What a caller's signature would be after a common mistake, from the secret, the request, the right
# text and its parts. What equals the signature that came is the mistake.
type Mistake = Callable[[bytes, SignedRequest, list[str]], str]


def _hex(secret: bytes, lines: list[str], glue: str = "\n") -> str:
    return hmac.new(secret, glue.join(lines).encode(), "sha256").hexdigest()


def _with(secret: bytes, lines: list[str], **changes: str) -> str:
    """Sign with some lines written in another way; lines are named as signing.md names them."""
    names = ("version", "method", "path", "query", "digest", "time", "nonce", "key")
    return _hex(secret, [changes.get(name, line) for name, line in zip(names, lines, strict=True)])


def _sha(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()


MISTAKES: Mapping[str, tuple[Words, Mistake]] = {
    "base64": (
        Words(
            "签名应为小写十六进制，您发送的是 Base64。",
            "The signature must be hexadecimal; yours is Base64.",
        ),
        lambda secret, _, lines: base64.b64encode(
            hmac.digest(secret, "\n".join(lines).encode(), "sha256")
        ).decode(),
    ),
    "plain_hash": (
        Words(
            "应使用 HMAC-SHA256，您把密钥拼在原文前后直接做了 SHA-256。",
            "Use HMAC-SHA256; you hashed the secret together with the text.",
        ),
        lambda secret, _, lines: _sha(secret + "\n".join(lines).encode()),
    ),
    "hash_after": (
        Words(
            "应使用 HMAC-SHA256，您把密钥拼在原文前后直接做了 SHA-256。",
            "Use HMAC-SHA256; you hashed the secret together with the text.",
        ),
        lambda secret, _, lines: _sha("\n".join(lines).encode() + secret),
    ),
    "hex_secret": (
        Words(
            "密钥按文本使用，不要先按十六进制解码。",
            "The secret is a text; do not decode it as hexadecimal first.",
        ),
        lambda secret, _, lines: _hex(_unhexed(secret), lines),
    ),
    "crlf": (
        Words(r"各行应以 \n 连接，您用了 \r\n。", r"Lines are joined by \n; you used \r\n."),
        lambda secret, _, lines: _hex(secret, lines, "\r\n"),
    ),
    "last_newline": (
        Words("原文末尾不应有换行。", "The text must not end with a line break."),
        lambda secret, _, lines: _hex(secret, [*lines, ""]),
    ),
    "lower_method": (
        Words("方法应为大写 POST。", "The method must be in capitals: POST."),
        lambda secret, request, lines: _with(secret, lines, method=request.method.lower()),
    ),
    "short_path": (
        Words("路径应含 /api/v1 前缀。", "The path must be whole, with /api/v1 in front."),
        lambda secret, request, lines: _with(
            secret, lines, path=request.path.removeprefix("/api/v1")
        ),
    ),
    "no_digest": (
        Words(
            "第五行应为请求体的 SHA-256，您留空或放了原文。",
            "Line five is the SHA-256 of the body; yours is empty or the body itself.",
        ),
        lambda secret, _, lines: _with(secret, lines, digest=""),
    ),
    "body_itself": (
        Words(
            "第五行应为请求体的 SHA-256，您留空或放了原文。",
            "Line five is the SHA-256 of the body; yours is empty or the body itself.",
        ),
        lambda secret, request, lines: _with(
            secret, lines, digest=request.body.decode("utf-8", "replace")
        ),
    ),
    "empty_digest": (
        Words(
            "第五行用了空内容的 SHA-256；请对实际发送的字节做摘要。",
            "Line five is the digest of nothing; take it over the bytes that are sent.",
        ),
        lambda secret, _, lines: _with(secret, lines, digest=_sha(b"")),
    ),
    "capital_digest": (
        Words("第五行的摘要应为小写。", "The digest in line five must be in lower case."),
        lambda secret, _, lines: _with(secret, lines, digest=lines[4].upper()),
    ),
    "gbk_digest": (
        Words(
            "摘要按 GBK 编码计算；请对实际发送的 UTF-8 字节做摘要。",
            "The digest was taken over GBK; take it over the UTF-8 bytes that are sent.",
        ),
        lambda secret, request, lines: _with(secret, lines, digest=_sha(_as_gbk(request.body))),
    ),
    "trimmed_digest": (
        Words(
            "摘要与发送的字节不一致：差在首尾的空白或换行。",
            "The digest differs from the bytes that are sent by white space at an end.",
        ),
        lambda secret, request, lines: _with(secret, lines, digest=_sha(request.body.strip())),
    ),
    "no_version": (
        Words("第一行应为 HCP1。", "Line one must be HCP1."),
        lambda secret, _, lines: _hex(secret, lines[1:]),
    ),
}


def _unhexed(secret: bytes) -> bytes:
    try:
        return bytes.fromhex(secret.decode())
    except ValueError:
        return secret + b"?"  # nobody signs with this


def _as_gbk(body: bytes) -> bytes:
    return body.decode("utf-8", "replace").encode("gbk", "replace")


def mistake(secret: bytes, request: SignedRequest, signed_text: str, given: str) -> str:
    """Return the key in MISTAKES of the mistake that makes the signature that came; empty where
    none does.
    """
    right = signed_text.split("\n")
    if len(right) != _LINES:
        return ""
    for name, (_, make) in MISTAKES.items():
        if given in ((made := make(secret, request, right)), made.upper()):
            return name
    return ""


_LINES = 8
