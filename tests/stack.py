"""The platform as a user runs it: `hcp serve` in a folder of its own, on free ports."""

import atexit
import contextlib
import fcntl
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
import threading
import time
from collections.abc import Callable, Iterator
from functools import cache, partial
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import psycopg

HCP = [sys.executable, "-c", "from haochaping.site.cli import main; main()"]


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


# everything here is plain HTTP on loopback: reading the world's certificates takes 30 ms a call
get, post = (partial(verb, verify=False) for verb in (httpx.get, httpx.post))


@contextlib.contextmanager
def serving(handler: Callable[..., BaseHTTPRequestHandler]) -> Iterator[str]:
    """Have a handler answer on a port of its own; give its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@contextlib.contextmanager
def folder_served(folder: Path) -> Iterator[str]:
    """Serve a folder as any web server does; give its address."""
    quiet = type("Quiet", (SimpleHTTPRequestHandler,), {"log_message": lambda *_: None})
    with serving(partial(quiet, directory=str(folder))) as url:
        yield url


# what every process of a test run shares
_RUN = os.environ.get("PYTEST_XDIST_TESTRUNUID") or str(os.getpid())
PREPARED = Path(tempfile.gettempdir()) / f"hcp-prepared-{_RUN}"


@cache
def _use() -> None:
    """Hold what is prepared until this process ends; the last one to end removes it."""
    PREPARED.mkdir(exist_ok=True)
    users = (PREPARED / "users").open("w")
    fcntl.flock(users, fcntl.LOCK_SH)

    def leave() -> None:
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(PREPARED, ignore_errors=True)

    atexit.register(leave)


class Stack:
    """A running platform: a copy of one that was started, and furnished or given the demonstration
    world, once for a whole run. `fresh` starts from nothing.
    """

    def __init__(
        self,
        *,
        demo: bool = False,
        furnished: bool = False,
        fresh: bool = False,
        collectors: int = 1,
    ) -> None:
        self.furnished, self.fresh = furnished, fresh
        self.home = Path(tempfile.mkdtemp(prefix="hcp-stack-"))
        self.demo, self.collectors = demo, collectors
        self.port, self.collector_port = free_port(), free_port()
        self.env = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("HCP_", "DJANGO_", "DATABASE_"))
        }
        self.env |= {
            "HCP_HOME": str(self.home),
            "HCP_PUBLIC_URL": self.page,
            "HCP_COLLECTOR_URL": self.api,
            "HCP_OUTBOUND_ALLOW": "127.0.0.0/8",  # the gateways and hotlines of the tests
        }
        self.process: subprocess.Popen[bytes] | None = None
        self.handed: dict[int, int] = {}  # sockets that a service manager opened: 3, 4 -> ours
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
        if not self.fresh and not self.key[0]:
            self._copy()
        command = [
            *HCP,
            "serve",
            "--port",
            str(self.port),
            "--collector-port",
            str(self.collector_port),
        ]
        command += ["--collectors", str(self.collectors)]
        if self.demo:
            command += ["--demo", "--scale", "0.02", "--days", "60"]
        with (self.home / "serve.log").open("wb") as log:
            self.process = subprocess.Popen(
                self._managed(command), env=self.env, stdout=log, stderr=log, close_fds=False
            )
        wait_for(
            lambda: (
                "haochaping is running" in self.log
                or self.process is None
                or self.process.poll() is not None
            ),
            420,  # a demonstration on two busy cores
        )
        assert self.process.poll() is None, self.log
        if not self.key[0]:
            self.key = self.another_key()

    def another_key(self) -> tuple[str, str]:
        """Make a key for one more system; return its id and secret."""
        said = self.hcp("issue-key", f"test-{secrets.token_hex(4)}").stdout.split()
        return said[said.index("id") + 1], said[said.index("secret") + 1]

    def _copy(self) -> None:
        """Take the home of a platform that was prepared as this one is wanted."""
        kind = "demo" if self.demo else "furnished" if self.furnished else "empty"
        _use()
        ready = PREPARED / f"{kind}.json"
        with (PREPARED / f"{kind}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not ready.exists():
                first = Stack(demo=self.demo, fresh=True)
                first.start()
                if self.furnished:
                    first.furnish()
                first.wait_for(first.followed, 120)  # else each copy would do that work again
                first.halt()
                first.home.rename(PREPARED / kind)
                ready.write_text(json.dumps(first.key))
        shutil.copytree(PREPARED / kind, self.home, symlinks=True, dirs_exist_ok=True)
        name, secret = json.loads(ready.read_text())
        self.key = name, secret

    def _managed(self, command: list[str]) -> list[str]:
        """Return the command as a service manager starts it: with its sockets, and its own pid."""
        if not self.handed:
            return command
        moves = "".join(f"os.dup2({ours}, {wanted}); " for wanted, ours in self.handed.items())
        told = f"os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS='{len(self.handed)}'); "
        run = f"os.execv({command[0]!r}, {command!r})"
        return [sys.executable, "-c", f"import os; {moves}{told}{run}"]

    def wait_for[T](self, question: Callable[[], T], seconds: float = 30) -> T:
        """Ask until the answer is true; what the platform printed goes with the failure."""
        try:
            return wait_for(question, seconds)
        except AssertionError as error:
            error.add_note(self.log[-5000:])
            raise

    def followed(self) -> bool:
        """Say whether every reader of the feed has read what is on it."""
        with self.database() as database:
            (waiting,) = database.execute("SELECT count(*) FROM feed_pending").fetchone() or (1,)
            behind = database.execute(
                "SELECT 1 FROM feed_cursor WHERE no < (SELECT no FROM feed_head) LIMIT 1"
            ).fetchone()
        return waiting == 0 and behind is None

    def halt(self) -> None:
        """Stop everything as Ctrl-C does; the data stays, and `start` starts again."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(60)

    def stop(self) -> None:
        """Stop everything and remove the folder."""
        self.halt()
        shutil.rmtree(self.home, ignore_errors=True)

    def furnish(self) -> None:
        """Import one department, one hall, two windows, a member of staff and an item, as an
        administrator does with files, and appoint an agent, offices and a clerk.
        """
        from office import PASSWORD
        from people import BUREAU, item_of

        tables = {
            "departments": f"uscc,name,region\n{BUREAU},连云港市行政审批局,320700000000\n",
            "halls": "code,name,region,address\nH1,连云港市政务服务中心,320700000000,\n",
            "windows": f"code,hall,number,department,opens,closes\nW1,H1,A03,{BUREAU},00:00,23:59\nW2,H1,A04,{BUREAU},00:00,23:59\n",
            "staff": f"number,name,department,window\n0321,王晓燕,{BUREAU},W1\n",
            "items": f"code,name,department,task_type\n{item_of(BUREAU)},企业设立登记,{BUREAU},01\n",
        }
        commands = []
        for kind, text in tables.items():
            path = self.home / f"{kind}.csv"
            path.write_text(text, encoding="utf-8")
            commands.append(["import", kind, str(path)])
        for account, region, *more in (
            ("agent", "320700000000"),
            ("province", "320000000000"),
            ("hall", "320700000000"),
            ("clerk", "320700000000", "--window", "W1"),
        ):
            who = ["--role", account, "--region", region, "--name", "王晓燕", *more]
            commands.append(["appoint", account, *who, "--password", PASSWORD])
        done = self._hcp_in_a_row(commands)
        assert done.stdout.count('"refused": 0') == len(tables), done.stdout + done.stderr
        assert done.returncode == 0, done.stderr

    def _hcp_in_a_row(self, commands: list[list[str]]) -> subprocess.CompletedProcess[str]:
        """Run commands one after the other in one process: a start takes seconds."""
        run = "import json, sys; from haochaping.site.cli import main; "
        run += "[main(one, standalone_mode=False) for one in json.loads(sys.argv[1])]"
        return subprocess.run(
            [sys.executable, "-c", run, json.dumps(commands)],
            env=self.env,
            capture_output=True,
            text=True,
            check=False,
        )

    def service(self, **changes: Any) -> tuple[str, str]:
        """Register a service of this minute at window W1 through the interface.

        Return its case number and a one-time link to rate it.
        """
        from people import BUREAU, item_of

        number = f"32STACK{time.time_ns()}"
        facts = {
            "project_no": number,
            "service_number": 1,
            "region": "320700000000",
            "department_code": BUREAU,
            "item_code": item_of(BUREAU),
            "item_name": "企业设立登记",
            "served_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 60)),
            "window_code": "W1",
            "staff_number": "0321",
            "online": False,
        }
        assert self.post("/api/v1/records", facts | changes).status_code == 201
        answer = self.post("/api/v1/links", {"project_no": number, "service_number": 1})
        assert answer.status_code == 201, answer.text
        return number, answer.json()["url"]

    def hcp(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run another command of the platform beside it."""
        return subprocess.run(
            [*HCP, *arguments], env=self.env, capture_output=True, text=True, check=False
        )

    def database(self, user: str = "postgres") -> psycopg.Connection[Any]:
        """Connect to the embedded database."""
        return psycopg.connect(
            f"postgresql://{user}@/haochaping?host={self.socket}", autocommit=True
        )

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
                command, environment = (
                    (entry / "cmdline").read_bytes(),
                    (entry / "environ").read_bytes(),
                )
            except OSError:
                continue
            if (
                words.encode() in command.replace(b"\0", b" ")
                and str(self.home).encode() in environment + command
            ):
                found.append(int(entry.name))
        return found

    def headers(
        self,
        path: str,
        body: bytes,
        *,
        query: str = "",
        nonce: str | None = None,
        at: float | None = None,
        key: tuple[str, str] | None = None,
        digest: str = "sha256",
    ) -> dict[str, str]:
        """Sign a request as docs/integrate/signing.md says, without any code of the platform."""
        kid, secret = key or self.key
        moment, nonce = (
            str(int(at if at is not None else time.time())),
            nonce or secrets.token_hex(12),
        )
        text = "\n".join(
            ["HCP1", "POST", path, query, hashlib.new(digest, body).hexdigest(), moment, nonce, kid]
        )
        signature = hmac.new(secret.encode(), text.encode(), digest).hexdigest()
        return {
            "X-HCP-Key": kid,
            "X-HCP-Time": moment,
            "X-HCP-Nonce": nonce,
            "X-HCP-Signature": signature,
            "Content-Type": "application/json",
        }

    def post(
        self, path: str, content: object, client: httpx.Client | None = None, **signing: Any
    ) -> httpx.Response:
        """Send a signed request."""
        body = (
            content
            if isinstance(content, bytes)
            else json.dumps(content, ensure_ascii=False).encode()
        )
        send = client.post if client else post
        return send(
            f"{self.api}{path}",
            content=body,
            headers=self.headers(path, body, **signing),
            timeout=30,
        )
