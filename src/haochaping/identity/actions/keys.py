"""Keys of the systems that call us, and their nonces."""

import json
import secrets
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from haochaping.identity import events, models, queries, rules
from haochaping.identity.actions._noting import record_key
from haochaping.kernel import outbox
from haochaping.kernel.crypto import Keyring, sm2_pair
from haochaping.kernel.db import Conversation, rows
from haochaping.kernel.errors import NotAllowed, NotFound
from haochaping.regions.rules import PROVINCE_OF_THE_PLATFORM


@transaction.atomic
def issue_key(  # noqa: PLR0913 - a client is these facts
    *,
    client: str,
    region: int,
    algorithm: str = "sha256",
    departments: Collection[str] = (),
    everybodys: bool = False,
    partner: bool = False,
    waits: bool = False,
    by: int,
    at: datetime,
) -> tuple[str, str]:
    """Make a key for a client system (and the client where it is new, with what it may do; with
    `waits`, once another person has started it).

    A client that is known keeps its grants; a partner's name stands for no other system, here or
    elsewhere: raises BadClient. Return key id and secret; the secret is shown once.
    """
    owner, fresh = models.ApiClient.objects.get_or_create(
        name=client,
        defaults={
            "region": region,
            "departments": sorted(departments),
            "everybodys": everybodys,
            "partner": partner,
            "made_by": by,
            "waits_since": at if waits else None,
        },
    )
    if not fresh and partner and not (owner.partner and owner.region == region):
        raise rules.BadClient(rules.BadClient.name_taken, field="client")
    return _issue(owner, algorithm, by, at)


def _issue(owner: models.ApiClient, algorithm: str, by: int, at: datetime) -> tuple[str, str]:
    kid, secret = f"k{secrets.token_hex(6)}", secrets.token_urlsafe(32)
    _keep(owner, kid, algorithm, secret, by, at)
    return kid, secret


def _keep(
    owner: models.ApiClient, kid: str, algorithm: str, secret: str, by: int, at: datetime
) -> None:
    keyring: Keyring = settings.KEYRING
    sealed = keyring.seal(secret, f"api_key.{kid}") or b""
    models.ApiKey.objects.create(client=owner, kid=kid, algorithm=algorithm, secret=sealed)
    record_key(owner, "issue_key", {"kid": kid, "client": owner.name}, by, at)


@transaction.atomic
def revoke_key(*, kid: str, after: timedelta = timedelta(0), by: int, at: datetime) -> datetime:
    """Have a key end, at once or after a while; return when. Raises NotFound.

    A collector notices within its refresh. What ended already stays so.
    """
    key = (
        models.ApiKey.objects.select_for_update(of=("self",))
        .select_related("client")
        .filter(kid=kid)
        .first()
    )
    if key is None:
        raise NotFound
    ends = min(key.revoked_at or at + after, at + after)
    before = key.revoked_at.isoformat() if key.revoked_at else ""
    key.revoked_at = ends
    key.save(update_fields=["revoked_at"])
    details = {"kid": kid, "before": before, "after": ends.isoformat()}
    record_key(key.client, "revoke_key", details, by, at)
    return ends


@transaction.atomic
def rotate_key(*, kid: str, overlap: timedelta, by: int, at: datetime) -> tuple[str, str]:
    """Make a new key for the client of a key, which ends after an overlap.

    Return key id and secret. Raises NotFound, also for a partner's key, which is made anew by its
    own command, and TooManyKeys where rotations overlap already.
    """
    key = models.ApiKey.objects.select_related("client").filter(kid=kid).first()
    if key is None or key.algorithm not in rules.ALGORITHMS:
        raise NotFound
    models.ApiClient.objects.select_for_update().get(pk=key.client_id)  # one rotation at a time
    if len(queries.keys_in_force(key.client_id, at)) >= rules.MOST_KEYS:
        raise rules.TooManyKeys
    made = _issue(key.client, key.algorithm, by, at)
    revoke_key(kid=kid, after=overlap, by=by, at=at)
    return made


def own_key(*, client: str, by: int, at: datetime) -> rules.ClientKey:
    """Return a key of a client that is the platform itself, making it the first time."""
    row = models.ApiKey.objects.filter(
        client__name=client, revoked_at=None, algorithm="sha256"
    ).first()
    if row is None:
        issue_key(client=client, region=PROVINCE_OF_THE_PLATFORM, partner=True, by=by, at=at)
        row = models.ApiKey.objects.get(client__name=client, revoked_at=None)
    return queries.key_of(row.kid)


@transaction.atomic
def issue_partner_key(
    *, client: str, region: int, dialect: str, by: int, at: datetime
) -> dict[str, str]:
    """Make a key for a client that speaks a dialect; return what its operator must enter there.

    It is shown once.
    """
    owner = models.ApiClient.objects.get_or_create(name=client, defaults={"region": region})[0]
    kid = f"{dialect}{secrets.token_hex(6)}"
    public, private = sm2_pair()
    secret = {
        "app_word": secrets.token_urlsafe(18),
        "app_code": secrets.token_hex(16),
        "path_word": secrets.token_hex(16),
        "sm2_private": private,
    }
    _keep(owner, kid, dialect, json.dumps(secret), by, at)
    return {
        "kid": kid,
        "sm2_public": public,
        **{name: value for name, value in secret.items() if name != "sm2_private"},
    }


def forget_nonces(*, at: datetime) -> None:
    """Forget nonces whose requests are too old to be replayed: twice the window and some."""
    rows(
        "DELETE FROM identity_nonce WHERE at < $1::timestamptz",
        at - timedelta(seconds=3 * rules.CLOCK_SKEW_SECONDS),
    )


def forget_sign_ins(*, before: datetime) -> None:
    """Forget who signed in, and who failed to, before a moment; open sessions stay."""
    models.Session.objects.filter(seen_at__lt=before, began_at__lt=before).delete()
    models.SignInFailure.objects.filter(at__lt=before).delete()


_SPEND = """
INSERT INTO identity_nonce (kid, nonce, at)
SELECT kid, nonce, $3::timestamptz FROM unnest($1::text[], $2::text[]) AS given (kid, nonce)
 ORDER BY kid, nonce ON CONFLICT DO NOTHING RETURNING kid, nonce
"""


def spend_nonces(
    *, pairs: Sequence[tuple[str, str]], at: datetime
) -> Conversation[set[tuple[str, str]]]:
    """Use up the nonces of requests (key id and nonce each); return those that were fresh."""
    kids, nonces = [kid for kid, _ in pairs], [nonce for _, nonce in pairs]
    spent = yield _SPEND, (kids, nonces, at)
    return {(row["kid"], row["nonce"]) for row in spent}


# by people, within their own place


@transaction.atomic
def register_client(
    *,
    client: str,
    region: int,
    algorithm: str,
    departments: Collection[str] = (),
    everybodys: bool = False,
    by: int,
    at: datetime,
) -> tuple[str, str]:
    """Connect a system that is new, as `issue_key` does, by a keeper of keys of its place; its key
    is good once another person has started it. Raises BadClient.
    """
    queries.require(by, rules.Right.KEEP_KEYS, within=region)
    if not client or algorithm not in rules.ALGORITHMS:
        raise rules.BadClient(rules.BadClient.name_missing, field="client")
    taken = models.ApiClient.objects.filter(name=client).exists()
    if taken or client.startswith(_HOTLINES):
        raise rules.BadClient(rules.BadClient.name_taken, field="client")
    return issue_key(
        client=client,
        region=region,
        algorithm=algorithm,
        departments=departments,
        everybodys=everybodys,
        waits=True,
        by=by,
        at=at,
    )


_HOTLINES = "12345 "  # how the systems of cities are named: nobody else may take such a name


@transaction.atomic
def another_key(*, client_id: int, by: int, at: datetime) -> tuple[str, str]:
    """Make a key for a client of one's own place whose keys have all ended: they were lost or
    leaked. Raises NotFound, and TooManyKeys while one is good.
    """
    owner = _keeps(models.ApiClient.objects.select_for_update().filter(pk=client_id).first(), by)
    last = models.ApiKey.objects.filter(client=owner).order_by("-pk").first()
    if last is None or last.algorithm not in rules.ALGORITHMS:
        raise NotFound  # a dialect's own, or none ever
    if queries.keys_in_force(client_id, at):
        raise rules.TooManyKeys
    outbox.ask(events.KeyMade(owner.pk, owner.region, owner.name, at))
    return _issue(owner, last.algorithm, by, at)


def _may_keep(kid: str, by: int) -> models.ApiClient:
    key = models.ApiKey.objects.select_related("client").filter(kid=kid).first()
    return _keeps(key.client if key else None, by)


def _keeps(owner: models.ApiClient | None, by: int) -> models.ApiClient:
    """Return a client whose keys somebody keeps; raises NotFound."""
    if owner is None:
        raise NotFound
    try:
        queries.require(by, rules.Right.KEEP_KEYS, within=owner.region)
    except NotAllowed:
        raise NotFound from None  # what lies outside one's place shows nothing of itself
    return owner


@transaction.atomic
def renew_key(*, kid: str, overlap: timedelta, by: int, at: datetime) -> tuple[str, str]:
    """Rotate a key of one's own place; raises NotFound and TooManyKeys as `rotate_key` does. The
    office hears of it: whoever makes a key could speak as the system (ADR 0022).
    """
    owner = _may_keep(kid, by)
    outbox.ask(events.KeyMade(owner.pk, owner.region, owner.name, at))
    return rotate_key(kid=kid, overlap=overlap, by=by, at=at)


@transaction.atomic
def end_key(*, kid: str, by: int, at: datetime) -> None:
    """Have a key of one's own place end at once; raises NotFound."""
    _may_keep(kid, by)
    revoke_key(kid=kid, by=by, at=at)


@transaction.atomic
def limit_client(
    *, client_id: int, contact: str, networks: str, per_minute: str, by: int, at: datetime
) -> None:
    """Say who answers for a client of one's own place, from which networks it may call (none: from
    everywhere) and how often. Raises NotFound and BadClient.
    """
    owner = _keeps(models.ApiClient.objects.select_for_update().filter(pk=client_id).first(), by)
    before = _limits(owner)
    owner.networks, owner.per_minute = rules.client_limits(networks, per_minute)
    owner.contact = contact.strip()[:100]
    owner.save(update_fields=["networks", "per_minute", "contact"])
    record_key(owner, "limit_client", {"before": before, "after": _limits(owner)}, by, at)


def _limits(owner: models.ApiClient) -> dict[str, object]:
    return {"contact": owner.contact, "networks": owner.networks, "per_minute": owner.per_minute}
