"""Where a request comes from, also behind proxies of ours."""

from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

type Network = IPv4Network | IPv6Network
type Address = IPv4Address | IPv6Address


def networks(text: str) -> tuple[Network, ...]:
    """Read a list of addresses and networks such as `10.0.0.0/8, 127.0.0.1`; raises ValueError."""
    return tuple(ip_network(one.strip(), strict=False) for one in text.split(",") if one.strip())


@lru_cache(maxsize=4096)
def parsed(text: str) -> Address | None:
    """Return an address, None for what is none; one of IPv4 in IPv6 is itself."""
    try:
        found = ip_address(text.strip())
    except ValueError:
        return None
    mapped = getattr(found, "ipv4_mapped", None)
    return mapped or found


def within(address: Address | None, trusted: Iterable[Network]) -> bool:
    """Say whether an address lies in one of these networks."""
    return address is not None and any(
        address.version == network.version and address in network for network in trusted
    )


def client_address(peer: str, forwarded: str, trusted: Sequence[Network]) -> str:
    """Return whom a request comes from: the last address that no proxy of ours added.

    `forwarded` is X-Forwarded-For, which anybody may send; it counts only as far as proxies that
    are trusted have written it.
    """
    if not within(parsed(peer), trusted):
        return peer
    for hop in reversed([one.strip() for one in forwarded.split(",") if one.strip()]):
        found = parsed(hop)
        if found is None:
            return peer
        if not within(found, trusted):
            return str(found)
    return peer


def network(meta: Mapping[str, str]) -> str:
    """Return from which network (/24, of IPv6 /48) and with which browser a page was sent."""
    address = parsed(meta.get("REMOTE_ADDR", ""))
    bits = 24 if address is None or address.version == 4 else 48  # noqa: PLR2004 - of the protocol
    prefix = ip_network(f"{address}/{bits}", strict=False) if address else ""
    return f"{prefix} {meta.get('HTTP_USER_AGENT', '')[:200]}"


# what a proxy says of a client's certificate: SUCCESS, and its subject as RFC 4514 writes it
CERTIFICATE = ("HTTP_X_CLIENT_CERT_VERIFY", "HTTP_X_CLIENT_CERT_SUBJECT")


def behind_proxy(meta: MutableMapping[str, str], trusted: Sequence[Network]) -> None:
    """Put the caller's own address and scheme where Django looks for them."""
    peer = meta.get("REMOTE_ADDR", "")
    if not within(parsed(peer), trusted):
        for name in ("HTTP_X_FORWARDED_PROTO", *CERTIFICATE):
            meta.pop(name, None)  # whoever sent it is no proxy of ours
        return
    meta["REMOTE_ADDR"] = client_address(peer, meta.get("HTTP_X_FORWARDED_FOR", ""), trusted)
