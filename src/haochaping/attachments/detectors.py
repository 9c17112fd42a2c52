"""The virus scanner: clamd's INSTREAM over TCP, as its manual describes it."""

import socket

_CHUNK = 64 * 1024
_PATIENCE = 30  # seconds


def scan(address: str, data: bytes) -> bool | None:
    """Say whether clamd at `host:port` finds a file clean.

    None when it gives no answer that can be understood.
    """
    host, _, port = address.rpartition(":")
    try:
        with socket.create_connection((host, int(port)), timeout=_PATIENCE) as scanner:
            scanner.sendall(b"zINSTREAM\0")
            for start in range(0, len(data), _CHUNK):
                chunk = data[start : start + _CHUNK]
                scanner.sendall(len(chunk).to_bytes(4, "big") + chunk)
            scanner.sendall(bytes(4))
            answer = b""
            while not answer.endswith(b"\0") and (more := scanner.recv(4096)):
                answer += more
    except (OSError, ValueError):
        return None
    said = answer.rstrip(b"\0").strip()
    return True if said.endswith(b"OK") else False if said.endswith(b"FOUND") else None
