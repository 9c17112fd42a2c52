"""Whom a request comes from, behind proxies of ours and of nobody."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haochaping.kernel.addresses import behind_proxy, client_address, networks

TRUSTED = networks("10.0.0.0/8, 127.0.0.1, fd00::/8")


@pytest.mark.parametrize(
    ("peer", "forwarded", "caller"),
    [
        ("203.0.113.9", "", "203.0.113.9"),
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),  # anybody may write the header
        ("10.0.0.2", "198.51.100.1", "198.51.100.1"),
        (
            "10.0.0.2",
            "1.1.1.1, 198.51.100.1, 10.0.0.7",
            "198.51.100.1",
        ),  # the last that is not ours
        ("10.0.0.2", "10.0.0.7", "10.0.0.2"),
        ("10.0.0.2", "rubbish", "10.0.0.2"),
        ("10.0.0.2", "198.51.100.1, rubbish", "10.0.0.2"),
        ("10.0.0.2", "", "10.0.0.2"),
        ("fd00::1", "2001:db8::1", "2001:db8::1"),
        ("::ffff:10.0.0.2", "::ffff:198.51.100.1", "198.51.100.1"),
        ("", "198.51.100.1", ""),
    ],
)
def test_only_proxies_of_ours_are_believed(peer: str, forwarded: str, caller: str) -> None:
    assert client_address(peer, forwarded, TRUSTED) == caller


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_header_breaks_it(peer: str, forwarded: str) -> None:
    client_address(peer, forwarded, TRUSTED)


def test_the_scheme_is_believed_of_proxies_only() -> None:
    for peer, kept in (("10.0.0.2", True), ("203.0.113.9", False)):
        meta = {"REMOTE_ADDR": peer, "HTTP_X_FORWARDED_PROTO": "https"}
        behind_proxy(meta, TRUSTED)
        assert ("HTTP_X_FORWARDED_PROTO" in meta) is kept
