"""What is pushed to others, signed as Standard Webhooks has it (https://www.standardwebhooks.com:
`webhook-id`, `webhook-timestamp`, `webhook-signature`), so that any of its libraries verifies it.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime

_PREFIX = "whsec_"


def new_secret() -> str:
    """Return a receiver's own secret, 32 bytes as the standard writes them."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def signed(keys: Sequence[str], *, message: str, at: datetime, body: bytes) -> Mapping[str, str]:
    """Return the headers of a message, the same id at every try.

    It is signed with each secret given: while one is exchanged, receivers trust the old or the new.
    """
    stamp = str(int(at.timestamp()))
    text = f"{message}.{stamp}.".encode() + body
    proofs = [
        base64.b64encode(
            hmac.digest(base64.b64decode(key.removeprefix(_PREFIX)), text, hashlib.sha256)
        ).decode()
        for key in keys
    ]
    return {
        "Content-Type": "application/json",
        "webhook-id": message,
        "webhook-timestamp": stamp,
        "webhook-signature": " ".join(f"v1,{proof}" for proof in proofs),
    }
