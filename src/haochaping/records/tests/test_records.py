"""Service records: what may be stored, what stays as it was, and what becomes of it beside it."""

from datetime import timedelta

import msgspec
import people
import pytest
from people import BUREAU, CITY, ELSEWHERE, NOON, OTHER, given_record, item_of, register

from haochaping.identity.rules import OURSELVES, Client, Reach
from haochaping.kernel.db import talk
from haochaping.kernel.errors import NotFound, Refusal
from haochaping.kernel.ids import first_key
from haochaping.records import actions, api, queries, rules
from haochaping.records.rules import Applicant, from_national
from haochaping.regions.queries import tree
from haochaping.regions.rules import scope


def changed(record: rules.Given, **facts: object) -> rules.Given:
    """Return a record with other facts."""
    return msgspec.structs.replace(record, **facts)


def accepted(**facts: object) -> rules.Record:
    """Check a record with changes."""
    return rules.accept(given_record(**facts), tree().resolve, NOON)


@pytest.mark.parametrize(
    ("facts", "code", "field"),
    [
        ({"project_no": ""}, "project_no", "project_no"),
        ({"project_no": " "}, "project_no", "project_no"),
        ({"project_no": "x" * 65}, "project_no", "project_no"),
        ({"project_no": "a\nb"}, "project_no", "project_no"),
        ({"project_no": "2.02611E+19"}, "number_rounded", "project_no"),
        ({"window_code": "1.5E+15"}, "number_rounded", "window_code"),
        ({"service_number": 0}, "service_number", "service_number"),
        ({"service_number": 100}, "service_number", "service_number"),
        ({"region": "3207"}, "region_shape", "region"),
        ({"region": "990000"}, "region_unknown", "region"),
        ({"department_code": BUREAU[:-1] + "0"}, "department_code", "department_code"),
        ({"item_code": ""}, "item_missing", "item_code"),
        ({"item_code": item_of(BUREAU)[:-1]}, "item_code", "item_code"),
        ({"status": 0}, "status", "status"),
        ({"status": 4}, "status", "status"),
        ({"stage": 0}, "stage", "stage"),
        ({"stage": 6}, "stage", "stage"),
        ({"applicant": Applicant(kind=-1)}, "applicant_kind", "applicant.kind"),
        ({"applicant": Applicant(kind=100)}, "applicant_kind", "applicant.kind"),
        ({"applicant": Applicant(name="x" * 121)}, "too_long", "applicant.name"),
        ({"applicant": Applicant(phone="1" * 31)}, "phone", "applicant.phone"),
        ({"applicant": Applicant(phone="138000120071；0518-85800000")}, "phone", "applicant.phone"),
        ({"applicant": Applicant(name="a\0")}, "bad_text", "applicant.name"),
        ({"service_name": "x" * 61}, "too_long", "service_name"),
        ({"item_name": "\ud800"}, "bad_text", "item_name"),
        ({"window_code": "x" * 31}, "too_long", "window_code"),
        ({"extra": {"a": "x" * 8000}}, "too_long", "extra"),
        ({"extra": {"a": "\0"}}, "bad_text", "extra"),
        ({"served_at": ""}, "time", "served_at"),
        ({"served_at": "2026-02-30 10:00:00"}, "time", "served_at"),
        ({"served_at": (NOON + timedelta(minutes=11)).isoformat()}, "time", "served_at"),
        ({"accepted_at": "x"}, "time", "accepted_at"),
        (
            {"accepted_at": "2026-11-02 10:00:00", "finished_at": "2026-11-02 09:59:59"},
            "time",
            "finished_at",
        ),
    ],
)
def test_what_breaks_a_rule_is_refused_with_its_field_and_both_languages(
    db: None, facts: dict[str, object], code: str, field: str
) -> None:
    with pytest.raises(rules.BadRecord) as refused:
        accepted(**facts)
    assert (refused.value.code, refused.value.field) == (code, field)
    assert refused.value.says.zh != refused.value.says.en


@pytest.mark.parametrize(
    "facts",
    [
        {"project_no": "x" * 64, "service_number": 99},
        {"stage": 1, "status": 1},
        {"stage": 5, "status": 3},
        {"applicant": Applicant(name="x" * 120, phone="051885800000", kind=99)},
        {"service_name": "x" * 60, "item_name": "x" * 200, "window_code": "x" * 30},
        {"served_at": (NOON + timedelta(minutes=10)).isoformat()},
        {"accepted_at": "2026-11-02 10:00:00", "finished_at": "2026-11-02 10:00:00"},
        {"item_code": item_of(BUREAU) + "01"},
    ],
)
def test_what_lies_on_the_edge_is_taken(db: None, facts: dict[str, object]) -> None:
    assert accepted(**facts).region == CITY


@pytest.mark.parametrize(
    ("given", "kept"), [("01", "01"), ("20", "20"), ("11", "20"), ("99", "99"), ("x", "99")]
)
def test_the_kind_of_an_item_is_one_of_the_national_set(given: str, kept: str) -> None:
    assert rules.task_type(given) == kept


def test_a_row_in_national_names_is_read(db: None) -> None:
    row = {
        "projectNo": "P1",
        "serviceNumber": " 2 ",
        "areaCode": "320700",
        "deptCode": BUREAU,
        "orgName": "局",
        "taskCode": item_of(BUREAU),
        "taskHandleItem": item_of(BUREAU) + "01",
        "proStatus": "3",
        "serviceTime": "2026-11-02 10:00:00",
        "proChannel": "2",
        "certKeyGOV": "k",
        "userProp": "x",
        "odd": "kept",
        "empty": "",
    }
    given = from_national(row)
    assert (given.project_no, given.service_number, given.status) == ("P1", 2, 3)
    assert (given.department_name, given.online, given.extra) == ("局", False, {"odd": "kept"})
    assert given.item_code == item_of(BUREAU) + "01"
    assert (given.applicant.cert_key, given.applicant.kind) == ("k", 9)
    for name in ("projectType", "promiseTime"):
        assert from_national(row | {name: "1"}).extra["projectType"] == "1"
    assert from_national(row | {"proChannel": "1"}).online is True
    assert from_national(row | {"proChannel": ""}).online is None
    apart = from_national(row | {"taskHandleItem": item_of(OTHER) + "01"})
    assert (apart.item_code, apart.extra["taskCode"]) == (item_of(OTHER) + "01", item_of(BUREAU))
    assert from_national(row | {"taskHandleItem": ""}).item_code == item_of(BUREAU)
    for cut in ("", "113201"):
        assert from_national(row | {"taskCode": cut}).item_code == cut
    for name in ("serviceNumber", "proStatus"):
        with pytest.raises(rules.BadRecord) as refused:
            from_national(row | {name: "x"})
        assert refused.value.field == name


def test_a_certificate_is_told_to_whom_the_office_granted_persons_and_is_erased_with_the_name(
    world: people.Place,
) -> None:
    (stored,) = register(given_record(applicant=CERTIFIED, extra={"projectType": "1"}))
    (plain,) = register(given_record(applicant=Applicant("王五"), extra={}))

    def told(*, personal: bool) -> list[tuple[str, str, str, str]]:
        found = queries.to_tell([stored.key, plain.key], personal=personal)
        names = ("applicant", "certificate_type", "cert_key", "project_type")
        return [tuple(found[key][name] for name in names) for key in (stored.key, plain.key)]

    assert told(personal=True) == [("张芳华", "111", "a1b2", "1"), ("王五", "", "", "")]
    assert told(personal=False) == [("张＊＊", "", "", "1"), ("王＊", "", "", "")]
    assert queries.names_of([stored.key]) == {stored.key: {"张芳华"}}
    assert queries.services([stored.key])[stored.key].applicant == "张＊＊"
    actions.erase(record_id=stored.key)
    assert told(personal=True)[0] == ("", "", "", "")


CERTIFIED = Applicant("张芳华", certificate_type="111", cert_key="a1b2")


def amend(given: rules.Given, reason: str = "更正") -> actions.Stored:
    """Amend a record through its door."""
    record = rules.accept(given, tree().resolve, NOON)
    return talk(actions.amend(record=record, reason=reason, client=OURSELVES))


def test_an_amendment_lies_over_the_record_which_stays(world: people.Place) -> None:
    first = given_record(service_name="申请")
    (stored,) = register(first)
    second = changed(
        first, service_name="补正", status=2, applicant=Applicant("李四", 1, phone="13900000009")
    )
    assert amend(second).outcome is actions.Outcome.ACCEPTED
    assert amend(second).outcome is actions.Outcome.DUPLICATE
    service = queries.service(stored.key)
    assert service is not None
    assert (service.service_name, service.status, service.amended) == ("补正", 2, 1)
    assert service.applicant.startswith("李")
    assert service.phone.endswith("0009")
    assert "13900000009" not in service.phone
    assert queries.phones_of({stored.key}) == {stored.key: "13900000009"}
    assert amend(first).outcome is actions.Outcome.ACCEPTED  # back again is a change too
    assert [(c.no, c.reason, c.service_name) for c in queries.history(stored.key)] == [
        (1, "更正", "补正"),
        (2, "更正", "申请"),
    ]


@pytest.mark.parametrize(
    "facts",
    [
        {"region": "320706"},
        {"served_at": (NOON - timedelta(hours=3)).isoformat()},
        {"stage": 2},
        {"item_code": item_of(BUREAU)[:-1] + "7"},
    ],
)
def test_what_names_a_service_is_not_amended(world: people.Place, facts: dict[str, object]) -> None:
    given = given_record()
    register(given)
    with pytest.raises(rules.NotAmendable):
        amend(changed(given, **facts))
    with pytest.raises(rules.RecordUnknown):
        amend(given_record())


def test_a_client_registers_services_of_its_region_only(world: people.Place) -> None:
    here, there = Client(1, Reach(*scope(CITY))), Client(1, Reach(*scope(ELSEWHERE)))
    assert api.check(given_record(), tree().resolve, here, NOON).region == CITY
    with pytest.raises(Refusal) as refused:
        api.check(given_record(), tree().resolve, there, NOON)
    assert refused.value.code == "outside_scope"


def test_a_reason_is_short_and_storable() -> None:
    assert rules.accept_reason(" 录入错误 ") == "录入错误"
    assert rules.accept_reason("x" * 200)
    for reason in ("x" * 201, "a\0", "\x0c错"):
        with pytest.raises(Refusal):
            rules.accept_reason(reason)


def test_services_are_found_by_number_phone_window_and_time(world: people.Place) -> None:
    one, two = given_record(), given_record()
    two = changed(two, project_no=one.project_no, service_number=2, applicant=one.applicant)
    stored = [register(given)[0].key for given in (one, two)]
    assert queries.key_of(one.project_no, 2) == stored[1]
    assert queries.key_of(one.project_no, 3) is None
    assert queries.keys_of_case(one.project_no) == stored
    assert queries.numbers_of([one.project_no, "none"]) == {one.project_no: frozenset({1, 2})}
    begin, scope = first_key(NOON - timedelta(days=1)), (CITY, CITY + 10**8 - 1)
    phone = one.applicant.phone
    assert set(queries.keys_of_phone(phone, begin, scope)) == set(stored)
    assert queries.keys_of_phone(phone, begin, scope, [0]) == []
    assert queries.keys_of_phone(phone, begin, (1, 2)) == []
    assert queries.keys_of_phone(phone, first_key(NOON + timedelta(days=1)), scope) == []
    assert queries.keys_of_phone("13000000000", begin, scope) == []
    assert len(queries.keys_of_phone(phone, begin, scope, limit=1)) == 1
    what = queries.served(stored[0])
    assert (what.item, what.window, what.staff_number) == ("企业设立登记", "A03", "0321")
    assert what.number != one.project_no
    assert set(queries.at_window(what.service.window_id or 0, begin)) == set(stored)
    with pytest.raises(NotFound):
        queries.served(1)


def test_only_registered_services_with_a_phone_are_asked_about_in_time(world: people.Place) -> None:
    (with_phone,) = register(given_record())
    (without,) = register(given_record(applicant=Applicant("张")))
    keys = [with_phone.key, without.key]
    found = queries.reachable(keys, NOON - timedelta(days=3))
    assert [(key, region) for key, region, _ in found] == [(with_phone.key, CITY)]
    assert queries.reachable(keys, NOON - timedelta(hours=1)) == []
    assert queries.phones_of(set(keys)) == {with_phone.key: "13812345678"}
