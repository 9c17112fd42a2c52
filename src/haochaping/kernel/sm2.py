"""Decryption of long SM2 ciphers (GB/T 32918.4-2016): the library that we use elsewhere stops at
255 bytes, clients of partners do not.

Plain integer arithmetic, not in constant time: for envelopes of partners over TLS, never for keys
that guard our own data.
"""

import hashlib
import hmac

P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
A = P - 3
B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
type Point = tuple[int, int, int]  # Jacobian coordinates; z = 0 is the point at infinity


def _double(point: Point) -> Point:
    x, y, z = point
    if not z or not y:
        return 1, 1, 0
    square = y * y % P
    s, z2 = 4 * x * square % P, z * z % P
    m = 3 * (x - z2) * (x + z2) % P  # a = -3
    x3 = (m * m - 2 * s) % P
    return x3, (m * (s - x3) - 8 * square * square) % P, 2 * y * z % P


def _add(left: Point, right: Point) -> Point:
    if not left[2]:
        return right
    if not right[2]:
        return left
    (x1, y1, z1), (x2, y2, z2) = left, right
    z1z1, z2z2 = z1 * z1 % P, z2 * z2 % P
    u1, u2 = x1 * z2z2 % P, x2 * z1z1 % P
    s1, s2 = y1 * z2 * z2z2 % P, y2 * z1 * z1z1 % P
    if u1 == u2:
        return _double(left) if s1 == s2 else (1, 1, 0)
    h, r = (u2 - u1) % P, (s2 - s1) % P
    h2 = h * h % P
    h3, v = h * h2 % P, u1 * h2 % P
    x3 = (r * r - h3 - 2 * v) % P
    return x3, (r * (v - x3) - s1 * h3) % P, h * z1 * z2 % P


def _multiply(number: int, x: int, y: int) -> tuple[int, int]:
    found: Point = (1, 1, 0)
    for bit in f"{number:b}":
        found = _double(found)
        if bit == "1":
            found = _add(found, (x, y, 1))
    if not found[2]:
        raise ValueError("the point at infinity")
    inverse = pow(found[2], -1, P)
    return found[0] * inverse * inverse % P, found[1] * inverse * inverse * inverse % P


def open_cipher(private_key: bytes, x: bytes, y: bytes, digest: bytes, text: bytes) -> bytes:
    """Decrypt C1 = (x, y), C3 = digest, C2 = text.

    Raises ValueError when it was altered or is for another key.
    """
    px, py = int.from_bytes(x), int.from_bytes(y)
    if not (px < P and py < P) or (py * py - px * px * px - A * px - B) % P:
        raise ValueError("the point is not on the curve")
    shared_x, shared_y = (
        number.to_bytes(32) for number in _multiply(int.from_bytes(private_key), px, py)
    )
    blocks = -(-len(text) // 32)
    stream = b"".join(
        hashlib.new("sm3", shared_x + shared_y + count.to_bytes(4)).digest()
        for count in range(1, blocks + 1)
    )
    plain = bytes(left ^ right for left, right in zip(text, stream, strict=False))
    if not hmac.compare_digest(hashlib.new("sm3", shared_x + plain + shared_y).digest(), digest):
        raise ValueError("altered, or for another key")
    return plain
