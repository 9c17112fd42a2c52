"""Which systems call us, and with which keys."""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.db.models.functions import Now

from haochaping.identity import models, rules
from haochaping.kernel.addresses import Network, networks
from haochaping.kernel.crypto import Keyring, Unreadable
from haochaping.kernel.db import Conversation
from haochaping.kernel.errors import NotFound
from haochaping.kernel.words import storable
from haochaping.regions import rules as regions

log = logging.getLogger(__name__)


def keys_within(reach: rules.Reach, search: str = "") -> list[models.ApiKey]:
    """Return the keys of the systems of a range of regions, perhaps of some names or key ids only;
    the secrets are not read.
    """
    found = models.ApiKey.objects.filter(client__region__range=reach.scope)
    if search:
        found = found.filter(Q(client__name__icontains=search) | Q(kid__icontains=search))
    return list(found.select_related("client").defer("secret").order_by("client__name", "-pk"))


def clients_within(reach: rules.Reach) -> list[models.ApiClient]:
    """Return the client systems of a range of regions, by name."""
    return list(models.ApiClient.objects.filter(region__range=reach.scope).order_by("name"))


def clients_of_department(code: str) -> list[int]:
    """Return the clients that work for a department alone."""
    found = models.ApiClient.objects.filter(departments=[code])
    return list(found.values_list("pk", flat=True))


def client_waits(client_id: int) -> bool:
    """Say whether a client waits to be started."""
    return models.ApiClient.objects.filter(pk=client_id, waits_since__isnull=False).exists()


def clients_waiting(scope: tuple[int, int], *, besides: int) -> int:
    """Return how many systems of a range of regions wait for another person: to be started, or to
    be allowed more; but for those that somebody connected or proposed themselves.
    """
    started = Q(waits_since__isnull=False) & ~Q(made_by=besides)
    allowed = Q(proposed__isnull=False) & ~Q(proposed__by=besides)
    systems = models.ApiClient.objects.filter(partner=False)  # who starts a partner finds it there
    return systems.filter(started | allowed, region__range=scope).count()


def client_within(reach: rules.Reach, key: int) -> models.ApiClient:
    """Return a client system of a range of regions; raises NotFound."""
    found = models.ApiClient.objects.filter(pk=key, region__range=reach.scope).first()
    if found is None:
        raise NotFound
    return found


def system(client_id: int) -> models.ApiClient | None:
    """Return a client system, wherever it belongs; None where there is none."""
    return models.ApiClient.objects.filter(pk=client_id).first()


@dataclass(frozen=True)
class Partner:
    """A client that speaks a dialect: its key and what it shares with us, by name."""

    key: rules.ClientKey
    secret: Mapping[str, str]


def partner(kid: str, dialect: str) -> Partner | None:
    """Return the partner of a key id in a dialect, None when there is none in force."""
    if not storable(kid):
        return None
    row = (
        models.ApiKey.objects.select_related("client")
        .filter(Q(revoked_at=None) | Q(revoked_at__gt=Now()), kid=kid[:32], algorithm=dialect)
        .first()
    )
    if row is None:
        return None
    keyring: Keyring = settings.KEYRING
    secret = json.loads(keyring.open(row.secret, f"api_key.{kid}") or "{}")
    return Partner(_key(row, b""), secret)


def _key(row: models.ApiKey, secret: bytes) -> rules.ClientKey:
    client = row.client
    return rules.ClientKey(
        row.kid,
        row.client_id,
        secret,
        row.algorithm,
        rules.Reach(*regions.scope(client.region)),
        frozenset(client.departments),
        client.everybodys,
        *_limits(client.networks, client.per_minute),
    )


def _limits(stored: str | list[str], per_minute: int | None) -> tuple[tuple[Network, ...], Any]:
    """Return from where a client may call and how often."""
    return networks(",".join(_listed(stored))), per_minute


def _listed(stored: str | list[str]) -> list[str]:
    """Return a JSON list that asyncpg gives as text and psycopg as a list."""
    found: list[str] = json.loads(stored) if isinstance(stored, str) else stored
    return found


def client(client_id: int | None, reach: rules.Reach) -> rules.Client:
    """Return a client as it is now, for what it handed in before; its reach was noted then."""
    row = system(client_id or 0)
    if row is None:
        return rules.Client(client_id, reach, everybodys=client_id is None)
    return rules.Client(row.pk, reach, frozenset(row.departments), row.everybodys)


_KEYS_SQL = """
SELECT key.kid, key.algorithm, key.secret, key.client_id, client.region, client.departments,
       client.everybodys, client.networks, client.per_minute
  FROM identity_apikey AS key JOIN identity_apiclient AS client ON client.id = key.client_id
 WHERE (key.revoked_at IS NULL OR key.revoked_at > clock_timestamp())
   AND key.algorithm IN ('sha256', 'sm3') AND client.waits_since IS NULL
"""


def load_keys() -> Conversation[Mapping[str, rules.ClientKey]]:
    """Read the keys in force, by key id.

    One that the site's secret does not open is left out and named in the log: it stops no other.
    """
    rows = yield _KEYS_SQL, ()
    keys = {}
    for row in rows:
        secret = _opened(row["secret"], row["kid"])
        if secret is not None:
            keys[row["kid"]] = rules.ClientKey(
                row["kid"],
                row["client_id"],
                secret.encode(),
                row["algorithm"],
                rules.Reach(*regions.scope(row["region"])),
                frozenset(_listed(row["departments"])),
                row["everybodys"],
                *_limits(row["networks"], row["per_minute"]),
            )
    return keys


def _opened(sealed: bytes, kid: str) -> str | None:
    keyring: Keyring = settings.KEYRING
    try:
        return keyring.open(sealed, f"api_key.{kid}") or ""
    except (Unreadable, ValueError):
        log.warning("the key %s cannot be read with the secret of this site", kid)
        return None


def unreadable_keys() -> tuple[int, list[str]]:
    """Return how many keys there are, and those that the site's secret does not open."""
    found = list(models.ApiKey.objects.values_list("kid", "secret"))
    return len(found), [kid for kid, sealed in found if _opened(bytes(sealed), kid) is None]


def every_key() -> list[models.ApiKey]:
    """Return every key with its client, the newest of each client first; the secret is not read."""
    found = models.ApiKey.objects.select_related("client").defer("secret")
    return list(found.order_by("client__name", "-pk"))


def keys_in_force(client_id: int, at: datetime) -> list[models.ApiKey]:
    """Return the keys with which a client may sign, the newest first; the secret is not read."""
    found = models.ApiKey.objects.filter(Q(revoked_at=None) | Q(revoked_at__gt=at))
    return list(found.filter(client_id=client_id).defer("secret").order_by("-pk"))


def newer_key(one: str, other: str) -> str:
    """Return the key of two, of one client, that was made later."""
    newest = models.ApiKey.objects.filter(kid__in=(one, other)).order_by("-pk")
    return newest.values_list("kid", flat=True)[0]


def client_of(kid: str) -> int:
    """Return the client whose key this is."""
    return models.ApiKey.objects.values_list("client_id", flat=True).get(kid=kid)


def key_of(kid: str) -> rules.ClientKey:
    """Return a key of ours with which we sign what we say to its client."""
    row = models.ApiKey.objects.select_related("client").get(kid=kid)
    keyring: Keyring = settings.KEYRING
    secret = (keyring.open(row.secret, f"api_key.{kid}") or "").encode()
    return _key(row, secret)


def key_of_client(client_id: int) -> rules.ClientKey:
    """Return the newest key of a client, with what the client may do: also where that key has
    ended, for what it handed in before.
    """
    keys = models.ApiKey.objects.select_related("client").filter(client_id=client_id)
    row = keys.defer("secret").latest("pk")
    return _key(row, b"")
