"""A city's 12345 system as docs/integrate/hotline-12345.md has it, with the manners of real ones.

Deaf, slow, twice, out of order.
"""

import hashlib
import hmac
import json
import random
import secrets
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx


class CitySystem:
    """The simulator.

    `trouble` lists what it does with the next messages that it gets: drop, late, error, garbage;
    then it behaves.
    """

    def __init__(self) -> None:
        self.trouble: list[str] = []
        self.heard: dict[int, dict[str, Any]] = {}
        self.tries: Counter[int] = Counter()
        self.badly_signed = 0
        self.said = 0
        self.key = ("", "")
        self.platform = ""
        self.lock = threading.Lock()
        system = self

        class Door(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                system.take(self)

            # The base class's name.
            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server.server_address[1]}/exchange"

    def stop(self) -> None:
        """Stop listening."""
        self.server.shutdown()
        self.server.server_close()

    def take(self, request: BaseHTTPRequestHandler) -> None:
        """Hear a message, or misbehave."""
        body = request.rfile.read(int(request.headers["Content-Length"]))
        message = json.loads(body)
        with self.lock:
            self.tries[message["seq"]] += 1
            trouble = self.trouble.pop(0) if self.trouble else ""
            if not self.well_signed(request, body):
                self.badly_signed += 1
            elif trouble not in ("drop", "error", "garbage"):
                self.heard.setdefault(message["seq"], message)
        if trouble == "drop":
            request.connection.close()
            return
        if (
            trouble == "late"
        ):  # heard, but the answer never arrives in time for anybody who waits for it
            request.connection.close()
            return
        status, answer = (
            (500, b"oops")
            if trouble == "error"
            else (200, b"<html>login</html>")
            if trouble == "garbage"
            else (200, b'{"outcome":"done"}')
        )
        request.send_response(status)
        request.send_header("Content-Length", str(len(answer)))
        request.end_headers()
        request.wfile.write(answer)

    def well_signed(self, request: BaseHTTPRequestHandler, body: bytes) -> bool:
        """Check a signature with nothing but the documentation."""
        kid, moment, nonce, given = (
            request.headers[f"X-HCP-{name}"] for name in ("Key", "Time", "Nonce", "Signature")
        )
        return (
            hmac.compare_digest(given, self.sign(request.path, body, moment, nonce))
            and kid == self.key[0]
        )

    def sign(self, path: str, body: bytes, moment: str, nonce: str) -> str:
        """Return a signature."""
        text = "\n".join(
            ["HCP1", "POST", path, "", hashlib.sha256(body).hexdigest(), moment, nonce, self.key[0]]
        )
        return hmac.new(self.key[1].encode(), text.encode(), "sha256").hexdigest()

    def message(self, kind: str, order: str, **facts: str) -> bytes:
        """Number a message to the platform."""
        self.said += 1
        return json.dumps(
            {"seq": self.said, "kind": kind, "order": order, "facts": facts}, ensure_ascii=False
        ).encode()

    def send(self, body: bytes) -> httpx.Response:
        """Say something to the platform."""
        path, moment, nonce = "/hooks/hotline", str(int(time.time())), secrets.token_hex(12)
        headers = {
            "X-HCP-Key": self.key[0],
            "X-HCP-Time": moment,
            "X-HCP-Nonce": nonce,
            "X-HCP-Signature": self.sign(path, body, moment, nonce),
        }
        return httpx.post(
            f"{self.platform}{path}",
            content=body,
            headers={**headers, "Content-Type": "application/json"},
            timeout=30,
        )

    def send_badly(self, bodies: list[bytes], seed: int) -> list[str]:
        """Say many things as a broken network would deliver them: out of order, most of them twice.

        Return the outcomes.
        """
        mixed = [*bodies, *bodies[1::2], *bodies[::3]]
        random.Random(seed).shuffle(mixed)
        return [self.send(body).json()["outcome"] for body in mixed]
