"""Receipts of carriers 状态报告: what is one, and what it says became of a message."""

import re
import unicodedata
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum

from haochaping.kernel.numbers import KEY, whole


class Fate(StrEnum):
    """What a receipt says became of a message."""

    DELIVERED = "delivered"
    FAILED = "failed"
    UNDER_WAY = "under_way"  # nothing final: accepted, on its way, or not known


# how the words of receipts begin (SMPP 3.4 appendix B; carriers spell them out as well), and the
# values of message_state (§5.2.28)
_FATES: Mapping[str, Fate] = {
    "DELIV": Fate.DELIVERED,
    "EXPIR": Fate.FAILED,
    "DELET": Fate.FAILED,
    "UNDEL": Fate.FAILED,
    "REJEC": Fate.FAILED,
    "ENROU": Fate.UNDER_WAY,
    "ACCEP": Fate.UNDER_WAY,
    "SCHED": Fate.UNDER_WAY,
    "BUFFE": Fate.UNDER_WAY,
    "UNKNO": Fate.UNDER_WAY,
    "SUCCE": Fate.DELIVERED,
    "FAIL": Fate.FAILED,
    "FAILE": Fate.FAILED,
    "ERROR": Fate.FAILED,
    "SUBMI": Fate.UNDER_WAY,
    "PENDI": Fate.UNDER_WAY,
    "QUEUE": Fate.UNDER_WAY,
    "EN_RO": Fate.UNDER_WAY,
    "RETRI": Fate.UNDER_WAY,
    "RETRY": Fate.UNDER_WAY,
    "SENT": Fate.UNDER_WAY,
    "SENDI": Fate.UNDER_WAY,
}
_WORD = 5  # letters
STATES_OF_RECEIPTS = (
    *("", "ENROUTE", "DELIVRD", "EXPIRED", "DELETED", "UNDELIV", "ACCEPTD", "UNKNOWN", "REJECTD"),
)


def knows(state: str) -> bool:
    """Say whether a receipt's word is one of the standard's."""
    return state.upper()[:_WORD] in _FATES


def fate(state: str) -> Fate:
    """Return what a receipt's word means; a vendor's own code is a failure, which it explains, and
    a word that nobody knows says nothing final.
    """
    known = _FATES.get(state.upper()[:_WORD])
    return known or (Fate.FAILED if _IS_CODE.search(state) else Fate.UNDER_WAY)


_IS_CODE = re.compile(r"\d")  # MK:0001, CB:0005, 4442


# the names of a receipt's fields (SMPP 3.4 appendix B), and how carriers spell them out
_IS = r"[\"']?\s*[:=]\s*[\"']?"
_IS_ID = re.compile(rf"\b(?:id|msg_?id|message_?id){_IS}([^\s;,\"'{{}}]+)", re.IGNORECASE)
_IS_STATE = re.compile(rf"\b(?:stat|status|state){_IS}([\w:-]+)", re.IGNORECASE)
_IS_ERROR = re.compile(rf"\berr(?:or)?(?:_?code)?{_IS}(\w+)", re.IGNORECASE)
# alone or after an id; two of the words are English besides
_STATES = re.compile(
    r"(?:(\S+?)[\s,;|:]+)?((?i:DELIVRD|UNDELIV|ACCEPTD|REJECTD|ENROUTE)|EXPIRED|DELETED)"
)
_COUNTS = re.compile(rf"\b(?:sub|dlvrd){_IS}\d", re.IGNORECASE)
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_NAME = re.compile("状态报告|status report", re.IGNORECASE)
_TEXT = re.compile(r"\btext[\"']?\s*[:=]", re.IGNORECASE)


@dataclass(frozen=True)
class Receipt:
    """What a receipt's text says, "" where it says nothing: id, state and error."""

    id: str
    state: str
    error: str


def read_receipt(text: str) -> Receipt:
    """Read the fields of a receipt, whatever their order and the signs between them; what it
    quotes of the message says nothing.
    """
    head = _head(text)
    words = (one.search(head) for one in (_IS_ID, _IS_STATE, _IS_ERROR))
    found = Receipt(*(word[1] if word else "" for word in words))
    if found.state or not (bare := _STATES.fullmatch(head.strip())):
        return found
    return Receipt(bare[1] or "", bare[2], "")


def _head(text: str) -> str:
    return _TEXT.split(unicodedata.normalize("NFKC", text), maxsplit=1)[0]


def is_receipt(text: str) -> bool:
    """Say whether a text is a receipt by what it says: some carriers set no flag. None has Chinese
    in it but for its name; who writes of an error that a page showed has.
    """
    found, head = read_receipt(text), _NAME.sub("", _head(text))
    if not found.state or _CHINESE.search(head):
        return False
    beside = found.id or found.error or _COUNTS.search(head)
    return bool(beside) or found.state.upper()[:_WORD] in _FATES


def spellings(provider_id: str) -> list[str]:
    """Return the ways in which a carrier may write the id that it gave: hexadecimal in one place
    and decimal in the other, with or without leading zeros.
    """
    found = {provider_id, provider_id.upper(), provider_id.lower(), provider_id.lstrip("0")}
    if (number := whole(provider_id, digits=KEY)) is not None:
        found |= {f"{number:x}", f"{number:X}", f"{number:08x}", f"{number:08X}"}
    with suppress(ValueError):
        found.add(str(int(provider_id, 16)))
    return sorted(found - {""})
