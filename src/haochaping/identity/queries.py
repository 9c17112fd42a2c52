"""Who may what, and who is calling.

Two questions only: `require` for one thing, `reach` for lists.
"""

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.http import HttpRequest

from haochaping.identity import models, rules
from haochaping.kernel.crypto import Keyring, Unreadable
from haochaping.kernel.db import Conversation
from haochaping.kernel.errors import NotAllowed, NotFound
from haochaping.kernel.sealed import Sealed
from haochaping.kernel.words import chinese, storable
from haochaping.regions import rules as regions

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Person:
    """Who is signed in, as pages show it."""

    id: int
    name: str
    role: str
    region: int
    department_id: int | None
    rights: frozenset[rules.Right]
    window_id: int | None = None

    @property
    def reach(self) -> rules.Reach:
        """What this person may see."""
        low, high = regions.scope(self.region)
        return rules.Reach(low, high, self.department_id)


class OfficeRequest(HttpRequest):
    """A request to a page of the back-office, as the gate hands it on (config/gate.py)."""

    person: Person
    session_id: int | None  # of this session; none where a report is made
    menu: Sequence[Any]  # groups and entries that this person sees
    # reads the database as the office may, within the regions of the person; entered again it does
    # nothing more
    scope: Callable[[], AbstractContextManager[None]]
    scoped: bool  # whether it is entered: outside it no page is rendered
    unseen: int  # notices not looked at
    # what was read of single cases: subject, its id, verb, details and region, for the trail
    reads: list[tuple[str, int, str, Mapping[str, object], int]]


def person(user_id: int) -> Person:
    """Return the person behind an account; raises NotAllowed when no post was granted."""
    return _person(models.Grant.objects.select_related("user").filter(user_id=user_id).first())


def _person(grant: models.Grant | None) -> Person:
    if grant is None or grant.waits or not grant.user.is_active or grant.role not in rules.ROLES:
        raise NotAllowed
    rights = rules.ROLES[grant.role].rights
    return Person(
        grant.user_id,
        grant.user.first_name or grant.user.username,
        grant.role,
        grant.region,
        grant.department_id,
        rights,
        grant.window_id,
    )


@dataclass(frozen=True)
class SignedIn:
    """A session in force: whose, and what they have to do before anything else."""

    id: int
    person: Person
    seen_at: datetime
    must_change: bool  # the password is temporary
    must_enrol: bool  # the site asks for a second factor, and there is none


def signed_in(session_id: object, user_id: int, at: datetime) -> SignedIn | None:
    """Return the session of whoever asks, None where it was ended, is idle or a working day old.

    Raises NotAllowed when no post was granted.
    """
    if not isinstance(session_id, int):
        return None
    mine = models.Session.objects.filter(pk=session_id, user_id=user_id, ended_at=None)
    row = mine.select_related("user__grant").first()
    if row is None or not rules.in_force(row.began_at, row.seen_at, at):
        return None
    if row.user.totp_since is not None and row.factors == 1:
        return None  # it began before the second factor, perhaps by whoever had stolen the password
    person = _person(getattr(row.user, "grant", None))
    lacks = row.user.totp_since is None and rules.needs_code(settings.TWO_FACTOR, person.role)
    return SignedIn(row.pk, person, row.seen_at, row.user.must_change, lacks)


@dataclass(frozen=True)
class Own:
    """What one sees of one's own account."""

    account: str
    must_change: bool
    must_enrol: bool
    factor_since: datetime | None
    codes_left: int
    sessions: Sequence[models.Session]


def own(user_id: int, at: datetime) -> Own:
    """Return somebody's own account, with the sessions that hold, the newest first."""
    known = models.User.objects.select_related("grant")
    user = known.only("username", "must_change", "totp_since", "grant__role").get(pk=user_id)
    found = models.Session.objects.filter(user=user, ended_at=None).order_by("-began_at")
    return Own(
        user.username,
        user.must_change,
        user.totp_since is None and rules.needs_code(settings.TWO_FACTOR, user.grant.role),
        user.totp_since,
        models.RecoveryCode.objects.filter(user=user, used_at=None).count(),
        [one for one in found if rules.in_force(one.began_at, one.seen_at, at)],
    )


def reach(by: int, right: rules.Right) -> rules.Reach:
    """Return how far somebody's right reaches; raises NotAllowed when they do not hold it."""
    if by == rules.SYSTEM:
        return rules.EVERYWHERE
    who = person(by)
    if right not in who.rights:
        raise NotAllowed
    return who.reach


def require(by: int, right: rules.Right, *, within: int, department_id: int | None = None) -> None:
    """Raise NotAllowed unless somebody holds the right for this region (12 digits) or, a
    department's people, for their department.

    A department works on what was dispatched to it, also when a county's bureau was given what
    happened at the city.
    """
    held = reach(by, right)
    if not (
        held.covers(within) if held.department_id is None else held.department_id == department_id
    ):
        refusal = NotAllowed()
        refusal.region = within
        raise refusal


def user_of(account: str) -> int | None:
    """Return the id of an account."""
    found = models.User.objects.filter(username=account).values_list("pk", flat=True)
    return found.first()


def names(user_ids: set[int]) -> dict[int, str]:
    """Return the names of people; the platform itself is 0."""
    found = models.User.objects.filter(pk__in=user_ids).values_list("pk", "first_name", "username")
    return {0: chinese("系统")} | {pk: name or username for pk, name, username in found}


def grants(reach: rules.Reach, search: str = "", role: str = "") -> QuerySet[models.Grant]:
    """Return the posts within a range of regions, by name."""
    found = models.Grant.objects.filter(region__range=reach.scope).select_related("user")
    found = found.only(*_SHOWN)
    if role:
        found = found.filter(role=role)
    if search:
        named = Q(user__first_name__icontains=search) | Q(user__username__icontains=search)
        found = found.filter(named)
    return found.order_by("user__username")


# of an account, what the office may read
_SHOWN = (
    *("role", "region", "department_id", "window_id", "by", "waits"),
    *(f"user__{name}" for name in ("username", "first_name", "is_active", "last_login")),
)


def waiting(reach: rules.Reach) -> QuerySet[models.Grant]:
    """Return the posts that wait for a second person; one that was turned down waits no more."""
    return grants(reach).filter(waits=True, user__is_active=True)


def grant(user_id: int, reach: rules.Reach) -> models.Grant:
    """Return somebody's post; raises NotFound outside a range of regions."""
    found = grants(reach).filter(user_id=user_id).first()
    if found is None:
        raise NotFound
    return found


def keys_within(reach: rules.Reach) -> list[models.ApiKey]:
    """Return the keys of the systems of a range of regions; the secrets are not read."""
    found = models.ApiKey.objects.filter(client__region__range=reach.scope)
    return list(found.select_related("client").defer("secret").order_by("client__name", "-pk"))


def failures(account: str, address: str | None, at: datetime) -> rules.Failures:
    """Return the failed sign-ins of the last day for an account, from an address, and both."""
    recent = models.SignInFailure.objects.filter(at__gte=at - timedelta(days=1))
    mine = list(recent.filter(account=account).values_list("at", "address"))
    there = recent.filter(address=address) if address else recent.none()
    return rules.Failures(
        [moment for moment, where in mine if where == address],
        [moment for moment, _ in mine],
        list(there.values_list("at", "account")),
    )


def region_of(account: str) -> int:
    """Return where an account has its post, the province for one that is unknown."""
    grant = models.Grant.objects.filter(user__username=account).first()
    return grant.region if grant else regions.PROVINCE_OF_THE_PLATFORM


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
    )


def _departments(stored: str | list[str]) -> list[str]:
    """Return a JSON list that asyncpg gives as text and psycopg as a list."""
    found: list[str] = json.loads(stored) if isinstance(stored, str) else stored
    return found


def client(client_id: int | None, reach: rules.Reach) -> rules.Client:
    """Return a client as it is now, for what it handed in before; its reach was noted then."""
    row = models.ApiClient.objects.filter(pk=client_id or 0).first()
    if row is None:
        return rules.Client(client_id, reach, everybodys=client_id is None)
    return rules.Client(row.pk, reach, frozenset(row.departments), row.everybodys)


_KEYS_SQL = """
SELECT key.kid, key.algorithm, key.secret, key.client_id, client.region, client.departments,
       client.everybodys
  FROM identity_apikey AS key JOIN identity_apiclient AS client ON client.id = key.client_id
 WHERE (key.revoked_at IS NULL OR key.revoked_at > clock_timestamp())
   AND key.algorithm IN ('sha256', 'sm3')
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
                frozenset(_departments(row["departments"])),
                row["everybodys"],
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
    """Return the newest key of a client that is in force, with what the client may do."""
    row = (
        models.ApiKey.objects.select_related("client")
        .filter(Q(revoked_at=None) | Q(revoked_at__gt=Now()), client_id=client_id)
        .defer("secret")
        .latest("pk")
    )
    return _key(row, b"")


def with_password(password: str, most: int = 20) -> list[str]:
    """Return the accounts that have a password, among the first ones; slow, for the doctor."""
    found = models.User.objects.filter(is_active=True).order_by("pk")[:most]
    return [user.username for user in found if user.check_password(password)]


def anybody() -> bool:
    """Say whether there is any account."""
    return models.User.objects.exists()


def with_role(role: str) -> list[int]:
    """Return who holds a role, anywhere."""
    found = models.Grant.objects.filter(role=role).order_by("pk")
    return list(found.values_list("user_id", flat=True))


def departments_with(role: str) -> set[int]:
    """Return the departments in which somebody holds a role."""
    found = models.Grant.objects.filter(role=role).values_list("department_id", flat=True)
    return {department for department in found if department is not None}


SEALED = (
    Sealed("identity_apikey", {"secret": lambda row: f"api_key.{row['kid']}"}, needs=("kid",)),
    Sealed("identity_user", {"totp_secret": lambda _: "user.totp"}, row=lambda row: row["id"]),
)
