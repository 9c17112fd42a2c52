"""What each dialect signs and encrypts with: of ours, or what the partner's operator gave us."""

from collections.abc import Mapping, Sequence

from haochaping.exchange.rules.conventions import Outward
from haochaping.kernel.errors import Refusal
from haochaping.kernel.words import Words

SIGNED = frozenset({Outward.NATIONAL, Outward.GENERIC})  # with a key that we make for a partner
NEEDED: Mapping[Outward, Sequence[str]] = {
    Outward.SHANDONG: ("kid", "app_word", "sm2_public"),
    Outward.FUJIAN: ("kid", "app_code"),
}
_POINTS = (64, 65)  # bytes of a point of SM2, without and with its sign


class NeedsMore(Refusal):
    """A dialect signs with what a partner gave us, and something of it is missing or is no key."""

    code = "needs_secret"
    says = Words(
        "该方言需要对方给的密钥：山东 kid、app_word、sm2_public（十六进制），福建 kid、app_code。",
        "This dialect needs what the partner gave you: Shandong kid, app_word and sm2_public "
        "(hexadecimal), Fujian kid and app_code.",
    )


def check_secret(dialect: Outward, given: Mapping[str, str]) -> None:
    """Raise NeedsMore unless a dialect can sign with what was given."""
    if not all(given.get(name, "").strip() for name in NEEDED.get(dialect, ())):
        raise NeedsMore
    point = given.get("sm2_public", "")
    if dialect == Outward.SHANDONG and not _is_point(point):
        raise NeedsMore


def _is_point(text: str) -> bool:
    try:
        return len(bytes.fromhex(text)) in _POINTS
    except ValueError:
        return False
