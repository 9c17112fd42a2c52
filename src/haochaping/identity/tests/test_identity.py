"""Signatures, roles and sign-in."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import people
import pytest
from people import NOON

from haochaping.audit import queries as audit
from haochaping.identity import actions, models, queries, rules
from haochaping.identity.rules import Right
from haochaping.kernel import clock, crypto
from haochaping.kernel.db import talk
from haochaping.kernel.errors import NotAllowed, NotFound

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


def wait(here: list[datetime], at: datetime) -> int:
    """Return the wait after failures of one account from one address."""
    return rules.sign_in_wait(rules.Failures(here, here, [(moment, "a") for moment in here]), at)


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
    assert wait([AT] * 4, AT) == 0
    assert wait([AT] * 5, AT) == 900
    assert wait([AT] * 6, AT + timedelta(seconds=100)) == 1700
    assert wait([AT] * 5, AT + timedelta(seconds=900)) == 0


@pytest.mark.parametrize(
    ("failures", "seconds"),
    [
        (0, 0),
        (4, 0),
        (5, 900),
        (6, 1800),
        (7, 3600),
        (8, 7200),
        (11, 57600),
        (12, 86400),
        (40, 86400),
    ],
)
def test_sign_in_closes_for_a_quarter_of_an_hour_doubling_to_a_day(
    failures: int, seconds: int
) -> None:
    assert wait([NOON] * failures, NOON) == seconds
    assert wait([NOON] * failures, NOON + timedelta(seconds=seconds)) == 0


@pytest.mark.parametrize(
    ("right", "roles"),
    [
        (Right.SEE_DESK, "province city agent handler hall leader auditor admin security"),
        (Right.SEE_PEOPLE, "province city auditor admin security"),
        (Right.KEEP_PEOPLE, "admin"),
        (Right.CONFIRM_PEOPLE, "province city security"),
        (Right.KEEP_KEYS, "admin"),
        (Right.RUN_SYSTEM, "admin"),
        (Right.SEE_RATINGS, "province city agent hall leader"),
        (Right.SEE_LIVE, "province city agent"),
        (Right.SEE_ORDERS, "province city agent hotline handler leader"),
        (Right.SEE_FIGURES, "province city agent handler hall leader auditor"),
        (Right.SEE_DIRECTORY, "province city agent hall leader admin"),
        (Right.SEE_AUDIT, "province city auditor"),
        (Right.DISPATCH, "province city agent hotline"),
        (Right.HANDLE, "hotline handler"),
        (Right.CALL_BACK, "agent hotline"),
        (Right.CALL, "clerk"),
        (Right.SEE_MESSAGES, "province city hall"),
        (Right.SCREEN, "province city"),
        (Right.KEEP_DIRECTORY, "province city hall admin"),
        (Right.KEEP_POLICY, "province city"),
        (Right.DECIDE, "province city"),
        (Right.SUPERVISE, "province city"),
        (Right.SEE_BOARD, "province city agent leader"),
        (Right.INSTRUCT, "province leader"),
    ],
)
def test_each_right_is_held_by_these_roles_and_no_other(right: Right, roles: str) -> None:
    holders = {name for name, role in rules.ROLES.items() if right in role.rights}
    assert holders == set(roles.split())


def test_an_account_is_made_once_and_its_post_and_password_change(world: people.Place) -> None:
    post = {"username": "new", "name": "新", "region": people.CITY, "department_id": None, "by": 7}
    made = actions.appoint(role="agent", password="first-password", at=NOON, **post)
    user = models.User.objects.get(pk=made)
    assert user.check_password("first-password")
    assert actions.appoint(role="city", password=None, at=NOON, **post) == made
    who = queries.person(made)
    assert (who.role, who.name, who.region) == ("city", "新", people.CITY)
    assert models.User.objects.get(pk=made).check_password("first-password")
    actions.appoint(role="city", password="second-password", at=NOON, **post)
    assert models.User.objects.get(pk=made).check_password("second-password")
    entries = audit.of("user", made)
    assert [entry.details["new"] for entry in entries] == [True, False, False]
    assert {entry.by for entry in entries} == {7}
    models.User.objects.filter(pk=made).update(is_active=False)
    with pytest.raises(NotAllowed):
        queries.person(made)


def test_a_key_is_sealed_found_and_gone_once_it_is_revoked(db: None) -> None:
    kid, secret = actions.issue_key(client="A", region=people.CITY, by=0, at=NOON)
    other, _ = actions.issue_key(client="A", region=people.CITY, algorithm="sm3", by=0, at=NOON)
    row = models.ApiKey.objects.get(kid=kid)
    assert secret.encode() not in bytes(row.secret)
    assert models.ApiClient.objects.filter(name="A").count() == 1
    keys = talk(queries.load_keys())
    assert keys[kid].secret == secret.encode()
    assert keys[kid].reach.scope == (people.CITY, people.CITY + 10**8 - 1)
    assert keys[other].algorithm == "sm3"
    models.ApiKey.objects.filter(kid=kid).update(revoked_at=NOON)
    assert kid not in talk(queries.load_keys())
    own = actions.own_key(client="platform", by=0, at=NOON)
    assert actions.own_key(client="platform", by=0, at=NOON).kid == own.kid


def test_a_partners_key_is_of_its_dialect(db: None) -> None:
    told = actions.issue_partner_key(client="P", region=people.CITY, dialect="sd", by=0, at=NOON)
    assert "sm2_private" not in told
    found = queries.partner(told["kid"], "sd")
    assert found is not None
    assert found.secret["app_word"] == told["app_word"]
    assert found.key.reach.covers(people.CITY)
    assert queries.partner(told["kid"], "fj") is None
    assert queries.partner("none", "sd") is None


def test_a_nonce_is_fresh_once_for_its_key_and_forgotten_after_three_windows(db: None) -> None:
    pairs = [("k1", "a"), ("k1", "b"), ("k2", "a"), ("k1", "a")]
    assert talk(actions.spend_nonces(pairs=pairs, at=NOON)) == {
        ("k1", "a"),
        ("k1", "b"),
        ("k2", "a"),
    }
    assert talk(actions.spend_nonces(pairs=pairs[:1], at=NOON)) == set()
    actions.forget_nonces(at=NOON + timedelta(seconds=900))
    assert talk(actions.spend_nonces(pairs=pairs[:1], at=NOON)) == set()
    actions.forget_nonces(at=NOON + timedelta(seconds=901))
    assert talk(actions.spend_nonces(pairs=pairs[:1], at=NOON)) == {("k1", "a")}


def test_failures_are_those_of_an_account_from_an_address_within_a_day(world: people.Place) -> None:
    for account, address, ago in (
        ("city", "10.0.0.1", 0),
        ("city", "10.0.0.2", 0),
        ("city", "10.0.0.1", 25),
    ):
        actions.note_failure(account=account, address=address, at=NOON - timedelta(hours=ago))
    assert queries.failures("city", "10.0.0.1", NOON).here == [NOON]
    assert queries.failures("b", "10.0.0.1", NOON).here == []
    actions.begin_session(
        user_id=world.users["city"], factors=1, address="10.0.0.1", browser="", at=NOON
    )
    assert queries.failures("city", "10.0.0.1", NOON).here == []


def test_a_departments_people_reach_by_department_and_others_by_region(world: people.Place) -> None:
    handler = world.users["handler"]
    queries.require(handler, Right.HANDLE, within=people.ELSEWHERE, department_id=world.bureau)
    for place in (world.other, None):
        with pytest.raises(NotAllowed):
            queries.require(handler, Right.HANDLE, within=people.CITY, department_id=place)
    assert queries.names({0, handler}) == {0: "系统", handler: "handler"}
    assert queries.reach(rules.SYSTEM, Right.SCREEN) == rules.EVERYWHERE


def test_a_key_ends_when_it_is_said_and_overlaps_with_the_next(world: people.Place) -> None:
    now = clock.now()
    kid, _ = actions.issue_key(
        client="A", region=people.CITY, departments=[people.BUREAU], by=0, at=now
    )
    other, secret = actions.rotate_key(kid=kid, overlap=timedelta(hours=1), by=0, at=now)
    keys = talk(queries.load_keys())
    assert {kid, other} <= keys.keys()
    assert keys[other].secret == secret.encode()
    assert keys[other].client.departments == {people.BUREAU}
    actions.revoke_key(kid=kid, by=0, at=now)
    actions.revoke_key(kid=kid, after=timedelta(days=9), by=0, at=now)  # what ended stays so
    assert kid not in talk(queries.load_keys())
    partner = actions.issue_partner_key(client="P", region=people.CITY, dialect="sd", by=0, at=now)[
        "kid"
    ]
    assert queries.partner(partner, "sd") is not None
    actions.revoke_key(kid=partner, by=0, at=now)
    assert queries.partner(partner, "sd") is None
    for unknown in ("nobody", partner):
        with pytest.raises(NotFound):
            actions.rotate_key(kid=unknown, overlap=timedelta(0), by=0, at=now)
    listed = {key.kid: key.revoked_at for key in queries.every_key()}
    assert (listed[kid], listed[other]) == (now, None)
    trail = [entry.verb for entry in audit.of("api_key", queries.client_of(kid))]
    assert trail == ["issue_key", "issue_key", "revoke_key", "revoke_key", "revoke_key"]


def test_a_grant_changes_what_every_key_of_a_client_may_do(world: people.Place) -> None:
    kid, _ = actions.issue_key(client="A", region=people.CITY, by=0, at=NOON)
    assert not talk(queries.load_keys())[kid].client.everybodys
    actions.grant_client(client="A", departments=[people.OTHER], everybodys=True, by=0, at=NOON)
    client = talk(queries.load_keys())[kid].client
    assert (client.everybodys, client.departments) == (True, {people.OTHER})
    (entry,) = [e for e in audit.of("api_key", client.id or 0) if e.verb == "grant_client"]
    assert entry.details["before"] == {"departments": [], "everybodys": False}
    with pytest.raises(NotFound):
        actions.grant_client(client="B", departments=[], everybodys=True, by=0, at=NOON)


def test_an_address_that_tries_many_accounts_is_closed_and_an_account_is_never_locked(
    db: None,
) -> None:
    sprayed = [(NOON - timedelta(seconds=n), f"u{n % 8}") for n in range(30)]
    assert rules.sign_in_wait(rules.Failures([], [], sprayed), NOON) == 900
    assert rules.sign_in_wait(rules.Failures([], [], sprayed[1:]), NOON) == 0
    one = [(moment, "u") for moment, _ in sprayed]  # a hall whose people forget one password
    assert rules.sign_in_wait(rules.Failures([], [], one), NOON) == 0
    later = NOON + timedelta(seconds=900)
    assert rules.sign_in_wait(rules.Failures([], [], sprayed), later) == 0
    worn = [NOON - timedelta(seconds=n) for n in range(50)]
    assert rules.sign_in_wait(rules.Failures([], worn, []), NOON) == 60
    assert rules.sign_in_wait(rules.Failures([], worn[1:], []), NOON) == 0


def test_signing_in_and_failing_to_leave_a_row_in_the_region_of_the_account(
    world: people.Place,
) -> None:
    handler = world.users["handler"]
    actions.note_failure(account="handler", address="10.0.0.1", at=NOON)
    actions.note_failure(account="nobody", address="10.0.0.1", at=NOON)
    actions.begin_session(user_id=handler, factors=1, address="10.0.0.1", browser="", at=NOON)
    entries = [(e.verb, e.region) for e in audit.of("user", handler)]
    assert entries[-2:] == [("fail_sign_in", people.CITY), ("sign_in", people.CITY)]
    (unknown,) = audit.of("user", 0)
    assert (unknown.region, unknown.details) == (320000000000, {"known": False})
