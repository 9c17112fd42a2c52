"""The 12345 systems of cities: connecting one, and starting or stopping the exchange with it."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from haochaping.audit import actions as audit
from haochaping.exchange import models, rules
from haochaping.exchange.actions.partners import BadConnection
from haochaping.exchange.queries import terms_of_hotline
from haochaping.identity import actions as identity
from haochaping.identity import queries as people
from haochaping.identity.rules import SYSTEM, Right, SamePerson
from haochaping.kernel import marks
from haochaping.kernel.errors import NotFound
from haochaping.kernel.words import storable

_LONGEST = 300  # characters of an address


@transaction.atomic
def connect_hotline(*, region: int, url: str, by: int, at: datetime) -> tuple[str, str]:
    """Hand the orders of a city to its own 12345 system.

    Return key id and secret, with which both sides sign. They are shown once. What a city signed
    with before is good for three days more. At the command line it begins at once; from the page
    another person starts it, unless only its key is made anew. Raises BadConnection or NotAllowed.
    """
    known = models.Hotline.objects.select_for_update().filter(region=region).first()
    if not url.startswith(("https://", "http://")) or not storable(url) or len(url) > _LONGEST:
        raise BadConnection
    if by:
        people.require(by, Right.KEEP_KEYS, within=region)
    kid, secret, client_id = _new_key(region, by, at)
    user = known.user_id if known else _account(region, at)  # its post stays as it is
    stopped = known.stopped_at if known and known.url == url else at if by else None
    now = {"client_id": client_id, "kid": kid, "url": url, "user_id": user, "stopped_at": stopped}
    now |= {"changed_by": by} if stopped else {}
    models.Hotline.objects.update_or_create(region=region, defaults=now)
    waits = models.Outgoing.objects.filter(hotline__region=region, due_at__gt=at)
    waits.update(due_at=at)
    _record(client_id, region, "connect", {"kid": kid, "url": url}, by, at)
    return kid, secret


def _account(region: int, at: datetime) -> int:
    """Make the account in whose name a city's system acts; nobody signs in with it."""
    return identity.appoint(
        username=f"hotline-{region}",
        name="12345",
        password=None,
        role="hotline",
        region=region,
        department_id=None,
        by=SYSTEM,
        at=at,
    )


def _new_key(region: int, by: int, at: datetime) -> tuple[str, str, int]:
    """Return id and secret of a new key of a city's system, and its client; older keys end soon."""
    kid, secret = identity.issue_key(
        client=f"12345 {region}", region=region, partner=True, waits=bool(by), by=by, at=at
    )
    client_id = people.client_of(kid)
    for old in people.keys_in_force(client_id, at):
        if old.kid != kid:
            identity.revoke_key(kid=old.kid, after=rules.KEY_OVERLAP, by=by, at=at)
    return kid, secret, client_id


@transaction.atomic
def start_hotline(*, hotline_id: int, shown: str | None = None, by: int, at: datetime) -> None:
    """Start the exchange with a city's system; `shown` is the mark of what was looked at
    (`queries.mark_of_hotline`). Raises SamePerson for whoever connected or stopped it, and
    ChangedMeanwhile.
    """
    hotline = _locked(hotline_id, by)
    marks.check(shown, *terms_of_hotline(hotline))
    if hotline.stopped_at is None:
        return
    if by == hotline.changed_by:
        raise SamePerson
    hotline.stopped_at = None
    hotline.save(update_fields=["stopped_at"])
    if people.client_waits(hotline.client_id):
        identity.start_client(client_id=hotline.client_id, partner=True, by=by, at=at)
    models.Outgoing.objects.filter(hotline=hotline, due_at__gt=at).update(due_at=at)
    _record(hotline.client_id, hotline.region, "start", {"url": hotline.url}, by, at)


@transaction.atomic
def stop_hotline(*, hotline_id: int, by: int, at: datetime) -> None:
    """Stop the exchange with a city's system: what is to be said waits until it is started."""
    hotline = _locked(hotline_id, by)
    if hotline.stopped_at is None:
        hotline.stopped_at, hotline.changed_by = at, by
        hotline.save(update_fields=["stopped_at", "changed_by"])
        _record(hotline.client_id, hotline.region, "stop", {"url": hotline.url}, by, at)


def _locked(hotline_id: int, by: int) -> models.Hotline:
    found = models.Hotline.objects.select_for_update().filter(pk=hotline_id).first()
    if found is None:
        raise NotFound
    people.require(by, Right.EXCHANGE, within=found.region)
    return found


def _record(
    client_id: int, region: int, verb: str, details: Mapping[str, str], by: int, at: datetime
) -> None:
    audit.record(
        subject="hotline",
        subject_id=client_id,
        verb=verb,
        details=details,
        region=region,
        by=by,
        at=at,
    )
