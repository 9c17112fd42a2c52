"""Putting files on a partner's SFTP server, whose host key we were told before."""

import base64
import hashlib
import io
import socket
from collections.abc import Mapping
from pathlib import PurePosixPath
from urllib.parse import urlsplit

import paramiko

from haochaping.exchange.partners.sending import Failed, Link
from haochaping.kernel import crypto, outbound

_SECONDS = 15
_PORT = 22


def put(link: Link, folder: PurePosixPath, files: Mapping[str, bytes]) -> None:
    """Write files in their order, each whole or not at all; raises Failed or OSError."""
    where = urlsplit(link.url)
    port = where.port or _PORT
    try:
        address = outbound.address_of(where.hostname or "", port)
        with socket.create_connection((address, port), timeout=_SECONDS) as wire:
            transport = paramiko.Transport(wire)
            try:
                _sign_in(transport, where.username or "", link)
                with paramiko.SFTPClient.from_transport(transport) as client:  # type: ignore[union-attr]
                    for name, data in files.items():
                        _write(client, str(folder / name), data)
            finally:
                transport.close()
    except (paramiko.SSHException, outbound.Unreachable, EOFError) as away:
        raise Failed(f"SFTP: {away}") from None


def _sign_in(transport: paramiko.Transport, user: str, link: Link) -> None:
    """Sign in at the server whose key has the fingerprint that we know (SHA256:…, as ssh-keygen
    prints it).
    """
    transport.banner_timeout = transport.auth_timeout = _SECONDS
    transport.start_client(timeout=_SECONDS)
    key = transport.get_remote_server_key()
    seen = base64.b64encode(hashlib.sha256(key.asbytes()).digest()).decode().rstrip("=")
    if not crypto.same(f"SHA256:{seen}", link.secret.get("host_key", "")):
        raise Failed(f"the server's key is SHA256:{seen}, not the one that was entered")
    if private := link.secret.get("private_key"):
        transport.auth_publickey(user, paramiko.Ed25519Key.from_private_key(io.StringIO(private)))
    else:
        transport.auth_password(user, link.secret.get("password", ""))


def _write(client: paramiko.SFTPClient, path: str, data: bytes) -> None:
    """Write beside, look whether all of it arrived, and rename."""
    beside = f"{path}.part"
    with client.open(beside, "wb") as file:
        file.set_pipelined(pipelined=True)
        file.write(data)
    if client.stat(beside).st_size != len(data):
        raise Failed("the file did not arrive whole")
    client.posix_rename(beside, path)
