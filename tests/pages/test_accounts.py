"""People and keys from the browser: two persons for each post, nobody for themselves."""

import re
from datetime import timedelta

import people
import pytest
from django.test import Client
from people import OfficeClient, signed_in

from haochaping.identity import queries
from haochaping.identity.models import ApiKey, User
from haochaping.identity.rules import ROLES, Right
from haochaping.kernel import clock
from haochaping.kernel.db import rows
from haochaping.kernel.errors import NotAllowed
from haochaping.notifications import queries as notifications
from haochaping.notifications.models import Notice

pytestmark = pytest.mark.django_db
NEW = {
    "account": "zhang.san",
    "name": "张三",
    "role": "handler",
    "region": str(people.CITY),
    "department": people.BUREAU,
    "window": "",
}


def appointed(role: str, region: int, name: str) -> int:
    """Return an account that holds a post since long ago."""
    return people.appointed(name, role, region=region, password="a-long-password-1")


@pytest.fixture
def admin(world: people.Place) -> int:
    """The system administrator of a city."""
    return appointed("admin", people.CITY, "admin.city")


def proposed(admin: int, **changes: str) -> tuple[int, str]:
    """Propose a post on the page; return the account and its temporary password."""
    page = signed_in(admin).post("/admin/people/change", NEW | changes).content.decode()
    password = re.search(r'class="digits">([^<]+)<', page)
    assert password, page[:2000]
    return User.objects.get(username=(NEW | changes)["account"]).pk, password[1]


def sign_in(account: str, password: str) -> Client:
    """Sign in at the door."""
    client = OfficeClient()
    client.post("/admin/sign-in", {"account": account, "password": password})
    return client


def test_a_post_holds_once_another_person_confirmed_it_and_the_password_is_changed(
    world: people.Place, admin: int
) -> None:
    key, password = proposed(admin)
    with pytest.raises(NotAllowed):
        queries.person(key)
    assert sign_in("zhang.san", password).get("/admin/").status_code == 403
    confirm = {"verdict": "confirm"}
    assert signed_in(admin).post(f"/admin/people/{key}/decide", confirm).status_code == 403
    officer = signed_in(world.users["city"])
    assert "张三" in officer.get("/admin/people").content.decode()
    assert officer.post(f"/admin/people/{key}/decide", confirm).status_code == 302
    client = sign_in("zhang.san", password)
    assert client.get("/admin/orders/")["Location"] == "/admin/account"
    wrong = {"old": password, "new": "short", "again": "short"}
    assert client.post("/admin/account", wrong).status_code == 422
    right = {"old": password, "new": "Lianyungang-2026", "again": "Lianyungang-2026"}
    other = sign_in("zhang.san", password)
    assert client.post("/admin/account", right).status_code == 302
    assert client.get("/admin/orders/").status_code == 200
    assert other.get("/admin/orders/").status_code == 302  # signed out
    verbs = rows("SELECT verb FROM audit_entry WHERE subject = 'user' ORDER BY id")
    said = [row["verb"] for row in verbs]
    assert [verb for verb in said if verb in {"propose", "confirm", "change_password"}] == [
        "propose",
        "confirm",
        "change_password",
    ]


def test_neither_who_proposed_nor_who_gets_it_confirms(world: people.Place, admin: int) -> None:
    key, _ = proposed(admin, role="city", department="", account="li.si")
    User.objects.filter(pk=key).update(must_change=False)
    rows("UPDATE identity_grant SET by = $1 WHERE user_id = $2", world.users["city"], key)
    officer = signed_in(world.users["city"])
    assert officer.post(f"/admin/people/{key}/decide", {"verdict": "confirm"}).status_code == 404
    assert signed_in(key).get("/admin/people").status_code == 403


def test_a_changed_post_holds_once_confirmed_and_the_old_one_until_then(
    world: people.Place, admin: int
) -> None:
    handler, client = world.users["handler"], signed_in(admin)
    moved = {"key": str(handler), "name": "王强", "role": "hall", "department": ""}
    for verdict, role in (("reject", "handler"), ("confirm", "hall")):
        form = {**NEW, "account": "handler", **moved}
        assert client.post("/admin/people/change", form).status_code == 302
        assert queries.person(handler).role == "handler"  # goes on working meanwhile
        page = client.get(f"/admin/people/{handler}").content.decode()
        assert "复核前仍按原岗位" in page
        officer = signed_in(world.users["city"])
        assert client.post(f"/admin/people/{handler}/decide", {"verdict": verdict}).status_code in (
            403,
            404,
        )
        assert "岗位" in officer.get("/admin/").content.decode()
        answer = officer.post(f"/admin/people/{handler}/decide", {"verdict": verdict})
        assert answer.status_code == 302
        assert queries.person(handler).role == role
    assert queries.person(handler).department_id is None
    again = officer.post(f"/admin/people/{handler}/decide", {"verdict": "confirm"})
    assert again.status_code == 404


def test_a_reset_password_or_a_new_post_needs_the_second_person_again(
    world: people.Place, admin: int
) -> None:
    officer, client = world.users["city"], signed_in(admin)
    answer = client.post("/admin/people/change", {"key": officer, "reset": "1"})
    assert 'class="digits"' in answer.content.decode()
    assert Notice.objects.filter(topic="post", office=people.CITY).exists()
    with pytest.raises(NotAllowed):
        queries.person(officer)
    province = signed_in(world.users["province"])
    decided = province.post(f"/admin/people/{officer}/decide", {"verdict": "reject"})
    assert decided.status_code == 302
    client.post("/admin/people/change", {"key": officer, "enable": "1"})
    with pytest.raises(NotAllowed):  # enabled, and still not confirmed
        queries.person(officer)


def test_a_temporary_password_that_nobody_used_in_three_days_lets_nobody_in(
    world: people.Place, admin: int
) -> None:
    answer = signed_in(admin).post("/admin/people/change", {**NEW, "account": "late.one"})
    password = re.search(r'class="digits">([^<]+)<', answer.content.decode())
    assert password is not None
    account = {"account": "late.one", "password": password[1]}
    late = User.objects.get(username="late.one")
    User.objects.filter(pk=late.pk).update(password_at=clock.now() - timedelta(days=3, minutes=1))
    page = OfficeClient().post("/admin/sign-in", account)
    assert (page.status_code, "临时密码已超过 3 天未用" in page.content.decode()) == (422, True)
    User.objects.filter(pk=late.pk).update(password_at=clock.now() - timedelta(days=2))
    assert OfficeClient().post("/admin/sign-in", account).status_code == 302


def test_what_was_put_in_place_of_what_was_looked_at_is_not_confirmed(
    world: people.Place, admin: int
) -> None:
    handler, client, officer = world.users["handler"], signed_in(admin), world.users["city"]
    form = {**NEW, "account": "handler", "key": str(handler), "name": "王强", "department": ""}
    client.post("/admin/people/change", {**form, "role": "hall"})
    page = signed_in(officer).get(f"/admin/people/{handler}").content.decode()
    shown = re.search(r'name="shown" value="(\w+)"', page)
    assert shown is not None
    client.post("/admin/people/change", {**form, "role": "city"})
    verdict = {"verdict": "confirm", "shown": shown[1]}
    answer = signed_in(officer).post(f"/admin/people/{handler}/decide", verdict)
    assert answer.status_code == 409
    assert queries.person(handler).role == "handler"


def test_nobody_reaches_beyond_their_place_or_changes_themselves(
    world: people.Place, admin: int
) -> None:
    client = signed_in(admin)
    foreign = world.users["foreign"]
    assert client.get(f"/admin/people/{foreign}").status_code == 404
    for what in ("reset", "disable"):
        for key in (foreign, admin):
            answer = client.post("/admin/people/change", {"key": key, what: "1"})
            assert answer.status_code == 404
    page = client.get("/admin/people").content.decode()
    assert "admin.city" in page
    assert User.objects.get(pk=foreign).username not in page
    beyond = client.post("/admin/people/change", NEW | {"region": "320000000000"})
    assert beyond.status_code == 403
    handler = signed_in(world.users["handler"])
    assert handler.get("/admin/people").status_code == 403
    assert handler.post("/admin/people/change", NEW).status_code == 403


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"account": "张 三"}, "账号为"),
        ({"name": ""}, "姓名"),
        ({"role": "hotline"}, "角色"),
        ({"role": "province", "department": ""}, "本级"),
        ({"department": ""}, "部门"),
        ({"department": "91320000000000000X"}, "不存在"),
        ({"role": "clerk", "department": ""}, "窗口"),
        ({"account": "admin.city"}, "已存在"),
        ({"department": people.OTHER}, "不在所选地区内"),  # another city's
        ({"region": "320703000000"}, "不在所选地区内"),  # a county, and the city's bureau
        ({"region": "320799999999"}, "不存在"),
    ],
)
def test_what_is_no_post_is_said_and_what_was_typed_stays(
    admin: int, changes: dict[str, str], words: str
) -> None:
    answer = signed_in(admin).post("/admin/people/change", NEW | changes)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert words in page
    if "name" not in changes:
        assert 'value="张三"' in page


def test_a_key_is_shown_once_rotated_with_overlap_and_revoked(
    world: people.Place, admin: int
) -> None:
    client = signed_in(admin)
    sent = {
        "client": "市不动产系统",
        "region": str(people.CITY),
        "algorithm": "sm3",
        "departments": people.BUREAU,
    }
    page = client.post("/admin/keys/change", sent).content.decode()
    secret = re.search(r"<dt>secret</dt>\s*<dd><code>([^<]+)<", page)
    assert secret
    listed = client.get("/admin/keys").content.decode()
    assert "市不动产系统" in listed
    assert secret[1] not in listed
    assert client.post("/admin/keys/change", sent).status_code == 422
    (first,) = ApiKey.objects.filter(client__name="市不动产系统")
    rotated = client.post(
        "/admin/keys/change", {"kid": first.kid, "rotate": "1", "overlap": "72"}
    ).content.decode()
    assert 'data-testid="made"' in rotated
    (second,) = ApiKey.objects.filter(client__name="市不动产系统").exclude(pk=first.pk)
    assert queries.client_of(first.kid) == queries.client_of(second.kid)
    client.post("/admin/keys/change", {"kid": first.kid, "revoke": "1"})
    first.refresh_from_db()
    assert first.revoked_at is not None
    elsewhere = appointed("admin", people.ELSEWHERE, "admin.elsewhere")
    stolen = signed_in(elsewhere).post("/admin/keys/change", {"kid": second.kid, "revoke": "1"})
    assert stolen.status_code == 404
    assert signed_in(elsewhere).post("/admin/keys/change", sent).status_code == 403
    assert signed_in(world.users["city"]).get("/admin/keys").status_code == 403


def test_a_post_ends_by_itself_on_its_last_day(
    world: people.Place, admin: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = signed_in(admin)
    refused = client.post("/admin/people/change", NEW | {"until": "2020-01-31"})
    assert refused.status_code == 422
    assert "有效期" in refused.content.decode()
    assert not User.objects.filter(username=NEW["account"]).exists()
    now = clock.now()
    last = (now + timedelta(days=20)).date()
    key, _ = proposed(admin, until=last.isoformat())
    User.objects.filter(pk=key).update(must_change=False)
    officer = world.users["city"]
    told = notifications.notices_for(queries.person(officer)).values_list("topic", "label")
    assert ("post", "zhang.san") in set(told)
    signed_in(officer).post(f"/admin/people/{key}/decide", {"verdict": "confirm"})
    assert queries.person(key).role == "handler"
    own = notifications.notices_for(queries.person(key)).values_list("topic", flat=True)
    assert set(own) == {"own_post"}
    listed = signed_in(admin).get("/admin/people").content.decode()
    assert f"有效期至 {last}" in listed
    on_the_day, after = now + timedelta(days=19), now + timedelta(days=22)
    for at, status in ((on_the_day, 200), (after, 403)):
        monkeypatch.setattr(clock, "now", lambda at=at: at)
        assert signed_in(key).get("/admin/orders/").status_code == status
    assert "已到期" in signed_in(admin).get("/admin/people").content.decode()
    rows("UPDATE identity_grant SET until = '2020-01-31' WHERE user_id = $1", key)
    with pytest.raises(NotAllowed):  # at every other door too
        queries.person(key)


def test_what_roles_may_do_is_one_table(admin: int) -> None:
    page = signed_in(admin).get("/admin/people/roles").content.decode()
    assert page.count("<tr>") == len(Right) + 1
    assert page.count("●") == sum(len(role.rights) for role in ROLES.values())


def kept(world: people.Place, who: str) -> dict[str, dict[str, str]]:
    """Return the filters that somebody keeps."""
    found: dict[str, dict[str, str]] = User.objects.get(pk=world.users[who]).filters
    return found


def test_somebody_keeps_filters_of_their_lists(world: people.Place) -> None:
    city, agent = (people.signed_in(world.users[who]) for who in ("city", "agent"))
    asked = {
        "path": "/admin/orders/",
        "query": "tab=all&overdue=1&level=&after=x",
        "name": " 急件 ",
    }
    answer = city.post("/admin/filters", asked)
    assert answer["Location"] == "/admin/orders/?tab=all&overdue=1"
    assert "急件" in city.get("/admin/orders/").content.decode()
    assert "急件" not in agent.get("/admin/orders/").content.decode()  # each their own
    assert "急件" not in city.get("/admin/ratings").content.decode()  # of this list
    city.post("/admin/filters", {**asked, "query": "tab=all&side=dispute"})
    assert kept(world, "city") == {
        "/admin/orders/": {"急件": "tab=all&side=dispute"}
    }  # by its name
    drop = {"path": "/admin/orders/", "query": "", "drop": "急件"}
    agent.post("/admin/filters", drop)
    assert kept(world, "city")  # not anybody's
    assert city.post("/admin/filters", drop).status_code == 302
    assert kept(world, "city") == {}


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"name": ""}, 422),
        ({"query": ""}, 422),
        ({"query": "page=3&after=x"}, 422),
        ({"query": "q=" + "很" * 300}, 422),
        ({"path": "//evil.example/"}, 404),
        ({"path": "https://evil.example/"}, 404),
        ({"path": "/admin/nothing"}, 404),
    ],
)
def test_what_is_no_filter_is_not_kept(
    world: people.Place, changes: dict[str, str], status: int
) -> None:
    city = people.signed_in(world.users["city"])
    asked = {"path": "/admin/orders/", "query": "tab=all", "name": "全部", **changes}
    assert city.post("/admin/filters", asked).status_code == status
    assert kept(world, "city") == {}


def test_a_list_keeps_a_dozen_filters(world: people.Place) -> None:
    city = people.signed_in(world.users["city"])
    for number in range(13):
        asked = {"path": "/admin/orders/", "query": f"search={number}", "name": str(number)}
        status = city.post("/admin/filters", asked).status_code
        assert status == (302 if number < 12 else 422)
