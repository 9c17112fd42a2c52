"""A city's own 12345 system works on the orders of its city, over the documented contract and a bad
network.
"""

import base64
import io
import json
import time
from collections.abc import Iterator

import httpx
import pytest
from hotline import CitySystem
from people import BUREAU
from PIL import Image
from stack import Stack, wait_for


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """A platform with one department, one hall and one window."""
    platform = Stack(furnished=True)
    platform.start()
    yield platform
    platform.stop()


@pytest.fixture(scope="module")
def city(stack: Stack) -> Iterator[CitySystem]:
    """The city's system, connected as an administrator does it."""
    system = CitySystem()
    said = stack.hcp("connect-hotline", system.url, "--region", "320700000000").stdout.split()
    system.key, system.platform = (
        (said[said.index("id") + 1], said[said.index("secret") + 1]),
        stack.page,
    )
    yield system
    system.stop()


def bad_rating(stack: Stack) -> str:
    """Rate a service badly and return the number of the order that follows."""
    number, _ = stack.service(applicant={"name": "张芳华", "phone": "13812345678"})
    content = {
        "project_no": number,
        "service_number": 1,
        "level": 1,
        "channel": 9,
        "words": "跑了三趟还没办成，我叫张芳华",
    }
    assert stack.post("/api/v1/evaluations", content).status_code == 201
    with stack.database() as database:
        return wait_for(
            lambda: database.execute(
                "SELECT o.number FROM orders_order o JOIN records_record r ON r.id = "
                "o.evaluation_id WHERE r.project_no = %s",
                [number],
            ).fetchone()
        )[0]


def order(stack: Stack, number: str) -> tuple[str, list[str]]:
    """Return the state of an order and the moves that were made."""
    with stack.database() as database:
        state = database.execute(
            "SELECT state FROM orders_order WHERE number = %s", [number]
        ).fetchone()
        steps = database.execute(
            "SELECT move FROM orders_step s JOIN orders_order o ON o.id = s.order_id WHERE number "
            "= %s ORDER BY s.id",
            [number],
        ).fetchall()
    assert state is not None
    return state[0], [row[0] for row in steps]


def told(city: CitySystem, number: str) -> list[str]:
    """Return what the city's system was told of an order, in the order of the numbers."""
    return [
        message["kind"] for _, message in sorted(city.heard.items()) if message["order"] == number
    ]


@pytest.mark.nightly  # a bad network takes its time
def test_an_order_is_worked_on_in_the_citys_own_system_over_a_bad_network(
    stack: Stack, city: CitySystem
) -> None:
    city.trouble = ["garbage", "drop"]
    number = bad_rating(stack)
    wait_for(lambda: "create" in told(city, number), 90)
    created = next(message for message in city.heard.values() if message["order"] == number)
    assert created["facts"]["level"] == "1"
    assert "13812345678" not in json.dumps(created, ensure_ascii=False)
    picture = io.BytesIO()
    Image.new("RGB", (40, 30), "navy").save(picture, "PNG")
    bodies = [
        city.message("dispatch", number, department=BUREAU),
        city.message("sign", number),
        city.message("extension", number, days="3", reason="需会商"),
        city.message("uphold", number, finding="材料清单缺失"),
        city.message(
            "attachment",
            number,
            name="整改.png",
            data=base64.b64encode(picture.getvalue()).decode(),
        ),
        city.message("close", number),  # far too early: refused, and nothing after it is held up
        city.message("rectify", number, measures="已补充材料清单"),
        city.message("finish", number, reply="您反映的问题已解决。"),
        city.message("reveal", number, reason="回访"),
        city.message("call_back", number, satisfaction="unsatisfied", note="还要再跑一趟"),
        city.message("reopen", number, reason="群众不满意"),
        city.message("rectify", number, measures="已改为一次办结"),
        city.message("finish", number, reply="已改为一次办结。"),
        city.message("call_back", number, satisfaction="satisfied"),
        city.message("close", number),
    ]
    city.trouble = ["error", "late"]
    outcomes = city.send_badly(bodies, seed=7)
    assert {"duplicate", "waiting"} & set(outcomes)
    state, moves = order(stack, number)
    assert state == "closed"
    wanted = [
        "open",
        "dispatch",
        "sign",
        "extend",
        "uphold",
        "rectify",
        "reply",
        "call_back",
        "reopen",
        "rectify",
        "reply",
        "call_back",
        "close",
    ]
    assert [move for move in moves if move not in ("remind", "warn", "urge")] == wanted
    wait_for(lambda: "number" in told(city, number), 180)  # said again after 2, 10, 60 … seconds
    revealed = next(
        message
        for message in city.heard.values()
        if message["kind"] == "number" and message["order"] == number
    )
    assert revealed["facts"] == {"phone": "13812345678"}
    assert sorted(city.heard) == list(
        range(1, len(city.heard) + 1)
    )  # nothing lost; each number has one content
    assert city.badly_signed == 0
    assert max(city.tries.values()) > 1  # it was said again after the trouble
    with stack.database() as database:
        counts = dict(
            database.execute(
                "SELECT outcome, count(*) FROM exchange_incoming GROUP BY outcome"
            ).fetchall()
        )
        files = database.execute("SELECT kind, verdict FROM attachments_attachment").fetchall()
    assert counts == {"done": len(bodies) - 1, "not_now": 1}
    assert files == [("jpg", "unscanned")]


def test_what_the_city_did_itself_it_is_not_told(stack: Stack, city: CitySystem) -> None:
    number = bad_rating(stack)
    wait_for(lambda: "create" in told(city, number), 60)
    assert (
        city.send(city.message("dispatch", number, department=BUREAU)).json()["outcome"] == "done"
    )
    assert told(city, number) == ["create"]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"not json", 422, "bad_message"),
        (b"[]", 422, "bad_message"),
        (b'{"seq":0,"kind":"sign","order":"CP1"}', 422, "bad_message"),
        (b'{"seq":1e400,"kind":"sign","order":"CP1"}', 422, "bad_message"),
        (b'{"seq":"7","kind":"sign","order":"CP1"}', 422, "bad_message"),
        (b'{"seq":99,"kind":"drop table","order":"CP1"}', 422, "bad_message"),
        (
            b'{"seq":99,"kind":"sign","order":"CP1","facts":{"reason":"\\u0000"}}',
            422,
            "bad_message",
        ),
        (b'{"seq":99,"kind":"sign","order":"CP1","facts":{"reason":7}}', 422, "bad_message"),
        (b"[" * 100_000, 422, "bad_message"),
        (b'{"seq":99999999,"kind":"sign","order":"CP1"}', 409, "sequence"),
        (b'{"seq":1,"kind":"sign","order":"other content"}', 409, "sequence"),
        (b"\xff\xfe", 422, "bad_message"),
    ],
)
def test_garbage_is_refused_with_a_reason_and_changes_nothing(
    stack: Stack, city: CitySystem, body: bytes, status: int, code: str
) -> None:
    with stack.database() as database:
        count = (
            "SELECT (SELECT count(*) FROM exchange_incoming), (SELECT count(*) FROM orders_step)"
        )
        before = database.execute(count).fetchone()
        answer = city.send(body)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert answer.json()["detail_zh"]
        assert database.execute(count).fetchone() == before


def test_a_stranger_and_a_stale_signature_are_refused(stack: Stack, city: CitySystem) -> None:
    body = json.dumps({"seq": 500, "kind": "sign", "order": "x"}).encode()
    assert httpx.post(f"{stack.page}/hooks/hotline", content=body).status_code == 401
    moment = str(int(time.time()) - 1000)
    headers = {
        "X-HCP-Key": city.key[0],
        "X-HCP-Time": moment,
        "X-HCP-Nonce": "n" * 12,
        "X-HCP-Signature": city.sign("/hooks/hotline", body, moment, "n" * 12),
    }
    assert (
        httpx.post(f"{stack.page}/hooks/hotline", content=body, headers=headers).status_code == 401
    )
    kid, secret = stack.key  # another client's key signs well, and is no hotline
    city.key, kept = (kid, secret), city.key
    try:
        assert city.send(body).status_code == 401
    finally:
        city.key = kept


def test_an_order_of_another_city_is_out_of_reach(stack: Stack, city: CitySystem) -> None:
    answer = city.send(city.message("sign", "CP20200101-0001"))
    assert answer.json()["outcome"] == "not_found"
