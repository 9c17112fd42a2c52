"""Signed notes, checkpoints and proofs as text (C2SP signed-note, tlog-checkpoint,
tlog-cosignature, tlog-proof): what a log says of itself, and what others say of that.
"""

import base64
import binascii
import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from haochaping.ledger.rules.tree import HASH

ED25519, COSIGNATURE, OTHER = 0x01, 0x04, 0xFF  # kinds of signatures
SM2_KIND = b"haochaping.cn/sm2-with-sm3/v1"  # what follows 0xff in ours (trust design §1.5)
_DASH = "— "
_MOST = 100  # signatures of one note that are looked at
_LARGEST = 1 << 20  # characters of a note
_PROOF = "c2sp.org/tlog-proof@v1"
_DEEPEST = 63  # hashes of a proof

type Verify = Callable[[bytes, bytes], bool]  # of a signature over a message


class BadNote(ValueError):
    """Text that is no signed note, checkpoint or proof, or that its key did not sign."""


class Key(NamedTuple):
    """A public key by which a note is known: its name, four bytes that tell it, and its check."""

    name: str
    id: bytes
    kind: int
    verify: Verify


class Signature(NamedTuple):
    """A signature line of a note."""

    name: str
    id: bytes
    data: bytes  # what follows the four bytes

    @property
    def line(self) -> str:
        """Return it as a line."""
        return f"{_DASH}{self.name} {_base64(self.id + self.data)}\n"


@dataclass(frozen=True)
class Note:
    """A text and who signed it."""

    text: str  # ends with a line end
    signatures: tuple[Signature, ...]

    @property
    def whole(self) -> str:
        """Return the note as text."""
        return f"{self.text}\n{''.join(signature.line for signature in self.signatures)}"


@dataclass(frozen=True)
class Checkpoint:
    """What a log commits to: its name, how many leaves it has, and their root."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """Return it as the text of a note."""
        return f"{self.origin}\n{self.size}\n{_base64(self.root)}\n"


@dataclass(frozen=True)
class Proof:
    """That an entry is in a log, to be checked without a network."""

    index: int
    path: tuple[bytes, ...]
    checkpoint: str  # the signed note, with the witnesses' lines
    extra: bytes = b""

    @property
    def text(self) -> str:
        """Return it as a `.tlog-proof` file."""
        extra = f"extra {_base64(self.extra)}\n" if self.extra else ""
        path = "".join(f"{_base64(node)}\n" for node in self.path)
        return f"{_PROOF}\n{extra}index {self.index}\n{path}\n{self.checkpoint}"


def key_id(name: str, kind: int, public: bytes) -> bytes:
    """Return the four bytes that tell a key (C2SP signed-note)."""
    return hashlib.sha256(f"{name}\n".encode() + bytes([kind]) + public).digest()[:4]


def vkey(name: str, kind: int, public: bytes) -> str:
    """Return a public key as one prints it: `name+id+key`."""
    told = key_id(name, kind, public).hex()
    return f"{name}+{told}+{_base64(bytes([kind]) + public)}"


def parse_vkey(text: str) -> tuple[str, int, bytes]:
    """Return name, kind and public key; raises BadNote where the parts do not fit together."""
    try:
        name, told, data = text.strip().split("+", 2)
        raw = base64.b64decode(data, validate=True)
    except (ValueError, binascii.Error) as bad:
        raise BadNote("no verifier key") from bad
    if not raw or not _good_name(name) or key_id(name, raw[0], raw[1:]).hex() != told:
        raise BadNote("the parts of the verifier key do not fit together")
    return name, raw[0], raw[1:]


def parse(text: str) -> Note:
    """Read a signed note strictly; raises BadNote."""
    body, found, lines = text.rpartition("\n\n")
    if not found or not body or not lines.endswith("\n") or len(text) > _LARGEST:
        raise BadNote("no text, or no signatures below it")
    if any(ord(character) < ord(" ") and character != "\n" for character in text):
        raise BadNote("control characters")
    signatures = [_signature(line) for line in lines.removesuffix("\n").split("\n")]
    if len(signatures) > _MOST:
        raise BadNote("too many signatures")
    return Note(f"{body}\n", tuple(signatures))


def _signature(line: str) -> Signature:
    name, _, data = line.removeprefix(_DASH).partition(" ")
    raw = _plain(data)
    if not line.startswith(_DASH) or not _good_name(name) or len(raw) <= 4:  # noqa: PLR2004 - an id
        raise BadNote("no signature line")
    return Signature(name, raw[:4], raw[4:])


def _good_name(name: str) -> bool:
    return bool(name) and "+" not in name and not any(map(str.isspace, name))


def signed_by(note: Note, keys: Iterable[Key]) -> dict[str, int]:
    """Return who of these signed a note, and for a witness the second in which it did, 0 else.

    Signatures of others are passed over. Raises BadNote when one of theirs is wrong.
    """
    known = {(key.name, key.id): key for key in keys}
    found = {}
    for signature in note.signatures:
        key = known.get((signature.name, signature.id))
        if key is None:
            continue
        at, data, message = 0, signature.data, note.text.encode()
        if key.kind == COSIGNATURE:
            at, data = int.from_bytes(data[:8]), data[8:]
            message = cosigned(note.text, at)
        if not key.verify(data, message):
            raise BadNote(f"the signature of {key.name} is wrong")
        found[key.name] = at
    return found


def cosigned(text: str, at: int) -> bytes:
    """Return what a witness signs: that it saw this tree as the largest at this second."""
    return f"cosignature/v1\ntime {at}\n{text}".encode()


def parse_checkpoint(text: str) -> Checkpoint:
    """Read the text of a checkpoint; raises BadNote. Lines behind the third are passed over."""
    lines = text.removesuffix("\n").split("\n")
    if not text.endswith("\n") or len(lines) < 3 or "" in lines or not _decimal(lines[1]):  # noqa: PLR2004 - origin, size, root
        raise BadNote("no checkpoint")
    root = _plain(lines[2])
    if len(root) != HASH:
        raise BadNote("no root")
    return Checkpoint(lines[0], int(lines[1]), root)


def parse_proof(text: str) -> Proof:
    """Read a `.tlog-proof` file; raises BadNote."""
    head, _, checkpoint = text.partition("\n\n")
    first, *lines = head.split("\n")
    extra = b""
    if lines and lines[0].startswith("extra "):
        extra = _plain(lines.pop(0).removeprefix("extra "))
    index = lines.pop(0).removeprefix("index ") if lines else ""
    path = tuple(map(_plain, lines))
    wrong = first != _PROOF or not _decimal(index) or len(path) > _DEEPEST
    if wrong or any(len(node) != HASH for node in path):
        raise BadNote("no proof")
    return Proof(int(index), path, checkpoint, extra)


def add_checkpoint(old: int, path: Sequence[bytes], note: str) -> str:
    """Return what is sent to a witness (C2SP tlog-witness)."""
    lines = "".join(f"{_base64(node)}\n" for node in path)
    return f"old {old}\n{lines}\n{note}"


def _decimal(text: str) -> bool:
    return text.isascii() and text.isdigit() and (text == "0" or text[0] != "0") and len(text) < 20  # noqa: PLR2004 - 64 bits


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _plain(text: str) -> bytes:
    """Return what base64 stands for; raises BadNote."""
    try:
        return base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error) as bad:
        raise BadNote("no base64") from bad


def with_lines(note: str, lines: Iterable[str]) -> str:
    """Return a signed note with more signature lines below: one of a signer that is there already
    takes its place, for a witness that signs again and again must not make a note without end.
    """
    body, _, held = note.rpartition("\n\n")
    signers = {_signer(line): line for line in (*held.splitlines(), *filter(None, lines))}
    return body + "\n\n" + "".join(f"{line}\n" for line in signers.values())


def _signer(line: str) -> tuple[str, bytes]:
    name, _, data = line.removeprefix("— ").rpartition(" ")
    return name, base64.b64decode(data)[:4]
