"""Long SM2 ciphers (GB/T 32918.4-2016): the library that we use elsewhere stops at 255 bytes,
partners do not.

Not in constant time: for envelopes of partners over TLS, never for keys that guard our own data.
"""

import contextlib
import hashlib
import hmac
import secrets
from collections.abc import Iterator
from typing import ClassVar

from asn1crypto.core import Integer, OctetString, Sequence
from ecdsa.ellipticcurve import INFINITY, CurveFp, PointJacobi

_P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
_B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
_DIGEST = 32  # bytes of SM3
CURVE = CurveFp(_P, _P - 3, _B)
ORDER = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
GENERATOR = (
    0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
    0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
)


class Cipher(Sequence):  # type: ignore[misc]  # the library is not typed
    """An SM2 cipher as GM/T 0009 writes it in DER."""

    _fields: ClassVar = [
        ("x", Integer),
        ("y", Integer),
        ("digest", OctetString),
        ("text", OctetString),
    ]


def readings(cipher: bytes) -> Iterator[tuple[bytes, bytes, bytes, bytes]]:
    """Yield x, y (32 bytes each), digest and text for each form that a cipher may have.

    These are DER, and C1C3C2 or C1C2C3 with and without the sign of an uncompressed point (0x04).
    """
    with contextlib.suppress(ValueError):
        yield _from_der(cipher)
    for raw in dict.fromkeys((cipher.removeprefix(b"\x04"), cipher)):
        if len(raw) > 64 + _DIGEST:
            x, y, rest = raw[:32], raw[32:64], raw[64:]
            yield x, y, rest[:_DIGEST], rest[_DIGEST:]
            yield x, y, rest[-_DIGEST:], rest[:-_DIGEST]


def _from_der(cipher: bytes) -> tuple[bytes, bytes, bytes, bytes]:
    """Return the parts of a cipher in DER; raises ValueError."""
    found = Cipher.load(cipher).native
    if not (0 <= found["x"] < _P and 0 <= found["y"] < _P):
        raise ValueError("no point of the curve")
    return (found["x"].to_bytes(32), found["y"].to_bytes(32), found["digest"], found["text"])


def multiply(number: int, x: int, y: int) -> tuple[int, int]:
    """Return the multiple of a point; raises ValueError where there is none."""
    if not CURVE.contains_point(x, y):
        raise ValueError("the point is not on the curve")
    found = PointJacobi(CURVE, x, y, 1) * number
    if found == INFINITY:
        raise ValueError("the point at infinity")
    return int(found.x()), int(found.y())


def open_cipher(private_key: bytes, x: bytes, y: bytes, digest: bytes, text: bytes) -> bytes:
    """Decrypt C1 = (x, y), C3 = digest, C2 = text.

    Raises ValueError when it was altered or is for another key.
    """
    shared = multiply(int.from_bytes(private_key), int.from_bytes(x), int.from_bytes(y))
    plain = _veiled(shared, text)
    if not hmac.compare_digest(_digest(shared, plain), digest):
        raise ValueError("altered, or for another key")
    return plain


def make_cipher(public_key: bytes, plain: bytes) -> bytes:
    """Encrypt for a public key (64 bytes, or 65 with the sign of an uncompressed point): C1C3C2
    with that sign, as partners' libraries read it.
    """
    point = public_key.removeprefix(b"\x04") if len(public_key) > 64 else public_key  # noqa: PLR2004 - x and y
    number = secrets.randbelow(ORDER - 1) + 1
    first = multiply(number, *GENERATOR)
    shared = multiply(number, int.from_bytes(point[:32]), int.from_bytes(point[32:]))
    head = b"\x04" + b"".join(part.to_bytes(32) for part in first)
    return head + _digest(shared, plain) + _veiled(shared, plain)


def _digest(shared: tuple[int, int], plain: bytes) -> bytes:
    """Return C3."""
    x, y = (number.to_bytes(32) for number in shared)
    return hashlib.new("sm3", x + plain + y).digest()


def _veiled(shared: tuple[int, int], text: bytes) -> bytes:
    """Return a text under the stream of bytes that a shared point gives; the same again opens
    it.
    """
    x, y = (number.to_bytes(32) for number in shared)
    stream = b"".join(
        hashlib.new("sm3", x + y + count.to_bytes(4)).digest()
        for count in range(1, -(-len(text) // 32) + 1)
    )
    return bytes(left ^ right for left, right in zip(text, stream, strict=False))
