"""A telephone system as docs/integrate/cti.md describes it.

It is asked to dial, and tells where the recording is.
"""

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import people
import pytest
from django.test import Client
from people import NOON

from haochaping.callbacks import actions as callbacks
from haochaping.callbacks import models as calls
from haochaping.exchange import tasks
from haochaping.orders.tests.test_tracks import replied


class TelephoneSystem:
    """The simulator.

    Checks the signature with nothing but the secret, dials each call once, and reports it.
    """

    def __init__(self, secret: str) -> None:
        self.secret, self.dialled = secret, dict[int, dict[str, object]]()
        self.badly_signed = 0
        system = self

        class Door(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                good = hmac.compare_digest(self.headers["X-HCP-Signature"], system.sign(body))
                system.badly_signed += not good
                if good:
                    told = json.loads(body)
                    system.dialled.setdefault(told["call"], told)
                self.send_response(202 if good else 401)
                self.end_headers()

        self.server = HTTPServer(("127.0.0.1", 0), Door)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/dial"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def sign(self, body: bytes) -> str:
        """Return a signature."""
        return hmac.new(self.secret.encode(), body, hashlib.sha256).hexdigest()


@pytest.fixture
def telephone(settings: object) -> Iterator[TelephoneSystem]:
    """A telephone system that the platform knows."""
    system = TelephoneSystem(settings.CTI_SECRET)  # type: ignore[attr-defined]
    settings.CTI = system.url  # type: ignore[attr-defined]
    yield system
    system.server.shutdown()
    system.server.server_close()


def test_an_agent_is_put_through_once_and_the_recording_comes_back(
    world: people.Place, telephone: TelephoneSystem
) -> None:
    callbacks.follow_order(order_id=replied(world), at=NOON)
    callbacks.take(by=world.users["agent"], at=NOON)
    call = calls.Call.objects.get(kind="order")
    callbacks.dial(call_id=call.pk, by=world.users["agent"], at=NOON)
    for _ in range(2):  # a job may run twice
        tasks.dial(call.pk, world.users["agent"])
    assert telephone.dialled == {
        call.pk: {"call": call.pk, "agent": str(world.users["agent"]), "number": "13812345678"}
    }
    assert telephone.badly_signed == 0
    # what the agent is shown is what is dialled
    shown = callbacks.reveal(call_id=call.pk, reason="核对", by=world.users["agent"], at=NOON)
    assert shown == telephone.dialled[call.pk]["number"]
    body = json.dumps({"call": call.pk, "recording": "2026/11/25/4711.wav"}).encode()
    answer = Client().post(
        "/hooks/cti",
        body,
        content_type="application/json",
        headers={"X-HCP-Signature": telephone.sign(body)},
    )
    assert answer.json() == {"outcome": "done"}
    assert calls.Call.objects.get(pk=call.pk).recording == "2026/11/25/4711.wav"


@pytest.mark.parametrize(
    ("body", "signed", "status"),
    [
        (b'{"call": 1, "recording": "x"}', False, 401),
        (b'{"call": 1, "recording": "x"}', True, 404),
        (b"nonsense", True, 422),
        (b'{"call": "\\u0000"}', True, 422),
        (b'{"call": 1, "recording": "\\u0000"}', True, 422),
        (b'{"call": 1e999}', True, 422),
        (b"[" * 50_000, True, 422),
        (b'{"call": 99999999999999999999}', True, 422),
    ],
)
def test_what_is_not_signed_or_not_readable_is_refused(
    world: people.Place, telephone: TelephoneSystem, body: bytes, signed: bool, status: int
) -> None:
    headers = {"X-HCP-Signature": telephone.sign(body)} if signed else {}
    answer = Client().post("/hooks/cti", body, content_type="application/json", headers=headers)
    assert answer.status_code == status
    assert answer.json()["detail_zh"]
