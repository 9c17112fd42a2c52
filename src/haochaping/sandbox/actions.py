"""Making sandboxes, and keeping what is tried in them."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction

from haochaping.kernel.crypto import Keyring
from haochaping.kernel.ids import new_token, token_hash
from haochaping.sandbox import models, queries, rules


@dataclass(frozen=True)
class Made:
    """A sandbox, as its owner is told once."""

    token: str
    kid: str
    secret: str


@transaction.atomic
def make(*, name: str, address: str | None, at: datetime) -> Made:
    """Make a system with a key; raises TooMany."""
    recent = models.System.objects.filter(address=address, made_at__gt=at - timedelta(hours=1))
    full = models.System.objects.filter(ends_at__gt=at).count() >= rules.SYSTEMS
    if full or (address and recent.count() >= rules.AN_HOUR):
        raise rules.TooMany
    token = new_token()
    system = models.System.objects.create(
        name=name.strip()[:60] or "—",
        token_hash=token_hash(token),
        address=address,
        made_at=at,
        ends_at=at + rules.DAYS,
    )
    kid, secret = _key(system, at)
    return Made(token, kid, secret)


def _key(system: models.System, at: datetime) -> tuple[str, str]:
    keyring: Keyring = settings.KEYRING
    kid, secret = f"{rules.PREFIX}{secrets.token_hex(6)}", secrets.token_urlsafe(24)
    models.Key.objects.create(
        system=system,
        kid=kid,
        secret=keyring.seal(secret, queries.SEALED, kid),
        made_at=at,
        ends_at=system.ends_at,
    )
    return kid, secret


@transaction.atomic
def rotate(*, kid: str, overlap: timedelta, at: datetime) -> tuple[str, str]:
    """Give a new key; the one named is good for the overlap."""
    key = models.Key.objects.select_for_update().select_related("system").get(kid=kid)
    key.ends_at = min(key.ends_at, at + overlap)
    key.save(update_fields=["ends_at"])
    return _key(key.system, at)


def keep(
    *,
    system_id: int,
    kind: str,
    natural_key: str,
    content: bytes,
    receipt: str,
    waited: bool = False,
    at: datetime,
) -> models.Kept | None:
    """Keep what was handed in; None where something of this name was kept before."""
    try:
        with transaction.atomic():
            return models.Kept.objects.create(
                system_id=system_id,
                kind=kind,
                natural_key=natural_key,
                content=content,
                receipt=receipt,
                waited=waited,
                at=at,
            )
    except IntegrityError:
        return None


def settle(*, system_id: int, natural_key: str) -> None:
    """Count the rating that waited for a service which is registered now."""
    waiting = models.Kept.objects.filter(
        system_id=system_id, natural_key=natural_key, kind="waiting"
    )
    waiting.update(kind="rating")


@transaction.atomic
def note(*, system_id: int, call: Mapping[str, Any], done: set[str], at: datetime) -> None:
    """Write a call down, and the steps that it fulfils; the oldest calls go."""
    row = models.Call.objects.create(system_id=system_id, at=at, **call)
    system = models.System.objects.select_for_update().get(pk=system_id)
    if not done <= set(system.done):
        system.done = sorted({*system.done, *done})
        system.save(update_fields=["done"])
    kept = models.Call.objects.filter(system_id=system_id, pk__lt=row.pk).order_by("-pk")
    oldest = kept.values_list("pk", flat=True)[rules.CALLS - 1 : rules.CALLS].first()
    if oldest is not None:
        models.Call.objects.filter(system_id=system_id, pk__lte=oldest).delete()


def forget(*, at: datetime) -> None:
    """Delete the sandboxes whose time is over, with all that is in them, and those that nobody has
    used.
    """
    unused = models.System.objects.filter(call=None, made_at__lte=at - rules.UNUSED)
    (unused | models.System.objects.filter(ends_at__lte=at)).delete()
