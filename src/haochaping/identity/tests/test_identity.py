"""Signatures, roles and sign-in."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import people
import pytest

from haochaping.identity import queries, rules
from haochaping.identity.rules import Right
from haochaping.kernel import crypto
from haochaping.kernel.errors import NotAllowed

AT = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
KEY = rules.ClientKey("k1", 1, b"secret-of-the-test-vector", "sha256", rules.Reach(0, 10**12))


def signed(key: rules.ClientKey = KEY, **changes: object) -> rules.SignedRequest:
    """Return a request signed as documented, with changes made afterwards."""
    request = rules.SignedRequest("POST", "/api/v1/evaluations", "b=2&a=1", b'{"level":5}', {})
    time = str(int(AT.timestamp()))
    text = rules.signing_text(
        request, algorithm=key.algorithm, time=time, nonce="nonce-0001", kid=key.kid
    )
    headers = {
        "x-hcp-key": key.kid,
        "x-hcp-time": time,
        "x-hcp-nonce": "nonce-0001",
        "x-hcp-signature": crypto.signature(key.secret, key.algorithm, text),
    }
    return replace(request, headers=headers, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize("algorithm", ["sha256", "sm3"])
def test_a_signed_request_is_accepted_and_its_query_may_come_in_any_order(algorithm: str) -> None:
    key = replace(KEY, algorithm=algorithm)
    assert rules.verify(signed(key), {"k1": key}, AT) == (key, "nonce-0001")
    assert rules.verify(signed(key, query="a=1&b=2"), {"k1": key}, AT)[0] == key


@pytest.mark.parametrize(
    "change",
    [
        {"body": b'{"level":1}'},
        {"path": "/api/v1/records"},
        {"method": "PUT"},
        {"query": "a=1&b=3"},
    ],
)
def test_whatever_is_changed_after_signing_breaks_the_signature(change: dict[str, object]) -> None:
    with pytest.raises(rules.BadSignature):
        rules.verify(signed(**change), {"k1": KEY}, AT)


@pytest.mark.parametrize("skew", [-301, 301])
def test_a_clock_that_is_off_by_more_than_five_minutes_is_told_so(skew: int) -> None:
    with pytest.raises(rules.BadSignature, match="clock"):
        rules.verify(signed(), {"k1": KEY}, AT + timedelta(seconds=skew))


def test_the_published_test_vector_holds() -> None:
    request = rules.SignedRequest("POST", "/api/v1/evaluations", "", b"{}", {})
    text = rules.signing_text(
        request, algorithm="sha256", time="1790000000", nonce="0123456789abcdef", kid="k0"
    )
    assert text.decode().split("\n") == [
        "HCP1",
        "POST",
        "/api/v1/evaluations",
        "",
        "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
        "1790000000",
        "0123456789abcdef",
        "k0",
    ]


def test_a_right_ends_at_the_border_of_the_grant(world: people.Place) -> None:
    queries.require(world.users["city"], Right.DISPATCH, within=people.CITY)
    queries.require(world.users["city"], Right.DISPATCH, within=320703000000)
    for user, region, department in (
        ("city", people.ELSEWHERE, None),
        ("auditor", people.CITY, None),
        ("handler", people.CITY, world.bureau),
    ):
        with pytest.raises(NotAllowed):
            queries.require(
                world.users[user], Right.DISPATCH, within=region, department_id=department
            )
    queries.require(
        world.users["handler"], Right.HANDLE, within=people.CITY, department_id=world.bureau
    )
    with pytest.raises(NotAllowed):
        queries.require(
            world.users["handler"], Right.HANDLE, within=people.CITY, department_id=world.other
        )


def test_sign_in_closes_after_five_failures_and_for_longer_each_time() -> None:
    assert rules.sign_in_wait([AT] * 4, AT) == 0
    assert rules.sign_in_wait([AT] * 5, AT) == 900
    assert rules.sign_in_wait([AT] * 6, AT + timedelta(seconds=100)) == 1700
    assert rules.sign_in_wait([AT] * 5, AT + timedelta(seconds=900)) == 0
