"""Decryption of long SM2 ciphers (GB/T 32918.4-2016): the library that we use elsewhere stops at
255 bytes, clients of partners do not.

Not in constant time: for envelopes of partners over TLS, never for keys that guard our own data.
"""

import contextlib
import hashlib
import hmac
from collections.abc import Iterator
from typing import ClassVar

from asn1crypto.core import Integer, OctetString, Sequence
from ecdsa.ellipticcurve import INFINITY, CurveFp, PointJacobi

_P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
_B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
_DIGEST = 32  # bytes of SM3
CURVE = CurveFp(_P, _P - 3, _B)


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
    shared_x, shared_y = (number.to_bytes(32) for number in shared)
    blocks = -(-len(text) // 32)
    stream = b"".join(
        hashlib.new("sm3", shared_x + shared_y + count.to_bytes(4)).digest()
        for count in range(1, blocks + 1)
    )
    plain = bytes(left ^ right for left, right in zip(text, stream, strict=False))
    if not hmac.compare_digest(hashlib.new("sm3", shared_x + plain + shared_y).digest(), digest):
        raise ValueError("altered, or for another key")
    return plain
