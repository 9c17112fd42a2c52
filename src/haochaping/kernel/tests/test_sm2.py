"""SM2 ciphers of partners, longer than the library takes, in every form that clients send."""

import hashlib
import secrets

import gmssl_pyx
import pytest
from asn1crypto.core import Integer
from hypothesis import given, settings
from hypothesis import strategies as st

from haochaping.kernel import crypto, sm2

# The recommended curve's base point (GB/T 32918.5)
G = (
    0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
    0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
)


def sealed(public: str, text: bytes) -> tuple[bytes, bytes, bytes, bytes]:
    """Encrypt as GB/T 32918.4 §6 says, for a public key `04xy` in hexadecimal."""
    key, k = bytes.fromhex(public)[1:], secrets.randbelow(2**250) + 1
    c1 = sm2.multiply(k, *G)
    shared = sm2.multiply(k, int.from_bytes(key[:32]), int.from_bytes(key[32:]))
    x2, y2 = (number.to_bytes(32) for number in shared)
    stream = b"".join(
        hashlib.new("sm3", x2 + y2 + n.to_bytes(4)).digest() for n in range(1, len(text) // 32 + 2)
    )
    c2 = bytes(a ^ b for a, b in zip(text, stream, strict=False))
    c3 = hashlib.new("sm3", x2 + text + y2).digest()
    return c1[0].to_bytes(32), c1[1].to_bytes(32), c3, c2


@settings(max_examples=15, deadline=None)
@given(st.binary(min_size=1, max_size=2000))
def test_a_long_cipher_opens_in_every_form(text: bytes) -> None:
    public, private = crypto.sm2_pair()
    x, y, c3, c2 = sealed(public, text)
    der = sm2.Cipher(
        {"x": int.from_bytes(x), "y": int.from_bytes(y), "digest": c3, "text": c2}
    ).dump()
    for cipher in (b"\x04" + x + y + c3 + c2, x + y + c2 + c3, der):
        assert crypto.sm2_open(bytes.fromhex(private), cipher) == text


@pytest.mark.parametrize("first", [0x30, 0x04])
def test_a_raw_cipher_whose_point_begins_like_another_form_opens(first: int) -> None:
    public, private = crypto.sm2_pair()
    x, y, c3, c2 = next(
        parts for parts in (sealed(public, b"x") for _ in iter(int, 1)) if parts[0][0] == first
    )
    for cipher in (x + y + c3 + c2, x + y + c2 + c3, b"\x04" + x + y + c3 + c2):
        assert crypto.sm2_open(bytes.fromhex(private), cipher) == b"x"


def test_what_the_other_library_seals_opens() -> None:
    public, private = crypto.sm2_pair()
    cipher = bytes(gmssl_pyx.sm2_encrypt(bytes.fromhex(public)[1:], "你好".encode()))
    assert crypto.sm2_open(bytes.fromhex(private), cipher).decode() == "你好"


def test_an_altered_or_foreign_cipher_is_refused() -> None:
    public, private = crypto.sm2_pair()
    x, y, c3, c2 = sealed(public, b"secret" * 100)
    key = bytes.fromhex(private)
    broken = [
        x + y + c3 + c2[:-1] + bytes([c2[-1] ^ 1]),
        x + x + c3 + c2,
        b"\x30\x03\x02\x01\x05",
        b"\x30" + Integer(5).dump(),
        b"short",
    ]
    for cipher in broken:
        with pytest.raises(ValueError, match=r".+"):
            crypto.sm2_open(key, cipher)
    with pytest.raises(ValueError, match="another key"):
        crypto.sm2_open(bytes.fromhex(crypto.sm2_pair()[1]), x + y + c3 + c2)
