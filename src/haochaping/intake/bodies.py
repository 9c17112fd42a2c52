"""Reading what a request holds: its bytes up to a limit, and the JSON in them."""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from contextlib import asynccontextmanager
from typing import Any

import msgspec

from haochaping.identity.rules import SignedRequest
from haochaping.kernel.errors import Refusal, TooBusy
from haochaping.kernel.headings import nearest
from haochaping.kernel.twins import twin
from haochaping.kernel.words import Words, printable

BATCH = 1000  # items in a batch

type Scope = MutableMapping[str, Any]
type Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
type Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class TooLarge(Refusal):
    """The body is larger than is read."""

    status = 413
    code = "too_large"
    says = Words(
        "请求体过大：单条不超过 64 KB，批量不超过 8 MB、1000 条。",
        "The body is too large: 64 KB for one, 8 MB and 1000 items for a batch.",
    )


class NotJson(Refusal):
    """The body is not the JSON that was expected."""

    status = 400
    code = "bad_json"


def decode[T](body: bytes | msgspec.Raw, kind: type[T]) -> T:
    """Decode a JSON object into a type; raises NotJson naming the field, also one that stands
    twice.
    """
    found = _decoded(body, kind)
    try:
        name = twin(b"[%b]" % bytes(body))
    except (ValueError, RecursionError) as error:
        raise _not_json(error) from None
    if name:
        name = printable(name)[:60]
        raise NotJson(
            Words(
                f"字段 {name} 出现了两次，请只保留一个。",
                f"The field {name} stands twice; keep one of them.",
            ),
            code="duplicate_field",
            field=name,
        )
    return found


def _decoded[T](body: bytes | msgspec.Raw, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        raise _bad_field(str(error), kind) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _not_json(error) from None


def _not_json(error: Exception) -> NotJson:
    said = printable(str(error))[:200]
    return NotJson(Words(f"不是有效的 JSON：{said}", f"This is not valid JSON: {said}"))


def _bad_field(error: str, kind: type[Any]) -> NotJson:
    """Say which field is wrong and, of one that is none of ours, which may be meant."""
    found = _UNKNOWN_FIELD.search(error)
    near = nearest(found[1], _field_names(kind)) if found else None
    meant = Words(f"，是否应为 {near}？", f": is {near} meant?") if near else Words("", "")
    return NotJson(
        Words(
            f"字段不符合要求：{printable(error)}{meant.zh}",
            f"A field is not as documented: {printable(error)}{meant.en}",
        ),
        code="unknown_field" if found else "bad_field",
        field=printable(found[1])[:60] if found else None,
    )


_UNKNOWN_FIELD = re.compile(r"unknown field `(.*?)`")


def _field_names(kind: type[Any]) -> set[str]:
    """Return the names of a struct's fields and of those inside them."""
    if not isinstance(kind, type) or not issubclass(kind, msgspec.Struct):
        return set()
    inside = (_field_names(field.type) for field in msgspec.structs.fields(kind))
    return set(kind.__struct_fields__).union(*inside)


def decode_each(body: bytes, kind: type[Any]) -> list[Any]:
    """Decode a JSON array into items.

    What stands in place of an item that is not as documented is the refusal.
    """
    try:
        found: list[Any] = msgspec.json.decode(body, type=list[kind])  # type: ignore[valid-type]
        if twin(body) is None:
            return found
    except (msgspec.MsgspecError, ValueError, RecursionError):
        pass  # slower, item by item, so that only what is wrong is refused
    items: list[Any] = []
    for text in _decoded(body, list[msgspec.Raw]):
        try:
            items.append(decode(text, kind))
        except NotJson as refusal:
            items.append(refusal)
    return items


async def read_request(scope: Scope, receive: Receive, limit: int) -> SignedRequest:
    """Read a request whole, as what was signed; raises TooLarge or NotJson."""
    body = await read_body(scope, receive, limit)
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    query = scope["query_string"].decode("latin-1")
    return SignedRequest(scope["method"], scope["path"], query, body, headers)


async def read_body(scope: Scope, receive: Receive, limit: int) -> bytes:
    """Read the body up to a limit and within a time that grows with it.

    Raises TooLarge before reading what announces itself as larger, TooSlow for who dawdles.
    """
    for name, value in scope["headers"]:
        if name == b"content-length" and int(value) > limit:
            raise TooLarge
        if name == b"content-encoding":
            raise NotJson(Words("请勿压缩请求体。", "Send the body uncompressed."))
    parts, size = list[bytes](), 0
    try:
        async with asyncio.timeout(_SLOWEST + limit / _BYTES_A_SECOND):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise NotJson(Words("连接中断。", "The connection was lost."))
                parts.append(bytes(message.get("body", b"")))
                size += len(parts[-1])
                if size > limit:
                    raise TooLarge
                if not message.get("more_body"):
                    return b"".join(parts)
    except TimeoutError:
        raise TooSlow from None


_SLOWEST, _BYTES_A_SECOND = 10, 256 * 1024


def header(scope: Scope, wanted: bytes) -> str:
    """Return a header of a request, empty where it is missing."""
    return next((value.decode("latin-1") for name, value in scope["headers"] if name == wanted), "")


class TooSlow(Refusal):
    """The body did not come in time."""

    status = 408
    code = "too_slow"
    says = Words("请求体未按时送达，请重试。", "The body did not come in time; try again.")


class Budget:
    """How many bytes of bodies a process holds at a time, and one caller at most a quarter of them,
    so that nobody's slow bodies keep others out; more are asked to come again.
    """

    def __init__(self, most: int) -> None:
        self.left, self.share = most, most // 4
        self.held: Counter[str] = Counter()  # by key

    @asynccontextmanager
    async def room(self, scope: Scope, limit: int) -> AsyncIterator[int]:
        """Take room for a body, as much as it announces; yield up to which size it is read."""
        announced = header(scope, b"content-length")
        size = min(int(announced), limit) if announced.isdigit() else limit
        who = header(scope, b"x-hcp-key")
        if size > min(self.left, self.share - self.held[who]):
            raise TooBusy
        self.left -= size
        self.held[who] += size
        try:
            yield limit if not announced.isdigit() or int(announced) > limit else size
        finally:
            self.left += size
            self.held[who] -= size
            if not self.held[who]:
                del self.held[who]
