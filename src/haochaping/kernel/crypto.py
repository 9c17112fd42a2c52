"""Encryption of personal data and keyed look-up. Profiles: `intl` (AES-256-GCM, HMAC-SHA256) and
`gm` (SM4-GCM, HMAC-SM3).

A sealed value is `profile(1) | nonce(12) | ciphertext | tag(16)`, bound to what it is (`context`,
such as `record.phone`), so a value copied to another column does not open. The blind index is
equality-only and truncated to 16 bytes (trust design §5.2).
"""

import contextlib
import hashlib
import hmac
import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import gmssl_pyx
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.padding import PKCS7

from haochaping.kernel import sm2

Unreadable = (
    InvalidTag  # what `Keyring.open` raises for what was altered, moved or sealed elsewhere
)
_PROFILES = {"intl": 1, "gm": 2}
_NONCE = 12
_TAG = 16


@dataclass(frozen=True)
class Keyring:
    """The site's secret of 32 bytes and the profile that new values are sealed with."""

    secret: bytes
    profile: str = "intl"

    def _derive(self, purpose: str) -> bytes:
        return hmac.digest(self.secret, b"haochaping/1/" + purpose.encode(), "sha256")

    @cached_property
    def _aes(self) -> AESGCM:
        return AESGCM(self._derive("aes"))

    @cached_property
    def _sm4_key(self) -> bytes:
        return self._derive("sm4")[:16]

    @cached_property
    def _index_key(self) -> bytes:
        return self._derive("index")

    @cached_property
    def _content_key(self) -> bytes:
        return self._derive("content")

    def fingerprint(self, content: bytes) -> int:
        """Return a keyed digest of 8 bytes by which the same content is known again.

        Keyed, for what is in it can be guessed: whoever holds the table alone learns nothing.
        """
        digest = hashlib.blake2b(content, digest_size=8, key=self._content_key).digest()
        return int.from_bytes(digest, signed=True) or 1  # 0: stored before digests were keyed

    def seal(self, text: str | None, context: str) -> bytes | None:
        """Encrypt a text; None and "" stay None."""
        if not text:
            return None
        nonce, version = os.urandom(_NONCE), _PROFILES[self.profile]
        header = bytes([version]) + nonce
        if version == _PROFILES["intl"]:
            return header + self._aes.encrypt(nonce, text.encode(), context.encode())
        encryptor = Cipher(algorithms.SM4(self._sm4_key), modes.GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(context.encode())
        return header + encryptor.update(text.encode()) + encryptor.finalize() + encryptor.tag

    def open(self, sealed: bytes | memoryview | None, context: str) -> str | None:
        """Decrypt what `seal` made with either profile.

        Raises cryptography's InvalidTag when it was altered or moved.
        """
        if sealed is None:
            return None
        data = bytes(sealed)
        version, nonce, body = data[0], data[1 : 1 + _NONCE], data[1 + _NONCE :]
        if version == _PROFILES["intl"]:
            return self._aes.decrypt(nonce, body, context.encode()).decode()
        decryptor = Cipher(
            algorithms.SM4(self._sm4_key), modes.GCM(nonce, body[-_TAG:])
        ).decryptor()
        decryptor.authenticate_additional_data(context.encode())
        return (decryptor.update(body[:-_TAG]) + decryptor.finalize()).decode()

    def blind(self, text: str | None, context: str) -> bytes | None:
        """Return the keyed index by which a value can be found again without being stored
        in clear.
        """
        if not text:
            return None
        algorithm = "sm3" if self.profile == "gm" else "sha256"
        return hmac.new(self._index_key, f"{context}\0{text.strip()}".encode(), algorithm).digest()[
            :16
        ]


def load_secret(path: Path) -> bytes:
    """Read the site's secret, making it (0400) the first time."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        scratch = path.with_suffix(".new")
        scratch.unlink(missing_ok=True)
        handle = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
        os.write(handle, os.urandom(32))
        os.close(handle)
        scratch.replace(path)
    return path.read_bytes()


def signature(secret: bytes, algorithm: str, message: bytes) -> str:
    """Return the hex HMAC of a message with `sha256` or `sm3`."""
    return hmac.new(secret, message, algorithm).hexdigest()


def digest(algorithm: str, body: bytes) -> str:
    """Return the hex digest of a body with `sha256` or `sm3`."""
    return hashlib.new(algorithm, body).hexdigest()


def same(left: str, right: str) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(
        left.encode("utf-8", "surrogatepass"), right.encode("utf-8", "surrogatepass")
    )


# --- what dialects of partners need (domain §1.2); nothing of ours is protected by these alone


def sm2_pair() -> tuple[str, str]:
    """Return a fresh SM2 key pair as hexadecimal.

    The public key with its `04`, and the private key.
    """
    public, private = gmssl_pyx.sm2_key_generate()
    return f"04{public.hex()}", private.hex()


def sm2_open(private_key: bytes, cipher: bytes) -> bytes:
    """Decrypt an SM2 cipher in DER (GM/T 0009) or as raw C1C3C2 or C1C2C3, as clients send it.

    Raises ValueError.
    """
    # A raw cipher may begin with the sign of DER (0x30) or of an uncompressed point (0x04) by
    # chance, so each reading is tried; the digest says which is the right one.
    for parts in sm2.readings(cipher):
        with contextlib.suppress(ValueError):
            return sm2.open_cipher(private_key, *parts)
    raise ValueError("no SM2 cipher, altered, or for another key")


def sm4_ecb_open(key: bytes, cipher: bytes) -> bytes:
    """Decrypt SM4-ECB with PKCS#7 padding; raises ValueError."""
    # The partner's dialect.
    decryptor = Cipher(algorithms.SM4(key), modes.ECB()).decryptor()  # noqa: S305
    unpadder = PKCS7(128).unpadder()
    plain = decryptor.update(cipher) + decryptor.finalize()
    return unpadder.update(plain) + unpadder.finalize()
