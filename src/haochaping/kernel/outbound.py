"""The one door to the outside: HTTP calls to partners and gateways, bounded in time and size.

Never called inside a transaction.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import httpx

_TIMEOUT = httpx.Timeout(10, connect=5)
_LARGEST = 1024 * 1024
_client = httpx.Client(
    timeout=_TIMEOUT,
    follow_redirects=False,
    headers={"User-Agent": "haochaping"},
    limits=httpx.Limits(max_connections=20),
)


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    body: bytes


class Unreachable(Exception):
    """Nothing came back, or nothing that ended: whether the other side acted is unknown."""


def post(
    url: str,
    *,
    headers: Mapping[str, str],
    params: Mapping[str, str] | None = None,
    form: Mapping[str, str] | None = None,
    content: bytes | None = None,
) -> Answer:
    """Send a POST and return the answer whatever its status; raises Unreachable."""
    try:
        with _client.stream(
            "POST",
            url,
            headers=dict(headers),
            params=params,
            data=dict(form) if form is not None else None,
            content=content,
        ) as response:
            body = b""
            for chunk in response.iter_bytes():
                body += chunk
                if len(body) > _LARGEST:
                    raise Unreachable(f"the answer of {httpx.URL(url).host} is too long")
            return Answer(response.status_code, body)
    except httpx.HTTPError as error:
        raise Unreachable(f"{httpx.URL(url).host}: {type(error).__name__}") from None
