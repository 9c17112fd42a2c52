"""Who may what: people, their posts and sessions.

Two questions only: `require` for one thing, `reach` for lists.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Now, TruncDate
from django.http import HttpRequest

from haochaping.identity import models, rules
from haochaping.kernel import marks
from haochaping.kernel.errors import NotAllowed, NotFound
from haochaping.kernel.moments import LOCAL, business_day
from haochaping.kernel.words import chinese
from haochaping.regions import rules as regions

type Grant = models.Grant


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
    must_change: bool  # the password is temporary, or older than the site allows
    menu: Sequence[Any]  # groups and entries that this person sees
    # reads the database as the office may, within the regions of the person; entered again it does
    # nothing more
    scope: Callable[[], AbstractContextManager[None]]
    scoped: bool  # whether it is entered: outside it no page is rendered
    unseen: int  # notices not looked at
    saved: Mapping[str, str]  # filters of this list that the person keeps, by name
    # what was read of single cases: subject, its id, verb, details and region, for the trail
    reads: list[tuple[str, int, str, Mapping[str, object], int]]
    told: Callable[[int], None]  # of an export: gets the number of its lines


def person(user_id: int) -> Person:
    """Return the person behind an account; raises NotAllowed when no post was granted."""
    held = models.Grant.objects.select_related("user").exclude(until__lt=_TODAY)
    return _person(held.filter(user_id=user_id).first())


def office_of(user_id: int) -> tuple[int, int | None]:
    """Return the region and department of a post, also of somebody who has left since: what was
    said in that office was said there.
    """
    held = models.Grant.objects.filter(user_id=user_id).values_list("region", "department_id")
    return held.first() or (0, None)


_TODAY = TruncDate(Now(), tzinfo=LOCAL)


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
    must_change: bool  # the password is temporary, or older than the site allows
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
    held = getattr(row.user, "grant", None)
    if held is not None and held.is_over(business_day(at)):
        raise NotAllowed
    person = _person(held)
    lacks = row.user.totp_since is None and rules.needs_code(settings.TWO_FACTOR, person.role)
    old = rules.too_old(row.user.password_at or row.user.date_joined, settings.PASSWORD_DAYS, at)
    must_change = row.user.must_change or (old and row.user.has_usable_password())
    return SignedIn(row.pk, person, row.seen_at, must_change, lacks)


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
    *("role", "region", "department_id", "window_id", "by", "waits", "until", "proposed"),
    *(f"user__{name}" for name in ("username", "first_name", "is_active", "last_login")),
)


def by_role(reach: rules.Reach) -> dict[str, int]:
    """Return how many people hold each role within a range of regions."""
    found = grants(reach).filter(waits=False, user__is_active=True).order_by()
    return dict(found.values_list("role").annotate(Count("pk")))


def waiting(reach: rules.Reach) -> QuerySet[models.Grant]:
    """Return the posts that wait for a second person; one that was turned down waits no more."""
    return grants(reach).filter(Q(waits=True) | Q(proposed__isnull=False), user__is_active=True)


def proposal(one: models.Grant) -> tuple[object, ...]:
    """Return what is to be confirmed of a post: all that a page shows of it."""
    facts = (one.role, one.region, one.department_id, one.window_id, one.until, one.waits, one.by)
    return (*facts, one.user.first_name, one.proposed)


def mark_of_post(one: models.Grant) -> str:
    """Return the mark of what a page shows of a post that waits."""
    return marks.mark(*proposal(one))


def grant(user_id: int, reach: rules.Reach) -> models.Grant:
    """Return somebody's post; raises NotFound outside a range of regions."""
    found = grants(reach).filter(user_id=user_id).first()
    if found is None:
        raise NotFound
    return found


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


def with_password(password: str, most: int = 20) -> list[str]:
    """Return the accounts that have a password, among the first ones; slow, for the doctor."""
    found = models.User.objects.filter(is_active=True).order_by("pk")[:most]
    return [user.username for user in found if user.check_password(password)]


def anybody() -> bool:
    """Say whether there is any account."""
    return models.User.objects.exists()


def ending(reach: rules.Reach, by: date) -> list[models.Grant]:
    """Return the posts within a range of regions that end by a day or have ended, soonest first."""
    found = grants(reach).filter(until__lte=by, user__is_active=True)
    return list(found.order_by("until", "user__username"))


def with_role(role: str) -> list[int]:
    """Return who holds a role, anywhere."""
    found = models.Grant.objects.filter(role=role).order_by("pk")
    return list(found.values_list("user_id", flat=True))


def departments_with(role: str) -> set[int]:
    """Return the departments in which somebody holds a role."""
    found = models.Grant.objects.filter(role=role).values_list("department_id", flat=True)
    return {department for department in found if department is not None}


def posts_naming(kind: str, ids: Sequence[int]) -> set[int]:
    """Return which of these departments or windows (tables of the directory) a post names."""
    column = {"departments": "department_id", "windows": "window_id"}.get(kind)
    if column is None:
        return set()
    found = models.Grant.objects.filter(**{f"{column}__in": ids})
    return set(found.values_list(column, flat=True))
