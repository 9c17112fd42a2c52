"""Ways to send an SMS.

HCP_SMS names one: `smpp://user:password@host:2775/10690001`, `aliyun://…`, `huawei://…`
(docs/operate/sms.md).
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any
from urllib.parse import SplitResult, urlsplit

from haochaping.kernel.errors import Refusal
from haochaping.kernel.words import Words
from haochaping.notifications.senders import aliyun, huawei, simulated, smpp
from haochaping.notifications.senders.gateway import Push, Sender

_KINDS: Mapping[str, Callable[[SplitResult], Sender]] = {
    "aliyun": aliyun.Aliyun,
    "huawei": huawei.Huawei,
    "smpp": smpp.Smpp,
    "simulated": simulated.Simulated,
}


# provider and kind of push -> what takes it in; its answer is shown as JSON, None as an empty page
HOOKS: Mapping[tuple[str, str], Callable[[Push], dict[str, Any] | None]] = {
    (name, kind): taker
    for name, drawer in (("aliyun", aliyun), ("huawei", huawei))
    for kind, taker in drawer.HOOKS.items()
}


class NoSuchSender(Refusal):
    """HCP_SMS is not an address of a way to send."""

    code = "no_such_sender"
    says = Words(
        "HCP_SMS 无法识别，应为 smpp://、aliyun:// 或 huawei:// 开头的地址。",
        "HCP_SMS must start with smpp://, aliyun:// or huawei://.",
    )


@cache
def sender(address: str) -> Sender | None:
    """Return the way to send that an address names, None for none; raises NoSuchSender."""
    if not address:
        return None
    parts: SplitResult = urlsplit(address)
    kind = _KINDS.get(parts.scheme)
    if kind is None:
        raise NoSuchSender
    return kind(parts)
