"""The platform as a stranger to itself.

A rating is handed in at the same addresses that citizens and systems use.
"""

import json
import secrets
from datetime import datetime

from django.conf import settings

from haochaping.evaluations import actions as evaluations
from haochaping.evaluations import rules
from haochaping.evaluations.rules import Channel
from haochaping.exchange import actions
from haochaping.identity.rules import SYSTEM, ClientKey, SignedRequest, signing_text
from haochaping.invitations import actions as invitations
from haochaping.kernel import clock, crypto, outbound
from haochaping.kernel.errors import Refusal


class Refused(Exception):
    """The channel would not take the rating."""


_ON_PAGES = (
    Channel.WEB,
    Channel.MOBILE,
    Channel.QR,
    Channel.TABLET,
    Channel.TERMINAL,
    Channel.LINK,
)
_CODES = {5: 510, 4: 406, 3: 307, 2: 207, 1: 108}


def probe_all(at: datetime) -> int:
    """Hand in one synthetic rating of every level over every channel; return how many were refused.

    It is announced in the audit trail first.
    """
    key = actions.announce_probe(at=at)
    refused = 0
    for channel in Channel:
        for level in range(5, 0, -1):
            record_id, project_no = actions.prepare_probe(
                channel=channel, level=level, key=key, at=at
            )
            said = _probe(channel, level, key, record_id, project_no)
            refused += not actions.note_probe(
                channel=channel, level=level, record_id=record_id, said=said, at=at
            )
    actions.enter_probes(at=at)
    return refused


def _probe(channel: Channel, level: int, key: ClientKey, record_id: int, project_no: str) -> str:
    """Rate over one channel; return what went wrong, empty when nothing did."""
    code, at = _CODES[level], clock.now()
    try:
        if channel in _ON_PAGES:
            rate_on_page(
                invitations.invite(record_id=record_id, channel=channel, days=1, at=at), level, code
            )
        elif channel is Channel.API:
            rate_over_interface(key, project_no, level, code)
        elif channel is Channel.SMS:
            evaluations.rate_by_digit(record_id=record_id, text=str(level), at=at)
        else:
            evaluations.rate_by_phone(
                record_id=record_id,
                level=level,
                codes=[code],
                words="",
                kind=rules.Kind.FIRST,
                by=SYSTEM,
                at=at,
            )
    except Refused as refused:
        return str(refused)
    except Refusal as refusal:
        return refusal.code
    # A test of channels outlives whatever is wrong with one.
    except Exception as bug:  # noqa: BLE001
        return type(bug).__name__
    return ""


def rate_on_page(token: str, level: int, code: int) -> None:
    """Send the citizen's form as a browser without JavaScript does.

    Raises Refused unless it leads to the receipt.
    """
    answer = _post(
        f"{settings.PUBLIC_URL}/e/{token}",
        form={"level": str(level), f"codes{level}": str(code)},
        headers={},
    )
    if answer.status != 302:  # noqa: PLR2004 - found: the receipt
        raise Refused(f"HTTP {answer.status}")


def rate_over_interface(key: ClientKey, project_no: str, level: int, code: int) -> None:
    """Send a signed rating to the collector; raises Refused unless it is stored."""
    path = "/api/v1/evaluations"
    body = json.dumps(
        {
            "project_no": project_no,
            "service_number": 1,
            "level": level,
            "channel": 9,
            "codes": [code],
        }
    ).encode()
    moment, nonce = str(int(clock.now().timestamp())), secrets.token_hex(12)
    text = signing_text(
        SignedRequest("POST", path, "", body, {}),
        algorithm=key.algorithm,
        time=moment,
        nonce=nonce,
        kid=key.kid,
    )
    headers = {
        "X-HCP-Key": key.kid,
        "X-HCP-Time": moment,
        "X-HCP-Nonce": nonce,
        "X-HCP-Signature": crypto.signature(key.secret, key.algorithm, text),
    }
    answer = _post(
        f"{settings.COLLECTOR_URL}{path}",
        content=body,
        headers={**headers, "Content-Type": "application/json"},
    )
    if answer.status != 201:  # noqa: PLR2004 - created
        raise Refused(f"HTTP {answer.status}")


def _post(
    url: str,
    *,
    headers: dict[str, str],
    form: dict[str, str] | None = None,
    content: bytes | None = None,
) -> outbound.Answer:
    try:
        return outbound.post(url, headers=headers, form=form, content=content)
    except outbound.Unreachable as gone:
        raise Refused(str(gone)) from None
