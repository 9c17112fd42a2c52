"""Everything as one command.

The embedded database, the pages, the collector and the worker, watched and stopped together.
"""

import contextlib
import ctypes
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType, ModuleType
from typing import BinaryIO

import click
import psycopg

from haochaping.kernel.embedded import DatabaseUnavailable
from haochaping.kernel.errors import Refusal
from haochaping.kernel.words import Words
from haochaping.site import ports, tour
from haochaping.site.ports import Plan

_PR_SET_PDEATHSIG = 1
_HCP = [sys.executable, "-c", "from haochaping.site.cli import main; main()"]
_SPARE_BYTES = 300 * 1024 * 1024


@dataclass
class Child:
    """A process of the platform that is started again when it dies."""

    name: str
    command: list[str]
    fds: tuple[int, ...] = ()  # open sockets that it inherits
    process: subprocess.Popen[bytes] | None = None
    started: float = 0
    failures: int = field(default=0)

    def start(self) -> None:
        """Start the process."""
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            # Started from the main thread.
            self.command,
            start_new_session=True,
            preexec_fn=_die_with_parent,  # noqa: PLW1509
            pass_fds=self.fds,
        )

    def revive(self) -> None:
        """Start the process again if it has died.

        One that dies at once, again and again, ends everything with a message.
        """
        if self.process is None or self.process.poll() is None:
            return
        killed = (
            self.process.returncode < 0
            # from outside: by an administrator or for want of memory, which says nothing of the
            # process
        )
        self.failures = (
            # Seconds.
            self.failures + 1 if not killed and time.monotonic() - self.started < 5 else 0  # noqa: PLR2004
        )
        if self.failures > 5:  # noqa: PLR2004 - tries
            raise Refusal(
                Words(
                    f"{self.name} 反复启动失败，请看上面的日志。",
                    f"{self.name} keeps failing to start; see the log above.",
                )
            )
        click.secho(
            f"{self.name} 已退出，正在重启 / has died, starting it again", fg="yellow", err=True
        )
        time.sleep(0.3 * self.failures)
        self.start()

    def ask_to_stop(self) -> None:
        """Ask the process to end, once what it is at is done."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def stop(self, seconds: float = 20) -> None:
        """Ask the process to end; make it end when it does not."""
        if self.process is None or self.process.poll() is not None:
            return
        self.ask_to_stop()
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def _die_with_parent() -> None:
    """In the child, on Linux: end when the supervisor is killed, so that no orphan keeps a port."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def ensure_database(settings: ModuleType) -> bool:
    """Start the embedded database, or check that the given one answers.

    Say whether it was started now. Raises DatabaseUnavailable.
    """
    if not settings.DATABASE_URL:
        settings.HOME.mkdir(parents=True, exist_ok=True)
        _refuse_full_disk(settings.HOME)
        return bool(settings.embedded.start())
    try:
        with psycopg.connect(settings.DATABASE_URL, connect_timeout=5) as connection:
            version = connection.info.server_version // 10000
    except psycopg.Error as error:
        why = " ".join(str(error).split())[:300]
        raise DatabaseUnavailable(
            Words(
                f"无法连接 DATABASE_URL 指定的数据库：{why}。请检查地址、账号和网络；不设置 "
                "DATABASE_URL 则使用内置数据库。",
                f"The database in DATABASE_URL cannot be reached: {why}. Check address, account "
                "and network, or unset it to use the embedded one.",
            )
        ) from None
    if version < 16:  # noqa: PLR2004 - the oldest version that is supported
        raise DatabaseUnavailable(
            Words(
                f"需要 PostgreSQL 16 或更高版本，当前为 {version}。",
                f"PostgreSQL 16 or newer is needed; this is {version}.",
            )
        )
    return False


def _refuse_full_disk(folder: Path) -> None:
    free = shutil.disk_usage(folder).free
    if free < _SPARE_BYTES:
        raise DatabaseUnavailable(
            Words(
                f"{folder} 所在磁盘只剩 {free // 2**20} MB，请清理到 300 MB 以上再启动。"
                "数据未受影响。",
                f"The disk of {folder} has only {free // 2**20} MB left; free 300 MB and start "
                "again. No data was touched.",
            )
        )


_WEB = [
    "--threads",
    "24",  # so that some slow connections stop no page; a proxy in front keeps them off (ops/)
    "--worker-class",
    "gthread",
    "--workers",
    "1",
    "--log-level",
    "warning",
    "--graceful-timeout",
    "10",
    # longer than callers keep one (ops/nginx.conf): none is closed as a request is on its way
    "--keep-alive",
    "15",
    "--no-control-socket",
]


def children(plan: Plan) -> list[Child]:
    """Return the processes of the platform.

    The listening sockets outlive them: while one starts again, callers wait in the queue and find
    no door closed.
    """
    mine = ports.handed() or [
        ports.listen(plan.host, port) for port in (plan.port, plan.collector_port)
    ]
    page, door = mine
    web = [sys.executable, "-m", "gunicorn", "haochaping.config.wsgi:application", *_WEB]
    web += ["--bind", f"fd://{page}"]
    collector = [sys.executable, "-m", "haochaping.intake.server", "--fd", str(door)]
    collectors = [
        Child(f"collector {number}", collector, (door,)) for number in range(1, plan.collectors + 1)
    ]
    life = Child("demo-life", [*_HCP, "demo-life", "--scale", str(plan.scale)])
    worker = Child("worker", [*_HCP, "worker"])
    return [Child("web", web, (page,)), *collectors, worker, *([life] if plan.demo else [])]


def _run(*arguments: str) -> None:
    """Run another `hcp` command to its end, or until we are asked to stop; its message is the
    error.
    """
    command = subprocess.Popen([*_HCP, *arguments])
    while command.poll() is None:
        if _asked.stop:
            command.terminate()
            command.wait()
        time.sleep(0.1)
    if command.returncode and not _asked.stop:  # Ctrl-C ends it, too
        raise Refusal(
            Words(
                f"hcp {arguments[0]} 未完成，请看上面的信息。",
                f"hcp {arguments[0]} did not finish; see the message above.",
            )
        )


@dataclass
class _Asked:
    """What signals ask for. It is looked at between steps: an exception in the middle of one can
    leave the lock of a child's exit code held, and the stopping hangs for ever.
    """

    stop: bool = False
    renew: bool = False  # SIGHUP: go over to what is installed now


_asked = _Asked()


def _ask_to_stop(_signal: int, _frame: FrameType | None) -> None:
    _asked.stop = True


def _ask_to_renew(_signal: int, _frame: FrameType | None) -> None:
    _asked.renew = True


def _tell_children(plan: Plan) -> None:
    """Set in the environment what every process of the platform must know."""
    address = f"http://{ports.shown(plan.host)}"
    known = {
        "DJANGO_SETTINGS_MODULE": "haochaping.config.settings",
        "HCP_PUBLIC_URL": f"{address}:{plan.port}",
        "HCP_COLLECTOR_URL": f"{address}:{plan.collector_port}",
    }
    if plan.demo:  # no message leaves the machine, and the city's own system stands on it
        known |= {"HCP_SMS": "simulated://", "HCP_OUTBOUND_ALLOW": "127.0.0.0/8"}
    for name, value in known.items():
        os.environ.setdefault(name, value)


def serve(plan: Plan) -> None:
    """Start everything in order, watch it, and stop it, the database last, on Ctrl-C or SIGTERM."""
    if not ports.handed():
        plan = ports.free(plan) if plan.demo else ports.refuse_taken(plan)
    _tell_children(plan)
    from haochaping.config import settings  # noqa: PLC0415 - HCP_DEMO was set by the caller

    alone = _claim(settings.HOME)
    signal.signal(signal.SIGTERM, _ask_to_stop)
    signal.signal(signal.SIGINT, _ask_to_stop)
    signal.signal(signal.SIGHUP, _ask_to_renew)
    running: list[Child] = []
    started_database = False
    try:
        click.echo("数据库 database …")
        started_database = ensure_database(settings)
        _run("migrate")
        world = ("--demo", "--days", str(plan.days), "--scale", str(plan.scale))
        _run("begin", *(world if plan.demo else ()))
        for child in () if _asked.stop else children(plan):
            child.start()
            running.append(child)
        _await_health(plan, running)
        if not _asked.stop:
            tour.say_where(plan)
        _watch(settings, running)
    finally:
        if _asked.stop:
            click.echo("\n正在停止 / stopping …")
        for child in running:
            child.ask_to_stop()
        for child in running:
            child.stop()
        if started_database:
            settings.embedded.stop()
        alone.close()
        click.echo("已停止，数据保留在原处 / stopped; the data stays where it is")


def _claim(home: Path) -> BinaryIO:
    """Lock the folder for one supervisor; the lock ends with the process, however it ends.

    Raises Refusal when another one runs.
    """
    home.mkdir(parents=True, exist_ok=True)
    lock = (home / "serve.lock").open("ab")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        says = Words(
            f"{home} 中的平台已在运行。要再开一个，请用 HCP_HOME 指定另一个目录。",
            f"The platform of {home} is running already. For another one, set HCP_HOME to another "
            "folder.",
        )
        raise Refusal(says, code="running") from None
    return lock


def _renew(running: list[Child]) -> None:
    """Bring the database up to date and start each process anew, one after the other.

    The sockets stay open: callers wait in the queue and are refused nothing.
    """
    click.echo("正在更新 / going over to what is installed now …")
    _run("migrate")
    _run("seed")
    for child in running:
        if _asked.stop:
            return
        child.stop()
        child.start()
    click.echo("已更新 / all of it is new")


def _watch(settings: ModuleType, running: list[Child]) -> None:
    """Start again whatever dies, until a signal ends it."""
    while True:
        time.sleep(0.5)
        if _asked.stop:
            return
        if _asked.renew:
            _asked.renew = False
            _renew(running)
        if not settings.DATABASE_URL and settings.embedded.pid() is None:
            click.secho(
                "数据库已退出，正在重启 / the database has died, starting it again",
                fg="yellow",
                err=True,
            )
            _restart_database(settings)
        for child in running:
            child.revive()


def _restart_database(settings: ModuleType, seconds: float = 60) -> None:
    """Start the database again.

    After a kill -9 its old backends may hold the shared memory for a moment.
    """
    until = time.monotonic() + seconds
    while not _asked.stop:
        try:
            settings.embedded.start()
        except DatabaseUnavailable:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)
        else:
            return


def _await_health(plan: Plan, running: list[Child], seconds: float = 180) -> None:
    for url in (
        f"http://{plan.host}:{plan.port}/health",
        f"http://{plan.host}:{plan.collector_port}/api/v1/health",
    ):
        until = time.monotonic() + seconds
        while not _asked.stop:
            try:
                # Our own address.
                request = urllib.request.Request(url, headers={"Host": "localhost"})  # noqa: S310
                with urllib.request.urlopen(request, timeout=5):  # noqa: S310 - our own address
                    break
            except OSError:
                if time.monotonic() > until:
                    raise Refusal(
                        Words(
                            f"{url} 没有响应，请看上面的日志。",
                            f"{url} does not answer; see the log above.",
                        )
                    ) from None
                for child in running:
                    child.revive()
                time.sleep(0.1)
