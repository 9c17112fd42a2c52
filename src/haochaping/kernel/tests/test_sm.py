"""Ciphers that partners read: against another library, and a published vector."""

import gmssl_pyx
import pytest

from haochaping.kernel import crypto


@pytest.mark.parametrize("length", [1, 31, 32, 33, 200])
def test_another_library_opens_what_we_encrypt_with_sm2(length: int) -> None:
    public, private = crypto.sm2_pair()
    plain = bytes(range(256))[:length]
    cipher = crypto.sm2_seal(bytes.fromhex(public), plain)
    x, y = int.from_bytes(cipher[1:33]), int.from_bytes(cipher[33:65])
    der = crypto.sm2.Cipher({"x": x, "y": y, "digest": cipher[65:97], "text": cipher[97:]}).dump()
    assert bytes(gmssl_pyx.sm2_decrypt(bytes.fromhex(private), der)) == plain
    assert crypto.sm2_open(bytes.fromhex(private), cipher) == plain


def test_a_long_text_opens_with_its_key_only_and_unaltered_only() -> None:
    public, private = crypto.sm2_pair()
    plain = "办件".encode() * 5000
    cipher = crypto.sm2_seal(bytes.fromhex(public), plain)
    assert crypto.sm2_open(bytes.fromhex(private), cipher) == plain
    with pytest.raises(ValueError, match="altered"):
        crypto.sm2_open(bytes.fromhex(private), cipher[:-1] + bytes([cipher[-1] ^ 1]))
    with pytest.raises(ValueError, match="altered"):
        crypto.sm2_open(bytes.fromhex(crypto.sm2_pair()[1]), cipher)


def test_sm4_is_that_of_its_standard() -> None:
    # GB/T 32907-2016, appendix A.1: key and text are the same 16 bytes
    key = bytes.fromhex("0123456789abcdeffedcba9876543210")
    cipher = crypto.sm4_ecb_seal(key, key)
    assert cipher[:16].hex() == "681edf34d206965e86b3e94f536e4246"
    assert crypto.sm4_ecb_open(key, cipher) == key
