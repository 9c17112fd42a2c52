"""Signs in as every role, opens everything it can reach, and looks for the identity of people who
rated: names, numbers, certificates.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urldefrag, urljoin

import httpx
import pytest
from canaries import CERTIFICATE, NAME, PHONE, found_in
from office import DEMO_PASSWORD, signed_in
from stack import Stack

ROLES = ("province", "city", "agent", "handler", "clerk", "hall", "leader", "admin", "auditor")
MOST = 120  # pages that are opened as one role
_LINK = re.compile(r'(?:href|src|action)="([^"#][^"]*)"')


@pytest.fixture(scope="module")
def canaries(platform: Stack) -> str:
    """Rate services so that the identity is in every field that takes one.

    Return the number of the order.
    """
    with platform.database() as database:
        row = database.execute(
            "SELECT d.uscc, i.code, w.code FROM directory_department d JOIN directory_item i ON "
            "i.department_id = d.id "
            "JOIN directory_window w ON w.department_id = d.id WHERE d.name = '连云港市行政审批局' "
            "LIMIT 1"
        ).fetchone()
        assert row is not None
        served = database.execute(
            "SELECT to_char(now() - interval '5 minutes', 'YYYY-MM-DD\"T\"HH24:MI:SSOF')"
        ).fetchone()
        assert served is not None
        for number, level in (("1", 1), ("2", 5), ("3", 2)):
            facts = {
                "project_no": f"32CANARY{number}",
                "service_number": 1,
                "region": "320700",
                "department_code": row[0],
                "item_code": row[1],
            }
            who = {
                "name": NAME,
                "kind": 1,
                "certificate_type": "111",
                "cert_key": CERTIFICATE,
                "phone": PHONE,
            }
            answer = platform.post(
                "/api/v1/records",
                facts
                | {
                    "served_at": f"{served[0]}:00",
                    "window_code": row[2],
                    "online": True,
                    "applicant": who,
                },
            )
            assert answer.status_code == 201, answer.text
            rater = {"name": NAME, "cert_key": CERTIFICATE, "phone": PHONE}
            words = f"我是金丝雀，电话{PHONE}，身份证{CERTIFICATE}"
            rating = {
                "project_no": f"32CANARY{number}",
                "service_number": 1,
                "level": level,
                "channel": 9,
                "words": words,
                "rater": rater,
            }
            assert platform.post("/api/v1/evaluations", rating).status_code == 201
        statement = "SELECT o.number FROM orders_order o JOIN records_record r ON r.id = o.evaluation_id WHERE r.project_no = '32CANARY1'"
        return str(platform.wait_for(lambda: database.execute(statement).fetchone())[0])


def reachable(
    platform: Stack, client: httpx.Client, first: list[str]
) -> Iterator[tuple[str, httpx.Response]]:
    """Open page after page that is linked, each shape of address only some times.

    A list has a thousand pages of one kind.
    """
    waiting, seen, shapes = [*first], set[str](), dict[str, int]()
    while waiting and len(seen) < MOST:
        address = waiting.pop(0)
        shape = re.sub(r"[0-9A-Z]{4,}[\w-]*|\d+", "#", address.split("?")[0])
        if address in seen or shapes.get(shape, 0) >= 5 or "sign-out" in address:
            continue
        seen.add(address)
        shapes[shape] = shapes.get(shape, 0) + 1
        answer = client.get(address)
        yield address, answer
        if "html" in answer.headers.get("content-type", ""):
            for link in _LINK.findall(answer.text):
                target = urldefrag(
                    urljoin(f"{platform.page}{address}", link.replace("&amp;", "&"))
                )[0]
                if "/insight/" in target:
                    target = target.split("?")[0]  # one period of each page, or it never ends
                if target.startswith(platform.page) and "/static/" not in target:
                    waiting.append(target.removeprefix(platform.page))


def leaks(text: str) -> list[str]:
    """Return what identifies the rater in a text, however it is written."""
    plain = re.sub(r"\\u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), text)
    return [
        word
        for word in (NAME, PHONE, CERTIFICATE, CERTIFICATE[6:14] + CERTIFICATE[14:])
        if word in text or word in plain
    ]


# each day those who read the words and the numbers of raters, each night everybody
BY_DAY = {"agent", "handler"}


@pytest.mark.parametrize(
    "role",
    [one if one in BY_DAY else pytest.param(one, marks=pytest.mark.nightly) for one in ROLES],
)
def test_no_page_that_a_role_can_reach_shows_who_rated(
    platform: Stack, canaries: str, role: str
) -> None:
    client = signed_in(platform, role, DEMO_PASSWORD)
    first = [
        "/admin/",
        f"/admin/orders/?search={canaries}",
        f"/admin/ratings?search={canaries}",
        "/admin/calls/",
        "/admin/audit",
        "/insight/",
        "/open/",
    ]
    opened, found = 0, []
    for address, answer in reachable(platform, client, first):
        opened += 1
        assert answer.status_code < 500, address
        found += [(address, leak) for leak in leaks(answer.text)]
        found += [
            (address, leak) for leak in leaks(str(answer.url) + json.dumps(dict(answer.headers)))
        ]
    assert found == []
    assert opened >= 8


def test_refusals_and_strangers_learn_nothing_either(platform: Stack, canaries: str) -> None:
    stranger = httpx.Client(base_url=platform.page, follow_redirects=True, timeout=30)
    for address in (
        "/",
        "/open/",
        "/open/ledger",
        "/open/data.csv",
        f"/find?number={canaries}",
        "/admin/orders/1",
        "/k/",
        "/health",
    ):
        assert leaks(stranger.get(address).text) == [], address
    answer = platform.post("/api/v1/status", {"project_no": "32CANARY1", "service_number": 1})
    assert leaks(answer.text) == []
    again = {
        "project_no": "32CANARY1",
        "service_number": 1,
        "level": 5,
        "channel": 9,
        "rater": {"name": NAME, "phone": "x" * 40},
    }
    assert leaks(platform.post("/api/v1/evaluations", again).text) == []


def test_no_public_byte_holds_who_rated(platform: Stack, canaries: str, tmp_path: Path) -> None:
    done = platform.hcp("mirror-site", str(tmp_path / "site"))
    assert done.returncode == 0, done.stderr
    files = [one for one in (tmp_path / "site").rglob("*") if one.is_file()]
    kinds = {one.suffix for one in files}
    assert {".html", ".csv", ".json", ".parquet", ".rows", ".xml"} <= kinds
    assert any("tile" in one.parts for one in files)
    assert found_in(tmp_path / "site") == []


def test_the_agent_who_calls_sees_the_number_only_for_a_reason_and_the_supervisor_sees_that(
    platform: Stack, canaries: str
) -> None:
    agent, city = (
        signed_in(platform, "agent", DEMO_PASSWORD),
        signed_in(platform, "city", DEMO_PASSWORD),
    )
    with platform.database() as database:
        key = database.execute(
            "SELECT id FROM orders_order WHERE number = %s", [canaries]
        ).fetchone()
        assert key is not None
        database.execute(
            "UPDATE orders_order SET state = 'replied', replied_at = now() WHERE id = %s", [key[0]]
        )
    phone = f"/admin/orders/{key[0]}/phone"
    refused = agent.post(phone, data={"reason": " "})
    assert (refused.status_code, leaks(refused.text)) == (422, [])
    assert PHONE in agent.post(phone, data={"reason": "本次金丝雀回访"}).text
    assert "本次金丝雀回访" in city.get("/admin/orders/board").text
    handler = signed_in(platform, "handler", DEMO_PASSWORD)
    assert handler.post(phone, data={"reason": "想知道"}).status_code == 403


def test_no_log_holds_an_identity(platform: Stack, canaries: str) -> None:
    logs = [path.read_text(errors="replace") for path in platform.home.rglob("*.log")]
    assert logs
    assert [leak for text in logs for leak in leaks(text)] == []
