"""A platform to exchange with: what `hcp sim national` starts, what the demonstration is connected
to, and what tests trouble.

It keeps what it was sent by message id, as the contract says a receiver must
(docs/integrate/national.md): the same again changes nothing, another text replaces it.
"""

import json
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlsplit

from haochaping.exchange.rules import DAYS, NotReadable, digest, digests, read_question, written
from haochaping.identity.rules import BadSignature, ClientKey, Reach, SignedRequest, verify
from haochaping.kernel import clock

_SLOW = 0.3  # seconds
_BUSY = 503  # HTTP


@dataclass
class Platform:
    """The platform. `trouble` names what it does to requests, each with its chance: `down` (no
    answer), `error` (500), `busy` (503), `garbage`, `slow`, `partial` (says nothing of some),
    `later` (says `1` of some), `reset` (takes all and hangs up before it answers).
    """

    key: tuple[str, str] = ("", "")  # id and secret, HMAC-SM3
    trouble: Mapping[str, float] = field(default_factory=dict)
    refuses: frozenset[str] = frozenset()  # message ids
    poison: frozenset[str] = frozenset()  # message ids at which it breaks down
    random: Random = field(default_factory=lambda: Random(7))
    port: int = 0
    host: str = "127.0.0.1"
    file: Path | None = None  # in which it keeps what it has, a line of JSON for each change
    kept: dict[str, tuple[str, dict[str, str]]] = field(default_factory=dict)  # family, document
    order: list[str] = field(default_factory=list)  # ids as they were first kept
    seen: Counter[str] = field(default_factory=Counter)  # how often each id came
    skew: timedelta = timedelta()  # by which its clock is wrong
    wait: str = ""  # Retry-After, when it is busy
    badly_signed: int = 0
    requests: int = 0

    def __post_init__(self) -> None:
        self.lock = threading.Lock()
        if self.file is not None and self.file.exists():
            for line in self.file.read_text().splitlines():
                message, family, document = json.loads(line)
                self._change(message, family, document)
        platform = self

        class Door(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                platform.take(self)

            def do_GET(self) -> None:
                platform.take(self)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer((self.host, self.port), Door)
        self.server.daemon_threads = True
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, args=(0.1,), daemon=True).start()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://{self.host}:{self.port}/national/v1"

    def stop(self) -> None:
        """Stop listening."""
        self.server.shutdown()
        self.server.server_close()

    def entries(self, day: str, family: str) -> dict[str, str]:
        """Return the digests of what it has of a day."""
        with self.lock:
            return {
                one: digest(document).hex()
                for one, (kind, document) in self.kept.items()
                if kind == family and document.get(DAYS[kind], "")[:10] == day
            }

    def take(self, request: BaseHTTPRequestHandler) -> None:
        """Answer a request."""
        body = request.rfile.read(int(request.headers.get("Content-Length", 0)))
        self.requests += 1
        if not self.signed(request, body):
            self.badly_signed += 1
            self._say(request, 401, {"code": "401", "message": "signature"})
            return
        if self._troubled(request, body):
            return
        try:
            self.answer(request, body)
        except (ValueError, KeyError, TypeError, NotReadable):
            self._say(request, 400, {"message": "不可读"})

    def answer(self, request: BaseHTTPRequestHandler, body: bytes) -> None:
        """Do what a request asks; raises NotReadable and its like."""
        if request.path.endswith("/reconcile"):
            asked = read_question(body)
            found = digests.answer(self.entries(asked.day, asked.family), asked.asked)
            self._say(request, 200, written(asked.asked, found))
        else:
            self._say(request, 200, self._messages(body))

    def happens(self, trouble: str) -> bool:
        """Say whether something that may be amiss is, this time."""
        with self.lock:
            return self.random.random() < self.trouble.get(trouble, 0)

    def _troubled(self, request: BaseHTTPRequestHandler, body: bytes) -> bool:
        """Do what is amiss with a request; say whether it was answered so."""
        if self.happens("slow"):
            time.sleep(_SLOW)
        if any(one.encode() in body for one in self.poison) or self.happens("error"):
            self._say(request, 500, {"message": "内部错误"})
        elif self.happens("busy"):
            self._say(request, _BUSY, {})
        elif self.happens("garbage"):
            self.raw(request, 200, "<html>请登录</html>".encode())
        elif self.happens("down"):
            self._hang_up(request)
        elif self.happens("reset"):
            self.swallow(request, body)
            self._hang_up(request)
        else:
            return False
        return True

    def swallow(self, request: BaseHTTPRequestHandler, body: bytes) -> None:
        """Take what came without saying so."""
        if not request.path.endswith("/reconcile"):
            self._messages(body)

    def _hang_up(self, request: BaseHTTPRequestHandler) -> None:
        linger = struct.pack("ii", 1, 0)  # a reset, not an end
        request.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        request.close_connection = True
        request.connection.close()

    def _messages(self, body: bytes) -> dict[str, Any]:
        results = []
        for one in json.loads(body)["messages"]:
            self.seen[one["id"]] += 1
            if one["id"] in self.refuses:
                results.append({"id": one["id"], "code": "4103", "message": "没有对应的服务数据"})
                continue
            if self.happens("later"):
                results.append({"id": one["id"], "code": "1", "message": "已接收"})
            elif not self.happens("partial"):
                results.append({"id": one["id"], "code": "0", "number": f"N{len(self.order)}"})
            self.keep(one["id"], one["family"], one["document"])
        return {"code": "0", "results": results}

    def keep(self, message: str, family: str, document: Mapping[str, str]) -> None:
        """Keep a message."""
        self._write(message, family, dict(document))

    def lose(self, message: str) -> None:
        """Lose a message that it has acknowledged, as a restored backup does."""
        self._write(message, "", {})

    def _write(self, message: str, family: str, document: dict[str, str]) -> None:
        with self.lock:
            self._change(message, family, document)
            if self.file is not None:
                with self.file.open("a") as file:
                    line = json.dumps([message, family, document], ensure_ascii=False)
                    file.write(f"{line}\n")

    def _change(self, message: str, family: str, document: dict[str, str]) -> None:
        if not family:
            self.kept.pop(message, None)
            return
        if message not in self.kept:
            self.order.append(message)
        self.kept[message] = (family, document)

    def signed(self, request: BaseHTTPRequestHandler, body: bytes) -> bool:
        """Say whether a request proves whose it is."""
        kid, secret = self.key
        if not kid:
            return True
        parts = urlsplit(request.path)
        headers = {name.lower(): value for name, value in request.headers.items()}
        key = ClientKey(kid, 0, secret.encode(), "sm3", Reach(0, 0))
        asked = SignedRequest("POST", parts.path, parts.query, body, headers)
        try:
            verify(asked, {kid: key}, clock.now() + self.skew)
        except BadSignature:
            return False
        return True

    def _say(self, request: BaseHTTPRequestHandler, status: int, told: Mapping[str, Any]) -> None:
        self.raw(request, status, json.dumps(told, ensure_ascii=False).encode())

    def raw(
        self,
        request: BaseHTTPRequestHandler,
        status: int,
        body: bytes,
        kind: str = "application/json",
    ) -> None:
        """Write an answer."""
        request.send_response(status)
        request.send_header("Content-Type", f"{kind}; charset=utf-8")
        request.send_header("Content-Length", str(len(body)))
        if status == _BUSY and self.wait:
            request.send_header("Retry-After", self.wait)
        request.end_headers()
        request.wfile.write(body)
