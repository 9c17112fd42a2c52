"""Whoever takes events or files: what `hcp sim webhook` and `hcp sim drop` start."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

from haochaping.demo.simulator import Platform
from haochaping.kernel import clock, webhooks
from haochaping.kernel.crypto import same

_LATE = timedelta(minutes=5)  # as the standard has it


@dataclass
class Hook(Platform):
    """A receiver of webhooks; the secret of `key` is what connecting it showed, none: unchecked."""

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://{self.host}:{self.port}/hook"

    def signed(self, request: BaseHTTPRequestHandler, body: bytes) -> bool:
        """Say whether an event is from whom we know, and of now."""
        _, secret = self.key
        if not secret:
            return True
        stamp = request.headers.get("webhook-timestamp", "")
        at = datetime.fromtimestamp(int(stamp) if stamp.isdecimal() else 0, UTC)
        message = request.headers.get("webhook-id", "")
        ours = webhooks.signed([secret], message=message, at=at, body=body)["webhook-signature"]
        theirs = request.headers.get("webhook-signature", "").split()
        on_time = abs(clock.now() + self.skew - at) < _LATE
        return on_time and any(same(ours, one) for one in theirs)

    def answer(self, request: BaseHTTPRequestHandler, body: bytes) -> None:
        """Take an event, or refuse it for good."""
        self.raw(request, 200 if self._taken(body) else 410, b"{}")

    def swallow(self, request: BaseHTTPRequestHandler, body: bytes) -> None:  # noqa: ARG002
        """Take an event without saying so."""
        self._taken(body)

    def _taken(self, body: bytes) -> bool:
        told = json.loads(body)["data"]
        self.seen[told["id"]] += 1
        if told["id"] in self.refuses:
            return False
        self.keep(told["id"], told["family"], told["document"])
        return True


@dataclass
class Collector:
    """Whoever collects files from a folder: those that are complete, as their manifest says, and
    then takes them away.
    """

    folder: Path
    kept: dict[str, tuple[str, Mapping[str, Any]]] = field(default_factory=dict)
    broken: int = 0  # files that were not as their manifest said
    requests: int = 0  # files

    def look(self) -> None:
        """Take what lies there."""
        for manifest in sorted(self.folder.glob("*.ok")):
            told = json.loads(manifest.read_text())
            file = self.folder / Path(told["file"]).name
            data = file.read_bytes() if file.exists() else b""
            self.requests += 1
            if hashlib.sha256(data).hexdigest() != told["sha256"]:
                self.broken += 1
                continue
            for line in data.splitlines():
                one = json.loads(line)
                self.kept[one["id"]] = (one["family"], one["document"])
            file.unlink()
            manifest.unlink()
