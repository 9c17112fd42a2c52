"""The platform as a user runs it: `hcp serve` in a folder of its own, on free ports."""

import hashlib
import hmac
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import psycopg

HCP = [sys.executable, "-c", "from haochaping.config.cli import main; main()"]


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for[T](question: Callable[[], T], seconds: float = 30) -> T:
    """Ask until the answer is true; fail after a while. It waits for an event, never for luck."""
    until = time.monotonic() + seconds
    while not (answer := question()):
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.05)
    return answer


class Stack:
    """A running platform."""

    def __init__(self, *, demo: bool = False) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="hcp-stack-"))
        self.demo = demo
        self.port, self.collector_port = free_port(), free_port()
        self.env = {name: value for name, value in os.environ.items() if not name.startswith(("HCP_", "DJANGO_", "DATABASE_"))}
        self.env |= {"HCP_HOME": str(self.home)}
        self.process: subprocess.Popen[bytes] | None = None
        self.key: tuple[str, str] = ("", "")

    @property
    def page(self) -> str:
        """Address of the pages."""
        return f"http://localhost:{self.port}"

    @property
    def api(self) -> str:
        """Address of the collector."""
        return f"http://localhost:{self.collector_port}"

    @property
    def log(self) -> str:
        """What the platform printed."""
        return (self.home / "serve.log").read_text(errors="replace")

    def start(self) -> None:
        """Start everything and wait until it says that it runs."""
        command = [*HCP, "serve", "--port", str(self.port), "--collector-port", str(self.collector_port)]
        if self.demo:
            command += ["--demo", "--scale", "0.02"]
        with (self.home / "serve.log").open("wb") as log:
            self.process = subprocess.Popen(command, env=self.env, stdout=log, stderr=log)
        wait_for(lambda: "haochaping is running" in self.log or self.process is None or self.process.poll() is not None, 180)
        assert self.process.poll() is None, self.log
        if not self.key[0]:
            said = self.hcp("issue-key", f"test-{secrets.token_hex(4)}").stdout.split()
            self.key = said[said.index("id") + 1], said[said.index("secret") + 1]

    def stop(self) -> None:
        """Stop everything as Ctrl-C does, and remove the folder."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(60)
        shutil.rmtree(self.home, ignore_errors=True)

    def hcp(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run another command of the platform beside it."""
        return subprocess.run([*HCP, *arguments], env=self.env, capture_output=True, text=True, check=False)

    def database(self, user: str = "postgres") -> psycopg.Connection[Any]:
        """Connect to the embedded database."""
        return psycopg.connect(f"postgresql://{user}@/haochaping?host={self.socket}", autocommit=True)

    @property
    def socket(self) -> Path:
        """Folder of the database's socket."""
        return self.home / "postgres" / "socket"

    def children(self, words: str) -> list[int]:
        """Return the pids of the platform's processes whose command line holds these words."""
        found = []
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                command, environment = (entry / "cmdline").read_bytes(), (entry / "environ").read_bytes()
            except OSError:
                continue
            if words.encode() in command.replace(b"\0", b" ") and str(self.home).encode() in environment + command:
                found.append(int(entry.name))
        return found

    def headers(self, path: str, body: bytes, *, nonce: str | None = None, at: float | None = None) -> dict[str, str]:
        """Sign a request as docs/integrate/signing.md says, without any code of the platform."""
        kid, secret = self.key
        moment, nonce = str(int(at if at is not None else time.time())), nonce or secrets.token_hex(12)
        text = "\n".join(["HCP1", "POST", path, "", hashlib.sha256(body).hexdigest(), moment, nonce, kid])
        signature = hmac.new(secret.encode(), text.encode(), "sha256").hexdigest()
        return {"X-HCP-Key": kid, "X-HCP-Time": moment, "X-HCP-Nonce": nonce, "X-HCP-Signature": signature, "Content-Type": "application/json"}

    def post(self, path: str, content: object, client: httpx.Client | None = None, **signing: Any) -> httpx.Response:
        """Send a signed request."""
        body = content if isinstance(content, bytes) else json.dumps(content, ensure_ascii=False).encode()
        send = client.post if client else httpx.post
        return send(f"{self.api}{path}", content=body, headers=self.headers(path, body, **signing), timeout=30)
