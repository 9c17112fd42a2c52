"""A witness of haochaping logs 见证程序 (C2SP tlog-witness): an audit office, a congress, a
university or a newspaper runs it on one cheap machine, and no log it watches can show different
people different histories.

Standard library only, beside hcp_verify.py. It keeps its key and the last tree it saw of each log
in one SQLite file.

    python3 hcp_witness.py --name audit.example.gov.cn/w1 --log VKEY [--log VKEY] --port 8010 --new

It prints its own verifier key, which the platform and all verifiers are given. `GET /` says what it
saw; `GET /<sha256 of a log's name>/checkpoint` gives the last cosigned checkpoint to monitors.
"""

import argparse
import base64
import contextlib
import hashlib
import os
import sqlite3
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import hcp_verify as verify

_LARGEST = 64 * 1024  # bytes of a request
_DEEPEST = 63  # hashes of a proof
SKEW = 3600  # seconds by which its clock may go back


class Refuse(Exception):
    """A request that is not signed: status, and for a conflict what stands here."""

    def __init__(self, status, body="", kind="text/plain; charset=utf-8"):
        super().__init__(status)
        self.status, self.body, self.kind = status, body, kind


def consistent(old, size, path, old_root, root):
    """Check that one tree is the beginning of another (RFC 9162 §2.1.4.2); raises Wrong."""
    nodes = list(path)
    if old & (old - 1) == 0:
        nodes.insert(0, old_root)
    place, last = old - 1, size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    if not nodes:
        raise verify.Wrong("the proof is empty")
    before = after = nodes[0]
    for node in nodes[1:]:
        if place & 1 or place == last:
            before, after = verify.node_hash(node, before), verify.node_hash(node, after)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            after = verify.node_hash(after, node)
        place, last = place >> 1, last >> 1
    if last or before != old_root or after != root:
        raise verify.Wrong("the proof leads to other roots")


class Witness:
    """What a witness remembers, and what it signs."""

    def __init__(self, path, name, logs, new=True):
        self.name, self.lock = name, threading.RLock()
        if not new and not (os.path.exists(path) and os.path.getsize(path)):
            raise SystemExit(
                f"没有 {path}：首次运行加 --new；它丢了的见证人须另起新名 / "
                f"there is no {path}: --new makes one; who lost it takes a new name"
            )
        self.logs = {}  # keys by log: while a log changes its key, both
        for one in logs:
            self.logs.setdefault(verify.vkey(one)[0], []).append(one)
        self.store = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self.store.execute("PRAGMA synchronous = FULL")
        self.store.execute("CREATE TABLE IF NOT EXISTS key (seed BLOB)")
        self.store.execute(
            "CREATE TABLE IF NOT EXISTS seen (origin TEXT PRIMARY KEY, size INTEGER, root BLOB, "
            "note TEXT, at INTEGER)"
        )
        found = self.store.execute("SELECT seed FROM key").fetchone()
        self.seed = found[0] if found else os.urandom(32)
        if not found:
            self.store.execute("INSERT INTO key VALUES (?)", (self.seed,))
        self.public = verify.ed25519_public(self.seed)

    @property
    def vkey(self):
        """Return the verifier key of this witness."""
        raw = b"\4" + self.public
        told = hashlib.sha256(f"{self.name}\n".encode() + raw).hexdigest()[:8]
        return f"{self.name}+{told}+{base64.b64encode(raw).decode()}"

    def seen(self, origin):
        """Return size, root and note of what was cosigned last; never what another request is only
        about to keep.
        """
        asked = "SELECT size, root, note FROM seen WHERE origin = ?"
        with self.lock:
            return self.store.execute(asked, (origin,)).fetchone() or (0, b"", "")

    def add(self, body):
        """Cosign a checkpoint that continues what was seen; return the line. Raises Refuse."""
        old, path, note = _request(body)
        origin = note.split("\n", 1)[0]
        if origin not in self.logs:
            raise Refuse(404)
        try:
            verify.read_checkpoint(verify.signatures(note)[0])
        except (verify.Wrong, ValueError):
            raise Refuse(400) from None
        try:
            _, size, root, _ = verify.checkpoint(note, self.logs[origin])
        except (verify.Wrong, ValueError):
            raise Refuse(403) from None
        if old > size:
            raise Refuse(400)
        # compared and kept as one step: two requests at once never roll each other back
        with self.lock, self._alone():
            held, known, _ = self.seen(origin)
            _check_goes_on(old, held, known, size, root, path)
            at = int(time.time())
            (last,) = self.store.execute("SELECT max(at) FROM seen").fetchone()
            if at < (last or 0) - SKEW:
                raise Refuse(500, "the clock of this witness is behind what it signed before\n")
            line = self._line(note, at)
            self.store.execute(
                "INSERT OR REPLACE INTO seen VALUES (?, ?, ?, ?, ?)",
                (origin, size, root, self._own(origin, note) + line, at),
            )
        return line

    @contextlib.contextmanager
    def _alone(self):
        """Compare and keep as one step for every process that has the store."""
        self.store.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.store.execute("ROLLBACK")
            raise
        self.store.execute("COMMIT")

    def _own(self, origin, note):
        """Return a note with the lines of its log alone: anybody may add others."""
        text, lines = verify.signatures(note)
        kept = [
            f"— {who} {base64.b64encode(tag + data).decode()}\n"
            for who, tag, data in lines
            if who == origin
        ]
        return text + "\n" + "".join(kept)

    def _line(self, note, at):
        text, _ = verify.signatures(note)
        message = f"cosignature/v1\ntime {at}\n{text}".encode()
        signed = at.to_bytes(8, "big") + verify.ed25519_sign(self.seed, message)
        told = bytes.fromhex(self.vkey.split("+")[1])
        return f"— {self.name} {base64.b64encode(told + signed).decode()}\n"


def _check_goes_on(old, held, known, size, root, path):
    """Raise Refuse where a tree does not continue the one that was seen."""
    if old != held or (old == size and held and root != known):
        raise Refuse(409, f"{held}\n", "text/x.tlog.size")
    if 0 < old < size:
        try:
            consistent(old, size, path, known, root)
        except verify.Wrong:
            raise Refuse(422) from None
    elif path:
        raise Refuse(422)


def _request(body):
    """Return old size, proof and checkpoint of a request; raises Refuse."""
    try:
        head, _, note = body.decode().partition("\n\n")
        first, *lines = head.split("\n")
        old = first[4:]
        path = [base64.b64decode(line, validate=True) for line in lines]
        plain = old.isascii() and old.isdigit() and (old == "0" or old[0] != "0")
        if not first.startswith("old ") or not plain or len(path) > _DEEPEST or not note:
            raise ValueError
        return int(old), path, note
    except ValueError:
        raise Refuse(400) from None


class Handler(BaseHTTPRequestHandler):
    """The two addresses of a witness, and a page for people."""

    protocol_version = "HTTP/1.1"
    timeout = 30
    witness: "Witness"

    def do_POST(self):
        """Take a checkpoint."""
        length = self.headers.get("Content-Length", "")
        if self.path != "/add-checkpoint" or not length.isdigit() or int(length) > _LARGEST:
            self.close_connection = True
            return self.answer(404 if self.path != "/add-checkpoint" else 400, "")
        try:
            return self.answer(200, self.witness.add(self.rfile.read(int(length))))
        except Refuse as refused:
            return self.answer(refused.status, refused.body, refused.kind)
        except (sqlite3.Error, OverflowError) as wrong:
            return self.answer(500, f"{wrong}\n")

    def do_GET(self):
        """Show what was seen."""
        if self.path == "/":
            lines = [f"haochaping witness 见证\n{self.witness.vkey}\n"]
            lines += [f"\n{one}\n{self.witness.seen(one)[2]}" for one in self.witness.logs]
            return self.answer(200, "\n".join(lines))
        for origin in self.witness.logs:
            told = hashlib.sha256(origin.encode()).hexdigest()
            if self.path == f"/{told}/checkpoint" and self.witness.seen(origin)[0]:
                return self.answer(200, self.witness.seen(origin)[2])
        return self.answer(404, "")

    def answer(self, status, body, kind="text/plain; charset=utf-8"):
        """Send an answer."""
        data = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, form, *given):
        """Say nothing: who asks is nobody's business."""


def main():
    """Watch until stopped."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--name", required=True, help="under which it signs: an address of its own")
    parser.add_argument("--log", action="append", required=True, help="verifier key of a log")
    parser.add_argument("--store", default="witness.sqlite", help="file that it keeps")
    parser.add_argument("--new", action="store_true", help="make that file: the first time only")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8010)
    given = parser.parse_args()
    os.umask(0o077)  # the file holds the key
    Handler.witness = Witness(given.store, given.name, given.log, given.new)
    server = ThreadingHTTPServer((given.host, given.port), Handler)
    print(f"见证密钥 / verifier key: {Handler.witness.vkey}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
