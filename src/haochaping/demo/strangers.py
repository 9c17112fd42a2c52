"""Platforms of other provinces, each in its own dialect: what `hcp sim shandong` and others start,
with the same troubles as the national one.

Each takes a rating once for a service and turn, as the real ones do, and says of a second one that
it has it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, urlsplit

from haochaping.demo.simulator import Platform
from haochaping.exchange.partners import fujian, shandong
from haochaping.exchange.rules import FROM_ZHEJIANG, NotReadable, NotSigned, national
from haochaping.kernel import clock
from haochaping.kernel.crypto import sm2_pair
from haochaping.kernel.errors import Conflict, Refusal
from haochaping.kernel.words import Words

_TOKEN = "sim-token"  # noqa: S105 - of a simulator
_LEVELS = frozenset("12345")


class Has(Conflict):
    """A service is rated once."""

    code = "has_it"
    says = Words("本次服务已存在评价，请勿重复评价！", "This service has been rated.")


class Lacks(Refusal):
    """What was sent is not whole."""

    code = "lacks"
    says = Words("缺少必填字段或满意度不合规。", "A field is missing, or the level is none.")


@dataclass
class Stranger(Platform):
    """A platform that speaks a dialect; `secret` is what its operator would give us."""

    dialect: str = "zhejiang"
    secret: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.public, self.private = sm2_pair()
        if not self.secret:
            self.secret = {
                "shandong": {"kid": "SIM", "app_word": "sim-word", "sm2_public": self.public},
                "fujian": {"kid": "SIM", "app_code": "0123456789abcdef"},
            }.get(self.dialect, {})
        super().__post_init__()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://{self.host}:{self.port}/{self.dialect}"

    def signed(self, request: BaseHTTPRequestHandler, body: bytes) -> bool:  # noqa: ARG002
        """Take everything here: each dialect proves itself in its own way."""
        return True

    def swallow(self, request: BaseHTTPRequestHandler, body: bytes) -> None:
        """Take what came without saying so."""
        self._said(request, body)

    def answer(self, request: BaseHTTPRequestHandler, body: bytes) -> None:
        """Answer as the dialect does."""
        kind = "text/xml" if self.dialect == "fujian" and request.command == "POST" else "json"
        self.raw(request, 200, self._said(request, body), f"application/{kind}")

    def _said(self, request: BaseHTTPRequestHandler, body: bytes) -> bytes:
        parts = urlsplit(request.path)
        if self.dialect == "shandong":
            return self._shandong(parts.path.rsplit("/", 1)[-1], body)
        if self.dialect == "fujian":
            if request.command == "GET":
                return self._token({name: one[0] for name, one in parse_qs(parts.query).items()})
            return self._fujian(request, body)
        form = {name: one[0] for name, one in parse_qs(body.decode()).items()}
        return self._zhejiang(form)

    def _take(self, row: Mapping[str, str], family: str) -> str:
        """Keep a row; return the platform's own number of it. Raises Has or Lacks."""
        turn = row.get("evaluateType", "1") if family == "evaluation" else "0"
        key = f"{row.get('projectNo', '')}/{row.get('serviceNumber', '1')}/{turn}"
        if not row.get("projectNo") or (turn != "0" and row.get("satisfaction") not in _LEVELS):
            raise Lacks
        with self.lock:
            self.seen[key] += 1
            known = key in self.kept
        if known and turn != "0":
            raise Has
        self.keep(key, family, row)
        return f"U{self.order.index(key)}"

    def _shandong(self, operation: str, body: bytes) -> bytes:
        try:
            message = shandong.envelope(body)
            private = bytes.fromhex(self.private)
            shandong.check(message, self.secret["app_word"], private, clock.now() + self.skew)
            family = "service" if operation == "addEvaluateService" else "evaluation"
            ids = [self._take(row, family) for row in shandong.rows(message, private)]
            told = shandong.answer(None, {"evaluateIds": ids})
        except Refusal as refusal:
            self.badly_signed += isinstance(refusal, NotSigned)
            told = shandong.answer(refusal)
        return json.dumps(told, ensure_ascii=False).encode()

    def _token(self, asked: Mapping[str, str]) -> bytes:
        try:
            given = (asked.get("timestamp", ""), asked.get("sign", ""))
            fujian.check_token(self.secret["app_code"], *given, clock.now() + self.skew)
        except NotSigned as refusal:
            self.badly_signed += 1
            return json.dumps({"code": "401", "message": refusal.says.zh}).encode()
        return json.dumps({"access_token": _TOKEN, "expires_in": 7200}).encode()

    def _fujian(self, request: BaseHTTPRequestHandler, body: bytes) -> bytes:
        operation = fujian.OPERATIONS[0]
        try:
            if request.headers.get("Authorization") != f"Basic {_TOKEN}":
                raise NotSigned
            operation, row = fujian.call(body, self.secret["app_code"])
            return fujian.answer(operation, None, {"evaluateUnid": self._take(row, "evaluation")})
        except Refusal as refusal:
            return fujian.answer(operation, refusal)

    def _zhejiang(self, form: Mapping[str, str]) -> bytes:
        try:
            number = self._take(national(dict(form), FROM_ZHEJIANG), "evaluation")
            told = {"result": "1", "resultmsg": "success", "evaluateId": number}
        except (Refusal, NotReadable) as refusal:
            told = {"result": "0", "resultmsg": refusal.says.zh}
        return json.dumps(told, ensure_ascii=False).encode()
