"""Encryption of personal data and keyed look-up. Profiles: `intl` (AES-256-GCM, HMAC-SHA256) and
`gm` (SM4-GCM, HMAC-SM3).

A sealed value is `version(1) | key id(4) | nonce(12) | ciphertext | tag(16)`, bound to what it is
(`context`, such as `record.phone`) and to its row where that is known as it is sealed: copied to
another column or row it does not open (trust design §5.2). Versions 1 and 2, from before keys had
ids, open with the site's secret and are bound to their column. The blind index is equality-only
and truncated to 16 bytes; it and the digests come from the secret, which is never rotated, for
they must be found again.
"""

import base64
import contextlib
import hashlib
import hmac
import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import ClassVar

import gmssl_pyx
from asn1crypto.core import Integer, Sequence
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.padding import PKCS7

from haochaping.kernel import sm2
from haochaping.kernel.files import put

Unreadable = (
    InvalidTag  # what `Keyring.open` raises for what was altered, moved or sealed elsewhere
)
_FIRST, _PROFILES = {"intl": 1, "gm": 2}, {"intl": 3, "gm": 4}
_KEY_ID = 4
_WRAPPED = "sealed:1:"  # how a sealed text begins in a column of text or JSON
_NONCE = 12
_TAG = 16


class Signature(Sequence):  # type: ignore[misc]  # the library is not typed
    """An SM2 signature as GM/T 0009 writes it in DER."""

    _fields: ClassVar = [("r", Integer), ("s", Integer)]


class _Sealer:
    """Seals and opens with one key, in either profile."""

    def __init__(self, key: bytes) -> None:
        self.id = hashlib.sha256(b"haochaping/key/" + key).digest()[:_KEY_ID]
        self.aes = AESGCM(_derived(key, "aes"))
        self.sm4_key = _derived(key, "sm4")[:16]

    def seal(self, plain: bytes, nonce: bytes, bound_to: bytes, profile: str) -> bytes:
        """Return ciphertext and tag."""
        if profile == "intl":
            return self.aes.encrypt(nonce, plain, bound_to)
        encryptor = Cipher(algorithms.SM4(self.sm4_key), modes.GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(bound_to)
        return encryptor.update(plain) + encryptor.finalize() + encryptor.tag

    def open(self, body: bytes, nonce: bytes, bound_to: bytes, profile: str) -> bytes:
        """Return what was sealed; raises InvalidTag."""
        if profile == "intl":
            return self.aes.decrypt(nonce, body, bound_to)
        decryptor = Cipher(algorithms.SM4(self.sm4_key), modes.GCM(nonce, body[-_TAG:])).decryptor()
        decryptor.authenticate_additional_data(bound_to)
        return decryptor.update(body[:-_TAG]) + decryptor.finalize()


def _derived(key: bytes, purpose: str) -> bytes:
    return hmac.digest(key, b"haochaping/1/" + purpose.encode(), "sha256")


@dataclass(frozen=True)
class Keyring:
    """The site's secret of 32 bytes, the profile that new values are sealed with, and the file of
    later sealing keys: the last of them seals, all of them open.
    """

    secret: bytes
    profile: str = "intl"
    later: Path | None = None

    def _derive(self, purpose: str) -> bytes:
        return _derived(self.secret, purpose)

    @cached_property
    def _sealers(self) -> dict[bytes, _Sealer]:
        return {sealer.id: sealer for sealer in self._read()}

    def _read(self) -> list[_Sealer]:
        """Return a sealer for each key, the one that seals last."""
        return [_Sealer(key) for key in (self.secret, *later_keys(self.later))]

    @cached_property
    def _first(self) -> _Sealer:
        return _Sealer(self.secret)

    @cached_property
    def _current(self) -> _Sealer:
        return list(self._sealers.values())[-1]

    def _sealer(self, key_id: bytes) -> _Sealer:
        """Return the sealer of a key; one that another process made meanwhile is read."""
        if key_id not in self._sealers:
            self._sealers.update({sealer.id: sealer for sealer in self._read()})
        if key_id not in self._sealers:
            raise InvalidTag
        return self._sealers[key_id]

    @cached_property
    def _index_key(self) -> bytes:
        return self._derive("index")

    @cached_property
    def _content_key(self) -> bytes:
        return self._derive("content")

    @cached_property
    def _keyed(self) -> "hashlib.blake2b":
        return hashlib.blake2b(digest_size=8, key=self._content_key)

    def fingerprint(self, content: bytes) -> int:
        """Return a keyed digest of 8 bytes by which the same content is known again.

        Keyed, for what is in it can be guessed: whoever holds the table alone learns nothing.
        """
        digest = self._keyed.copy()  # at two thirds of what it costs to key one anew
        digest.update(content)
        return (
            int.from_bytes(digest.digest(), signed=True) or 1
        )  # 0: stored before digests were keyed

    def salt(self, purpose: str) -> bytes:
        """Return 32 bytes that only the site's secret can tell again."""
        return hmac.digest(self._content_key, purpose.encode(), "sha256")

    def seal(self, text: str | None, context: str, row: object = "") -> bytes | None:
        """Encrypt a text; None and "" stay None. `row` is what tells its row from every other."""
        if not text:
            return None
        nonce, sealer = os.urandom(_NONCE), self._current
        body = sealer.seal(text.encode(), nonce, f"{context}|{row}".encode(), self.profile)
        return bytes([_PROFILES[self.profile]]) + sealer.id + nonce + body

    def open(self, sealed: bytes | memoryview | None, context: str, row: object = "") -> str | None:
        """Decrypt what `seal` made with either profile and any key; None for what was blanked.

        Raises cryptography's InvalidTag when it was altered or moved, or its key is not here.
        """
        if sealed is None or not len(sealed):
            return None
        data = bytes(sealed)
        for profile, version in _FIRST.items():
            if data[0] == version:
                nonce, body = data[1 : 1 + _NONCE], data[1 + _NONCE :]
                return self._first.open(body, nonce, context.encode(), profile).decode()
        sealer, rest = self._sealer(data[1 : 1 + _KEY_ID]), data[1 + _KEY_ID :]
        profile = "intl" if data[0] == _PROFILES["intl"] else "gm"
        bound_to = f"{context}|{row}".encode()
        return sealer.open(rest[_NONCE:], rest[:_NONCE], bound_to, profile).decode()

    def is_current(self, sealed: bytes | memoryview) -> bool:
        """Say whether a value is sealed with the key and in the profile that seal now."""
        head = bytes([_PROFILES[self.profile]]) + self._current.id
        return bytes(sealed[: len(head)]) == head

    def wrap(self, text: str, context: str) -> str:
        """Seal a text for a column of text or JSON; "" stays ""."""
        sealed = self.seal(text, context)
        return _WRAPPED + base64.b64encode(sealed).decode() if sealed else ""

    def unwrap(self, text: str, context: str) -> str:
        """Return what `wrap` sealed, and a text from before it was sealed as it is."""
        if not text.startswith(_WRAPPED):
            return text
        return self.open(base64.b64decode(text.removeprefix(_WRAPPED)), context) or ""

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
        put(path, os.urandom(32), mode=0o400)
    return path.read_bytes()


def later_keys(path: Path | None) -> list[bytes]:
    """Return the sealing keys that were made after the site's secret, oldest first."""
    if path is None or not path.exists():
        return []
    return [bytes.fromhex(line) for line in path.read_text(encoding="ascii").split()]


def add_key(path: Path) -> None:
    """Make a sealing key, which seals from the next start of each process on; all keys before it
    still open what they sealed.
    """
    keys = [*later_keys(path), os.urandom(32)]
    put(path, "".join(f"{key.hex()}\n" for key in keys).encode(), mode=0o400)


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


def sm2_sign(private_key: bytes, public_key: bytes, message: bytes) -> bytes:
    """Return r and s, 32 bytes each, of a signature with SM3 under the usual identity (GB/T
    32918.2).
    """
    signed = gmssl_pyx.sm2_sign(private_key, public_key, message)
    found = Signature.load(signed).native
    return b"".join(found[name].to_bytes(32) for name in ("r", "s"))


def sm2_signed(public_key: bytes, signature: bytes, message: bytes) -> bool:
    """Say whether r and s are a signature with SM3 by this key (64 bytes)."""
    parts = {"r": int.from_bytes(signature[:32]), "s": int.from_bytes(signature[32:])}
    if len(signature) != 64 or not all(parts.values()):  # noqa: PLR2004 - r and s
        return False
    return bool(gmssl_pyx.sm2_verify(public_key, message, Signature(parts).dump()))


def ed25519_public(seed: bytes) -> bytes:
    """Return the 32 bytes of the public key of a seed of 32."""
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def ed25519_sign(seed: bytes, message: bytes) -> bytes:
    """Return the 64 bytes of a signature (RFC 8032)."""
    return Ed25519PrivateKey.from_private_bytes(seed).sign(message)


def ed25519_signed(public_key: bytes, signature: bytes, message: bytes) -> bool:
    """Say whether a signature is one by this key (32 bytes)."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


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


def sm2_seal(public_key: bytes, plain: bytes) -> bytes:
    """Encrypt for a partner's SM2 key, of any length: C1C3C2 (GB/T 32918.4-2016)."""
    return sm2.make_cipher(public_key, plain)


def sm4_ecb_seal(key: bytes, plain: bytes) -> bytes:
    """Encrypt with SM4-ECB and PKCS#7 padding, as a partner's dialect has it."""
    encryptor = Cipher(algorithms.SM4(key), modes.ECB()).encryptor()  # noqa: S305
    padder = PKCS7(128).padder()
    return encryptor.update(padder.update(plain) + padder.finalize()) + encryptor.finalize()
