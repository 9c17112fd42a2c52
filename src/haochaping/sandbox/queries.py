"""What stands in sandboxes."""

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from django.conf import settings

from haochaping.identity.rules import EVERYWHERE, ClientKey
from haochaping.kernel.crypto import Keyring
from haochaping.kernel.ids import token_hash
from haochaping.kernel.words import Words
from haochaping.sandbox import models

SEALED = "sandbox.key"  # context under which secrets are sealed
_PAGE = 50


@dataclass(frozen=True)
class Signer:
    """A key of a sandbox, ready to check signatures, and its system."""

    key: ClientKey
    system_id: int
    later: bool  # whether it came after another key: a rotation


def signer(kid: str, at: datetime) -> Signer | None:
    """Return the key in force of this name."""
    row = models.Key.objects.filter(kid=kid, ends_at__gt=at).first()
    if row is None:
        return None
    keyring: Keyring = settings.KEYRING
    secret = (keyring.open(row.secret, SEALED, kid) or "").encode()
    later = models.Key.objects.filter(system_id=row.system_id, pk__lt=row.pk).exists()
    return Signer(ClientKey(kid, 0, secret, "sha256", EVERYWHERE), row.system_id, later)


def keys(system_id: int, at: datetime) -> list[models.Key]:
    """Return the keys in force of a system, the newest first."""
    found = models.Key.objects.filter(system_id=system_id, ends_at__gt=at).defer("secret")
    return list(found.order_by("-pk"))


def system_of(token: str, at: datetime) -> models.System | None:
    """Return the system of a secret address."""
    return models.System.objects.filter(token_hash=token_hash(token), ends_at__gt=at).first()


def kept(system_id: int, kind: str, natural_key: str) -> models.Kept | None:
    """Return what was handed in under this name."""
    return models.Kept.objects.filter(
        system_id=system_id, kind=kind, natural_key=natural_key
    ).first()


def waited(system_id: int, since: int) -> list[models.Kept]:
    """Return the ratings that waited and count now, from a number on."""
    found = models.Kept.objects.filter(system_id=system_id, waited=True, kind="rating")
    return list(found.filter(pk__gt=since).order_by("pk")[:_PAGE])


def changes(system_id: int, after: int) -> list[models.Kept]:
    """Return what was handed in after a place, a page and one more."""
    found = models.Kept.objects.filter(system_id=system_id, pk__gt=after).exclude(kind="waiting")
    return list(found.order_by("pk")[: _PAGE + 1])


def replayed(system_id: int, nonce: str) -> bool:
    """Say whether a request with this nonce came before."""
    return models.Call.objects.filter(
        system_id=system_id, headers__contains={"x-hcp-nonce": nonce}, status__lt=401
    ).exists()


def calls(system_id: int) -> list[models.Call]:
    """Return the last calls, the newest first."""
    return list(models.Call.objects.filter(system_id=system_id).order_by("-pk")[:_PAGE])


def call(system_id: int, call_id: int) -> models.Call | None:
    """Return one of a system's calls."""
    return models.Call.objects.filter(system_id=system_id, pk=call_id).first()


# --- the guides of docs/integrate, as they stand beside this release

_GUIDES = Path(__file__).parents[3] / "docs" / "integrate"


@cache
def guides() -> Mapping[str, tuple[str, Path]]:
    """Return the guides: by the name of the file its title and the file, the introduction first.
    None where the platform runs without its documents.
    """
    files = [path for kind in ("*.md", "*.yaml") for path in _GUIDES.glob(kind)]
    ordered = sorted(files, key=lambda path: (path.name != "README.md", path.name))
    return {path.name: (_title(path), path) for path in ordered}


_CLIENTS = Path(__file__).parents[3] / "clients"
_PYTHON = "haochaping_client.zip"
_SAMPLES = {  # by the name under which one is handed out: where it lies, and what it is
    _PYTHON: (
        "python",
        Words("Python 客户端（类型、重试、离线队列）", "Python, typed, with a queue"),
    ),
    "Haochaping.java": ("java/Haochaping.java", Words("Java 示例", "a sample in Java")),
    "haochaping.go": ("go/haochaping.go", Words("Go 示例", "a sample in Go")),
    "box.py": ("box/box.py", Words("评价器模拟", "a rating box that is simulated")),
    "vectors.json": ("vectors.json", Words("签名测试向量", "what signatures must be")),
}


def samples() -> dict[str, Words]:
    """Return the clients that are handed out, by name; none where the platform runs without."""
    return {name: says for name, (place, says) in _SAMPLES.items() if (_CLIENTS / place).exists()}


@cache
def sample(name: str) -> bytes:
    """Return a client of this very release; a package of Python as a ZIP file."""
    place = _CLIENTS / _SAMPLES[name][0]
    if name != _PYTHON:
        return place.read_bytes()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as made:
        for path in sorted(place.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                made.write(path, path.relative_to(place))
    return packed.getvalue()


def _title(path: Path) -> str:
    with path.open(encoding="utf-8") as file:
        first = file.readline().strip()
    return first.removeprefix("# ") if first.startswith("# ") else path.name
