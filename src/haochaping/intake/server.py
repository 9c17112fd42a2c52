"""The collector's process: uvicorn with deadlines that it lacks itself.

`python -m haochaping.intake.server --fd N`: the listening socket is the supervisor's.
"""

import argparse
import asyncio

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_HEADERS = 64 * 1024  # bytes of a request's head that may lie there unfinished
_SECONDS = 10  # in which a head must be whole


class Guarded(HttpToolsProtocol):
    """Ends connections whose request head grows or dawdles without end."""

    head: int = 0  # bytes that came while the head was not whole; -1: it is
    deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first head."""
        super().connection_made(transport)
        self._await_head()

    def _await_head(self) -> None:
        self.head = 0
        self.deadline = self.loop.call_later(_SECONDS, self.transport.abort)

    def _stop_waiting(self) -> None:
        if self.deadline is not None:
            self.deadline.cancel()
            self.deadline = None

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the deadline."""
        self._stop_waiting()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """Begin to wait for the head of another request on the same connection."""
        if self.head < 0:
            self._await_head()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Stop waiting: the head is whole."""
        self.head = -1
        self._stop_waiting()
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        """Read on; end the connection when its head is too long."""
        super().data_received(data)
        if self.head >= 0:
            self.head += len(data)
            if self.head > _HEADERS:
                self.transport.abort()


def main() -> None:
    """Serve until asked to stop."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fd", type=int, help="descriptor of an open listening socket, instead")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8001)
    where = parser.parse_args()
    uvicorn.run(
        "haochaping.intake.collect:app",
        fd=where.fd,
        host=where.host,
        port=where.port,
        http=Guarded,
        ws="websockets-sansio",
        ws_max_size=65536,
        log_level="warning",
        access_log=False,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=10,
    )


if __name__ == "__main__":
    main()
