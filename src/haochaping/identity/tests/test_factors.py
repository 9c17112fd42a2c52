"""The second factor, codes for its loss, and sessions."""

from datetime import UTC, datetime, timedelta

import people
import pyotp
import pytest
from django.test import Client
from people import NOON

from haochaping.audit.models import Entry
from haochaping.identity import actions, models, queries, rules
from haochaping.kernel import clock
from haochaping.kernel.errors import NotFound

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # 12345678901234567890, of RFC 6238


@pytest.mark.parametrize(
    ("seconds", "code"),
    # appendix B of RFC 6238 for SHA-1; six digits are the last six of its eight
    [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")],
)
def test_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    at = datetime.fromtimestamp(seconds, UTC)
    assert rules.step_of(SECRET, code, 0, at) == seconds // 30
    assert rules.step_of(SECRET, f"{code[:3]} {code[3:]}", 0, at) is not None
    assert rules.step_of(SECRET, code, seconds // 30, at) is None  # it was used
    assert rules.step_of(SECRET, code, 0, at + timedelta(seconds=61)) is None


def test_a_session_ends_when_idle_and_after_a_working_day() -> None:
    assert rules.in_force(NOON, NOON, NOON + timedelta(minutes=29))
    assert not rules.in_force(NOON, NOON, NOON + timedelta(minutes=31))
    late = NOON + timedelta(hours=8)
    assert not rules.in_force(NOON, late - timedelta(minutes=1), late)


@pytest.mark.parametrize(
    ("needed", "role", "must"),
    [("", "admin", False), ("admins", "admin", True), ("admins", "handler", False),
     ("all", "handler", True)],
)  # fmt: skip
def test_whom_the_site_asks_for_a_second_factor(needed: str, role: str, must: bool) -> None:
    assert rules.needs_code(needed, role) is must


def enrol(user: int) -> tuple[str, list[str]]:
    """Give somebody a second factor a minute ago; return its secret and the recovery codes."""
    secret = actions.propose_factor(user_id=user)
    before = clock.now() - timedelta(seconds=90)
    return secret, actions.confirm_factor(
        user_id=user, code=pyotp.TOTP(secret).at(before), at=before
    )


def test_a_stolen_password_opens_nothing_and_a_code_works_once(world: people.Place) -> None:
    user = models.User.objects.get(pk=world.users["city"])
    user.set_password(password := "a-long-password-1")
    user.save(update_fields=["password"])
    secret, codes = enrol(user.pk)
    thief = people.OfficeClient()
    form = {"account": "city", "password": password}
    assert thief.post("/admin/sign-in", form).headers["Location"] == "/admin/sign-in/code"
    assert thief.get("/admin/").status_code == 302
    wrong = thief.post("/admin/sign-in/code", {"code": "000000"})
    assert (wrong.status_code, models.SignInFailure.objects.count()) == (422, 1)
    owner = people.OfficeClient()
    owner.post("/admin/sign-in", form)
    now = pyotp.TOTP(secret).at(clock.now())
    assert owner.post("/admin/sign-in/code", {"code": now}).headers["Location"] == "/admin/"
    assert models.Session.objects.get(ended_at=None).factors == 2
    assert thief.post("/admin/sign-in/code", {"code": now}).status_code == 422
    lost = people.OfficeClient()
    lost.post("/admin/sign-in", form)
    typed = codes[0].lower().replace("-", " ")
    assert lost.post("/admin/sign-in/code", {"code": typed}).status_code == 302
    again = people.OfficeClient()
    again.post("/admin/sign-in", form)
    assert again.post("/admin/sign-in/code", {"code": codes[0]}).status_code == 422
    assert queries.own(user.pk, clock.now()).codes_left == rules.CODES - 1
    stored = {bytes(one.code_hash) for one in models.RecoveryCode.objects.all()}
    assert not any(code.encode() in kept for code in codes for kept in stored)


def test_five_wrong_codes_close_the_door_as_wrong_passwords_do(world: people.Place) -> None:
    user = models.User.objects.get(pk=world.users["city"])
    user.set_password("a-long-password-1")
    user.save(update_fields=["password"])
    enrol(user.pk)
    client = people.OfficeClient()
    client.post("/admin/sign-in", {"account": "city", "password": "a-long-password-1"})
    for _ in range(5):
        client.post("/admin/sign-in/code", {"code": "000000"})
    page = client.post("/admin/sign-in/code", {"code": "000000"}).content.decode()
    assert "失败次数过多" in page


def test_without_a_password_first_no_code_is_looked_at(world: people.Place) -> None:
    answer = Client().post("/admin/sign-in/code", {"code": "000000"})
    assert answer.headers["Location"] == "/admin/sign-in"


def test_whoever_must_have_a_second_factor_sets_it_up_before_anything_else(
    world: people.Place, settings: object
) -> None:
    settings.TWO_FACTOR = "all"  # type: ignore[attr-defined]
    client = people.signed_in(world.users["city"])
    assert client.get("/admin/orders/").headers["Location"] == "/admin/account"
    assert "请先完成" in client.get("/admin/account").content.decode()
    client.post("/admin/account/factor", {"step": "begin"})
    sealed = models.User.objects.get(pk=world.users["city"]).totp_secret
    secret = actions.sessions._keyring().open(sealed, "user.totp", world.users["city"])
    code = pyotp.TOTP(secret).at(clock.now())
    wrong = client.post("/admin/account/factor", {"step": "confirm", "code": "000000"})
    assert secret in wrong.content.decode().replace(
        " ", ""
    )  # what the telephone scanned is still it
    page = client.post("/admin/account/factor", {"step": "confirm", "code": code})
    assert page.content.decode().count("<code>") == rules.CODES
    assert client.get("/admin/orders/").status_code == 200
    assert Entry.objects.filter(verb="begin_factor").count() == 1


def test_a_session_that_is_ended_elsewhere_is_over_at_once(world: people.Place) -> None:
    first, second = (people.signed_in(world.users["city"]) for _ in range(2))
    assert first.get("/admin/").status_code == second.get("/admin/").status_code == 200
    page = first.get("/admin/account").content.decode()
    assert page.count("退出该设备") == 1
    other = models.Session.objects.order_by("-pk").first()
    assert other is not None
    first.post("/admin/account/sessions", {"session": other.pk})
    assert second.get("/admin/").headers["Location"].startswith("/admin/sign-in")
    assert first.get("/admin/").status_code == 200
    models.Session.objects.update(seen_at=clock.now() - timedelta(minutes=40))
    assert first.get("/admin/").status_code == 302


def test_nobody_ends_a_session_of_somebody_else(world: people.Place) -> None:
    mine = actions.begin_session(
        user_id=world.users["city"], factors=1, address=None, browser="", at=NOON
    )
    with pytest.raises(NotFound):
        actions.end_session(session_id=mine, user_id=world.users["province"], at=NOON)


def test_an_administrator_is_signed_in_at_one_place_only(world: people.Place) -> None:
    models.Grant.objects.filter(user_id=world.users["city"]).update(role="admin")
    for _ in range(2):
        actions.begin_session(
            user_id=world.users["city"], factors=1, address=None, browser="", at=NOON
        )
    assert models.Session.objects.filter(ended_at=None).count() == 1


def test_a_session_from_before_the_second_factor_is_over_when_it_holds(world: people.Place) -> None:
    thief, owner = (people.signed_in(world.users["city"]) for _ in range(2))
    assert thief.get("/admin/").status_code == 200
    owner.post("/admin/account/factor", {"step": "begin"})
    sealed = models.User.objects.get(pk=world.users["city"]).totp_secret
    secret = actions.sessions._keyring().open(sealed, "user.totp", world.users["city"])
    code = pyotp.TOTP(secret).at(clock.now())
    owner.post("/admin/account/factor", {"step": "confirm", "code": code})
    assert thief.get("/admin/").headers["Location"].startswith("/admin/sign-in")
    assert owner.get("/admin/").status_code == 200


def test_an_open_desk_enrols_no_telephone_without_the_password(world: people.Place) -> None:
    user = models.User.objects.get(pk=world.users["city"])
    user.set_password("a long enough one 7")
    user.save()
    client = people.signed_in(user.pk)
    assert client.post("/admin/account/factor", {"step": "begin"}).status_code == 422
    wrong = client.post("/admin/account/factor", {"step": "begin", "old": "a guess"})
    assert (wrong.status_code, "data-secret" in wrong.content.decode()) == (422, False)
    assert models.SignInFailure.objects.count() == 2
    right = client.post("/admin/account/factor", {"step": "begin", "old": "a long enough one 7"})
    assert "data-secret" in right.content.decode()


def test_an_old_password_is_told_on_the_page_that_it_leads_to(
    world: people.Place, settings: object
) -> None:
    settings.PASSWORD_DAYS = 90  # type: ignore[attr-defined]
    user = models.User.objects.get(pk=world.users["city"])
    user.set_password("a long enough one 7")
    user.password_at = clock.now() - timedelta(days=91)
    user.save()
    client = people.signed_in(user.pk)
    assert client.get("/admin/orders/").headers["Location"] == "/admin/account"
    assert "已用满本平台规定的天数" in client.get("/admin/account").content.decode()


def test_a_code_to_give_the_factor_up_cannot_be_guessed(world: people.Place) -> None:
    enrol(world.users["city"])
    client = people.signed_in(world.users["city"])
    models.Session.objects.update(factors=2, ended_at=None)
    for _ in range(5):
        client.post("/admin/account/factor", {"step": "drop", "code": "000000"})
    assert models.SignInFailure.objects.count() == 5
    answer = client.post("/admin/account/factor", {"step": "drop", "code": "000000"})
    assert (answer.status_code, models.SignInFailure.objects.count()) == (422, 5)


def test_the_old_password_cannot_be_guessed_at_an_open_desk(world: people.Place) -> None:
    client = people.signed_in(world.users["city"])
    new = {"new": "another-long-one-2", "again": "another-long-one-2"}
    for _ in range(5):
        client.post("/admin/account", {"old": "wrong", **new})
    assert models.SignInFailure.objects.count() == 5
    answer = client.post("/admin/account", {"old": "wrong", **new})
    assert "失败次数过多" in answer.content.decode()
    assert models.SignInFailure.objects.count() == 5


def test_a_recovery_code_is_told_apart_and_a_lost_factor_is_taken_away(world: people.Place) -> None:
    user = world.users["city"]
    _, codes = enrol(user)
    assert actions.check_code(user_id=user, code=codes[0], at=clock.now())
    assert Entry.objects.filter(verb="use_recovery", subject_id=user).count() == 1
    actions.lose_factor(account="city", by=0, at=clock.now())
    known = models.User.objects.get(pk=user)
    assert (known.totp_since, models.RecoveryCode.objects.filter(user=user).count()) == (None, 0)
    assert not models.Session.objects.filter(user=user, ended_at=None).exists()
    with pytest.raises(NotFound):
        actions.lose_factor(account="nobody", by=0, at=clock.now())
