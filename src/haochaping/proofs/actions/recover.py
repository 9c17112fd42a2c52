"""Recovering a log together with what opens its leaves, and forgetting what opens one."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime
from itertools import groupby

import msgspec
from django.conf import settings
from django.db import transaction

from haochaping.audit import actions as audit
from haochaping.kernel.crypto import Keyring
from haochaping.kernel.db import one_at_a_time
from haochaping.kernel.files import put
from haochaping.kernel.moments import business_day
from haochaping.ledger import actions as ledger
from haochaping.ledger import queries as logs
from haochaping.ledger.actions.recover import Fetch
from haochaping.ledger.rules import ELSEWHERE, Leaf, leaf
from haochaping.proofs import models, queries, rules
from haochaping.proofs.actions.enter import enter, enter_into, say_invited, state_event
from haochaping.proofs.actions.months import list_months
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
    anew = _move(log_id, moved)
    log = next(one for one in logs.logs() if one.pk == log_id)
    _days_again(log, fetch)
    _months_again(log, fetch, at)
    if lost:
        begin = (min(moved.values()) if moved else log.size) - lost
        told = {"v": 1, "kind": "recovered", "from": begin, "to": begin + lost, "reason": reason}
        said = rules.canonical({**told, "leaves": anew, "at": at.isoformat()})
        no = state_event(log_id=log_id, kind=Leaf.RESTATEMENT, data=said, at=at)
        models.Restatement.objects.create(log_id=log_id, no=no, said=said.decode(), at=at)
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


def _days_again(log: logs.Log, fetch: Fetch) -> None:
    """Take back the closed days that the database lost, as a mirror has them and leaves commit to
    them: a day is closed once, and another statement of it would lie under the same name.
    """
    with suppress(OSError, ValueError):  # a mirror without days
        named = msgspec.json.decode(fetch("daybook/index.json"), type=list[date])
        held = set(models.Day.objects.filter(log_id=log.pk).values_list("day", flat=True))
        for day in sorted(set(named) - held):
            _day_again(log, day, fetch)


def _day_again(log: logs.Log, day: date, fetch: Fetch) -> None:
    said = fetch(f"daybook/{day}.json")
    told = msgspec.json.decode(said)
    begin, end = told["log"]["from"], told["log"]["to"]
    no = _leaf_of(log, said, end)
    if no is None or told["day"] != str(day):
        return  # no leaf knows it
    names = [f"{day}.{kind}" for kind in ("rows", "csv", "json", "said", "tlog-proof")]
    _files_again(log, names + queries.committed_files(told), fetch)
    facts = {"begin": begin, "end": end, "rows": told["daybook"]["rows"], "no": no}
    root = bytes.fromhex(told["daybook"]["root"])
    models.Day.objects.create(
        log_id=log.pk, day=day, statement=said.decode(), root=root, proved_at=None, **facts
    )


def _leaf_of(log: logs.Log, said: bytes, begin: int) -> int | None:
    """Return the leaf, from a number on, that commits to a statement."""
    wanted = leaf(Leaf.STATEMENT, rules.public(said))
    there = enumerate(logs.entries(log.pk, begin, log.size), begin)
    return next((no for no, body in there if body == wanted), None)


def _files_again(log: logs.Log, names: Sequence[str], fetch: Fetch) -> None:
    """Take files as a mirror has them: what a restored database wrote meanwhile gives way."""
    for name in names:
        path, data = logs.folder(log.name) / "daybook" / name, fetch(f"daybook/{name}")
        if not path.exists() or path.read_bytes() != data:
            put(path, data)


def _months_again(log: logs.Log, fetch: Fetch, at: datetime) -> None:
    """Take back the closed months that the database lost, as days."""
    named = list[str]()
    with suppress(OSError, ValueError):  # a mirror without months
        named = msgspec.json.decode(fetch("daybook/months.json"), type=list[str])
    for month in sorted(set(named) - {one.month for one in queries.months_of(log.pk)}):
        with suppress(OSError, ValueError, KeyError):  # of one that is not whole the others come
            _month_again(log, month, fetch, at)
    if closed := queries.months_of(log.pk):
        list_months(log=log, closed=closed)


def _month_again(log: logs.Log, month: str, fetch: Fetch, at: datetime) -> None:
    said = fetch(f"daybook/{month}.json")
    told = msgspec.json.decode(said)
    no = _leaf_of(log, said, told["log"]["to"])
    if no is None or told["month"] != month:
        return  # no leaf knows it
    names = [f"{month}.{kind}" for kind in ("rows", "csv", "json", "tlog-proof")]
    _files_again(log, names + queries.committed_files(told), fetch)
    opening = models.Opening.objects.filter(log_id=log.pk, no=no).first()
    facts = {"kind": queries.MONTH_BOOK, "said": said.decode()}
    when = opening.at if opening else at
    models.Said.objects.create(log_id=log.pk, no=no, at=when, **facts)


@transaction.atomic
def succeed(*, log_id: int, reason: str, by: int, at: datetime) -> str:
    """Open a log in the place of one that was lost for good, with the mirrors: its first leaf names
    the old one, how far that was signed, and why it ends. What no closed day of the old log covers
    is entered anew, each on its own day. Return the name of the new log. Raises LogSound.
    """
    one_at_a_time("enter")
    old = next(one for one in logs.logs() if one.pk == log_id)
    size, root = logs.last_signed(old)
    new = ledger.succeed(log_id=log_id, reason=reason, by=by, at=at)
    models.Day.objects.filter(log_id=log_id, no__gte=size).delete()
    months = models.Said.objects.filter(log_id=log_id, kind=queries.MONTH_BOOK)
    months.filter(no__gte=size).delete()
    last = queries.last_day(log_id)
    there = {"log_id": log_id, "no__gte": last.end if last else 0}
    held = list(models.Opening.objects.filter(**there).order_by("no"))
    said = {"v": 1, "kind": "successor", "reason": reason, "leaves": [], "at": at.isoformat()}
    said["of"] = {"origin": old.origin, "size": size, "root": root.hex()}
    data, begin = rules.canonical(said), held[0].at if held else at
    no = state_event(log_id=new.pk, kind=Leaf.RESTATEMENT, data=data, at=begin)
    models.Restatement.objects.create(log_id=new.pk, no=no, said=data.decode(), leaves=[], at=at)
    _again(held, new.pk, size)
    return new.name


def _again(held: Sequence[models.Opening], into: int, signed: int) -> None:
    """Enter into a log what another one held and no closed day covers, in the same order; what was
    said in public and is signed there stays there.
    """
    for (_, public), several in groupby(
        held, lambda one: (business_day(one.at), one.salts is None)
    ):
        some = list(several)
        if public:
            for one in some:
                _said_again(one, into, signed)
        else:
            facts = [(one.what, one.ref) for one in some]
            for one in some:
                models.Opening.objects.filter(log_id=one.log_id, no=one.no).delete()
            enter_into(log_id=into, facts=facts, at=some[-1].at)


def _said_again(one: models.Opening, into: int, signed: int) -> None:
    """Say again what everybody may read, but for what is signed already. What was erased keeps the
    row that says so: its rating is no stranger.
    """
    there = {"log_id": one.log_id, "no": one.no}
    invited = models.Invited.objects.filter(**there).first()
    if invited is not None:
        count, over = invited.services, bytes(invited.root)
        models.Invited.objects.filter(**there).delete()
        models.Opening.objects.filter(**there).delete()
        say_invited(log_id=into, first=one.ref, services=count, over=over, at=one.at)
        return
    if one.no < signed:
        return
    said = models.Said.objects.filter(**there).first()
    restated = models.Restatement.objects.filter(**there).first()
    if said is not None or restated is not None:
        models.Opening.objects.filter(**there).delete()
    if said is not None:
        _entered(said, one, into)
        models.Said.objects.bulk_create([said])
    if restated is not None:
        _entered(restated, one, into)
        models.Restatement.objects.bulk_create([restated])


def _entered(row: models.Said | models.Restatement, one: models.Opening, into: int) -> None:
    """Enter what a row says into another log, and give the row its number there."""
    row.delete()
    row.log_id, data = into, row.said.encode()
    row.no = state_event(log_id=into, kind=Leaf(one.leaf), data=data, at=one.at)


def _move(log_id: int, moved: dict[int, int]) -> list[int]:
    """Seal openings anew under the numbers that their leaves have now, and give these numbers to
    whatever else is known by them. A day or month whose statement moved is closed anew; return the
    leaves of such statements.
    """
    there = {"log_id": log_id, "no__in": list(moved)}
    months = models.Said.objects.filter(kind=queries.MONTH_BOOK, **there)
    closed = models.Day.objects.filter(**there), months
    anew = [no for some in closed for no in some.values_list("no", flat=True)]
    for some in closed:
        some.delete()
    for table in (models.Invited, models.Said, models.Restatement):
        known = table.objects.filter(**there).order_by("-no")  # none takes another's place
        for no in list(known.values_list("no", flat=True)):
            table.objects.filter(log_id=log_id, no=no).update(no=moved[no])
    keyring: Keyring = settings.KEYRING
    held = models.Opening.objects.filter(log_id=log_id, no__in=list(moved))
    fresh = []
    for one in held:
        sealed, place = one.salts, f"{log_id}/{one.no}"
        one.no = moved[one.no]
        if sealed is not None:
            plain = keyring.open(sealed, CONTEXT, place)
            one.salts = keyring.seal(plain, CONTEXT, f"{log_id}/{one.no}")
        fresh.append(one)
    models.Opening.objects.filter(log_id=log_id, no__in=list(moved)).delete()
    models.Opening.objects.bulk_create(fresh)
    return [moved[no] for no in anew]


@transaction.atomic
def forget(*, evaluation_ids: Sequence[int], kinds: Sequence[int], at: datetime) -> int:
    """Destroy what opens the leaves of ratings 依法删除; return how many leaves. Each gets a leaf
    behind it that says so, and says nothing else for ever (trust design §1.8). What was forgotten
    before is passed over; what has no leaf yet gets it now, from what was handed in.
    """
    done = 0
    enter(facts=list(queries.found(dict.fromkeys(kinds, evaluation_ids))), at=at)
    for kind in kinds:
        for one in queries.known(kind, evaluation_ids):
            if one.sealed is None:
                continue
            said = rules.public(rules.canonical({"v": 1, "kind": "erased", "leaf": one.no}))
            log = next(each for each in logs.logs() if each.pk == one.log_id)
            while log.successor is not None:  # an ended log is written no more
                log = log.successor
            there = one.no if log.pk == one.log_id else ELSEWHERE
            no = ledger.append(log_id=log.pk, entries=[leaf(Leaf.ERASED, said, there)])
            models.Opening.objects.filter(log_id=one.log_id, no=one.no).delete()
            facts = {"leaf": one.leaf, "what": one.what, "ref": one.ref, "at": one.at}
            models.Opening.objects.create(log_id=one.log_id, no=one.no, **facts)
            erased = {"leaf": Leaf.ERASED, "what": 0, "ref": 0, "at": at}
            models.Opening.objects.create(log_id=log.pk, no=no, **erased)
            done += 1
    return done
