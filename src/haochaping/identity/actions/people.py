"""Accounts and posts, and what is noted of signing in."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.db import transaction

from haochaping.audit import actions as audit
from haochaping.identity import models, queries, rules
from haochaping.identity.actions import sessions
from haochaping.identity.rules import BadPassword, BadPost, Right
from haochaping.kernel import marks
from haochaping.kernel.errors import NotAllowed, NotFound
from haochaping.kernel.moments import business_day
from haochaping.kernel.words import Words
from haochaping.regions.queries import tree
from haochaping.regions.rules import scope


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
    grant = models.Grant(user=user, role=role, region=region, by=by, waits=False)
    grant.department_id, grant.window_id = department_id, window_id
    _keep(grant)
    details = {"role": role, "region": region, "department": department_id, "new": made}
    _record("appoint", grant, details, by, at)
    return user.pk


@transaction.atomic
def note_failure(*, account: str, address: str | None, at: datetime) -> None:
    """Remember a failed sign-in, and leave it in the trail of the account's region."""
    models.SignInFailure.objects.create(account=account, address=address, at=at)
    user = models.User.objects.filter(username=account).values_list("pk", flat=True).first()
    details = {"known": user is not None}
    entry = ("user", user or 0, "fail_sign_in", details, queries.region_of(account))
    audit.record_many(entries=[entry], by=rules.SYSTEM, at=at)


def note_refused(*, by: int, what: str, region: int, at: datetime) -> None:
    """Leave in the trail of the region that was touched that a person was refused something."""
    audit.record_many(entries=[("user", by, "refuse", {"what": what}, region)], by=by, at=at)


def note_client_refused(*, client_id: int, code: str, region: int, at: datetime) -> None:
    """Leave in the trail of the region that was touched that a system was refused something."""
    entry = ("api_key", client_id, "refuse", {"code": code}, region)
    audit.record_many(entries=[entry], by=rules.SYSTEM, at=at)


# by people, within their own place: nobody changes their own post, and it takes two


@dataclass(frozen=True)
class Post:
    """An account and the post that is proposed for it."""

    username: str
    name: str
    role: str
    region: int
    department_id: int | None
    window_id: int | None
    until: date | None = None  # the last day on which it holds
    place: int | None = None  # where the department or the window's hall is


@transaction.atomic
def propose_post(
    *, post: Post, user_id: int | None, by: int, at: datetime
) -> tuple[int, str | None]:
    """Make an account, or change the post of one; it gives no rights until another person has
    confirmed it. Return the user's id and, of a new account, its temporary password.

    Raises BadPost, and NotFound for an account outside one's place or one's own.
    """
    queries.require(by, Right.KEEP_PEOPLE, within=post.region)
    why = rules.wrong_post(
        post.username, post.name, post.role, post.region, post.department_id, post.window_id
    )
    if why is not None:
        raise BadPost(why)
    low, high = scope(post.region)
    bound = post.department_id is not None or post.window_id is not None
    if tree().resolve(post.region) != post.region or (
        bound and not low <= (post.place or 0) <= high
    ):
        raise BadPost(BadPost.elsewhere, field="region")
    if post.until is not None and post.until < business_day(at):
        raise BadPost(BadPost.over, field="until")
    password, before = None, None
    if user_id is None:
        grant, password = _new(post, at)
    else:
        grant = _of_another(user_id, by)
        before = _told(grant)
    if user_id is not None and not grant.waits:  # what holds goes on until another is confirmed
        grant.proposed = _asked(post) | {"by": by}
        grant.save(update_fields=["proposed"])
    else:
        _put(grant, _asked(post))
        grant.by, grant.waits = by, True
        _keep(grant)
    told = {name: value for name, value in _asked(post).items() if name != "name"}
    after = _told(models.Grant(**told | {"until": post.until}), post.name)
    _record("propose", grant, {"before": before, "after": after}, by, at)
    return grant.user_id, password


def _asked(post: Post) -> dict[str, Any]:
    return {
        "role": post.role,
        "region": post.region,
        "department_id": post.department_id,
        "window_id": post.window_id,
        "until": post.until.isoformat() if post.until else None,
        "name": post.name,
    }


def _put(grant: models.Grant, asked: Mapping[str, Any]) -> None:
    """Make a post be as it was asked for."""
    grant.role, grant.region = asked["role"], asked["region"]
    grant.department_id, grant.window_id = asked["department_id"], asked["window_id"]
    grant.until = date.fromisoformat(asked["until"]) if asked["until"] else None
    if asked.get("name", grant.user.first_name) != grant.user.first_name:
        grant.user.first_name = asked["name"]
        grant.user.save(update_fields=["first_name"])


def _new(post: Post, at: datetime) -> tuple[models.Grant, str]:
    if models.User.objects.filter(username__iexact=post.username).exists():
        raise BadPost(BadPost.taken, field="account")
    user = models.User(username=post.username, first_name=post.name)
    password = _temporary(user, at)
    return models.Grant(user=user), password


def _told(grant: models.Grant, name: str | None = None) -> dict[str, object]:
    told = {"role": grant.role, "region": grant.region, "department": grant.department_id}
    told |= {"window": grant.window_id, "name": grant.user.first_name if name is None else name}
    return told | ({"until": grant.until.isoformat()} if grant.until else {})


def _keep(grant: models.Grant) -> None:
    known = {name: getattr(grant, name) for name in _FACTS}
    models.Grant.objects.update_or_create(user=grant.user, defaults=known)


_FACTS = ("role", "region", "department_id", "window_id", "by", "waits", "until")


def _temporary(user: models.User, at: datetime) -> str:
    password = secrets.token_urlsafe(12)
    user.set_password(password)
    user.must_change, user.password_at = True, at  # good for `rules.TEMPORARY`
    if user.pk is None:
        made = models.User.objects.create(
            username=user.username,
            first_name=user.first_name,
            password=user.password,
            must_change=True,
            password_at=at,
        )
        user.pk = made.pk
    else:
        user.save(update_fields=["password", "must_change", "password_at"])
    return password


def _of_another(user_id: int, by: int, right: Right = Right.KEEP_PEOPLE) -> models.Grant:
    """Return the post of somebody else within one's place; raises NotFound."""
    found = models.Grant.objects.select_for_update(of=("self",)).select_related("user")
    # the account of a city's 12345 system is no person's: it is connected, and never signs in
    grant = found.filter(user_id=user_id).exclude(user_id=by).exclude(role="hotline").first()
    if grant is None:
        raise NotFound
    try:
        queries.require(by, right, within=grant.region)
    except NotAllowed:
        raise NotFound from None  # what lies outside one's place shows nothing of itself
    return grant


@transaction.atomic
def decide_post(
    *, user_id: int, confirmed: bool, shown: str | None = None, by: int, at: datetime
) -> models.Grant:
    """Let a proposed post hold, or turn it down: a new account is disabled then, and somebody who
    had another post keeps it; by neither who proposed nor who gets it. `shown` is the mark of what
    was looked at (`queries.mark_of_post`). Return the post. Raises NotFound, NotAllowed or
    ChangedMeanwhile.
    """
    grant = _of_another(user_id, by, Right.CONFIRM_PEOPLE)
    marks.check(shown, *queries.proposal(grant))
    if grant.proposer in (None, by):
        raise NotFound
    if grant.proposed is not None:
        _decide_change(grant, confirmed=confirmed, by=by)
    elif confirmed:
        grant.waits = False
        grant.save(update_fields=["waits"])
    else:  # it goes on waiting: whoever enables the account again has not confirmed the post
        grant.user.is_active = False
        grant.user.save(update_fields=["is_active"])
    _record("confirm" if confirmed else "reject", grant, {"role": grant.role}, by, at)
    return grant


def _decide_change(grant: models.Grant, *, confirmed: bool, by: int) -> None:
    asked, grant.proposed = grant.proposed or {}, None
    queries.require(by, Right.CONFIRM_PEOPLE, within=asked["region"])
    if confirmed:
        _put(grant, asked)
        grant.by = asked["by"]
    grant.save(update_fields=[*_FACTS, "proposed"])


@transaction.atomic
def reset_password(*, user_id: int, by: int, at: datetime) -> tuple[str, models.Grant]:
    """Give somebody else a temporary password, which ends all their sessions and their second
    factor; return it with their post. Whoever knows it could act in their name, so the post waits
    for a second person again.
    """
    grant = _of_another(user_id, by)
    password = _temporary(grant.user, at)
    sessions.forget_factor(user_id=user_id)
    models.User.objects.filter(pk=user_id).update(subject="")  # whoever has the account now
    sessions.end_sessions(user_id=user_id, at=at)
    grant.by, grant.waits = by, True
    grant.save(update_fields=["by", "waits"])
    _record("reset_password", grant, {}, by, at)
    return password, grant


@transaction.atomic
def set_active(*, user_id: int, active: bool, by: int, at: datetime) -> models.Grant:
    """Let somebody else in no more, or again; return the post."""
    grant = _of_another(user_id, by)
    grant.user.is_active = active
    grant.user.save(update_fields=["is_active"])
    if not active:
        sessions.end_sessions(user_id=user_id, at=at)
    _record("enable" if active else "disable", grant, {}, by, at)
    return grant


def check_password(*, user_id: int, password: str) -> None:
    """Raise BadPassword where it is not somebody's own; who signs in by a provider alone has none
    to give.
    """
    user = models.User.objects.get(pk=user_id)
    known = user.password and user.has_usable_password()
    if known and not user.check_password(password):
        raise BadPassword(BadPassword.wrong, field="old")


@transaction.atomic
def change_password(*, old: str, new: str, again: str, by: int, at: datetime) -> models.User:
    """Change one's own password; return the account. Raises BadPassword."""
    user = models.User.objects.select_for_update().get(pk=by)
    if not user.check_password(old):
        raise BadPassword(BadPassword.wrong, field="old")
    if new != again:
        raise BadPassword(BadPassword.differs, field="again")
    try:
        password_validation.validate_password(new, user)
    except ValidationError as error:
        why = " ".join(error.messages)
        says = Words(f"新密码不合要求：{why}", f"The new password will not do: {why}")
        raise BadPassword(says, field="new") from None
    if new == old:
        raise BadPassword(BadPassword.same, field="new")
    user.set_password(new)
    user.must_change, user.password_at = False, at
    user.save(update_fields=["password", "must_change", "password_at"])
    details: Mapping[str, object] = {}
    entry = ("user", by, "change_password", details, queries.region_of(user.username))
    audit.record_many(entries=[entry], by=by, at=at)
    return user


def _record(
    verb: str, grant: models.Grant, details: Mapping[str, object], by: int, at: datetime
) -> None:
    audit.record(
        subject="user",
        subject_id=grant.user_id,
        verb=verb,
        details=details,
        region=grant.region,
        by=by,
        at=at,
    )
