"""Signing in by a certificate that a proxy has checked, and passwords by the rules of a profile."""

from datetime import timedelta
from typing import Any

import people
import pytest
from django.test import Client

from haochaping.identity import actions as identity
from haochaping.identity.models import User
from haochaping.identity.rules import BadPassword
from haochaping.kernel import clock
from haochaping.kernel.addresses import networks

pytestmark = pytest.mark.django_db
DOOR = "/admin/sign-in/certificate"
WANG = "CN=wang.wu,OU=数据局,O=江苏省"


@pytest.fixture
def wang(world: people.Place, settings: Any) -> int:
    """Somebody with a certificate, behind a proxy of ours."""
    settings.CERTIFICATES, settings.TRUSTED_PROXIES = True, networks("127.0.0.1")
    return people.appointed("wang.wu", "city", name="王五", password="a-long-password-1")


def come(subject: str, verified: str = "SUCCESS", peer: str = "127.0.0.1") -> tuple[Client, Any]:
    """Come to the door through a proxy that found this."""
    client = people.OfficeClient(REMOTE_ADDR=peer)
    headers = {"x-client-cert-verify": verified, "x-client-cert-subject": subject}
    return client, client.post(DOOR, {"next": "/admin/"}, headers=headers)


def test_whose_certificate_was_checked_is_let_in_with_two_factors(wang: int) -> None:
    client, answer = come(WANG)
    assert (answer.status_code, answer["Location"]) == (302, "/admin/")
    assert "王五" in client.get("/admin/", REMOTE_ADDR="127.0.0.1").content.decode()
    user = User.objects.get(pk=wang)
    assert user.subject == f"certificate:{WANG}"
    assert user.session_set.get().factors == 2
    assert come(WANG)[1].status_code == 302
    assert come(WANG.replace("数据局", "别的局"))[1].status_code == 422  # somebody else's


@pytest.mark.parametrize(
    ("subject", "verified", "peer"),
    [
        (WANG, "FAILED:self-signed", "127.0.0.1"),
        (WANG, "NONE", "127.0.0.1"),
        (WANG, "", "127.0.0.1"),
        (WANG, "SUCCESS", "198.51.100.7"),  # no proxy of ours: its headers are thrown away
        ("", "SUCCESS", "127.0.0.1"),
        ("O=x", "SUCCESS", "127.0.0.1"),
        ("CN=wang.wu,CN=city", "SUCCESS", "127.0.0.1"),
        ("CN=nobody", "SUCCESS", "127.0.0.1"),
        ("wang.wu", "SUCCESS", "127.0.0.1"),
    ],
)
def test_nobody_else_is(wang: int, subject: str, verified: str, peer: str) -> None:
    client, answer = come(subject, verified, peer)
    assert answer.status_code == 422
    assert client.get("/admin/").status_code == 302  # to the door


def test_without_the_setting_there_is_no_such_door(wang: int, settings: Any) -> None:
    assert "UKey" in Client().get("/admin/sign-in").content.decode()
    settings.CERTIFICATES = False
    assert come(WANG)[1].status_code == 404
    assert "UKey" not in Client().get("/admin/sign-in").content.decode()


KINDS = [{"NAME": "haochaping.kernel.passwords.Kinds"}]


@pytest.mark.parametrize(
    ("new", "good"),
    [
        ("onlysmallletters", False),
        ("SMALLandCAPITALS", False),
        ("small-and-signs-", False),
        ("Small-and-Capitals", True),
        ("smalls-and-123456", True),
    ],
)
def test_dengbao_asks_for_three_kinds_of_characters(
    wang: int, settings: Any, new: str, good: bool
) -> None:
    settings.AUTH_PASSWORD_VALIDATORS = KINDS
    given = {"old": "a-long-password-1", "new": new, "again": new, "by": wang, "at": clock.now()}
    if good:
        identity.change_password(**given)
    else:
        with pytest.raises(BadPassword, match="三种"):
            identity.change_password(**given)


def test_dengbao_has_old_passwords_renewed_before_anything_else(wang: int, settings: Any) -> None:
    client = people.signed_in(wang)
    User.objects.filter(pk=wang).update(password_at=clock.now() - timedelta(days=91))
    assert client.get("/admin/").status_code == 200  # asvs: no rotation
    settings.PASSWORD_DAYS = 90
    assert client.get("/admin/")["Location"] == "/admin/account"
    new = "another-long-password-2"
    given = {"old": "a-long-password-1", "new": new, "again": new, "by": wang, "at": clock.now()}
    identity.change_password(**given)
    assert people.signed_in(wang).get("/admin/").status_code == 200
