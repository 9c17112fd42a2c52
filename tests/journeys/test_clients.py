"""The clients that integrators copy.

Each signs as the shared vectors say, and gets a first rating accepted by following docs/integrate/
alone.
"""

import json
import shutil
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import httpx
import pytest
from people import BUREAU, item_of
from stack import Stack, wait_for

CLIENTS = Path(__file__).resolve().parents[2] / "clients"
sys.path.append(str(CLIENTS / "python"))
SAMPLES = {
    "java": ["java", str(CLIENTS / "java" / "Haochaping.java")],
    "go": ["go", "run", str(CLIENTS / "go" / "haochaping.go")],
}


@pytest.fixture(scope="module")
def platform(bureau: Stack) -> Stack:
    """A platform with one bureau and its people."""
    return bureau


def facts(number: str) -> dict[str, object]:
    """Return a service."""
    served = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(time.time() + 8 * 3600 - 60))
    return {
        "project_no": number,
        "service_number": 1,
        "region": "320700",
        "department_code": BUREAU,
        "item_code": item_of(BUREAU),
        "served_at": served,
    }


@pytest.mark.parametrize(
    "vector",
    json.loads((CLIENTS / "vectors.json").read_text(encoding="utf-8")),
    ids=lambda vector: vector["algorithm"],
)
def test_the_python_client_and_the_platform_agree_with_the_vectors(vector: dict[str, str]) -> None:
    from haochaping_client import sign, signing_text

    from haochaping.identity.rules import SignedRequest
    from haochaping.identity.rules import signing_text as ours
    from haochaping.kernel.crypto import signature

    body = vector["body"].encode()
    signed = {
        "moment": vector["time"],
        "nonce": vector["nonce"],
        "kid": vector["kid"],
        "algorithm": vector["algorithm"],
    }
    assert (
        signing_text(vector["method"], vector["path"], vector["query"], body, **signed)
        == vector["text"]
    )
    request = SignedRequest(vector["method"], vector["path"], vector["query"], body, {})
    assert (
        ours(
            request,
            algorithm=vector["algorithm"],
            time=vector["time"],
            nonce=vector["nonce"],
            kid=vector["kid"],
        ).decode()
        == vector["text"]
    )
    assert sign(vector["secret"], vector["text"], vector["algorithm"]) == vector["signature"]
    assert (
        signature(vector["secret"].encode(), vector["algorithm"], vector["text"].encode())
        == vector["signature"]
    )


def test_the_python_client_registers_rates_repeats_and_says_what_is_wrong(platform: Stack) -> None:
    from haochaping_client import Client, Refused, Unreachable

    client, number = Client(platform.api, *platform.key), f"32PY{time.time_ns()}"
    assert client.register(**facts(number))["outcome"] == "accepted"
    rating = {"project_no": number, "service_number": 1, "level": 2, "channel": 9, "codes": [207]}
    receipt = client.rate(**rating)["receipt"]
    assert client.rate(**rating) == {"outcome": "duplicate", "receipt": receipt}
    assert client.status(project_no=number, service_number=1)["rated"] is True
    assert client.link(project_no=number, service_number=1)["url"].startswith(platform.page)
    with pytest.raises(Refused, match="code_level") as refused:
        client.rate(**{**rating, "project_no": "x", "codes": [510]})
    assert "等级" in str(refused.value)
    services = [facts(f"{number}{place}") for place in range(1500)]
    assert [answer["outcome"] for answer in client.register_all(services)] == ["accepted"] * 1500
    with pytest.raises(Unreachable):
        Client("http://127.0.0.1:1", "k", "s", tries=2).rate(**rating)


@pytest.mark.nightly  # each is compiled first
@pytest.mark.parametrize("language", list(SAMPLES))
def test_the_sample_gets_a_first_rating_accepted(platform: Stack, language: str) -> None:
    command = SAMPLES[language]
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not on this machine")
    checked = subprocess.run(
        [*command, str(CLIENTS / "vectors.json")],
        capture_output=True,
        text=True,
        check=True,
        timeout=180,
    )
    assert checked.stdout.strip() == "4 vectors agree"
    number = f"32{language.upper()}{time.time_ns()}"
    rating = {
        "project_no": number,
        "service_number": 1,
        "level": 5,
        "channel": 9,
        "words": "办得很快😀",
    }
    for path, body in (("/api/v1/records", facts(number)), ("/api/v1/evaluations", rating)):
        said = subprocess.run(
            [*command, platform.api, *platform.key, path, json.dumps(body, ensure_ascii=False)],
            capture_output=True,
            text=True,
            check=True,
            timeout=180,
        ).stdout
        assert said.startswith("201 "), said
    wrong = json.dumps({**rating, "level": 9})
    refused = subprocess.run(
        [*command, platform.api, *platform.key, "/api/v1/evaluations", wrong],
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )
    assert (refused.returncode, refused.stdout[:4]) == (1, "422 ")


class Busy(BaseHTTPRequestHandler):
    """Wants to be left alone for a second, then takes what comes."""

    def do_POST(self) -> None:  # noqa: D102 - the base class's
        self.server.asked.append(time.monotonic())  # type: ignore[attr-defined]
        busy = len(self.server.asked) == 1  # type: ignore[attr-defined]
        self.send_response(429 if busy else 201)
        self.send_header("Retry-After", "4")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_the_python_client_comes_back_no_sooner_than_it_was_told() -> None:
    from haochaping_client import Client

    server = HTTPServer(("127.0.0.1", 0), Busy)
    server.asked = list[float]()  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    Client(f"http://127.0.0.1:{server.server_port}", "k", "s").status(project_no="x")
    first, second = server.asked  # type: ignore[attr-defined]
    assert second - first >= 4  # alone it would have come back after two seconds at most
    server.shutdown()


def test_the_box_says_by_its_exit_that_it_was_not_admitted(platform: Stack) -> None:
    address = platform.api.replace("http", "ws") + "/api/v1/devices/ws"
    box = subprocess.run(
        [sys.executable, str(CLIENTS / "box" / "box.py"), address, "nobody", "wrong"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (box.returncode, "pair it anew" in box.stderr) == (1, True)
    assert "Traceback" not in box.stderr


def test_what_a_client_calls_is_written_down_and_its_limits_hold(platform: Stack) -> None:
    def calls() -> list[tuple[str, int, str, int, int]]:
        with platform.database() as database:
            return database.execute(
                "SELECT operation, status, code, items, refused FROM calls_call ORDER BY id"
            ).fetchall()

    before = len(calls())
    good, bad = facts("32070020261128000077"), facts("32070020261128000078") | {"item_code": "no"}
    assert platform.post("/api/v1/records/batch", [good, bad]).status_code == 200
    assert platform.post("/api/v1/evaluations", {"nom": 1}).status_code == 400
    signed = platform.headers("/api/v1/status", b"{}")
    for _ in range(3):  # by a stranger who knows the key's number: one a second is enough
        answer = httpx.post(f"{platform.api}/api/v1/status", content=b"[]", headers=signed)
        assert answer.status_code == 401
    wait_for(lambda: len(calls()) >= before + 3)
    told = calls()[before:]
    assert told[:2] == [
        ("records/batch", 200, "item_code", 2, 1),
        ("evaluations", 400, "unknown_field", 1, 1),
    ]
    assert 1 <= sum(code == "bad_signature" for _, _, code, _, _ in told) < 3

    def asked(networks: str, per_minute: int | None) -> int:
        """Ask under other limits; whoever comes with an unknown key has the keys read anew."""
        with platform.database() as database:
            change = "UPDATE identity_apiclient SET networks = %s, per_minute = %s"
            database.execute(change, [networks, per_minute])
        httpx.post(f"{platform.api}/api/v1/key", headers={"X-HCP-Key": "nobody"})
        return [platform.post("/api/v1/key", {}).status_code for _ in range(3)][-1]

    assert asked('["10.9.9.0/24"]', None) == 403
    assert asked('["127.0.0.0/8", "::1"]', 2) == 429
    assert asked("[]", None) == 200
    left = platform.post("/api/v1/key", {}).headers
    assert int(left["RateLimit-Limit"]) > int(left["RateLimit-Remaining"]) > 0
    assert int(left["RateLimit-Reset"]) >= 1
    assert "RateLimit-Limit" not in answer.headers  # of the stranger above


def test_the_python_queue_keeps_what_cannot_be_sent_and_what_was_refused(
    platform: Stack, tmp_path: Path
) -> None:
    from haochaping_client import Client, Queue, Unreachable

    queue, number = Queue(str(tmp_path / "queue.sqlite")), f"32QUEUE{time.time_ns()}"
    queue.put("/api/v1/records", facts(number))
    queue.put("/api/v1/evaluations", {**facts(number), "level": 5})  # with a record's fields
    rating = {"project_no": number, "service_number": 1, "level": 5, "channel": 9}
    queue.put("/api/v1/evaluations", rating)
    given_at = time.time()
    time.sleep(3)  # nobody is waited for: the line is away for as long
    with pytest.raises(Unreachable):
        queue.send(Client("http://127.0.0.1:9", *platform.key, tries=1))
    client = Client(platform.api, *platform.key)
    assert Queue(queue.path).send(client) == 2  # another process, as after a restart
    ((refused, path, _, why),) = queue.refused()
    assert path == "/api/v1/evaluations"
    assert "unknown_field" in why
    queue.drop(refused)
    assert (queue.refused(), queue.send(client)) == ([], 0)
    assert client.status(project_no=number, service_number=1)["rated"] is True
    with platform.database() as database:
        row = database.execute(
            "SELECT rating.rated_at FROM evaluations_evaluation AS rating JOIN records_key AS key "
            "ON key.record_id = rating.id WHERE project_no = %s",
            (number,),
        ).fetchone()
    assert row is not None
    assert abs(row[0].timestamp() - given_at) < 2  # and not when there was a line again


def test_the_python_queue_waits_while_its_key_or_clock_is_wrong(
    platform: Stack, tmp_path: Path
) -> None:
    from haochaping_client import Client, Queue, Refused, Unreachable

    queue = Queue(str(tmp_path / "queue.sqlite"))
    for _ in range(3):
        queue.put("/api/v1/records", facts(f"32WRONG{time.time_ns()}"))
    with pytest.raises(Refused):
        queue.send(Client(platform.api, platform.key[0], "another secret"))
    assert queue.refused() == []
    with subprocess.Popen(
        [sys.executable, "-c", _BREAKS], stdout=subprocess.PIPE, text=True
    ) as between:
        assert between.stdout is not None
        port = between.stdout.readline().strip()
        for _ in range(2):  # a login page, then an answer that is cut off
            with pytest.raises(Unreachable):
                queue.send(Client(f"http://127.0.0.1:{port}", *platform.key, tries=1))
        between.kill()
    bad = queue.put("/api/v1/records", {"project_no": "x"})
    assert queue.send(Client(platform.api, *platform.key)) == 3
    assert [number for number, *_ in queue.refused()] == [bad]
    assert (queue.again(bad), queue.refused()) == (1, [])


# answers once with a page of its own, and once with less than it says
_BREAKS = """
import socket
door = socket.create_server(("127.0.0.1", 0))
print(door.getsockname()[1], flush=True)
for body in (b"<html>sign in</html>", b'{"outco'):
    line, _ = door.accept()
    line.recv(65536)
    head = f"HTTP/1.1 200 OK\\r\\nContent-Length: {20}\\r\\n\\r\\n"
    line.sendall(head.encode() + body)
    line.close()
"""


def test_the_python_client_exchanges_its_own_key(platform: Stack) -> None:
    from haochaping_client import Client

    old = Client(platform.api, *platform.another_key())
    made = old.rotate_key(overlap_hours=1)
    fresh = Client(platform.api, made["key"], made["secret"])
    assert fresh.post("/api/v1/key", {})["key"] == made["key"]
    assert old.outcomes() == fresh.outcomes()  # both are good for an hour
