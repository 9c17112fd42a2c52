"""Bad input at every door (trust design R46–R54).

A 4xx with sentences in both languages, or a stored and inert text; never a 5xx.
"""

import gzip
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from people import BUREAU, item_of
from stack import Stack, get, post

TEXTS = {
    "nul": "a\0b",
    "emoji": "办事😀👨‍👩‍👧",
    "rare": "𠮷𪚥㒨𫝆𰻞",
    "rtl": "abc\u202edcba\u2066x",
    "zero_width": "好\u200b评\ufeff",
    "full_width": "１３８１２３４５６７８ＡＢＣ",
    "twins": "é e\u0301",
    "sql": "'; DROP TABLE evaluations_evaluation; --",
    "html": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "template": "{{7*7}}${7*7}#{7*7}%s%n{0.__class__}",
    "crlf": "x\r\nSet-Cookie: a=b\r\n\r\n",
    "log": "\x1b[2J\x1b]0;owned\x07",
    "ldap": "*)(uid=*))(|(uid=*",
    "path": "../../../../etc/passwd",
    "formula": '=HYPERLINK("http://x","y")',
    "long": "长" * 10_001,
    "blank": "   ",
    "empty": "",
}
SENT: list[str] = []
NUMBERS = [0, 6, -1, 2**63, 10**30, 1.5, True, None, "5", [], {}, float("1e308")]
TIMES = [
    "0000-01-01 00:00:00",
    "9999-12-31 23:59:59",
    "2026-02-30 10:00:00",
    "24:00",
    "1795559268060",
    "2026-11-20T10:00:00+14:00",
    "x",
    "2026-11-20",
]
MASKED = {"full_width": "１３８****５６７８ＡＢＣ"}  # a telephone, however it is written
BODIES = {
    "deep": b"[" * 10_000 + b"]" * 10_000,
    "keys": json.dumps({str(n): n for n in range(5_000)}).encode(),
    "twice": b'{"project_no":"a","project_no":"b","service_number":1,"level":5,"channel":9}',
    "nan": b'{"project_no":"a","service_number":NaN,"level":Infinity,"channel":1e400}',
    "surrogate": b'{"project_no":"\\ud800","service_number":1,"level":5,"channel":9}',
    "overlong": b'{"project_no":"\xc0\xaf","service_number":1}',
    "bom": b"\xef\xbb\xbf{}",
    "gbk": '{"words":"满意"}'.encode("gbk"),
    "empty": b"",
    "text": b"hello",
    "array": b"[]",
    "huge": b'{"words":"' + b"x" * 9_000_000 + b'"}',
    "bomb": gzip.compress(b"0" * 10_000_000),
}


@pytest.fixture(scope="module")
def platform() -> Iterator[Stack]:
    """A platform of its own."""
    stack = Stack(furnished=True)
    stack.start()
    yield stack
    assert [
        link for link in SENT if link.rsplit("/", 1)[1] in stack.log
    ] == []  # a link is a credential: it never reaches a log
    assert "bug " not in stack.log, stack.log[-3000:]
    assert "Traceback" not in stack.log, stack.log[-3000:]
    stack.stop()


@pytest.fixture(scope="module")
def hook(platform: Stack) -> str:
    """Where an SMS gateway brings replies."""
    return platform.hcp("sms-hooks").stdout.split()[0].split(platform.page)[1]


def fine(answer: httpx.Response) -> None:
    """Fail unless an answer is an answer: no 5xx, and a refusal that says why in both languages."""
    assert answer.status_code < 500, (answer.status_code, answer.text[:300])
    if answer.status_code >= 400 and answer.headers.get("Content-Type", "").startswith(
        "application/problem"
    ):
        problem = answer.json()
        assert problem["detail"]
        assert problem["detail_zh"]


def record(**changes: Any) -> dict[str, Any]:
    """Return a good service, with changes."""
    facts = {
        "project_no": f"32BAD{time.time_ns()}",
        "service_number": 1,
        "region": "320700",
        "department_code": BUREAU,
        "item_code": item_of(BUREAU),
    }
    return facts | {"served_at": "2026-11-20T02:00:00Z", "item_name": "企业设立登记"} | changes


@pytest.mark.parametrize("name", list(TEXTS))
def test_any_text_in_any_field_of_the_interface(platform: Stack, name: str) -> None:
    text = TEXTS[name]
    for field in (
        "project_no",
        "region",
        "department_code",
        "item_code",
        "item_name",
        "service_name",
        "window_code",
        "staff_number",
        "served_at",
    ):
        fine(platform.post("/api/v1/records", record(**{field: text})))
    for field in ("name", "certificate_type", "cert_key", "phone"):
        fine(platform.post("/api/v1/records", record(applicant={field: text})))
    fine(platform.post("/api/v1/records", record(extra={text: text})))
    good = record()
    assert platform.post("/api/v1/records", good).status_code == 201
    answer = platform.post(
        "/api/v1/evaluations",
        {
            "project_no": good["project_no"],
            "service_number": 1,
            "level": 1,
            "channel": 9,
            "words": text,
        },
    )
    fine(answer)
    if answer.status_code == 201:  # what was taken was stored as it was written
        with platform.database() as database:
            stored = database.execute(
                "SELECT words FROM evaluations_evaluation JOIN records_key ON record_id = id WHERE "
                "project_no = %s",
                [good["project_no"]],
            )
            assert stored.fetchone() == (MASKED.get(name, text.strip()),)
    fine(
        platform.post(
            "/api/v1/evaluations",
            {
                "project_no": good["project_no"],
                "service_number": 1,
                "level": 5,
                "channel": 9,
                "rater": {"name": text},
            },
        )
    )
    for path in ("/api/v1/links", "/api/v1/calls", "/api/v1/status"):
        fine(
            platform.post(
                path,
                {
                    "project_no": text,
                    "service_number": 1,
                    "window_code": text,
                    "back_url": text,
                    "embed": text,
                },
            )
        )
    mixed = platform.post(
        "/api/v1/records/batch", [record(), record(item_name=text, extra={"a": text}), record()]
    )
    fine(mixed)
    outcomes = [item.get("outcome") for item in mixed.json()["items"]]
    assert (outcomes[0], outcomes[2]) == (
        "accepted",
        "accepted",
    )  # its neighbours are stored whatever it holds


def test_any_number_and_time_in_any_field_of_the_interface(platform: Stack) -> None:
    for value in NUMBERS:
        for field in ("service_number", "stage", "status"):
            fine(platform.post("/api/v1/records", record(**{field: value})))
        for field in ("level", "channel", "kind", "service_number", "codes", "wait", "is_default"):
            fine(
                platform.post(
                    "/api/v1/evaluations",
                    {
                        "project_no": "x",
                        "service_number": 1,
                        "level": 5,
                        "channel": 9,
                        field: value,
                    },
                )
            )
        fine(
            platform.post(
                "/api/v1/links",
                {"project_no": "x", "service_number": value, "days": value, "channel": value},
            )
        )
    for moment in TIMES:
        for field in ("served_at", "accepted_at", "finished_at"):
            fine(platform.post("/api/v1/records", record(**{field: moment})))
        fine(
            platform.post(
                "/api/v1/evaluations",
                {
                    "project_no": "x",
                    "service_number": 1,
                    "level": 5,
                    "channel": 9,
                    "rated_at": moment,
                },
            )
        )


@pytest.mark.parametrize("name", list(BODIES))
def test_any_body_at_any_door(platform: Stack, hook: str, name: str) -> None:
    body = BODIES[name]
    for path in (
        "records",
        "records/batch",
        "records/file",
        "records/amendments",
        "evaluations",
        "evaluations/batch",
        "links",
        "calls",
        "status",
    ):
        answer = platform.post(f"/api/v1/{path}", body)
        fine(answer)
        if name in ("huge", "deep"):
            assert answer.status_code >= 400, path
    doors = [
        "/k/pair",
        "/k/state",
        "/k/lapse",
        "/k/ratings",
        "/dialects/sd/hcp/addEvaluate",
        "/dialects/fj/services/evaluate",
        "/dialects/zj/a.b/report",
    ]
    doors += ["/admin/sign-in", "/e/nothing", "/p/nothing", hook]
    for door in doors:
        fine(
            post(
                f"{platform.page}{door}",
                content=body,
                headers={"Content-Type": "application/json"},
                timeout=30,
            )
        )


def forms(platform: Stack) -> dict[str, Callable[[str], dict[str, str]]]:
    """Return the forms that anybody can send, by address."""
    _, link = platform.service()
    SENT.append(link)
    return {
        link: lambda text: {"level": "1", "words": text},
        f"{link}?": lambda text: {
            "level": text,
            "codes1": text,
            "phone": text,
            "size": text,
            "scale": text,
        },
        f"{platform.page}/admin/sign-in": lambda text: {
            "account": text,
            "password": text,
            "next": text,
        },
        f"{platform.page}/p/NOTHING1": lambda text: {
            "phone": text,
            "digits": text,
            "proof": text,
            "service": text,
            "item": text,
        },
    }


@pytest.mark.parametrize("name", list(TEXTS))
def test_any_text_in_any_form_and_address(platform: Stack, name: str) -> None:
    text = TEXTS[name]
    for address, form in forms(platform).items():
        fine(post(address, data=form(text), timeout=30))
    short = text[:600]
    for path in ("/find", "/language", "/e/x", "/p/x", "/s/x", "/open/", "/dev/widget"):
        fine(
            get(
                f"{platform.page}{path}",
                params={"number": short, "to": short, "next": short, "size": short, "scale": short},
            )
        )
    for door in ("/dialects/ah/a.b/page", "/dialects/fj/gateway/get-token"):
        fine(
            get(
                f"{platform.page}{door}",
                params={"params": short, "app_key": short, "timestamp": short, "sign": short},
            )
        )
