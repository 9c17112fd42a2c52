"""What people do about partners: connecting by two, correcting what came in, closing differences;
and what stays hidden from whoever has no business there.
"""

import json
from datetime import date, timedelta

import people
import pytest
from django.db.models import F
from django.test import Client
from people import CITY, ELSEWHERE, NOON, given_record, rated, register, signed_in

from haochaping.analytics.actions import fold
from haochaping.audit import models as trail
from haochaping.calls.actions import write_down
from haochaping.calls.models import Call
from haochaping.calls.rules import Called
from haochaping.directory.models import Department, Window
from haochaping.evaluations import queries as evaluations
from haochaping.evaluations.models import Evaluation
from haochaping.evaluations.rules import Channel
from haochaping.exchange import actions, models, queries, rules
from haochaping.exchange.partners import national
from haochaping.exchange.partners.sending import Letter, Link
from haochaping.exchange.partners.webhooks import event
from haochaping.exchange.rules import Family, Outward, Status, message_id
from haochaping.feed import actions as feed
from haochaping.feed.rules import Kind
from haochaping.identity import actions as identity
from haochaping.identity import queries as identities
from haochaping.identity.models import ApiClient, ApiKey
from haochaping.identity.rules import ClientKey, Reach, SignedRequest, signed, signing_text
from haochaping.invitations.actions import make_codes
from haochaping.invitations.rules import Place
from haochaping.kernel import clock
from haochaping.kernel.crypto import sm2_pair
from haochaping.kernel.db import talk
from haochaping.kernel.outbound import Answer
from haochaping.notifications.models import Notice
from haochaping.orders import actions as orders
from haochaping.orders.models import Order, Step
from haochaping.records import queries as records
from haochaping.regions.rules import scope

pytestmark = pytest.mark.django_db
PROVINCE = 320000000000
FORM = {"name": "国家平台", "dialect": "national", "region": str(PROVINCE), "words": "1"}


@pytest.fixture
def admin(world: people.Place) -> Client:
    """A system administrator of the province."""
    user = people.appointed("admin", "admin", name="管理员", region=PROVINCE, at=clock.now())
    return signed_in(user)


def connected(region: int = CITY, name: str = "市平台") -> tuple[models.Partner, ClientKey]:
    """Connect a partner at the command line; return it and the key it signs with."""
    agreed = actions.Connection(name, Outward.NATIONAL, region, "https://partner.example/v1")
    partner_id, shown = actions.connect(agreed=agreed, by=0, at=clock.now())
    key = ClientKey(shown["kid"], 0, shown["secret"].encode(), "sm3", Reach(0, 0))
    return models.Partner.objects.get(pk=partner_id), key


def send(key: ClientKey, told: object, path: str = "/exchange/v1/messages") -> tuple[int, dict]:
    """Send what a partner sends, signed."""
    body = json.dumps(told, ensure_ascii=False).encode()
    headers = signed(SignedRequest("POST", path, "", body, {}), key, clock.now())
    answer = Client().post(path, body, content_type="application/json", headers=headers)
    return answer.status_code, answer.json()


def service(number: str, **changes: str) -> dict[str, str]:
    """Return a service in the national names."""
    served = clock.now() - timedelta(hours=1)
    return {
        "projectNo": number,
        "serviceNumber": "1",
        "areaCode": str(CITY),
        "deptCode": people.BUREAU,
        "proDepart": "连云港市行政审批局",
        "taskCode": people.item_of(people.BUREAU),
        "taskName": "企业设立登记",
        "proStatus": "3",
        "serviceTime": served.isoformat(),
        "userName": "张芳华",
        **changes,
    }


def rating(number: str, level: int, **changes: str) -> dict[str, str]:
    """Return a rating in the national names."""
    row = {"projectNo": number, "serviceNumber": "1", "satisfaction": str(level), "pf": "2"}
    return {**row, "assessTime": clock.now().isoformat(), "evalDetail": "", **changes}


def batch(*messages: tuple[str, str, dict[str, str]]) -> dict[str, object]:
    """Return a batch of id, family and document."""
    return {
        "messages": [dict(zip(("id", "family", "document"), one, strict=True)) for one in messages]
    }


def test_one_connects_and_another_starts(world: people.Place, admin: Client) -> None:
    form = {**FORM, "url": "https://nation.example/v1", "departments": people.BUREAU}
    page = admin.post("/admin/partners/connect", form).content.decode()
    assert "密钥" in page
    partner = models.Partner.objects.get()
    assert partner.stopped_at is not None
    assert partner.departments == [people.BUREAU]
    address = f"/admin/partners/{partner.pk}/"
    refused = admin.post(f"{address}change", {"do": "start"})
    assert refused.status_code == 409
    assert "另一人" in refused.content.decode()
    office = signed_in(world.users["province"])
    assert "启用" in office.get(address).content.decode()
    assert office.post(f"{address}change", {"do": "start"}).status_code == 302
    partner.refresh_from_db()
    assert partner.stopped_at is None
    again = admin.post("/admin/partners/connect", form)
    assert again.status_code == 409
    verbs = set(trail.Entry.objects.filter(subject="partner").values_list("verb", flat=True))
    assert verbs == {"connect", "start"}
    assert partner.secret is not None
    assert b"secret" not in bytes(partner.secret)


def test_a_partner_is_stopped_by_one_and_disconnected_for_good_by_another(
    world: people.Place, admin: Client
) -> None:
    admin.post("/admin/partners/connect", {**FORM, "url": "https://nation.example/v1"})
    partner = models.Partner.objects.get()
    address, office = f"/admin/partners/{partner.pk}/", signed_in(world.users["province"])
    office.post(f"{address}change", {"do": "start"})
    rated(1)
    people.queued()
    models.Received.objects.create(
        partner=partner, message="M", family="service", digest=b"d", body=b"x", at=NOON
    )
    odd = models.Received.objects.get()  # sealed elsewhere: it is told, and stops nothing
    page = office.post(f"{address}change", {"do": "correct", "received": odd.pk})
    assert (page.status_code, "无法解密" in page.content.decode()) == (409, True)
    early = admin.post(f"{address}change", {"do": "disconnect"})
    assert (early.status_code, "请先停用" in early.content.decode()) == (409, True)
    office.post(f"{address}change", {"do": "stop"})
    alone = office.post(f"{address}change", {"do": "disconnect"})
    assert (alone.status_code, "另一人" in alone.content.decode()) == (409, True)
    assert admin.post(f"{address}change", {"do": "disconnect"}).status_code == 302
    partner.refresh_from_db()
    assert (partner.ended_at is None, partner.secret) == (False, None)
    assert not identities.keys_in_force(partner.client_id or 0, clock.now())
    again = f"/admin/interface/clients/{partner.client_id}/start"  # as a system it starts neither
    assert office.post(again).status_code == 404
    told = models.Delivery.objects.filter(partner=partner)
    before = told.count()
    assert before
    assert set(told.values_list("status", "due_at")) == {(Status.LEFT_OUT, None)}
    assert models.Received.objects.get().body is None
    rated(1)
    people.queued()
    assert told.count() == before
    told.update(status=Status.REFUSED)
    assert actions.tell_amiss(standings=queries.standings((0, 10**12), NOON), at=NOON) == 0
    page = office.get(address).content.decode()
    assert "已断开" in page
    assert 'name="do"' not in page
    assert office.post(f"{address}change", {"do": "start"}).status_code == 404
    (said,) = trail.Entry.objects.filter(subject="partner", verb="disconnect")
    assert said.details["left"] == before


def test_a_citys_hotline_is_connected_by_one_and_started_by_another(
    world: people.Place, admin: Client
) -> None:
    office, page = signed_in(world.users["province"]), "/admin/hotlines/"
    form = {"region": str(CITY), "url": "https://12345.example/exchange"}
    for wrong in ({"url": "file:///etc"}, {"url": "https://x\x00"}):
        assert admin.post(f"{page}connect", form | wrong).status_code == 422
    assert admin.post(f"{page}connect", form | {"region": "1"}).status_code == 404
    assert office.post(f"{page}connect", form).status_code == 403
    assert not models.Hotline.objects.exists()

    assert "密钥" in admin.post(f"{page}connect", form).content.decode()
    hotline = models.Hotline.objects.get()
    start, stop = ({"hotline": str(hotline.pk), "do": do} for do in ("start", "stop"))
    foreign = signed_in(world.users["foreign"])
    assert "12345.example" not in foreign.get(page).content.decode()
    assert foreign.post(f"{page}change", stop).status_code == 403
    assert signed_in(world.users["auditor"]).get(page).status_code == 403
    assert admin.post(f"{page}change", start).status_code == 409
    waits = "12345 启用"
    assert waits in office.get("/admin/").content.decode()
    assert not any(waits in one.get("/admin/").content.decode() for one in (admin, foreign))
    assert office.post(f"{page}change", start).status_code == 302
    hotline.refresh_from_db()
    assert hotline.stopped_at is None
    assert waits not in office.get("/admin/").content.decode()
    old = hotline.kid

    admin.post(f"{page}connect", form)  # the same address: a key made anew, nothing else
    hotline.refresh_from_db()
    assert hotline.kid != old
    assert hotline.stopped_at is None
    admin.post(f"{page}connect", form | {"url": "https://elsewhere.example"})
    hotline.refresh_from_db()
    assert hotline.stopped_at is not None
    assert office.post(f"{page}change", start).status_code == 302
    assert office.post(f"{page}change", stop).status_code == 302
    assert office.post(f"{page}change", start).status_code == 409
    verbs = set(trail.Entry.objects.filter(subject="hotline").values_list("verb", flat=True))
    assert verbs == {"connect", "start", "stop"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("url", "file:///etc"),
        ("url", "gopher://x"),
        ("region", "abc"),
        ("dialect", "klingon"),
        ("secret", "{"),
        ("secret", '{"a": 1}'),
        ("name", "  "),
        ("name", "a\x00b"),
    ],
)
def test_what_cannot_be_agreed_is_refused(
    world: people.Place, admin: Client, name: str, value: str
) -> None:
    answer = admin.post(
        "/admin/partners/connect", {**FORM, "url": "https://x.example", name: value}
    )
    assert answer.status_code == 422
    assert not models.Partner.objects.exists()


def test_a_partner_takes_nobodys_name_and_its_key_is_good_once_another_starts_it(
    world: people.Place, admin: Client
) -> None:
    identity.issue_key(client="苏州统一平台", region=ELSEWHERE, by=0, at=clock.now())
    form = {**FORM, "dialect": "generic", "url": "https://x.example"}
    taken = admin.post("/admin/partners/connect", {**form, "name": "苏州统一平台"})
    assert taken.status_code == 422
    assert ApiKey.objects.filter(client__name="苏州统一平台").count() == 1
    assert admin.post("/admin/partners/connect", form).status_code in (200, 302)
    partner = models.Partner.objects.get(name=form["name"])
    kids = {one.kid for one in identities.keys_in_force(partner.client_id or 0, clock.now())}
    assert kids
    assert not kids & talk(identities.load_keys()).keys()
    other = signed_in(world.users["province"])
    assert other.post(f"/admin/partners/{partner.pk}/change", {"do": "start"}).status_code == 302
    assert kids <= talk(identities.load_keys()).keys()


def test_a_partner_is_seen_and_changed_where_it_lies_only(world: people.Place) -> None:
    partner, _ = connected(CITY)
    foreign = signed_in(world.users["foreign"])
    address = f"/admin/partners/{partner.pk}/"
    assert "市平台" not in foreign.get("/admin/partners/").content.decode()
    assert foreign.get(address).status_code == 404
    for do in ("stop", "settle", "resend", "compare"):
        assert foreign.post(f"{address}change", {"do": do}).status_code == 404
    partner.refresh_from_db()
    assert partner.stopped_at is None
    for who in ("agent", "handler", "auditor"):
        assert signed_in(world.users[who]).get("/admin/partners/").status_code == 403
    assert "市平台" in signed_in(world.users["city"]).get("/admin/partners/").content.decode()


def test_what_comes_in_is_taken_once_and_what_does_not_fit_is_corrected_by_a_person(
    world: people.Place,
) -> None:
    partner, key = connected()
    sent = batch(
        ("a", "service", service("3207IN1")),
        ("b", "evaluation", rating("3207IN1", 2, evalDetail="207")),
        ("c", "evaluation", rating("3207IN-WRONG", 1, evalDetail="108")),
        (
            "d",
            "service",
            service(
                "3205IN9",
                areaCode=str(ELSEWHERE),
                deptCode=people.OTHER,
                taskCode=people.item_of(people.OTHER),
            ),
        ),
        ("e", "rectification", {"projectNo": "3207IN1", "serviceNumber": "1"}),
    )
    status, told = send(key, sent)
    assert status == 200
    assert [one["code"] for one in told["results"]] == [
        "taken",
        "taken",
        "quarantined",
        "quarantined",
        "quarantined",
    ]
    _, again = send(key, sent)
    codes = [one["code"] for one in again["results"]]
    assert codes == ["duplicate"] * 2 + ["quarantined"] * 3  # looked at once more
    _, other = send(key, batch(("a", "service", service("3207IN1", taskName="别的"))))
    assert [one["code"] for one in other["results"]] == ["conflict"]
    kept = models.Received.objects.get(message="c")
    assert kept.body is not None
    assert "张芳华".encode() not in bytes(kept.body)
    assert models.Received.objects.get(message="a").body is None
    register(given_record(project_no="3207IN2"))
    office, address = signed_in(world.users["city"]), f"/admin/partners/{partner.pk}/"
    assert "<code>c</code>" in office.get(address).content.decode()
    form = {"do": "correct", "received": kept.pk, "field": "projectNo", "value": "3207IN2"}
    assert office.post(f"{address}change", form).status_code == 302
    kept.refresh_from_db()
    assert (kept.outcome, kept.body, kept.corrected) == ("taken", None, ["projectNo"])
    assert kept.record is not None
    assert evaluations.rated({kept.record})[kept.record].level == 1
    late = models.Received.objects.get(message="d")
    assert (
        office.post(
            f"{address}change", {"do": "drop", "received": late.pk, "why": "不归本市"}
        ).status_code
        == 302
    )
    twice = office.post(f"{address}change", {"do": "drop", "received": late.pk, "why": "x"})
    assert twice.status_code == 409


def test_what_waits_for_a_person_is_shown_masked_and_mended_by_its_sender(
    world: people.Place,
) -> None:
    partner, key = connected()
    wrong = service("3207IN7", areaCode="999999999999", mobile="13812345678")
    _, told = send(key, batch(("q", "service", wrong)))
    assert told["results"][0]["code"] == "quarantined"
    page = signed_in(world.users["city"]).get(f"/admin/partners/{partner.pk}/").content.decode()
    assert "999999999999" in page
    assert "张芳华" not in page
    assert "13812345678" not in page
    _, told = send(key, batch(("q", "service", {**wrong, "areaCode": str(CITY)})))
    assert told["results"][0]["code"] == "taken"
    assert models.Received.objects.get(message="q").body is None
    _, told = send(key, batch(("q", "service", wrong)))
    assert told["results"][0]["code"] == "conflict"  # what was taken in is not changed so


def test_every_difference_refusal_and_message_is_reached_page_by_page_and_sent_again_from_its_row(
    world: people.Place,
) -> None:
    partner, key = connected()
    province, foreign = signed_in(world.users["province"]), signed_in(world.users["foreign"])
    register(*(given_record() for _ in range(70)))
    people.queued()
    told = models.Delivery.objects.filter(partner=partner)
    told.update(status=Status.REFUSED, due_at=None, reason="字段不全")
    differing = [
        models.Difference(
            partner=partner,
            day=one.day,
            family=Family.SERVICE,
            message=message_id(one.kind, one.ref),
            delivery=one,
            what="missing",
            found_at=NOON,
        )
        for one in told
    ]
    models.Difference.objects.bulk_create(differing)
    for begin in range(0, 60, 20):
        bad = [
            {"id": f"S{n}", "family": "service", "document": service(f"P{n}", deptCode="?")}
            for n in range(begin, begin + 20)
        ]
        assert send(key, {"messages": bad})[0] == 200
    page = f"/admin/partners/{partner.pk}/"
    first = province.get(page).content.decode()
    for which, title, count in LISTED:
        assert f'href="{page}waiting/{which}"' in first
        there = province.get(f"{page}waiting/{which}?page=2").content.decode()
        assert f"<h1>{title}</h1>" in there.replace(chr(10), "")
        assert f"· {count}" in there
        assert there.count('name="back"') >= count - 50
        assert foreign.get(f"{page}waiting/{which}").status_code == 404
    assert province.get(f"{page}waiting/other").status_code == 404
    lines = province.get(f"{page}waiting/trouble?as=csv")
    lines = b"".join(lines.streaming_content) if lines.streaming else lines.content
    assert lines.decode().count("字段不全") == 70
    one = told.first()
    assert one is not None
    again = {"do": "resend", "status": "3", "message": message_id(one.kind, one.ref)}
    answer = province.post(f"{page}change", {**again, "back": "trouble"}).content.decode()
    assert "已安排重新报送 1" in answer
    assert "· 69" in answer
    one.refresh_from_db()
    assert one.status == Status.NEW
    answer = province.post(f"{page}change", {"do": "resend", "status": "3"}).content.decode()
    assert "已安排重新报送 69" in answer


LISTED = (
    ("differences", "对账差异", 70),
    ("trouble", "拒收与死信", 70),
    ("quarantine", "来件待处理", 60),
)


def test_a_signed_request_counts_once_comes_from_its_networks_and_is_written_down(
    world: people.Place,
) -> None:
    partner, key = connected()
    body = json.dumps(batch(("a", "service", service("3207IN8")))).encode()
    path = "/exchange/v1/messages"
    headers = signed(SignedRequest("POST", path, "", body, {}), key, clock.now())
    kind = "application/json"
    assert Client().post(path, body, content_type=kind, headers=headers).status_code == 200
    again = Client().post(path, body, content_type=kind, headers=headers)  # its answer was lost
    assert again.json()["results"][0]["code"] == "duplicate"
    client = ApiClient.objects.get(pk=partner.client_id)
    client.networks, client.per_minute = ["203.0.113.0/24"], 2
    client.save(update_fields=["networks", "per_minute"])
    status, told = send(key, batch())
    assert (status, told["code"]) == (403, "not_from_here")
    client.networks = []
    client.save(update_fields=["networks"])
    assert 429 in {send(key, batch())[0] for _ in range(4)}
    body = json.dumps(batch()).encode()
    headers = signed(SignedRequest("POST", path, "", body, {}), key, clock.now())
    answer = Client().post(path, body, content_type=kind, headers=headers)
    assert (answer.status_code, answer["RateLimit-Limit"]) == (429, "2")
    assert answer["Retry-After"].isdigit()
    lines = Call.objects.filter(client_id=client.pk).values_list("operation", "status")
    assert {("messages", 200), ("messages", 429), ("messages", 403)} <= set(lines)


def test_who_is_to_know_more_is_told_it_once_another_person_agrees(
    world: people.Place, admin: Client
) -> None:
    partner, _ = connected(PROVINCE)
    address = f"/admin/partners/{partner.pk}/"
    terms = {"do": "agree", "words": "1", "batch": "50", "pace": "7"}
    assert admin.post(f"{address}change", terms).status_code == 302
    partner.refresh_from_db()
    assert (partner.batch, partner.pace, partner.stopped_at) == (50, 7, None)
    assert admin.post(f"{address}change", {**terms, "batch": "0"}).status_code == 422
    assert admin.post(f"{address}change", {**terms, "personal": "1"}).status_code == 302
    partner.refresh_from_db()
    assert partner.personal
    assert partner.stopped_at is not None
    assert admin.post(f"{address}change", {"do": "start"}).status_code == 409
    entry = trail.Entry.objects.filter(verb="agree").latest("pk")
    assert (entry.details["before"]["personal"], entry.details["after"]["personal"]) == (
        False,
        True,
    )


def test_the_secret_of_a_webhook_is_exchanged_and_both_hold_for_a_while(
    world: people.Place, admin: Client
) -> None:
    agreed = actions.Connection("推送", Outward.WEBHOOK, PROVINCE, "https://hook.example")
    pk, shown = actions.connect(agreed=agreed, by=0, at=clock.now())
    page = admin.post(f"/admin/partners/{pk}/renew").content.decode()
    partner = models.Partner.objects.get(pk=pk)
    secret = queries.secret_of(partner)
    assert secret["secret"] in page
    assert secret["before"] == shown["secret"]
    letter = Letter("E-X", Family.EVALUATION, {})
    now = event(letter, Link(partner.url, secret, clock.now()))
    later = event(letter, Link(partner.url, secret, clock.now() + timedelta(days=4)))
    counts = [len(one.headers["webhook-signature"].split()) for one in (now, later)]
    assert counts == [2, 1]
    signed_partner, _ = connected(PROVINCE, "签名")
    answer = admin.post(f"/admin/partners/{signed_partner.pk}/renew")
    assert answer.status_code == 409
    assert "轮换" in answer.content.decode()
    city = signed_in(world.users["city"])  # may keep the exchange, and no keys
    assert city.post(f"/admin/partners/{pk}/renew").status_code == 403


def test_a_dialect_without_what_it_signs_with_is_refused_at_once(
    world: people.Place, admin: Client
) -> None:
    form = {**FORM, "dialect": "shandong", "url": "https://sd.example", "kid": "k", "app_word": "w"}
    assert admin.post("/admin/partners/connect", form).status_code == 422
    assert (
        admin.post("/admin/partners/connect", {**form, "sm2_public": "zz" * 65}).status_code == 422
    )
    good = {**form, "sm2_public": sm2_pair()[0]}
    assert admin.post("/admin/partners/connect", good).status_code == 302
    partner = models.Partner.objects.get()
    assert queries.secret_of(partner)["app_word"] == "w"


def test_what_a_partner_sent_is_not_sent_back_to_it_but_what_became_of_it_is(
    world: people.Place,
) -> None:
    partner, key = connected()
    send(
        key,
        batch(
            ("a", "service", service("3207E")),
            ("b", "evaluation", rating("3207E", 1, evalDetail="108")),
        ),
    )
    taken = models.Received.objects.get(message="b")
    assert taken.record is not None
    orders.open_for(evaluation_id=taken.record, at=clock.now())
    _, told = send(key, batch(("N-77", "rectification", {"projectNo": "3207E"})))
    assert told["results"][0]["code"] == "taken"
    people.queued()
    queued = list(models.Delivery.objects.filter(partner=partner))
    documents = queries.documents(partner, queued)
    written = [one for one in documents.values() if isinstance(one, queries.Written)]
    assert {one.document.get("theirOrderNo") for one in written} == {"N-77"}


def test_what_overtakes_its_service_is_taken_in_once_that_is_there(world: people.Place) -> None:
    _, key = connected()
    early = batch(("r", "evaluation", rating("3207L", 5)))
    assert send(key, early)[1]["results"][0]["code"] == "quarantined"
    assert send(key, early)[1]["results"][0]["code"] == "quarantined"
    send(key, batch(("s", "service", service("3207L"))))
    assert actions.receive_again(at=clock.now() + timedelta(days=8)) == 0  # for a person by then
    assert actions.receive_again(at=clock.now()) == 1
    assert models.Received.objects.get(message="r").body is None
    assert send(key, early)[1]["results"][0]["code"] == "duplicate"


def test_a_number_that_we_told_with_a_prefix_is_understood_with_it(world: people.Place) -> None:
    partner, key = connected()
    actions.settle(partner_id=partner.pk, ways={"prefix": "32"}, by=0, at=clock.now())
    register(given_record(project_no="JS-9"), given_record(project_no="X-9"))
    people.queued()
    _, told = send(key, batch(("a", "evaluation", rating("32JS-9", 5))))
    assert told["results"][0]["code"] == "taken"
    # what only begins like it is another case, and was never told: 32OWN and OWN are two
    register(given_record(project_no="32OWN"), given_record(project_no="OWN"))
    _, told = send(key, batch(("b", "evaluation", rating("32OWN", 5))))
    assert told["results"][0]["code"] == "taken"
    named = {no: records.key_of(no, 1) or 0 for no in ("OWN", "32OWN")}
    found = evaluations.rated(set(named.values()))
    assert [no for no, key_ in named.items() if key_ in found] == ["32OWN"]


def test_a_follow_up_given_here_is_told_whoever_took_the_first_rating(world: people.Place) -> None:
    partner, key = connected()
    send(
        key,
        batch(
            ("a", "service", service("3207F")),
            ("b", "evaluation", rating("3207F", 1, evalDetail="108")),
        ),
    )
    given = people.given_rating(given_record(project_no="3207F"), 4, kind=2, rated_at="")
    (stored,) = people.submit(given)
    assert stored.refusal is None, stored
    people.queued()
    kinds = models.Delivery.objects.filter(partner=partner).values_list("kind", flat=True)
    assert list(kinds) == [Kind.FOLLOW_UP]


def test_what_a_superior_demands_is_done_to_the_order_and_its_office_told(
    world: people.Place,
) -> None:
    _, key = connected()
    order_id = orders.open_for(evaluation_id=rated(1, project_no="3207D"), at=clock.now())
    demand = {"projectNo": "3207D", "serviceNumber": "1", "action": "supervise"}
    before = Notice.objects.count()
    for _ in range(2):  # said again after a lost answer
        _, told = send(key, batch(("N-1", "rectification", {**demand, "note": "三日内答复"})))
    assert told["results"][0]["code"] == "duplicate"
    steps = Step.objects.filter(order=order_id, move="supervise")
    assert [one.given["note"] for one in steps] == ["市平台：三日内答复"]
    assert Notice.objects.count() > before
    _, told = send(key, batch(("N-2", "rectification", {**demand, "action": "close"})))
    assert told["results"][0]["code"] == "taken"  # noted; a partner closes no order of ours
    for number, odd in enumerate(("转办", "explode")):
        _, told = send(key, batch((f"O-{number}", "rectification", {**demand, "action": odd})))
        assert told["results"][0]["code"] == "quarantined"
    _, told = send(key, batch(("N-9", "rectification", {**demand, "serviceNumber": "9" * 5000})))
    assert told["results"][0]["code"] == "quarantined"
    _, told = send(key, batch(("U-1", "evaluation", rating("3207D", 5, flag="U"))))
    assert told["results"][0]["code"] == "quarantined"
    assert not Step.objects.filter(order=order_id, move="close").exists()
    closed = {"state": "closed", "closed_at": clock.now(), "due_at": None}
    Order.objects.filter(pk=order_id).update(**closed)
    _, told = send(key, batch(("N-3", "rectification", {**demand, "action": "urge"})))
    assert told["results"][0]["code"] == "quarantined"
    _, elsewhere = connected(ELSEWHERE, name="苏州")
    _, told = send(elsewhere, batch(("N-1", "rectification", demand)))
    assert models.Received.objects.get(partner__name="苏州").outcome == "no_order"


@pytest.mark.parametrize(
    "body",
    [
        "{",
        "[]",
        '{"messages": 1}',
        '{"messages": [{"id": "", "family": "service", "document": {}}]}',
        '{"messages": [{"id": "x", "family": "poem", "document": {}}]}',
        '{"messages": [{"id": "x", "family": "service", "document": {"a": "\\u0000"}}]}',
    ],
)
def test_bad_messages_are_refused_whole_and_kept_nowhere(world: people.Place, body: str) -> None:
    _, key = connected()
    path = "/exchange/v1/messages"
    headers = signed(SignedRequest("POST", path, "", body.encode(), {}), key, clock.now())
    answer = Client().post(path, body, content_type="application/json", headers=headers)
    assert answer.status_code == 400
    assert answer.json()["code"] == "not_readable"
    assert not models.Received.objects.exists()


def test_a_partner_asks_what_we_told_it_and_nobody_else_does(world: people.Place) -> None:
    partner, key = connected()
    _, other = connected(ELSEWHERE, "另一个市")
    at = clock.now()
    told = {"day": at.date().isoformat(), "family": "service", "prefix": "", "want": "node"}
    status, answer = send(key, told, "/exchange/v1/reconcile")
    assert (status, answer["nodes"][""]["count"]) == (200, 0)
    stranger = ClientKey("kwrong", 0, b"x", "sm3", Reach(0, 0))
    assert send(stranger, told, "/exchange/v1/reconcile")[0] == 401
    models.Partner.objects.filter(pk=partner.pk).update(stopped_at=at)
    assert send(key, told, "/exchange/v1/reconcile")[0] == 401
    assert send(other, {**told, "want": "all"}, "/exchange/v1/reconcile")[0] == 400


def test_a_partner_asks_what_we_have_of_its_own_as_we_ask_it(world: people.Place) -> None:
    """Two platforms of ours: what one sent, the other is asked for with the same comparison."""
    _, key = connected()
    document = {
        "projectNo": "IN1",
        "serviceNumber": "1",
        "satisfaction": "5",
        "pf": "2",
        "assessTime": "2026-11-18 12:00:00",
    }
    message = {"id": "E-1", "family": "evaluation", "document": document}
    assert send(key, {"messages": [message]})[0] == 200  # it waits for its service
    entries = {"E-1": rules.digest(document).hex()}
    for ours, differs in ((entries, []), ({**entries, "E-2": "0" * 32}, ["E-2"])):
        dialogue = national.reconcile(
            ours, date(2026, 11, 18), Family.EVALUATION, Link("", {"kid": "k", "secret": "s"}, NOON)
        )
        request = next(dialogue)
        try:
            while True:
                asked = json.loads(request.content or b"")
                status, answer = send(key, asked, "/exchange/v1/reconcile")
                assert status == 200
                request = dialogue.send(Answer(200, json.dumps(answer).encode()))
        except StopIteration as end:
            found, count, _ = end.value
        assert ([one.message for one in found], count) == (differs, 1)


def test_who_signs_wrongly_is_shown_the_text_that_we_signed(world: people.Place) -> None:
    _, key = connected()
    body = b"{}"
    asked = SignedRequest("POST", "/exchange/v1/messages", "", body, {})
    wrong = ClientKey(key.kid, 0, b"another secret", "sm3", Reach(0, 0))
    headers = signed(asked, wrong, clock.now())
    answer = (
        Client().post(asked.path, body, content_type="application/json", headers=headers).json()
    )
    ours = signing_text(
        asked,
        algorithm="sm3",
        time=headers["X-HCP-Time"],
        nonce=headers["X-HCP-Nonce"],
        kid=key.kid,
    )
    assert answer["code"] == "bad_signature"
    assert answer["signed_text"] == ours.decode()
    assert key.secret.decode() not in str(answer)


def test_offices_are_told_each_morning_what_is_amiss(world: people.Place) -> None:
    partner, key = connected()
    connected(ELSEWHERE, "另一个市")
    send(key, batch(("c", "evaluation", rating("3207NOWHERE", 1, evalDetail="108"))))
    at = clock.now()
    told = actions.tell_amiss(standings=queries.standings((0, 10**12), at), at=at)
    assert told == 1
    page = signed_in(world.users["city"]).get("/admin/notices/").content.decode()
    assert "市平台: 来件待处理 1" in page
    assert f"/admin/partners/{partner.pk}/" in page
    assert (
        "来件待处理"
        not in signed_in(world.users["foreign"]).get("/admin/notices/").content.decode()
    )


def test_who_has_connected_which_channel_since_when_is_told_by_yesterday(
    world: people.Place,
) -> None:
    rated(5)
    rated(2)
    (city,) = queries.tracking(scope(CITY), NOON + timedelta(days=5))
    tablet = city.channels[Channel.TABLET]
    assert (tablet.since, sum(tablet.weeks), tablet.alive) == (NOON.date().replace(day=1), 2, True)
    assert Channel.TABLET not in city.missing
    assert Channel.SMS in city.missing
    assert (city.departments, city.rated) == (1, 1)
    (later,) = queries.tracking(scope(CITY), NOON + timedelta(days=30))
    assert not later.channels[Channel.TABLET].alive  # it brought nothing lately
    assert Channel.TABLET in later.missing
    every = queries.tracking((0, 10**12), NOON)
    assert (len(every), every[-1].name.zh) == (14, "省本级")


def test_each_department_of_a_city_is_followed_too(world: people.Place) -> None:
    rated(5)
    silent = Department.objects.create(
        uscc=people.uscc("11320700MB03070A1"), name="从未接入局", region=CITY
    )
    units = queries.departments(scope(CITY), NOON + timedelta(days=5))
    assert [unit.name for unit in units] == [silent.name, "连云港市行政审批局"]
    assert units[0].since == {}
    assert units[1].since == {Channel.TABLET: NOON.date().replace(day=1)}
    assert sum(units[1].weeks) == 1
    assert Channel.SMS in units[1].missing
    page = signed_in(world.users["city"]).get("/admin/partners/tracking?city=320700")
    assert "从未接入局" in page.content.decode()
    table = signed_in(world.users["city"]).get("/admin/partners/tracking?city=320700&as=csv")
    assert "从未接入局" in b"".join(table).decode("utf-8-sig")
    elsewhere = signed_in(world.users["foreign"]).get("/admin/partners/tracking?city=320700")
    assert "从未接入局" not in elsewhere.content.decode()


def test_a_batch_that_is_too_long_or_too_heavy_is_refused_whole(world: people.Place) -> None:
    _, key = connected()
    many = [(str(number), "service", dict[str, str]()) for number in range(1001)]
    heavy = [(str(number), "service", {"a": "x" * 2000}) for number in range(900)]
    for messages in (many, heavy):
        status, told = send(key, batch(*messages))
        assert (status, told["code"]) == (413, "too_many")
    assert not models.Received.objects.exists()


def test_a_message_of_a_city_that_is_too_heavy_gets_a_problem_document() -> None:
    heavy = {"seq": 1, "kind": "attachment", "facts": {"data": "x" * 1_200_000}}
    answer = Client().post("/hooks/hotline", heavy, content_type="application/json")
    assert answer.status_code == 413
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "too_many"


def test_what_nobody_can_rate_yet_is_listed_and_leaves_the_list_once_it_can(
    world: people.Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOON + timedelta(days=1))  # “lately” is four weeks
    city, foreign = (signed_in(world.users[name]) for name in ("city", "foreign"))

    def listed(query: str) -> list[str]:
        answer = city.get(f"/admin/coverage?{query}&as=csv").content.decode("utf-8-sig")
        return [line.split(",")[0] for line in answer.splitlines()[1:]]

    assert listed("kind=windows&state=shut") == ["W1"]
    window = Window.objects.get(code="W1")
    make_codes(
        kind=Place.WINDOW, targets=[(window.pk, CITY)], by=world.users["city"], at=clock.now()
    )
    assert listed("kind=windows&state=shut") == []
    assert listed("kind=windows&state=silent") == ["W1"]
    assert listed("kind=departments&state=rated") == []
    rated(5)
    assert listed("kind=departments&state=rated") == [people.BUREAU]
    assert listed("kind=windows&state=rated") == ["W1"]
    assert listed("search=行政审批") == listed("search=A03") == listed("search=W1") == ["W1"]
    assert listed("search=W") == []
    hall = Window.objects.get(code="W1").hall.name
    assert listed(f"search={hall} A03") == ["W1"]
    assert "W1" not in foreign.get("/admin/coverage?as=csv").content.decode("utf-8-sig")
    page = city.get("/admin/coverage?kind=items").content.decode()
    assert "企业设立登记" in page


def test_a_city_sees_what_the_province_has_of_it_by_day_and_channel(
    world: people.Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    for level, hours in ((5, 25), (1, 23)):
        given = Evaluation.objects.filter(pk=rated(level))
        given.update(received_at=F("rated_at") + timedelta(hours=hours))
    rated(5, region=str(ELSEWHERE))
    call = Called(
        NOON, 1, CITY, "k1", "evaluations/batch", 200, "unknown_field", "", 10, 3, 5, None
    )
    talk(write_down(calls=[call]))
    monkeypatch.setattr(clock, "now", lambda: NOON + timedelta(days=1))
    city = signed_in(world.users["city"])
    answer = city.get("/admin/selfcheck?as=csv").content.decode("utf-8-sig").splitlines()
    row = dict(zip(answer[0].split(","), answer[1].split(","), strict=True))
    assert row["日期"] == "2026-11-18"
    assert (row["办件"], row["评价"], row["窗口评价器"]) == ("2", "2", "2")
    assert (row["系统报送条数"], row["被拒条数"]) == ("10", "3")
    assert row["主要原因"] == "unknown_field 1"
    assert row["晚到（超过 24 小时）"] == "1"
    assert "unknown_field" in city.get("/admin/selfcheck").content.decode()


def test_a_department_checks_its_own_and_no_others(
    world: people.Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    rated(5)
    facts = {"region": CITY, "by": 0, "at": NOON}
    for name, departments in (("own", [people.BUREAU]), ("all", []), ("other", [people.OTHER])):
        identity.issue_key(client=name, departments=departments, **facts)
    for client in ApiClient.objects.order_by("pk"):
        many = 7 if client.name == "own" else 1000
        called = ("evaluations/batch", 200, "unknown_field", "", many, 3, 5, None)
        talk(write_down(calls=[Called(NOON, client.pk, CITY, "k1", *called)]))
    other = Department.objects.create(
        uscc=people.uscc("11320700MB03070A1"), name="别的局", region=CITY
    )
    rated(1, department_code=other.uscc, item_code=people.item_of(other.uscc))
    while feed.sequence(at=clock.now()) + fold():
        pass
    monkeypatch.setattr(clock, "now", lambda: NOON + timedelta(days=1))
    handler = signed_in(world.users["handler"])
    page = handler.get("/admin/selfcheck").content.decode()
    assert page.count("<b>1</b>") == 1
    assert "窗口评价器" not in page
    answer = handler.get("/admin/selfcheck?as=csv").content.decode("utf-8-sig").splitlines()
    row = dict(zip(answer[0].split(","), answer[1].split(","), strict=True))
    assert (row["系统报送条数"], row["被拒条数"], row["主要原因"]) == ("7", "3", "unknown_field 1")
    whole = signed_in(world.users["city"]).get("/admin/selfcheck").content.decode()
    assert "<b>2</b>" in whole
