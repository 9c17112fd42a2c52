"""What is kept of calls, what is counted, and which steps they pass."""

from dataclasses import replace
from datetime import timedelta

import people
import pytest
from people import NOON, signed_in

from haochaping.audit.models import Entry
from haochaping.calls import actions, models, queries, rules
from haochaping.identity import actions as identity
from haochaping.identity import queries as keys
from haochaping.identity.models import ApiClient
from haochaping.kernel.db import talk
from haochaping.regions.rules import scope

pytestmark = pytest.mark.django_db
EVERYWHERE = (0, 10**12)
CALL = rules.Called(NOON, 1, people.CITY, "k1", "records", 201, "", "", 1, 0, 12, "10.1.2.3")


def noted(*calls: rules.Called) -> None:
    talk(actions.write_down(calls=calls))


def client(name: str, region: int) -> int:
    identity.issue_key(client=name, region=region, by=0, at=NOON)
    return ApiClient.objects.get(name=name).pk


def test_calls_are_counted_by_hour_and_by_how_they_ended() -> None:
    refused = replace(CALL, status=422, code="unknown_item", says="事项不存在", refused=1)
    batch = replace(CALL, operation="records/batch", status=200, items=100, refused=7, took=90)
    noted(CALL, CALL, refused)
    noted(replace(CALL, at=NOON + timedelta(minutes=9)), refused, batch)
    (told,) = queries.figures(EVERYWHERE, NOON - timedelta(days=7))
    assert (told.calls, told.items, told.refused, told.failed) == (6, 105, 9, 2)
    assert told.codes == [("unknown_item", 2)]
    assert told.took == pytest.approx((5 * 12 + 90) / 6)
    assert models.Hour.objects.count() == 3
    wanted = queries.Asked(refused=True)
    assert {one.operation for one in queries.latest(EVERYWHERE, wanted)} == {
        "records",
        "records/batch",
    }
    assert queries.latest(EVERYWHERE, queries.Asked(code="unknown_item")).count() == 2
    assert not queries.latest(scope(people.ELSEWHERE), queries.Asked()).exists()
    actions.forget(before=NOON + timedelta(minutes=1))
    assert models.Call.objects.count() == 1  # the one that came nine minutes later
    assert models.Hour.objects.count() == 3  # figures stay


def test_the_checklist_follows_from_what_was_called() -> None:
    def passed() -> set[str]:
        return set(queries.passed(EVERYWHERE, NOON).get(1, {}))

    noted(replace(CALL, status=401, code="bad_signature", refused=1))
    assert passed() == set()
    noted(replace(CALL, at=NOON - timedelta(days=1)))
    assert passed() == {"signed", "records"}  # half of the items of the week were refused
    noted(replace(CALL, operation="evaluations/batch", items=200))
    assert passed() == {"signed", "records", "ratings", "clean"}
    noted(replace(CALL, operation="status"))
    assert passed() == {"signed", "records", "ratings", "clean", "outcomes"}  # no own check
    noted(replace(CALL, operation="changes", at=NOON - timedelta(days=3)))
    noted(replace(CALL, operation="key/rotate"), replace(CALL, operation="outcomes"))
    before = passed()
    assert {"rotated", "outcomes"} < before
    days = [NOON - timedelta(days=day) for day in range(1, 5)]
    noted(*(replace(CALL, operation="changes", at=at) for at in days))
    assert passed() == {step.key for step in rules.STEPS}


def test_pages_show_only_clients_of_ones_place(world: people.Place) -> None:
    mine, foreign = client("连云港办件库", people.CITY), client("外市系统", people.ELSEWHERE)
    noted(replace(CALL, client_id=mine, status=422, code="unknown_item", says="事项不存在"))
    noted(replace(CALL, client_id=foreign, region=people.ELSEWHERE, code="not_mine"))
    officer = signed_in(world.users["city"])
    for address in (
        "/admin/interface/calls",
        "/admin/interface/checklists",
        f"/admin/interface/clients/{mine}",
    ):
        page = officer.get(address).content.decode()
        assert "连云港办件库" in page
        assert "外市系统" not in page
        assert "not_mine" not in page
    assert "事项不存在" in officer.get(f"/admin/interface/clients/{mine}").content.decode()
    assert officer.get(f"/admin/interface/clients/{foreign}").status_code == 404
    empty = officer.get("/admin/interface/calls?operation=status&since=2026-11-01").content.decode()
    assert "没有符合条件的调用" in empty


def test_the_keeper_of_keys_limits_a_client(world: people.Place) -> None:
    key = client("连云港办件库", people.CITY)
    admin = people.appointed("admin.city", "admin", password="a-long-password-1")
    address = f"/admin/interface/clients/{key}/limits"
    wrong = signed_in(admin).post(address, {"networks": "10.1.2", "per_minute": "77"})
    assert wrong.status_code == 422
    page = wrong.content.decode()
    assert "来源地址写成" in page
    assert 'value="10.1.2"' in page  # nothing typed is lost
    assert 'value="77"' in page
    wrong = signed_in(admin).post(address, {"networks": "", "per_minute": "0"})
    assert wrong.status_code == 422
    limits = {"networks": "10.1.2.3/24 2001:db8::/32", "per_minute": "600", "contact": "王工"}
    assert signed_in(admin).post(address, limits).status_code == 302
    kept = ApiClient.objects.get(pk=key)
    assert (kept.networks, kept.per_minute) == (["10.1.2.0/24", "2001:db8::/32"], 600)
    assert Entry.objects.get(verb="limit_client").details["after"]["contact"] == "王工"
    assert signed_in(world.users["city"]).post(address, limits).status_code == 403


def _keeper_and_office() -> tuple[people.OfficeClient, ...]:
    return tuple(
        people.signed_in(people.appointed(name, role))
        for name, role in (("keeper", "admin"), ("office", "city"))
    )


def test_a_system_is_allowed_less_at_once_and_more_once_another_person_agrees(
    world: people.Place,
) -> None:
    admin, city = _keeper_and_office()
    kid, _ = identity.issue_key(
        client="A", region=people.CITY, departments=[people.BUREAU], by=0, at=NOON
    )
    key = keys.client_of(kid)
    page = f"/admin/interface/clients/{key}"
    address = f"{page}/grant"

    def granted() -> tuple[set[str], bool]:
        client = talk(keys.load_keys())[kid].client
        return set(client.departments), client.everybodys

    both = f"{people.BUREAU} {people.OTHER}"
    for wider in ({"departments": both}, {"departments": ""}, {"everybodys": "1"}):
        form = {"departments": people.BUREAU} | wider
        assert admin.post(address, form).status_code == 302
        assert granted() == ({people.BUREAU}, False)
        refused = admin.post(f"{address}/decide", {"verdict": "approve"}, follow=True)
        assert "另一人" in refused.content.decode()
        assert granted() == ({people.BUREAU}, False)
    told = city.post(f"{address}/decide", {"verdict": "approve", "shown": "x"}, follow=True)
    assert (told.status_code, "已变更" in told.content.decode()) == (409, True)
    assert "接入系统启用" in city.get("/admin/").content.decode()
    assert "待复核的变更" in city.get(page).content.decode()
    assert city.post(address, {"departments": ""}).status_code == 403
    assert city.post(f"{address}/decide", {"verdict": "approve"}).status_code == 302
    assert granted() == ({people.BUREAU}, True)
    assert city.post(f"{address}/decide", {"verdict": "approve"}).status_code == 404
    bad = admin.post(address, {"departments": "11320700MB01070A1X"}, follow=True)
    assert "统一社会信用代码" in bad.content.decode()
    assert admin.post(address, {"departments": both}).status_code == 302
    assert admin.post(address, {"departments": people.BUREAU}).status_code == 302
    assert granted() == ({people.BUREAU}, False)
    assert ApiClient.objects.get(pk=key).proposed is None
    foreign = signed_in(world.users["foreign"])
    assert foreign.post(f"{address}/decide", {"verdict": "reject"}).status_code in (403, 404)


def test_a_system_that_one_connects_another_starts_and_lost_keys_are_made_anew(
    world: people.Place,
) -> None:
    admin, city = _keeper_and_office()
    form = {"client": "人社系统", "region": people.CITY, "algorithm": "sha256"}
    assert admin.post("/admin/keys/change", form).status_code == 200
    client = ApiClient.objects.get(name="人社系统")
    address = f"/admin/interface/clients/{client.pk}"
    (kid,) = client.apikey_set.values_list("kid", flat=True)
    assert kid not in talk(keys.load_keys())
    assert "待另一人启用" in admin.get("/admin/keys").content.decode()
    assert admin.post(f"{address}/start").status_code == 409
    assert "接入系统启用" in city.get("/admin/").content.decode()
    assert city.post(f"{address}/start").status_code == 302
    assert kid in talk(keys.load_keys())
    assert admin.post(f"{address}/key").status_code == 409  # one is good
    assert admin.post("/admin/keys/change", {"revoke": "1", "kid": kid}).status_code == 302
    assert "签发新密钥" in admin.get(address).content.decode()
    shown = admin.post(f"{address}/key").content.decode()
    (again,) = {one for one in talk(keys.load_keys()) if one in shown}
    assert again != kid
    taken = {**form, "client": "12345 320100000000"}
    assert admin.post("/admin/keys/change", taken).status_code == 422
