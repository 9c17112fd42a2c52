"""The JSON doors of a client: links, calls, amendments, status; within its reach and once a nonce."""

import contextlib
import json
from datetime import timedelta
from typing import Any

import msgspec
import people
import pytest
from django.test import Client as Browser
from people import CITY, ELSEWHERE, given_record, rated, register

from haochaping.calls.rules import OWN
from haochaping.devices.models import Call
from haochaping.directory import models as directory
from haochaping.evaluations import actions as evaluations
from haochaping.evaluations import rules
from haochaping.identity import actions as identity
from haochaping.identity import queries as keys
from haochaping.identity.rules import Client, ClientKey, Reach, Replayed, Right
from haochaping.indicators import queries as indicators
from haochaping.intake import doors
from haochaping.intake.bodies import NotJson, decode, decode_each
from haochaping.invitations import queries as links
from haochaping.kernel import clock
from haochaping.kernel.db import talk
from haochaping.kernel.errors import Refusal
from haochaping.notifications.models import Notice
from haochaping.notifications.rules import Topic
from haochaping.orders import actions as orders
from haochaping.records import actions as services
from haochaping.records import api as record_api
from haochaping.records import queries as records
from haochaping.regions import queries as regions
from haochaping.regions.rules import scope

HERE = ClientKey("k1", 1, b"", "sha256", Reach(*scope(CITY)))
THERE = ClientKey("k2", 2, b"", "sha256", Reach(*scope(ELSEWHERE)))
_nonces = iter(range(10**6))


@pytest.fixture(autouse=True)
def one_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the test's own transaction: a door closes what its thread left open."""
    monkeypatch.setattr(doors, "close_old_connections", lambda: None)


def call(
    path: str, body: dict[str, Any], key: ClientKey = HERE, nonce: str = ""
) -> tuple[int, dict[str, Any]]:
    """Call a door."""
    sent = json.dumps(body).encode()
    return doors.open_door(
        f"/api/v1/{path}", {}, sent, key, nonce or f"nonce{next(_nonces)}", decode
    )


@pytest.fixture
def service(world: people.Place) -> dict[str, Any]:
    """The name of a registered service."""
    given = given_record()
    register(given)
    return {"project_no": given.project_no, "service_number": 1}


def test_a_link_leads_to_its_service_for_as_long_as_was_asked(service: dict[str, Any]) -> None:
    status, answer = call("links", service | {"days": 7, "back_url": "https://a.cn/x"})
    assert (status, answer["rated"], answer["days"]) == (201, False, 7)
    opened = links.opened(answer["url"].rsplit("/", 1)[1], clock.now())
    assert opened.record_id == records.key_of(service["project_no"], 1)
    assert opened.back_url == "https://a.cn/x"
    assert call("links", service)[1]["days"] == 90


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"days": 0}, "days"),
        ({"days": 91}, "days"),
        ({"channel": 99}, "channel"),
        ({"back_url": "http://a.cn"}, "bad_address"),
        ({"embed": "javascript:1"}, "bad_address"),
        ({"service_number": 2}, "record_unknown"),
        ({"project_no": "none"}, "record_unknown"),
    ],
)
def test_a_link_that_makes_no_sense_is_refused(
    service: dict[str, Any], facts: dict[str, Any], code: str
) -> None:
    with pytest.raises(Refusal) as refused:
        call("links", service | facts)
    assert refused.value.code == code


@pytest.mark.parametrize("path", ["links", "status", "calls"])
def test_a_client_asks_about_services_of_its_region_only(
    service: dict[str, Any], path: str
) -> None:
    body = service | ({"window_code": "W1"} if path == "calls" else {})
    assert call(path, body)[0] in (200, 201)
    with pytest.raises(Refusal) as refused:
        call(path, body, THERE)
    assert refused.value.code == "outside_scope"


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"days": 3, "chanel": 8}, "is channel meant"),
        ({"projectno": "x"}, "is project_no meant"),
        ({"zzz": 1}, "unknown field"),
    ],
)
def test_an_unknown_field_is_refused_with_the_nearest_name(
    service: dict[str, Any], body: dict[str, Any], says: str
) -> None:
    with pytest.raises(Refusal) as refused:
        call("links", service | body)
    assert refused.value.code == "unknown_field"
    assert says in refused.value.says.en


def test_a_nonce_is_used_once(service: dict[str, Any]) -> None:
    call("status", service, nonce="the-same-one")
    with pytest.raises(Replayed):
        call("status", service, nonce="the-same-one")
    other = ClientKey("k9", 1, b"", "sha256", HERE.reach)
    assert call("status", service, other, nonce="the-same-one")[0] == 200


def test_a_client_sees_its_keys_and_rotates_them_itself_without_a_gap(world: people.Place) -> None:
    at = clock.now()
    kid, secret = identity.issue_key(client="Z", region=CITY, by=0, at=at)
    key = talk(keys.load_keys())[kid]
    status, told = call("key", {}, key)
    assert (status, told["key"], told["keys"]) == (200, kid, [{"key": kid, "ends_at": None}])
    assert secret not in json.dumps(told)
    status, made = call("key/rotate", {"overlap_hours": 2}, key)
    assert status == 201
    in_force = talk(keys.load_keys())
    assert in_force[made["key"]].secret == made["secret"].encode()
    assert in_force[kid].secret == secret.encode()
    ends = keys.keys_in_force(key.client_id, at)[1].revoked_at
    assert ends is not None
    assert timedelta(hours=2) <= ends - at < timedelta(hours=2, minutes=1)
    call("key/rotate", {}, in_force[made["key"]])
    with pytest.raises(Refusal) as refused:
        call("key/rotate", {}, in_force[made["key"]])
    assert refused.value.code == "too_many_keys"


def test_a_window_of_ones_own_region_is_called(service: dict[str, Any]) -> None:
    status, answer = call("calls", service | {"window_code": "W1"})
    assert status == 201
    assert Call.objects.get().expires_at.isoformat() == answer["until"]
    with pytest.raises(Refusal) as refused:
        call("calls", service | {"window_code": "W9"})
    assert refused.value.code == "window_unknown"


def test_status_tells_that_it_was_rated_and_not_how(world: people.Place) -> None:
    key = rated(1)
    found = records.service(key)
    assert found is not None
    body = {"project_no": found.project_no, "service_number": 1}
    orders.open_for(evaluation_id=key, at=clock.now())
    status, bad = call("status", body)
    assert status == 200
    praised = records.service(rated(5))
    assert praised is not None
    good = call("status", {"project_no": praised.project_no, "service_number": 1})[1]
    assert {**bad, "record": ""} == {**good, "record": ""}  # nothing betrays which is which
    assert (bad["rated"], bad["followed_up"]) == (True, False)


def test_a_system_that_guesses_how_a_citizen_rated_is_told_the_same_each_time(
    world: people.Place,
) -> None:
    given = given_record()
    register(given)
    rating = people.given_rating(given, 1)
    (by_the_citizen,) = people.submit(rating)
    assert by_the_citizen.outcome is rules.Outcome.ACCEPTED

    def told(level: int, client: Client) -> object:
        guess = rules.accept(people.given_rating(given, level), indicators.catalogue(), people.NOON)
        (answer,) = talk(evaluations.submit(ratings=[guess], client=client))
        return answer.outcome or (answer.refusal and answer.refusal.code)

    system = Client(HERE.client.id, HERE.reach, everybodys=True)
    assert {told(level, system) for level in range(1, 6)} == {"already_rated"}
    # the citizen's own door may say it again, and learns that it is there
    (again,) = people.submit(rating)
    assert again.outcome is rules.Outcome.DUPLICATE


def test_a_body_with_what_cannot_be_stored_is_refused(service: dict[str, Any]) -> None:
    with pytest.raises(Refusal):
        call("status", service | {"project_no": "a\0b"})


def registered_by(key: ClientKey, **changes: object) -> dict[str, Any]:
    """Register a service as a client does and return its name."""
    given = given_record(**changes)
    ready = record_api.check(given, regions.tree().resolve, key.client, clock.now())
    talk(services.register(records=[ready], client=key.client))
    return {"project_no": given.project_no, "service_number": 1}


def test_a_service_belongs_to_who_registered_it_unless_a_grant_says_otherwise(
    world: people.Place,
) -> None:
    service = registered_by(HERE)
    other = ClientKey("k3", 3, b"", "sha256", HERE.reach)
    granted = ClientKey("k4", 4, b"", "sha256", HERE.reach, everybodys=True)
    record = msgspec.to_builtins(given_record(**service)) | {"reason": "更正", "status": 2}
    for path, body in (
        ("links", service),
        ("status", service),
        ("calls", service | {"window_code": "W1"}),
        ("records/amendments", record),
    ):
        with pytest.raises(Refusal) as refused:
            call(path, body, other)
        assert refused.value.code == "not_yours", path
        assert call(path, body, granted)[0] in (200, 201), path
    given = people.given_rating(given_record(**service), 5)
    for key, code in ((other, "not_yours"), (granted, None)):
        rating = rules.accept(given, indicators.catalogue(), clock.now())
        (stored,) = talk(evaluations.submit(ratings=[rating], client=key.client))
        assert (stored.refusal.code if stored.refusal else None) == code


def test_a_code_of_another_citys_window_staff_or_item_reaches_nothing_there(
    world: people.Place,
) -> None:
    hall = directory.Hall.objects.create(code="SZ", name="苏州大厅", region=people.ELSEWHERE)
    theirs = directory.Department.objects.get(uscc=people.OTHER)
    directory.Window.objects.create(
        code="SZ1", hall=hall, number="1", department=theirs, opens="09:00", closes="17:00"
    )
    directory.Staff.objects.create(number="SZ-9", name="某人", department=theirs)
    service = registered_by(HERE, window_code="SZ1", staff_number="SZ-9")
    record = records.service(records.key_of(service["project_no"], 1) or 0)
    assert record is not None
    assert (record.window_id, record.staff_id) == (None, None)
    own = registered_by(HERE, project_no="P-own", window_code="W1", staff_number="0321")
    record = records.service(records.key_of(own["project_no"], 1) or 0)
    assert record is not None
    assert record.window_id is not None
    assert record.staff_id is not None
    code = people.item_of(people.OTHER)
    directory.Item.objects.create(code=code, name="事项", department=theirs)
    given = given_record(project_no="P-item", item_code=code)
    ready = record_api.check(given, regions.tree().resolve, HERE.client, clock.now())
    good = record_api.check(
        given_record(project_no="P-good"), regions.tree().resolve, HERE.client, clock.now()
    )
    refused, stored, again = talk(
        services.register(records=[ready, good, ready], client=HERE.client)
    )
    assert refused.refusal.code == again.refusal.code == "item_outside_scope"
    assert stored.outcome is services.Outcome.ACCEPTED


def test_whoever_made_a_link_sees_nothing_of_what_was_rated_through_it(world: people.Place) -> None:
    service = registered_by(HERE)
    address = call("links", service)[1]["url"]
    path = "/e/" + address.rsplit("/", 1)[1]
    citizen, system = Browser(), Browser()
    answer = citizen.post(path, {"level": "1", "codes1": "106"})
    assert answer.status_code == 302
    assert answer["Location"].startswith("/e/")
    assert path not in answer["Location"]
    assert citizen.get(answer["Location"]).status_code == 200
    for door in ("done?open=1", "more", "data", "proof", "change"):
        assert system.get(f"{path}/{door}").status_code == 409, door
    for door, body in (("change", {"level": "5"}), ("judge", {"verdict": "satisfied"})):
        assert system.post(f"{path}/{door}", body).status_code == 409, door
    sent = citizen.post(path, {"level": "5"})  # once more through the spent one
    assert citizen.get(sent["Location"]).status_code == 409


def test_a_key_names_its_departments_and_those_of_its_region_only(world: people.Place) -> None:
    scoped = ClientKey("k5", 5, b"", "sha256", HERE.reach, frozenset({people.OTHER}))
    with pytest.raises(Refusal) as refused:
        registered_by(scoped)
    assert refused.value.code == "department_outside_scope"
    ours = registered_by(HERE)
    with pytest.raises(Refusal) as refused:  # another's department, whoever registered it
        call("links", ours, ClientKey("k6", 1, b"", "sha256", HERE.reach, scoped.departments))
    assert refused.value.code == "department_outside_scope"
    rating = rules.accept(
        people.given_rating(given_record(**ours), 5), indicators.catalogue(), clock.now()
    )
    mine = ClientKey("k7", 1, b"", "sha256", HERE.reach, scoped.departments)
    (stored,) = talk(evaluations.submit(ratings=[rating], client=mine.client))
    assert stored.refusal is not None
    assert stored.refusal.code == "outside_scope"
    foreign = given_record(department_code=people.OTHER, item_code=people.item_of(people.OTHER))
    good = given_record()
    ready = [
        record_api.check(one, regions.tree().resolve, HERE.client, clock.now())
        for one in (foreign, good)
    ]
    outcomes = talk(services.register(records=ready, client=HERE.client))
    assert [one.outcome for one in outcomes] == [None, "accepted"]
    assert record_api.answer(outcomes[0])[0] == 403


RATED_ONCE = b'{"project_no": "P", "service_number": 1, "level": 5, "channel": 1'


@pytest.mark.parametrize(
    ("more", "twin"),
    [
        (b"}", None),
        (b', "level" : 1}', "level"),
        (b', "lev\\u0065l":1}', "level"),
        (b', "words": "a", "words": "b"}', "words"),
        (b', "rater": {"phone": "13812345678", "phone": "13812345679"}}', "phone"),
        (b', "words": "\\"level\\": \\u6ee1"}', None),
        (b', "rater": {"name": "a"}, "words": "name"}', None),
    ],
)
def test_a_field_that_stands_twice_is_refused_alone_or_among_others(
    more: bytes, twin: str | None
) -> None:
    with contextlib.nullcontext() if twin is None else pytest.raises(NotJson) as refused:
        decode(RATED_ONCE + more, rules.Given)
    if twin is not None:
        assert (refused.value.code, refused.value.field) == ("duplicate_field", twin)
    items = decode_each(b"[%b}, %b]" % (RATED_ONCE, RATED_ONCE + more), rules.Given)
    assert [isinstance(item, NotJson) for item in items] == [False, twin is not None]


def test_a_field_that_stands_twice_in_one_item_of_a_batch_refuses_that_item_alone() -> None:
    twice, escaped = b', "level": 1}', b', "words": "\\u6ee1"}'
    items = decode_each(
        b"[%b]" % b",".join(RATED_ONCE + more for more in (escaped, twice, escaped)), rules.Given
    )
    assert [getattr(item, "code", None) for item in items] == [None, "duplicate_field", None]


@pytest.mark.parametrize("depth", [500, 2000, 5000, 8000, 9995])
def test_objects_in_thousands_of_objects_are_read_or_refused(depth: int) -> None:
    extra = b'{"a":' * depth + b"1" + b"}" * depth
    item = (
        b"""{"project_no": "P", "service_number": 1, "region": "320700", "department_code": "D",
      "item_code": "I", "served_at": "2026-11-01 10:00:00", "extra": %b}"""
        % extra
    )
    with contextlib.suppress(NotJson):
        decode(item, record_api.Given)
    with contextlib.suppress(NotJson):
        decode_each(b"[%b,%b]" % (item, item), record_api.Given)


def test_what_became_of_a_rating_that_waited_is_asked_for_and_told_to_its_system_only(
    world: people.Place,
) -> None:
    good, bad, never = given_record(), given_record(), given_record()
    for given in (good, bad, never):
        early = {"rated_at": "2026-11-01 10:00:00"} if given is bad else {}
        rating = rules.accept(
            people.given_rating(given, 5, wait=True, **early), indicators.catalogue(), clock.now()
        )
        (stored,) = talk(evaluations.submit(ratings=[rating], client=HERE.client))
        assert stored.outcome is rules.Outcome.WAITING
    assert call("outcomes", {}) == (200, {"items": [], "last": 0})
    register(good, bad)
    now = clock.now()
    assert evaluations.link_waiting(at=now) == 2
    assert evaluations.expire_waiting(at=now + timedelta(days=89)) == 0
    assert evaluations.expire_waiting(at=now + timedelta(days=91)) == 1
    items = call("outcomes", {})[1]["items"]
    told = {item["project_no"]: (item["outcome"], item["code"]) for item in items}
    assert told == {
        good.project_no: ("accepted", None),
        bad.project_no: ("refused", "rated_before_service"),
        never.project_no: ("refused", "expired"),
    }
    assert [item["receipt"] is not None for item in items if item["code"] is None] == [True]
    rest = call("outcomes", {"since": items[0]["no"]})[1]
    assert [item["no"] for item in rest["items"]] == [item["no"] for item in items[1:]]
    assert rest["last"] == items[-1]["no"]
    assert call("outcomes", {}, THERE)[1]["items"] == []


def test_the_office_of_a_system_hears_that_its_waiting_ratings_do_not_count(
    world: people.Place,
) -> None:
    kid, _ = identity.issue_key(client="系" * 100, region=CITY, by=0, at=clock.now())
    client = keys.key_of(kid).client
    for given in (early := given_record(), given_record(), given_record()):
        sooner = {"rated_at": "2026-11-01 10:00:00"} if given is early else {}
        rating = rules.accept(
            people.given_rating(given, 5, wait=True, **sooner), indicators.catalogue(), clock.now()
        )
        talk(evaluations.submit(ratings=[rating], client=client))
    register(early)
    evaluations.link_waiting(at=clock.now())
    evaluations.expire_waiting(at=clock.now() + timedelta(days=91))
    told = Notice.objects.filter(topic=Topic.WAITING, subject_id=client.id).order_by("pk")
    assert [one.label[:5] for one in told] == ["1 × 系", "2 × 系"]
    assert {(one.office, one.right) for one in told} == {(CITY, Right.EXCHANGE)}


def test_every_operation_has_a_name_in_the_log_of_calls() -> None:
    from haochaping.intake.collect import ROUTES

    paths = {path.removeprefix("/api/v1/") for path in (*ROUTES, *doors.PATHS)}
    assert paths == set(OWN)
