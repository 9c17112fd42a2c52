"""Recovering a log together with what opens its leaves, and forgetting what opens one."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby

from django.conf import settings
from django.db import transaction

from haochaping.audit import actions as audit
from haochaping.kernel.crypto import Keyring
from haochaping.kernel.moments import business_day
from haochaping.ledger import actions as ledger
from haochaping.ledger import queries as logs
from haochaping.ledger.actions.recover import Fetch
from haochaping.ledger.rules import Leaf, leaf, parse, parse_checkpoint
from haochaping.proofs import models, queries, rules
from haochaping.proofs.actions.enter import enter_into, say_invited, state_event
from haochaping.proofs.queries.facts import CONTEXT
from haochaping.regions.rules import PROVINCE_OF_THE_PLATFORM


@transaction.atomic
def recover(*, log_id: int, fetch: Fetch, reason: str, by: int, at: datetime) -> int:
    """Take the leaves from a mirror that a restored database lost, and sign again; return how many.

    The ratings behind them are lost: their leaves stay and open nothing, and are counted in public
    as orphans. What was entered since, and never published, stands behind them. Raises BadNote or
    Broken where the mirror is not one of this log.
    """
    lost, moved = ledger.import_from(log_id=log_id, fetch=fetch)
    _move(log_id, moved)
    ledger.thaw(log_id=log_id, reason=reason, by=by, at=at)
    audit.record(
        subject="ledger",
        subject_id=log_id,
        verb="recover",
        details={"found": lost, "reason": reason},
        region=PROVINCE_OF_THE_PLATFORM,
        by=by,
        at=at,
    )
    return lost


@transaction.atomic
def succeed(*, log_id: int, reason: str, by: int, at: datetime) -> str:
    """Open a log in the place of one that was lost for good, with the mirrors: its first leaf names
    the old one, how far that was signed, and why it ends. What no closed day of the old log covers
    is entered anew, each on its own day. Return the name of the new log. Raises LogSound.
    """
    old = next(one for one in logs.logs() if one.pk == log_id)
    signed = logs.covering(log_id, old.published - 1)
    root = parse_checkpoint(parse(signed.note).text).root.hex() if signed else ""
    new = ledger.succeed(log_id=log_id, reason=reason, by=by, at=at)
    said = {"v": 1, "kind": "successor", "reason": reason, "leaves": [], "at": at.isoformat()}
    said["of"] = {"origin": old.origin, "size": old.published, "root": root}
    data = rules.canonical(said)
    no = state_event(log_id=new.pk, kind=Leaf.RESTATEMENT, data=data, at=at)
    models.Restatement.objects.create(log_id=new.pk, no=no, said=data.decode(), leaves=[], at=at)
    if not old.name.startswith(logs.AUDIT):
        models.Day.objects.filter(log_id=log_id, no__gte=old.published).delete()
        last = queries.last_day(log_id)
        _again(log_id, last.end if last else 0, new.pk)
    return new.name


def _again(log_id: int, begin: int, into: int) -> None:
    """Enter into a log what another one holds from a number on, in the same order."""
    rest = models.Opening.objects.filter(log_id=log_id, no__gte=begin)
    held, there = list(rest.order_by("no")), {"log_id": log_id, "no__gte": begin}
    invited = {one.no: one for one in models.Invited.objects.filter(**there)}
    rest.delete()
    models.Invited.objects.filter(**there).delete()
    for _, several in groupby(held, lambda one: (business_day(one.at), one.no in invited)):
        some = list(several)
        facts = [(one.what, one.ref) for one in some if one.salts is not None]
        enter_into(log_id=into, facts=facts, at=some[-1].at)
        for one in some:
            if one.no in invited:
                before = invited[one.no]
                say_invited(
                    log_id=into,
                    first=one.ref,
                    services=before.services,
                    over=bytes(before.root),
                    at=one.at,
                )


def _move(log_id: int, moved: dict[int, int]) -> None:
    """Seal openings anew under the numbers that their leaves have now."""
    keyring: Keyring = settings.KEYRING
    held = models.Opening.objects.filter(log_id=log_id, no__in=list(moved))
    fresh = []
    for one in held:
        plain = keyring.open(one.salts, CONTEXT, f"{log_id}/{one.no}")
        one.no = moved[one.no]
        one.salts = keyring.seal(plain, CONTEXT, f"{log_id}/{one.no}")
        fresh.append(one)
    models.Opening.objects.filter(log_id=log_id, no__in=list(moved)).delete()
    models.Opening.objects.bulk_create(fresh)


@transaction.atomic
def forget(*, evaluation_ids: Sequence[int], kinds: Sequence[int], at: datetime) -> int:
    """Destroy what opens the leaves of ratings 依法删除; return how many leaves. Each gets a leaf
    behind it that says so, and says nothing else for ever (trust design §1.8). What was forgotten
    before is passed over.
    """
    done = 0
    for kind in kinds:
        for one in queries.known(kind, evaluation_ids):
            if one.sealed is None:
                continue
            said = rules.public(rules.canonical({"v": 1, "kind": "erased", "leaf": one.no}))
            body = leaf(Leaf.ERASED, said, one.no)
            no = ledger.append(log_id=one.log_id, entries=[body])
            models.Opening.objects.filter(log_id=one.log_id, no=one.no).delete()
            facts = {"leaf": one.leaf, "what": one.what, "ref": one.ref, "at": one.at}
            models.Opening.objects.create(log_id=one.log_id, no=one.no, **facts)
            erased = {"leaf": Leaf.ERASED, "what": 0, "ref": 0, "at": at}
            models.Opening.objects.create(log_id=one.log_id, no=no, **erased)
            done += 1
    return done
