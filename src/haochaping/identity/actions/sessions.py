"""Signing in and out, and the second factor."""

import secrets
from datetime import datetime

from django.conf import settings
from django.db import transaction

from haochaping.audit import actions as audit
from haochaping.identity import models, queries, rules
from haochaping.kernel.crypto import Keyring
from haochaping.kernel.errors import NotFound


@transaction.atomic
def begin_session(
    *, user_id: int, factors: int, address: str | None, browser: str, at: datetime
) -> int:
    """Begin a session and leave a row in the trail; return its id. A new one of an administrator
    ends the others.
    """
    user = models.User.objects.get(pk=user_id)
    models.SignInFailure.objects.filter(account=user.username, address=address).delete()
    grant = models.Grant.objects.filter(user_id=user_id).first()
    if grant is not None and grant.role in rules.ALONE:
        end_sessions(user_id=user_id, at=at)
    made = models.Session.objects.create(
        user_id=user_id,
        began_at=at,
        seen_at=at,
        address=address,
        browser=browser[:200],
        factors=factors,
    )
    entry = ("user", user_id, "sign_in", {"factors": factors}, queries.region_of(user.username))
    audit.record_many(entries=[entry], by=user_id, at=at)
    return made.pk


@transaction.atomic
def known_as(*, account: str, subject: str, at: datetime) -> int | None:
    """Return the active person of an account whom the identity provider calls by a subject; None
    where there is none. The first time binds the account to the subject: whoever is given the same
    name there later is another person, and is not let in.
    """
    user = models.User.objects.select_for_update().filter(username=account, is_active=True).first()
    if user is None or user.subject not in ("", subject):
        return None
    if not user.subject:
        if models.User.objects.filter(subject=subject).exists():
            return None
        user.subject = subject
        user.save(update_fields=["subject"])
        _note(user, "bind_provider", at)
    return user.pk


def note_seen(*, session_id: int, at: datetime) -> None:
    """Note that a session was used."""
    models.Session.objects.filter(pk=session_id).update(seen_at=at)


@transaction.atomic
def end_session(*, session_id: int, user_id: int, at: datetime) -> None:
    """End one session of a person; raises NotFound where it is not theirs."""
    mine = models.Session.objects.filter(pk=session_id, user_id=user_id, ended_at=None)
    if not mine.update(ended_at=at):
        raise NotFound
    _note(models.User.objects.get(pk=user_id), "end_session", at)


def end_sessions(*, user_id: int, but: int | None = None, at: datetime) -> int:
    """End the sessions of a person, but perhaps one; return how many."""
    found = models.Session.objects.filter(user_id=user_id, ended_at=None)
    return (found.exclude(pk=but) if but else found).update(ended_at=at)


@transaction.atomic
def propose_factor(*, user_id: int) -> str:
    """Give a person a new secret for an authenticator; it holds once a code of it was right."""
    user = models.User.objects.select_for_update().get(pk=user_id)
    if user.totp_since is not None:
        raise rules.BadCode
    secret = rules.new_secret()
    user.totp_secret = _keyring().seal(secret, "user.totp", user_id)
    user.save(update_fields=["totp_secret"])
    return secret


def proposed_factor(*, user_id: int) -> str:
    """Return the secret that waits for its first code, "" where none does."""
    user = models.User.objects.get(pk=user_id)
    if user.totp_since is not None or user.totp_secret is None:
        return ""
    return _keyring().open(user.totp_secret, "user.totp", user_id) or ""


@transaction.atomic
def confirm_factor(
    *, user_id: int, code: str, session_id: int | None = None, at: datetime
) -> list[str]:
    """Let the second factor hold, by its first code; return ten codes for when the telephone is
    lost, which are shown once. This session has it now, every other one ends. Raises BadCode.
    """
    user = models.User.objects.select_for_update().get(pk=user_id)
    step = _step(user, code, at)
    if user.totp_since is not None or step is None:
        raise rules.BadCode
    user.totp_since, user.totp_step = at, step
    user.save(update_fields=["totp_since", "totp_step"])
    models.RecoveryCode.objects.filter(user=user).delete()
    codes = [rules.recovery_code(secrets.token_bytes(10)) for _ in range(rules.CODES)]
    models.RecoveryCode.objects.bulk_create(
        models.RecoveryCode(user=user, code_hash=_hash(user_id, one)) for one in codes
    )
    end_sessions(user_id=user_id, but=session_id, at=at)
    if session_id is not None:
        models.Session.objects.filter(pk=session_id, user_id=user_id).update(factors=2)
    _note(user, "begin_factor", at)
    return codes


@transaction.atomic
def drop_factor(*, user_id: int, code: str, at: datetime) -> None:
    """Give up one's second factor, by a code of it; raises BadCode."""
    user = models.User.objects.select_for_update().get(pk=user_id)
    if not _right(user, code, at):
        raise rules.BadCode
    forget_factor(user_id=user_id)
    _note(user, "drop_factor", at)


@transaction.atomic
def lose_factor(*, account: str, by: int, at: datetime) -> None:
    """Take away the second factor of somebody who lost it and every recovery code; raises NotFound.
    Who they are was made sure of elsewhere: in person, by two.
    """
    user = models.User.objects.filter(username=account).first()
    if user is None:
        raise NotFound
    forget_factor(user_id=user.pk)
    end_sessions(user_id=user.pk, but=None, at=at)
    where = queries.region_of(user.username)
    audit.record_many(entries=[("user", user.pk, "drop_factor", {}, where)], by=by, at=at)


def forget_factor(*, user_id: int) -> None:
    """Take a person's second factor away: they will make a new one."""
    models.User.objects.filter(pk=user_id).update(totp_secret=None, totp_since=None, totp_step=0)
    models.RecoveryCode.objects.filter(user_id=user_id).delete()


@transaction.atomic
def check_code(*, user_id: int, code: str, at: datetime) -> bool:
    """Say whether a code of the authenticator, or one for its loss, is right; it is then used."""
    user = models.User.objects.select_for_update().get(pk=user_id)
    return _right(user, code, at)


def _right(user: models.User, code: str, at: datetime) -> bool:
    step = _step(user, code, at)
    if step is not None:
        user.totp_step = step
        user.save(update_fields=["totp_step"])
        return True
    unused = models.RecoveryCode.objects.filter(user=user, used_at=None)
    used = unused.filter(code_hash=_hash(user.pk, rules.cleaned(code))).update(used_at=at)
    if used:
        _note(user, "use_recovery", at)  # a lost telephone, or a stolen list: told apart
    return bool(used)


def _step(user: models.User, code: str, at: datetime) -> int | None:
    secret = _keyring().open(user.totp_secret, "user.totp", user.pk) if user.totp_secret else None
    return rules.step_of(secret, code, user.totp_step, at) if secret else None


def _hash(user_id: int, code: str) -> bytes:
    """Return the digest of a recovery code: of 49 random bits, keyed by the site's secret."""
    return _keyring().blind(f"{user_id}.{code}", "recovery") or b""


def _keyring() -> Keyring:
    keyring: Keyring = settings.KEYRING
    return keyring


def _note(user: models.User, verb: str, at: datetime) -> None:
    where = queries.region_of(user.username)
    audit.record_many(entries=[("user", user.pk, verb, {}, where)], by=user.pk, at=at)
