"""Identifiers: time-ordered keys of facts, numbers that people read, and secret tokens.

A fact's key is `seconds since 2020-01-01 UTC << 32 | hash32(natural key)` (architecture §4.2,
measured in the data design): primary key, partition key and distribution column at once. The same
natural key and time always give the same id; two natural keys that meet in one second are told
apart by `salt`.
"""

import hashlib
import secrets
from datetime import UTC, datetime, timedelta

EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford base 32: no I, L, O, U
# odd, so multiplication permutes 64-bit numbers; it hides the time, it is no secret
_MIX = 0x9E3779B97F4A7C15
_UNMIX = pow(_MIX, -1, 1 << 64)
_ALL = (1 << 64) - 1
_CHARACTERS = 13
_PAIRS = [
    first + second for first in _ALPHABET for second in _ALPHABET
]  # ten bits at a time: intake makes thousands a second


def fact_key(at: datetime, natural_key: str, salt: int = 0) -> int:
    """Return the signed 64-bit key of a fact that happened `at`.

    Facts before 2020 get negative keys that sort first.
    """
    digest = hashlib.blake2b(f"{salt}\0{natural_key}".encode(), digest_size=4).digest()
    return first_key(at) | int.from_bytes(digest)


def first_key(at: datetime) -> int:
    """Return the smallest key of the second that contains the moment.

    The bound for ranges and partitions.
    """
    return int((at - EPOCH).total_seconds() // 1) << 32


def moment_of(key: int) -> datetime:
    """Return the second in which the fact of this key happened."""
    return EPOCH + timedelta(seconds=key >> 32)


def receipt_number(key: int) -> str:
    """Return the number that people read aloud for a rating, like `7Q3K-M8ZT-0A1B2`.

    It grants no access.
    """
    mixed, two = (key & _ALL) * _MIX & _ALL, _PAIRS
    return (
        f"{two[mixed >> 55]}{two[mixed >> 45 & 1023]}-"
        f"{two[mixed >> 35 & 1023]}{two[mixed >> 25 & 1023]}"
        f"-{two[mixed >> 15 & 1023]}{two[mixed >> 5 & 1023]}{_ALPHABET[mixed & 31]}"
    )


def key_of_receipt(number: str) -> int | None:
    """Return the key behind a receipt number as people type it, or None when it cannot be one."""
    typed = "".join(character for character in number.upper() if character.isalnum())
    typed = typed.replace("O", "0").replace("I", "1").replace("L", "1")
    if len(typed) != _CHARACTERS or any(character not in _ALPHABET for character in typed):
        return None
    mixed = 0
    for character in typed:
        mixed = mixed << 5 | _ALPHABET.index(character)
    if mixed > _ALL:
        return None
    key = mixed * _UNMIX & _ALL
    return key - (1 << 64) if key >> 63 else key


def new_token() -> str:
    """Return 128 random bits for a link: 22 URL-safe characters."""
    return secrets.token_urlsafe(16)


def token_hash(token: str) -> bytes:
    """Return what is stored of a token: SHA-256, for a random token needs no salt."""
    return hashlib.sha256(token.encode()).digest()
