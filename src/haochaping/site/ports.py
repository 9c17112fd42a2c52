"""What is started and at which ports."""

import os
import socket
from dataclasses import dataclass, replace

from haochaping.kernel.errors import Refusal
from haochaping.kernel.words import Words

_LOOKED_AT = 200  # ports after the wanted one


@dataclass(frozen=True)
class Plan:
    """What to start and where."""

    host: str = "127.0.0.1"
    port: int = 8000
    collector_port: int = 8001
    collectors: int = 1
    demo: bool = False
    days: int = 90
    scale: float = 0.25


class PortTaken(Refusal):
    """Somebody listens there already."""

    code = "port_taken"


_FIRST_HANDED = 3  # descriptor of the first socket that systemd hands on (sd_listen_fds(3))


def handed() -> list[int]:
    """Return the listening sockets that a service manager opened for us, the pages' first: they
    outlive this process, so a restart of all of it refuses nobody (ops/haochaping.socket).
    """
    if os.environ.get("LISTEN_PID") != str(os.getpid()):
        return []
    return list(range(_FIRST_HANDED, _FIRST_HANDED + int(os.environ.get("LISTEN_FDS", "0"))))


def listen(host: str, port: int) -> int:
    """Return the descriptor of a listening socket.

    Answers leave at once: connections inherit TCP_NODELAY from it, while a server that is given a
    descriptor does not set it, and small answers would wait 40 ms for an acknowledgement.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    door = socket.create_server((host, port), family=family, backlog=2048)
    door.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return door.detach()


def _is_free(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def free(plan: Plan) -> Plan:
    """Return a plan whose ports are free: the wanted ones, or the next after them."""
    pages = _next_free(plan.host, plan.port, taken=())
    collector = _next_free(plan.host, plan.collector_port, taken=(pages,))
    return replace(plan, port=pages, collector_port=collector)


def _next_free(host: str, wanted: int, taken: tuple[int, ...]) -> int:
    for port in range(wanted, min(wanted + _LOOKED_AT, 65536)):
        if port not in taken and _is_free(host, port):
            return port
    raise _taken(wanted, "--port")


def refuse_taken(plan: Plan) -> Plan:
    """Return the plan; raises PortTaken where somebody listens already."""
    for port, option in ((plan.port, "--port"), (plan.collector_port, "--collector-port")):
        if not _is_free(plan.host, port):
            raise _taken(port, option)
    return plan


def _taken(port: int, option: str) -> PortTaken:
    return PortTaken(
        Words(
            f"端口 {port} 已被占用。可能平台已在运行；否则请用 {option} 换一个端口，例如 "
            f"hcp serve {option} {port + 100}。",
            f"Port {port} is taken. The platform may be running already; else choose "
            f"another port, as in hcp serve {option} {port + 100}.",
        )
    )


def shown(host: str) -> str:
    """Return a host as people type it."""
    return "localhost" if host == "127.0.0.1" else host
