"""Accounts, posts and keys."""

import json
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from haochaping.audit import actions as audit
from haochaping.identity import models, queries, rules
from haochaping.kernel.crypto import Keyring, sm2_pair
from haochaping.kernel.db import Conversation, rows
from haochaping.regions.rules import PROVINCE_OF_THE_PLATFORM


@transaction.atomic
def appoint(  # noqa: PLR0913 - an account is these facts
    *,
    username: str,
    name: str,
    password: str | None,
    role: str,
    region: int,
    department_id: int | None,
    window_id: int | None = None,
    by: int,
    at: datetime,
) -> int:
    """Make an account with its post, or change the post; a given password replaces the old one.

    Return the user's id.
    """
    user, made = models.User.objects.get_or_create(username=username, defaults={"first_name": name})
    if password is not None:
        user.set_password(password)
        user.save(update_fields=["password"])
    models.Grant.objects.update_or_create(
        user=user,
        defaults={
            "role": role,
            "region": region,
            "department_id": department_id,
            "window_id": window_id,
        },
    )
    details = {"role": role, "region": region, "department": department_id, "new": made}
    audit.record(
        subject="user",
        subject_id=user.pk,
        verb="appoint",
        details=details,
        region=region,
        by=by,
        at=at,
    )
    return user.pk


def note_failure(*, account: str, address: str | None, at: datetime) -> None:
    """Remember a failed sign-in."""
    models.SignInFailure.objects.create(account=account, address=address, at=at)


def forgive(*, account: str) -> None:
    """Forget the failures of an account that has signed in."""
    models.SignInFailure.objects.filter(account=account).delete()


@transaction.atomic
def issue_key(
    *, client: str, region: int, algorithm: str = "sha256", by: int, at: datetime
) -> tuple[str, str]:
    """Make a key for a client system (and the client where it is new).

    Return key id and secret; the secret is shown once.
    """
    owner = models.ApiClient.objects.get_or_create(name=client, defaults={"region": region})[0]
    kid, secret = f"k{secrets.token_hex(6)}", secrets.token_urlsafe(32)
    keyring: Keyring = settings.KEYRING
    sealed = keyring.seal(secret, f"api_key.{kid}") or b""
    models.ApiKey.objects.create(client=owner, kid=kid, algorithm=algorithm, secret=sealed)
    audit.record(
        subject="api_key",
        subject_id=owner.pk,
        verb="issue_key",
        details={"kid": kid, "client": client},
        region=owner.region,
        by=by,
        at=at,
    )
    return kid, secret


def own_key(*, client: str, by: int, at: datetime) -> rules.ClientKey:
    """Return a key of a client that is the platform itself, making it the first time."""
    row = models.ApiKey.objects.filter(
        client__name=client, revoked_at=None, algorithm="sha256"
    ).first()
    if row is None:
        issue_key(client=client, region=PROVINCE_OF_THE_PLATFORM, by=by, at=at)
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
    keyring: Keyring = settings.KEYRING
    sealed = keyring.seal(json.dumps(secret), f"api_key.{kid}") or b""
    models.ApiKey.objects.create(client=owner, kid=kid, algorithm=dialect, secret=sealed)
    audit.record(
        subject="api_key",
        subject_id=owner.pk,
        verb="issue_key",
        details={"kid": kid, "client": client},
        region=owner.region,
        by=by,
        at=at,
    )
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
