"""Signing in with an identity provider of another's: OpenID Connect over real HTTP on loopback."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import people
import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from oidc_provider_mock import User, run_server_in_thread

from haochaping.audit.models import Entry
from haochaping.identity import actions as identity
from haochaping.identity.models import Session
from haochaping.kernel import clock
from haochaping.kernel.addresses import networks

pytestmark = pytest.mark.django_db
PEOPLE = (
    User(sub="7001", claims={"preferred_username": "wang"}),
    User(sub="7002", claims={"preferred_username": "wang"}),  # the same name, another person
    User(sub="7003", claims={"preferred_username": "nobody"}),
    User(sub="7004", claims={"preferred_username": "wang", "amr": ["pwd", "mfa"]}),
)


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """The provider."""
    with run_server_in_thread(require_nonce=True, user_claims=PEOPLE) as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture
def wang(issuer: str, settings: Any, world: object) -> int:
    """An account, and the provider connected."""
    settings.OIDC = issuer.replace("http://", "http://hcp:geheim@")
    settings.OUTBOUND_ALLOW = networks("127.0.0.0/8,::1/128")
    return people.appointed(
        "wang",
        "city",
        name="王",
        password="a long enough one 7",
        region=320700000000,
        at=clock.now(),
    )


def confirmed(client: Client, subject: str, **changes: str) -> str:
    """Go to the provider, be somebody there, and return the address to which it sends back."""
    away = client.get("/admin/sign-in/with", {"next": "/admin/orders/"})
    assert away.status_code == 302, away.text
    back = httpx.post(away["Location"], data={"sub": subject}).headers["Location"]
    given = {name: values[0] for name, values in parse_qs(urlsplit(back).query).items()}
    query = httpx.QueryParams({**given, **changes})
    return f"/admin/sign-in/back?{query}"


def test_whom_the_provider_confirms_is_let_in_and_stays_the_same_person(
    client: Client, wang: int
) -> None:
    page = client.get("/admin/sign-in")
    assert "/admin/sign-in/with" in page.text
    let_in = client.get(confirmed(client, "7001"))
    assert (let_in.status_code, let_in["Location"]) == (302, "/admin/orders/")
    session = Session.objects.get()
    assert (session.user_id, session.factors) == (wang, 1)
    assert Entry.objects.filter(verb="bind_provider", subject_id=wang).count() == 1
    other = Client().get(confirmed(Client(), "7002"))
    assert other.status_code == 422  # its browser did not ask
    stranger = Client()
    assert stranger.get(confirmed(stranger, "7002")).status_code == 422
    again = Client()
    assert again.get(confirmed(again, "7001")).status_code == 302


def test_who_has_no_account_is_told_so_and_none_is_made(client: Client, wang: int) -> None:
    refused = client.get(confirmed(client, "7003"))
    assert refused.status_code == 422
    assert "没有对应的账号" in refused.text
    assert get_user_model().objects.filter(username="nobody").count() == 0
    get_user_model().objects.filter(pk=wang).update(is_active=False)
    assert client.get(confirmed(client, "7001")).status_code == 422


def test_a_second_factor_is_asked_for_unless_the_provider_did(client: Client, wang: int) -> None:
    get_user_model().objects.filter(pk=wang).update(totp_since=clock.now())
    half = client.get(confirmed(client, "7001"))
    assert half["Location"] == "/admin/sign-in/code"
    assert Session.objects.count() == 0
    get_user_model().objects.filter(pk=wang).update(subject="")
    strong = Client()
    assert strong.get(confirmed(strong, "7004"))["Location"] == "/admin/orders/"
    assert Session.objects.get().factors == 2


@pytest.mark.parametrize("changes", [{"state": "guessed"}, {"code": "stolen"}, {"state": ""}])
def test_an_answer_that_is_not_ours_lets_nobody_in(
    client: Client, wang: int, changes: dict[str, str]
) -> None:
    del wang
    assert client.get(confirmed(client, "7001", **changes)).status_code == 422
    assert Session.objects.count() == 0


def test_an_answer_counts_once_and_an_old_token_not_at_all(
    client: Client, wang: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    del wang
    address = confirmed(client, "7001")
    assert client.get(address).status_code == 302
    assert Client().get(address).status_code == 422
    late = Client()
    address = confirmed(late, "7001")
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(hours=3))
    assert late.get(address).status_code == 422


def test_a_provider_that_is_away_is_told_and_a_password_still_opens(
    client: Client, wang: int, settings: Any
) -> None:
    settings.OIDC = "http://hcp:geheim@localhost:9"
    refused = client.get("/admin/sign-in/with")
    assert (refused.status_code, "统一身份认证暂不可用" in refused.text) == (503, True)
    given = {"account": "wang", "password": "a long enough one 7"}
    assert client.post("/admin/sign-in", given).status_code == 302
    assert Session.objects.get().user_id == wang
    settings.OIDC = ""
    assert client.get("/admin/sign-in/with").status_code == 404
    assert "sign-in/with" not in client.get("/admin/sign-in").text


def test_a_reset_frees_the_account_for_whoever_has_it_now(client: Client, wang: int) -> None:
    client.get(confirmed(client, "7001"))
    identity.reset_password(user_id=wang, by=0, at=clock.now())
    other = Client()
    assert other.get(confirmed(other, "7002")).status_code == 302
