"""Watching over what was entered: whoever changes, removes or adds a rating beside the doors is
noticed, and nothing more is signed (trust design §6.3).
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import batched
from pathlib import Path

from django.db import transaction

from haochaping.audit import actions as audit
from haochaping.ledger import actions as ledger
from haochaping.ledger import queries as logs
from haochaping.ledger.rules import Leaf, year_of
from haochaping.proofs import models, queries, rules
from haochaping.proofs.actions.enter import state_event
from haochaping.regions.rules import PROVINCE_OF_THE_PLATFORM

_AT_ONCE = 5_000
_TURN = 20_000  # leaves that are opened and compared in each turn
_TURN_OF_A_DAY = 300  # seconds
_NAMED = 5  # of what was altered, in the reason


def examine(*, transactions: int, since: datetime | None = None, at: datetime) -> bool:
    """Look at whatever was written within so many transactions, for PostgreSQL counted rows that
    were changed or came from nowhere; say whether all is well. Where facts only arrived, `since`
    spares what is older.
    """
    wrong = _altered(queries.suspects(transactions, since))
    if since is None:
        wrong += queries.gone()
    last = logs.EVERY if since is None else queries.LATELY
    bundles, bare = logs.written_since(transactions, last), dict[int, list[str]]()
    for log in logs.logs():
        ledger.look(log_id=log.pk, suspects=sorted(bundles.get(log.pk, ())), at=at)
    for log in _going() if since is None else ():
        mine = (day for day in queries.days() if day.log_id == log.pk)
        days = [f"the row of the day {day.day}" for day in mine if not queries.row_holds(log, day)]
        bare[log.pk] = _bare(log, 0, log.size) + days
    found = queries.strangers() if since is None else queries.strangers(transactions, since)
    return _well(wrong, found, bare, at)


def look_at(*, paths: Iterable[Path], at: datetime) -> None:
    """Look at published files that somebody touched or took away: tiles against the leaves, and
    what lies of a closed day against its statement. What is not as it was freezes its log.
    """
    for log in logs.logs():
        mine = [path for path in paths if path.is_relative_to(logs.folder(log.name))]
        if mine and ledger.look(log_id=log.pk, paths=mine, at=at):
            beside = [path for path in mine if path.parent.name == "daybook"]
            for path in beside:
                shared = path.name.startswith(("cells-", "rules-"))
                if shared and not queries.is_itself(path):
                    reason = f"{path.name} is not the file that days commit to"
                    ledger.freeze(log_id=log.pk, reason=reason, at=at)
            if beside and not queries.index_holds(log):
                reason = "the list of days does not name the closed days"
                ledger.freeze(log_id=log.pk, reason=reason, at=at)
            if logs.folder(log.name) / "keys" in mine and not logs.keys_hold(log):
                ledger.freeze(log_id=log.pk, reason="the published keys are not ours", at=at)
            named = sorted({path.name.partition(".")[0] for path in beside})
            _look_at_days(log, [queries.day_of(log.pk, one) for one in named], at)
            if beside:
                _look_at_months(log, at, only=named)


def _look_at_days(log: logs.Log, days: Iterable[models.Day | None], at: datetime) -> bool:
    """Look at what lies of closed days; say whether it is what their leaves commit to."""
    for day in filter(None, days):
        if not queries.book_holds(log, day):
            reason = f"a file of the day {day.day} is not what its statement says"
            ledger.freeze(log_id=log.pk, reason=reason, at=at)
            return False
    return True


def _look_at_months(log: logs.Log, at: datetime, only: Sequence[str] | None = None) -> bool:
    """Look at what lies of closed months, of all or of some, and at their list; say whether it is
    what their leaves commit to.
    """
    closed = queries.months_of(log.pk)
    for one in closed:
        if (only is None or one.month in only) and not queries.month_holds(log, one):
            reason = f"a file of the month {one.month} is not what its statement says"
            ledger.freeze(log_id=log.pk, reason=reason, at=at)
            return False
    if not queries.months_listed(log, closed, at):
        reason = "the list of months does not name the closed months"
        ledger.freeze(log_id=log.pk, reason=reason, at=at)
        return False
    return True


def examine_days(*, at: datetime) -> int:
    """Look at every closed day and month; return of how many logs they do not hold."""
    days = queries.days()
    going = [log for log in logs.logs() if log.successor is None]
    return sum(
        not _look_at_days(log, [day for day in days if day.log_id == log.pk], at)
        or not queries.index_holds(log)
        or not _look_at_months(log, at)
        for log in going
    )


@transaction.atomic
def look_in_turn(*, begin: int, at: datetime) -> int:
    """Compare the next leaves of ratings with what they commit to, the next published files with
    the leaves, and one of the closed days with its leaf; return where the next turn begins.
    """
    for one in logs.logs():
        ledger.look(log_id=one.pk, at=at)
    going = _going()
    begin = begin if begin < sum(log.size for log in going) else 0
    # what nobody entered is looked for among all once in a round
    strangers = [] if begin else queries.strangers()
    before = 0  # leaves of the logs of earlier years
    for log in going:
        if begin < before + log.size:
            first = begin - before
            end = min(first + _TURN, log.size)
            bare = {log.pk: _bare(log, first, end)}
            _well(_altered(queries.opened(log.pk, first, end)), strangers, bare, at)
            begin = before + end
            break
        before += log.size
    closed, turn = queries.days(), int(at.timestamp() // _TURN_OF_A_DAY)
    for log in going:
        if days := [day for day in closed if day.log_id == log.pk]:
            _look_at_days(log, [days[turn % len(days)]], at)
            months = sorted({f"{day.day:%Y-%m}" for day in days})
            _look_at_months(log, at, only=[months[turn % len(months)]])
    return begin


def examine_all(*, at: datetime) -> int:
    """Compare every leaf there is; return how many things were altered."""
    wrong, strangers = _every(), queries.strangers()
    bare = {log.pk: _bare(log, 0, log.size) for log in _going()}
    _well(wrong, strangers, bare, at)
    return len(wrong) + len(strangers) + sum(map(len, bare.values()))


def _every() -> list[queries.Opened]:
    """Return every leaf that opens to something else now."""
    return [
        one
        for log in _going()
        for begin in range(0, log.size, _AT_ONCE)
        for one in queries.altered(queries.opened(log.pk, begin, begin + _AT_ONCE))
    ]


def _altered(openings: Sequence[queries.Opened]) -> list[queries.Opened]:
    return [one for some in batched(openings, _AT_ONCE) for one in queries.altered(some)]


def _going() -> list[logs.Log]:
    """Return the logs of ratings that hold, the oldest year first; of an ended one it is known that
    it does not.
    """
    ours = [log for log in logs.logs() if not log.name.startswith(logs.AUDIT)]
    going = [log for log in ours if log.successor is None]
    return sorted(going, key=lambda log: (year_of(log.name), log.pk))


def _bare(log: logs.Log, begin: int, end: int) -> list[str]:
    """Return what is wrong with leaves whose rows somebody removed or rewrote."""
    told = [f"leaf {no} opens nothing" for no in queries.unopened(log.pk, begin, end)]
    silent = queries.silent(log.pk, begin, end)
    return told + [f"nothing says what the public leaf {no} commits to" for no in silent]


type _Bare = dict[int, list[str]]  # by log


def _well(
    wrong: Sequence[queries.Opened], strangers: Sequence[str], bare: _Bare, at: datetime
) -> bool:
    """Freeze each log where something is wrong: facts that are not what their leaves commit to,
    leaves that nothing opens; the log that ratings are entered into for facts without a leaf.
    """
    told = {key: list(some) for key, some in bare.items() if some}
    for one in wrong:
        told.setdefault(one.log_id, []).append(one.told)
    if strangers and (going := _going()):
        some = [f"rating {one} without a leaf" for one in strangers]
        told.setdefault(going[-1].pk, []).extend(some)
    for key, some in told.items():
        more = f" and {len(some) - _NAMED} more" if len(some) > _NAMED else ""
        reason = f"altered: {'; '.join(some[:_NAMED])}{more}"
        ledger.freeze(log_id=key, reason=reason, at=at)
    return not told


@transaction.atomic
def admit(*, log_id: int, reason: str, by: int, at: datetime) -> None:
    """Say in public that something was altered that cannot be put back, and go on: the leaf stays
    for ever, and so does what it says.
    """
    log = next(one for one in logs.logs() if one.pk == log_id)
    gone = [*queries.unopened(log_id, 0, log.size), *queries.silent(log_id, 0, log.size)]
    leaves = sorted({one.no for one in _every() if one.log_id == log_id}.union(gone))
    told = {"v": 1, "kind": "restatement", "reason": reason, "leaves": leaves}
    said = rules.canonical({**told, "at": at.isoformat()})
    no = state_event(log_id=log_id, kind=Leaf.RESTATEMENT, data=said, at=at)
    facts = {"said": said.decode(), "leaves": leaves, "at": at}
    models.Restatement.objects.create(log_id=log_id, no=no, **facts)
    ledger.thaw(log_id=log_id, reason=reason, by=by, at=at)
    audit.record(
        subject="ledger",
        subject_id=log_id,
        verb="admit",
        details={"reason": reason},
        region=PROVINCE_OF_THE_PLATFORM,
        by=by,
        at=at,
    )
