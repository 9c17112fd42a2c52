"""How many pages of the public site a rush gets in a second: behind nginx with ops/nginx.conf and
its TLS, and from the bundled server alone.

The limit is a file of the same size that the same nginx gives from its disk to the same callers.
Issue 14 wants 2 000 pages a second on two cores, of which the callers take one.

The last line is one JSON object.
usage: bench/pages.py [--seconds 10] [--callers 16]
"""

import argparse
import json
import socket
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "faults"))

from stack import Stack
from test_proxy import BEHIND, NAME, Proxy

PAGES = ("/open/", "/open/areas", "/open/method", "/open/ledger", "/open/data.csv")


def _asked(path: str) -> bytes:
    return (
        f"GET {path} HTTP/1.1\r\nHost: {NAME}\r\nAccept-Encoding: gzip\r\n"
        "Accept-Language: zh-CN\r\nX-Forwarded-Proto: https\r\n\r\n"
    ).encode()


def _answer(reader: socket.SocketIO) -> int:
    """Read one answer to its end; return its status, 0 where the connection ended."""
    status = int((reader.readline().split() or [b"", b"0"])[1])
    length, chunked = 0, False
    while (line := reader.readline()) not in (b"\r\n", b""):
        name, _, value = line.lower().partition(b":")
        length = int(value) if name == b"content-length" else length
        chunked = chunked or (name == b"transfer-encoding" and b"chunked" in value)
    while chunked and (size := int(reader.readline(), 16)):
        reader.read(size + 2)
    reader.readline() if chunked else reader.read(length)
    return status


def rate(
    connect: Callable[[], socket.socket], paths: tuple[str, ...], asked: argparse.Namespace
) -> float:
    """Ask for pages in turn on many connections; return how many were answered in a second."""
    done, until = [0] * asked.callers, time.monotonic() + asked.seconds
    requests = [_asked(path) for path in paths]

    def call(mine: int) -> None:
        while time.monotonic() < until:
            with connect() as caller, caller.makefile("rb") as reader:
                while time.monotonic() < until:
                    caller.sendall(requests[done[mine] % len(requests)])
                    if not (status := _answer(reader)):
                        break  # nginx ends a connection after a thousand requests
                    assert status == 200
                    done[mine] += 1

    callers = [threading.Thread(target=call, args=(number,)) for number in range(asked.callers)]
    begun = time.monotonic()
    for one in callers:
        one.start()
    for one in callers:
        one.join()
    return sum(done) / (time.monotonic() - begun)


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=float, default=10)
    options.add_argument("--callers", type=int, default=16)
    asked = options.parse_args()
    platform = Stack()
    platform.env |= BEHIND
    platform.start()
    proxy = Proxy(platform)
    try:
        size = len(proxy.get("/open/").content) // 4  # as it is packed
        (proxy.home / "html").mkdir()
        (proxy.home / "html" / "file").write_bytes(b"x" * size)
        site = proxy.home / "site.conf"
        more = f"location = /file {{ root {proxy.home}/html; }}\n    location /open/ {{"
        site.write_text(site.read_text().replace("location /open/ {", more))
        proxy.process.send_signal(1)  # reads its configuration again
        time.sleep(1)

        def plain() -> socket.socket:
            return socket.create_connection(("127.0.0.1", platform.port), timeout=30)

        figures = {
            "pages_per_s": rate(proxy.connect, PAGES, asked),
            "file_per_s": rate(proxy.connect, ("/file",), asked),
            "bundled_per_s": rate(plain, PAGES, asked),
        }
        figures["over_file"] = figures["pages_per_s"] / figures["file_per_s"]
        print(json.dumps({name: round(value, 2) for name, value in figures.items()}))
    finally:
        proxy.stop()
        platform.stop()


if __name__ == "__main__":
    main()
