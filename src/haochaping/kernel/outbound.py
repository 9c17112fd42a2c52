"""The one door to the outside: HTTP calls to partners and gateways, bounded in time and size, and
guarded: nobody makes us call our own network.

A name is resolved once and the address that was checked is the one that is called. Never called
inside a transaction.
"""

import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING, Any

from django.conf import settings

from haochaping.kernel import clock
from haochaping.kernel.addresses import Address, networks, parsed, within
from haochaping.kernel.numbers import whole

if TYPE_CHECKING:
    import httpx

_LARGEST = 1024 * 1024
_SECONDS, _PER_MEGABYTE = 30, 10  # that a whole answer may take: nobody holds us by dripping


@cache
def _http() -> ModuleType:
    import httpx  # noqa: PLC0415 - most processes call nobody, and each start would wait for it

    return httpx


@cache
def _client() -> "httpx.Client":
    made: httpx.Client = _http().Client(
        timeout=_http().Timeout(10, connect=5),
        follow_redirects=False,
        headers={"User-Agent": "haochaping"},
        limits=_http().Limits(max_connections=20),
    )
    return made


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    body: bytes
    wait: float = 0  # seconds for which it asks to be left alone (Retry-After)


class Unreachable(Exception):
    """Nothing came back, or nothing that ended: whether the other side acted is unknown; `wait` are
    the seconds for which it asked to be left alone.
    """

    def __init__(self, says: str, wait: float = 0) -> None:
        super().__init__(says)
        self.wait = wait


class Refused(Unreachable):
    """The address is one that is not called: inside our network, or not over HTTPS."""


# what Python calls global and leads inside all the same: IPv4 behind a translator (RFC 6052), the
# old site-local addresses (RFC 3879), and IPv4 written as IPv6 (RFC 4291 §2.5.5.1,
# RFC 2765), and a cloud's address of itself that it gives to every machine
_INSIDE = networks(
    "64:ff9b::/96, 64:ff9b:1::/48, fec0::/10, ::/96, ::ffff:0:0:0/96, 168.63.129.16/32"
)


def _public(address: Address) -> bool:
    return address.is_global and not address.is_multicast and not within(address, _INSIDE)


def _pinned(url: "httpx.URL") -> "httpx.URL":
    """Return an address with the host's number in place of its name; raises Refused."""
    port = url.port or (443 if url.scheme == "https" else 80)
    own = url.netloc.decode() in _own_places()
    secure = url.scheme == "https" or not settings.HTTPS
    return url.copy_with(host=address_of(url.host, port, own=own, secure=secure))


def address_of(host: str, port: int, *, own: bool = False, secure: bool = True) -> str:
    """Return the address of a host that may be called; raises Refused.

    Loopback, private, link-local, metadata and mapped addresses are refused unless they are our own
    or the administrator lists them (HCP_OUTBOUND_ALLOW); so is what is not secure.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Unreachable(f"{host}: no such host") from None
    for *_, place in found:
        address = parsed(str(place[0]))
        listed = own or within(address, settings.OUTBOUND_ALLOW)
        if address is None or not (listed or (_public(address) and secure)):
            continue
        return str(address)
    raise Refused(f"{host}: not an address that may be called")


def _own_places() -> set[str]:
    own = (settings.PUBLIC_URL, settings.COLLECTOR_URL)
    return {_http().URL(one).netloc.decode() for one in own}


def post(
    url: str,
    *,
    headers: Mapping[str, str],
    params: Mapping[str, str] | None = None,
    form: Mapping[str, str] | None = None,
    content: bytes | None = None,
) -> Answer:
    """Send a POST and return the answer whatever its status; raises Unreachable."""
    data = dict(form) if form is not None else None
    return _call("POST", url, headers, params=params, data=data, content=content)


def get(
    url: str, *, headers: Mapping[str, str], params: Mapping[str, str], largest: int = _LARGEST
) -> Answer:
    """Send a GET and return the answer whatever its status; raises Unreachable, also for an answer
    of more than `largest` bytes.
    """
    return _call("GET", url, headers, largest, params=params or None)


def _call(
    method: str, url: str, headers: Mapping[str, str], largest: int = _LARGEST, **sent: Any
) -> Answer:
    http = _http()
    try:
        asked = http.URL(url)
        with _client().stream(
            method,
            _pinned(asked),
            headers={**headers, "Host": asked.netloc.decode()},
            extensions={"sni_hostname": asked.host},
            **sent,
        ) as response:
            body = bytearray()
            until = time.monotonic() + _SECONDS + _PER_MEGABYTE * largest / _LARGEST
            for chunk in response.iter_bytes():
                body += chunk
                if len(body) > largest:
                    raise Unreachable(f"the answer of {asked.host} is too long")
                if time.monotonic() > until:
                    raise Unreachable(f"the answer of {asked.host} takes too long")
            wait = seconds_to_wait(response.headers.get("Retry-After", ""), clock.now())
            return Answer(response.status_code, bytes(body), wait)
    except (http.HTTPError, http.InvalidURL) as error:
        raise Unreachable(f"{type(error).__name__}: {url[:60]}") from None


_LONGEST_WAIT = 3600  # seconds: nobody silences us for longer with a header


def seconds_to_wait(told: str, at: datetime) -> float:
    """Return for how many seconds a Retry-After (RFC 9110 §10.2.3) asks to be left alone: a number
    or a date, an hour at most; 0 for what is neither.
    """
    seconds: float | None = whole(told.strip(), digits=9)
    if seconds is None:
        try:
            seconds = (parsedate_to_datetime(told) - at).total_seconds()
        except (ValueError, TypeError):
            return 0
    return min(max(seconds, 0), _LONGEST_WAIT)
