"""Commitments (trust design §1.3): hashes that hold us to what was said and tell nobody what.

C = SHA-256("hcp/v1/leaf" | 0 | salt A | SHA-256(JCS(record))), and the tag of a row of the day book
T = SHA-256("hcp/v1/row" | 0 | salt B | leaf number). The salts are 32 random bytes each: nobody
finds a level by trying all five, and no two citizens can be shown one row, for their leaves differ.
"""

import hashlib
from collections.abc import Iterable, Mapping

import msgspec

_LEAF, _ROW, _PUBLIC = b"hcp/v1/leaf\0", b"hcp/v1/row\0", b"hcp/v1/public\0"
SALT = 32  # bytes


def canonical(record: Mapping[str, object]) -> bytes:
    """Return a record of texts, whole numbers, booleans, lists and objects as RFC 8785 (JCS)
    writes it.
    """
    return msgspec.json.encode(record, order="sorted")


def commitment(salt: bytes, record: Mapping[str, object]) -> bytes:
    """Return what a leaf says of a record."""
    return hashlib.sha256(_LEAF + salt + hashlib.sha256(canonical(record)).digest()).digest()


def public(data: bytes) -> bytes:
    """Return what a leaf says of bytes that everybody may see."""
    return hashlib.sha256(_PUBLIC + data).digest()


def invited_said(services: int, over: bytes) -> bytes:
    """Return what the leaf of a batch of services says: how many, and the root over their salted
    keys.
    """
    return canonical({"v": 1, "services": services, "root": over.hex()})


def texts_file(texts: Mapping[int, str]) -> bytes:
    """Return the public texts of leaves by number as lines of JSON."""
    return b"".join(canonical({"no": no, "said": said}) + b"\n" for no, said in texts.items())


def row_tag(salt: bytes, no: int) -> bytes:
    """Return the tag of a rating's row in its day book: no one can tell which leaf it belongs to
    but who has the salt.
    """
    return hashlib.sha256(_ROW + salt + no.to_bytes(8)).digest()


def text_digest(text: str) -> str:
    """Return the SHA-256 of words in hexadecimal, empty for none."""
    return hashlib.sha256(text.encode()).hexdigest() if text else ""


def keyed(salt: bytes, keys: Iterable[int]) -> list[bytes]:
    """Return salted commitments to keys of services."""
    return [hashlib.sha256(salt + key.to_bytes(8, signed=True)).digest() for key in keys]
