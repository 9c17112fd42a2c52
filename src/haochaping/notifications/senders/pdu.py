"""The bytes of SMPP 3.4: protocol data units, long messages in parts, and what a deliver_sm says.

No I/O (ADR 0008).
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass

from haochaping.kernel.alphabets import decoded
from haochaping.notifications.rules import (
    STATES_OF_RECEIPTS,
    Fate,
    Part,
    fate,
    is_receipt,
    knows,
    read_receipt,
)

BIND_TRANSCEIVER, SUBMIT, DELIVER, UNBIND, ENQUIRE = 0x09, 0x04, 0x05, 0x06, 0x15
RESPONSE = GENERIC_NACK = 0x80000000
THROTTLED, QUEUE_FULL, INVALID_COMMAND, TRY_AGAIN = 0x58, 0x14, 0x03, 0x64
_HEADER = struct.Struct("!IIII")
HEADER = _HEADER.size
_LARGEST = 70_000
_MESSAGE_PAYLOAD, _RECEIPTED_ID, _MESSAGE_STATE = 0x0424, 0x001E, 0x0427
_SAR = (0x020C, 0x020E, 0x020F)
_ONE, _PART = (
    140,
    134,
)  # bytes of UCS-2 in a single message and in each part of a longer one (3GPP TS 23.040)


class Malformed(ValueError):
    """The bytes are no PDU."""


@dataclass(frozen=True)
class Pdu:
    """A protocol data unit."""

    command: int
    status: int
    sequence: int
    body: bytes = b""

    def encode(self) -> bytes:
        """Return the bytes on the wire."""
        return (
            _HEADER.pack(HEADER + len(self.body), self.command, self.status, self.sequence)
            + self.body
        )


def decode_header(data: bytes) -> tuple[int, int, int, int]:
    """Return length, command, status and sequence; raises Malformed."""
    length, command, status, sequence = _HEADER.unpack(data)
    if not HEADER <= length <= _LARGEST:
        raise Malformed(f"length {length}")
    return length, command, status, sequence


def text_of(value: str) -> bytes:
    """Return a C-octet string."""
    return value.encode("ascii", "replace") + b"\0"


def bind(system_id: str, password: str) -> bytes:
    """Return the body of bind_transceiver, interface version 3.4."""
    return text_of(system_id) + text_of(password) + text_of("") + b"\x34\0\0" + text_of("")


def submit(source: str, destination: str, esm_class: int, message: bytes) -> bytes:
    """Return the body of submit_sm in UCS-2 with a delivery receipt asked for.

    National source, international destination.
    """
    head = (
        b"\0\0\0"
        + text_of(source)
        + b"\1\1"
        + text_of(destination)
        + bytes((esm_class, 0, 0))
        + b"\0\0"
    )
    return head + bytes((1, 0, 8, 0, len(message))) + message


def parts(text: str, reference: int) -> list[tuple[int, bytes]]:
    """Return (esm_class, short_message) for each part of a text.

    Pairs of surrogates stay together.
    """
    whole = text.encode("utf-16-be")
    if len(whole) <= _ONE:
        return [(0, whole)]
    cut, current = [], b""
    for character in text:
        unit = character.encode("utf-16-be")
        if len(current) + len(unit) > _PART:
            cut.append(current)
            current = b""
        current += unit
    cut.append(current)
    return [
        (0x40, bytes((5, 0, 3, reference & 255, len(cut), number)) + part)
        for number, part in enumerate(cut, 1)
    ]


@dataclass(frozen=True)
class Delivered:
    """A deliver_sm.

    A reply, a part of one, whose bytes are read when all are there, or a receipt.
    """

    source: str
    destination: str
    text: str
    part: Part | None = None
    is_receipt: bool = False
    receipt_id: str = ""
    receipt_state: str = ""
    receipt_error: str = ""


class _Reader:
    """Reads a body field by field."""

    def __init__(self, body: bytes) -> None:
        self.body, self.place = body, 0

    def text(self) -> str:
        end = self.body.index(0, self.place)
        value, self.place = self.body[self.place : end].decode("latin-1"), end + 1
        return value

    def number(self) -> int:
        self.place += 1
        return self.body[self.place - 1]

    def tags(self) -> dict[int, bytes]:
        found = {}
        while self.place + 4 <= len(self.body):
            tag, length = struct.unpack_from("!HH", self.body, self.place)
            found[tag] = self.body[self.place + 4 : self.place + 4 + length]
            self.place += 4 + length
        return found


def delivered(body: bytes) -> Delivered:
    """Read the body of a deliver_sm; raises Malformed.

    Vendors' fields of receipts are taken as text, whatever they hold.
    """
    try:
        read = _Reader(body)
        read.text(), read.number(), read.number()
        source = read.text()
        read.number(), read.number()
        destination = read.text()
        esm_class = read.number()
        read.number(), read.number(), read.text(), read.text(), read.number(), read.number()
        coding = read.number()
        read.number()
        length = read.number()
        raw = body[read.place : read.place + length]
        read.place += length
        tags = read.tags()
    except (IndexError, ValueError, struct.error) as error:
        raise Malformed(str(error)) from None
    raw = raw or tags.get(_MESSAGE_PAYLOAD, b"")
    # any kind of receipt or acknowledgement: never a person, in however many parts it came
    flagged = bool(esm_class & 0x3C) or _RECEIPTED_ID in tags or _MESSAGE_STATE in tags
    part = None
    if esm_class & 0x40 and raw:
        part, raw = _part(raw[1 : raw[0] + 1]), raw[raw[0] + 1 :]
    elif _SAR[0] in tags:
        reference, total, number = (int.from_bytes(tags.get(tag, b"\1")) for tag in _SAR)
        part = (reference, total, number)
    text = decoded(raw, coding)
    if part is not None and part[1] <= 1:
        part = None  # the only one
    if flagged or (part is None and is_receipt(text)):
        return _receipt(source, destination, text, esm_class, tags)
    return Delivered(source, destination, text, Part(*part, raw, coding) if part else None)


def _receipt(
    source: str, destination: str, text: str, esm_class: int, tags: Mapping[int, bytes]
) -> Delivered:
    """Read a receipt from its text and its tags, whichever a carrier sends."""
    fields = read_receipt(text)
    known = tags.get(_RECEIPTED_ID, b"").rstrip(b"\0").decode("latin-1") or fields.id
    state = int.from_bytes(tags.get(_MESSAGE_STATE, b"")[:1])
    named = STATES_OF_RECEIPTS[state] if state < len(STATES_OF_RECEIPTS) else ""
    said = fields.state
    # a vendor's own word says less than the number, and no word makes final what is on its way
    if named and (not knows(said) or fate(named) is Fate.UNDER_WAY):
        said = named
    if esm_class & 0x3C == _INTERMEDIATE:
        said = ""  # on its way, whatever it says
    return Delivered(
        source,
        destination,
        text,
        is_receipt=True,
        receipt_id=known,
        receipt_state=said,
        receipt_error=fields.error,
    )


_INTERMEDIATE = 0x20  # esm_class: an intermediate notification


def _part(header: bytes) -> tuple[int, int, int] | None:
    """Return reference, total and number of a concatenated message from its user data header."""
    while len(header) >= 2:  # noqa: PLR2004 - tag and length
        tag, data, header = header[0], header[2 : 2 + header[1]], header[2 + header[1] :]
        if tag == 0 and len(data) == 3:  # noqa: PLR2004 - 8-bit reference
            return data[0], data[1], data[2]
        if tag == 8 and len(data) == 4:  # noqa: PLR2004 - 16-bit reference
            return data[0] << 8 | data[1], data[2], data[3]
    return None
