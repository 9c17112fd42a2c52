"""The second factor and sessions: codes of RFC 6238, codes for when the telephone is lost, and how
long one stays signed in (trust design §5.5).
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

import pyotp

from haochaping.kernel.errors import Refusal
from haochaping.kernel.words import Words

SESSION = "session"  # where the id of a session stands in Django's own
IDLE, LONGEST = timedelta(minutes=30), timedelta(hours=8)
NOTED = timedelta(minutes=1)  # how exactly it is known when a session was last used
CODES, _LETTERS = 10, "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # of recovery; none is read as another
_STEP, _DRIFT = 30, 1  # seconds of a code; steps that a telephone's clock may be wrong
ALONE = frozenset({"admin", "security"})  # who is signed in at one place only


class Needed(StrEnum):
    """Who must have a second factor: a setting of the site."""

    NOBODY = ""
    ADMINS = "admins"
    ALL = "all"


_ADMINS = frozenset({"admin", "security", "auditor"})


def needs_code(needed: str, role: str) -> bool:
    """Say whether a role must have a second factor at this site."""
    return needed == Needed.ALL or (needed == Needed.ADMINS and role in _ADMINS)


class BadCode(Refusal):
    """The code of the second factor is wrong, used or old."""

    status = 422
    code = "bad_code"
    says = Words(
        "验证码不正确或已用过。请等下一个 6 位验证码；手机丢失请用恢复码。",
        "The code is wrong or was used. Wait for the next six digits, or use a recovery code.",
    )


def step_of(secret: str, code: str, last: int, at: datetime) -> int | None:
    """Return the step whose code this is, None if it is none of now or not later than the last."""
    digits = code.replace(" ", "")
    now = int(at.timestamp()) // _STEP
    for step in range(now - _DRIFT, now + _DRIFT + 1):
        if step > last and pyotp.utils.strings_equal(pyotp.TOTP(secret).generate_otp(step), digits):
            return step
    return None


def new_secret() -> str:
    """Return a secret of 160 bits, in base 32 as authenticators take it."""
    return pyotp.random_base32()


def address_of(secret: str, account: str, site: str) -> str:
    """Return what the QR code for an authenticator says."""
    return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=site)


def recovery_code(random: bytes) -> str:
    """Return ten letters, of 49 bits, from ten random bytes below 248 (or their remainder)."""
    letters = "".join(_LETTERS[byte % len(_LETTERS)] for byte in random[:10])
    return f"{letters[:5]}-{letters[5:]}"


def cleaned(code: str) -> str:
    """Return a recovery code as it is hashed, however it was typed."""
    letters = "".join(one for one in code.upper() if one in _LETTERS)
    return f"{letters[:5]}-{letters[5:]}"


def in_force(began: datetime, seen: datetime, at: datetime) -> bool:
    """Say whether a session that nobody ended still holds."""
    return at - began < LONGEST and at - seen < IDLE


def idle_words() -> Mapping[str, int]:
    """Return the limits in minutes and hours, for pages."""
    return {"idle": IDLE // timedelta(minutes=1), "longest": LONGEST // timedelta(hours=1)}
