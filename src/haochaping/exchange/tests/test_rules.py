"""What a channel's figures give away, the dialects' names, and messages of the 12345 contract."""

import base64
import json
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import parse_qsl

import pytest
from django.test import Client
from people import CITY, NOON

from haochaping.analytics.rules import Counts
from haochaping.exchange import rules
from haochaping.exchange.partners import anhui, fujian, shandong
from haochaping.identity.actions import issue_partner_key
from haochaping.kernel.crypto import sm4_ecb_seal

GOOD = Counts((100, 0, 0, 0, 0))
WHOLE = Counts((990, 0, 0, 5, 5))  # one in a hundred is bad


def said(counts: Counts, failed: list[int], *, tested: bool = True) -> str:
    """Return the alarms of a channel, in English."""
    return " ".join(words.en for words in rules.alarms(counts, WHOLE, failed, tested=tested))


def test_a_channel_that_refuses_bad_ratings_only_is_told_apart_from_one_that_is_down() -> None:
    assert said(GOOD, []) == ""
    assert "Look at once" in said(GOOD, [1])
    assert "Look at once" in said(GOOD, [2, 3])
    assert "levels 3, 5" in said(GOOD, [5, 3][::-1])
    assert "levels 5, 4, 3, 2, 1" in said(GOOD, [5, 4, 3, 2, 1])
    assert rules.alarms(GOOD, Counts(), [], tested=True) == []
    assert "No test in two days" in said(GOOD, [], tested=False)


@pytest.mark.parametrize(
    ("ratings", "bad", "alarm"),
    # 0.99^n < 0.001 from 688 on
    [(687, 0, False), (688, 0, True), (688, 1, False), (0, 0, False)],
)
def test_a_channel_without_one_bad_rating_is_unusual_from_a_number_on(
    ratings: int, bad: int, alarm: bool
) -> None:
    assert ("most unusual" in said(Counts((ratings - bad, 0, 0, 0, bad)), [])) == alarm


@pytest.mark.parametrize(("ratings", "alarm"), [(57_560, False), (57_562, True)])
def test_where_hardly_anything_is_bad_the_public_share_is_what_is_usual(
    ratings: int, alarm: bool
) -> None:
    """The chance (1 - 1.2e-4)^n falls under 0.001 at n = 57 562."""
    counts = Counts((ratings, 0, 0, 0, 0))
    assert bool(rules.alarms(counts, counts, [], tested=True)) == alarm


FACT = {
    "project_no": "3207X1",
    "service_number": 1,
    "region": CITY,
    "uscc": "11320700MB01070A14",
    "department": "市场监管局",
    "item_code": "11320700MB01070A143320101001000",
    "item": "企业设立登记",
    "task_type": "99",
    "status": 3,
    "accepted_at": None,
    "finished_at": None,
    "service_name": "",
    "served_at": NOON,
    "applicant": "张芳华",
    "applicant_kind": 1,
    "certificate_type": "111",
    "cert_key": "a1b2",
    "phone": "",
    "staff": "",
    "staff_number": "",
    "online": True,
    "window_code": None,
    "project_type": "",
}


@pytest.mark.parametrize(
    ("dialect", "said", "days", "told"),
    [
        ("national", "", 0, "1"),  # 即办件: accepted and finished on one day
        ("national", "", 3, "2"),  # 承诺件
        ("national", "", None, None),  # nothing tells
        ("national", "2", 0, "2"),  # what its system said goes before
        ("zhejiang", "", 0, "2"),  # the other way round there
        ("zhejiang", "2", 0, "1"),
        ("zhejiang", "7", 0, "7"),  # whatever it is, nobody turns it
    ],
)
def test_the_kind_of_a_case_is_told_as_each_partner_counts_kinds(
    dialect: str, said: str, days: int | None, told: str | None
) -> None:
    finished = None if days is None else NOON + timedelta(days=days)
    fact = {**FACT, "project_type": said, "accepted_at": NOON, "finished_at": finished}
    ways = rules.conventions(dialect, {})
    document = rules.of_service(fact, ways)
    assert document.get("projectType") == told
    if said:  # what a partner says comes back as ours
        assert rules.kinds_turned(document, ways["kinds"])["projectType"] == said
    assert "projectType" not in rules.kinds_turned({}, ways["kinds"])


@pytest.mark.parametrize(
    ("online", "name"), [(True, "certKey"), (None, "certKey"), (False, "certKeyGOV")]
)
def test_a_person_has_another_name_on_the_governments_own_net(
    online: bool | None, name: str
) -> None:
    document = rules.of_service({**FACT, "online": online}, rules.conventions("national", {}))
    both = {"certKey", "certKeyGOV"} & set(document)
    assert (both, document[name], document["userPageType"]) == ({name}, "a1b2", "111")
    assert document["orgcode"] == "320700000000_11320700MB01070A14"


def test_dialects_names_become_national_ones_and_what_has_none_is_kept() -> None:
    anhui = {"projNo": "P", "regionCode": "320700", "odd": "x"}
    assert rules.national(anhui, rules.FROM_ANHUI) == {
        "projectNo": "P",
        "areaCode": "320700",
        "odd": "x",
    }
    zhejiang = {"affairId": "P", "userPhone": "138", "matterId": "T"}
    assert rules.national(zhejiang, rules.FROM_ZHEJIANG) == {
        "projectNo": "P",
        "mobile": "138",
        "taskCode": "T",
    }


@pytest.mark.parametrize(
    ("row", "filled"),
    [
        ({}, {"serviceNumber": "1", "proStatus": "3", "serviceTime": "now"}),
        ({"serviceNumber": "2", "proStatus": "1", "serviceTime": "then"}, {}),
        ({"affairStatus": "1"}, {"proStatus": "2", "serviceNumber": "1", "serviceTime": "now"}),
        ({"affairStatus": "2"}, {"proStatus": "3", "serviceNumber": "1", "serviceTime": "now"}),
        ({"affairStatus": "9"}, {"proStatus": "3", "serviceNumber": "1", "serviceTime": "now"}),
        (
            {"orgcode": "a_b_c", "proStatus": ""},
            {"deptCode": "b_c", "proStatus": "3", "serviceNumber": "1", "serviceTime": "now"},
        ),
    ],
)
def test_what_a_dialect_leaves_out_is_filled_in(
    row: dict[str, str], filled: dict[str, str]
) -> None:
    assert rules.completed(row, "now") == {**row, **filled}


GOOD_MESSAGE = {"seq": 1, "kind": "sign", "order": "CP20261123-0017", "facts": {"note": "好"}}


def message(**facts: object) -> bytes:
    """Return a message with other facts."""
    return json.dumps(GOOD_MESSAGE | facts).encode()


def test_a_message_is_read_with_every_kind_that_a_hotline_may_say() -> None:
    heard = rules.read_message(message(seq=(1 << 53) - 1, at="2026-11-23"))
    assert (heard.seq, heard.facts) == ((1 << 53) - 1, {"note": "好"})
    for kind in (*rules.HEARD, *rules.BESIDE):
        assert rules.read_message(message(kind=kind)).kind == kind
    assert {"sign", "rectify", "finish", "return", "call_back"} <= set(rules.HEARD)


@pytest.mark.parametrize(
    "body",
    [
        message(seq=0),
        message(seq=1 << 53),
        message(seq="1"),
        message(kind="close_everything"),
        message(kind="urge"),
        message(order="a\0"),
        message(facts={"a\0": "b"}),
        message(facts={"a": "b\0"}),
        message(at="\0"),
        message(extra=1),
        b"[]",
        b"\xff",
        b"[" * 100_000,
    ],
)
def test_a_message_that_is_not_of_the_contract_is_refused(body: bytes) -> None:
    with pytest.raises(rules.BadMessage):
        rules.read_message(body)


def test_a_recording_is_named_by_its_call() -> None:
    found = rules.read_recorded(b'{"call": 7, "recording": "a.wav"}')
    assert found == rules.Recorded(7, "a.wav")
    for body in (
        b'{"call": 0}',
        b'{"call": 9223372036854775808}',
        b"x",
        b'{"call":1,"recording":"\\u0000"}',
    ):
        assert rules.read_recorded(body) is None


@pytest.mark.parametrize(
    ("tries", "seconds"),
    [(1, 2), (2, 5), (3, 15), (4, 60), (5, 300), (6, 900), (7, 3600), (8, 3600), (900, 3600)],
)
def test_what_was_not_heard_is_said_again_less_and_less_often(tries: int, seconds: int) -> None:
    assert rules.said_again(tries, NOON) == NOON + timedelta(seconds=seconds)


@pytest.mark.django_db
def test_a_partner_reads_in_the_status_what_was_wrong(client: Client) -> None:
    given = issue_partner_key(client="皖", region=CITY, dialect="ah", by=0, at=NOON)
    page = f"/dialects/ah/{given['kid']}.{given['path_word']}/page"
    assert client.get(page + "?params=%%%").status_code == 400
    assert client.get(page.replace(given["path_word"], "another")).status_code == 401


def readings(fields: str, pairs: str, xml: str) -> list[Callable[[], object]]:
    """Return how each door reads fields, as JSON, as a query and as XML."""
    query = base64.b64encode(base64.b64encode(pairs.encode())).decode()
    cipher = base64.b64encode(sm4_ecb_seal(fujian.key_of("c"), f"<d>{xml}</d>".encode())).decode()
    soap = f"<e><getSaveEvaluation>{cipher}</getSaveEvaluation></e>".encode()
    row = f"{{{fields}}}"
    told = {"appMark": "", "time": "", "sign": "", "params": {"evaluate": [row]}}
    message = shandong.envelope(json.dumps({"txnBodyCom": told}).encode())
    document = f'{{"messages": [{{"id": "1", "family": "evaluation", "document": {row}}}]}}'
    kind = next(iter(rules.HEARD))
    said = f'{{"seq": 1, "kind": "{kind}", "order": "o", "at": "t", "facts": {row}}}'
    return [
        lambda: rules.fields(parse_qsl(pairs)),
        lambda: anhui.query(query),
        lambda: fujian.call(soap, "c"),
        lambda: shandong.rows(message, b""),
        lambda: rules.read_messages(document.encode()),
        lambda: rules.read_message(said.encode()),
    ]


def test_a_field_that_stands_twice_is_refused_in_every_dialect() -> None:
    once, twice = '"level": "1"', "level=1&level=5"
    for read in readings(once, "level=1", "<level>1</level>"):
        read()
    for read in readings(f'{once}, "level": "5"', twice, "<level>1</level><level>5</level>"):
        with pytest.raises((rules.NotReadable, rules.BadMessage)):
            read()


def test_bytes_that_are_no_text_in_a_field_that_nobody_reads_are_refused() -> None:
    with pytest.raises(rules.NotReadable):
        rules.read_question(b'{"day" :"2026-01-01","family":"evaluation","x":"\xff"}')
    rules.read_question(b'{"day" :"2026-01-01","family":"evaluation","x":%b}' % (b"1" * 5000))
