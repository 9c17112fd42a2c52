"""Keys of a log: made with it, and changed with an overlap."""

from datetime import datetime
from secrets import token_bytes

from django.db import transaction

from haochaping.audit import actions as audit
from haochaping.kernel import crypto
from haochaping.kernel.files import put
from haochaping.ledger import models, queries
from haochaping.regions.rules import PROVINCE_OF_THE_PLATFORM


def make(*, name: str, at: datetime) -> None:
    """Make the keys of a log where it has none: Ed25519 for the world, SM2 for 密评."""
    if not queries.secrets_of(name):
        _keep(name, [], at)


def _keep(name: str, known: list[queries.Secret], at: datetime) -> None:
    """Write the keys with a new pair behind them; readable by us alone."""
    seed = token_bytes(32)
    public, private = (bytes.fromhex(half) for half in crypto.sm2_pair())
    fresh = [
        queries.Secret("ed25519", seed, crypto.ed25519_public(seed), at),
        queries.Secret("sm2", private, public[1:], at),
    ]
    text = "".join(secret.line for secret in [*known, *fresh])
    put(queries.home() / f"{name}.keys", text.encode(), mode=0o400)


@transaction.atomic
def rotate(*, log_id: int, by: int, at: datetime) -> list[str]:
    """Give a log new keys; return their verifier keys. The old ones sign beside them for ninety
    days, so that everybody has the time to pin the new.
    """
    log = models.Log.objects.select_for_update().get(pk=log_id)
    before = set(queries.vkeys(log))
    _keep(log.name, queries.secrets_of(log.name), at)
    audit.record(
        subject="ledger",
        subject_id=log_id,
        verb="rotate_key",
        details={},
        region=PROVINCE_OF_THE_PLATFORM,
        by=by,
        at=at,
    )
    return [vkey for vkey in queries.vkeys(log) if vkey not in before]
