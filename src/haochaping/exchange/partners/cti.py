"""Having the telephone system of a 12345 centre put an agent through to a citizen
(docs/integrate/cti.md). The agent sees no number.
"""

import hmac
import json

from django.conf import settings

from haochaping.callbacks import queries as callbacks
from haochaping.kernel import outbound


def signature(body: bytes) -> str:
    """Return the signature of a message in either direction."""
    return hmac.new(settings.CTI_SECRET.encode(), body, "sha256").hexdigest()


def dial(call_id: int, agent: str) -> bool:
    """Ask for a call; say whether the telephone system has taken it.

    `call` is the same at every try, so that it dials once.
    """
    found = callbacks.number_of(call_id)
    if found is None or not found[0]:
        return False
    body = json.dumps({"call": call_id, "agent": agent, "number": found[0]}).encode()
    headers = {"Content-Type": "application/json", "X-HCP-Signature": signature(body)}
    # HTTP.
    return outbound.post(settings.CTI, headers=headers, content=body).status < 300  # noqa: PLR2004
