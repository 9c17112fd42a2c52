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
    bundles, bare = logs.written_since(transactions, last), list[str]()
    for log in logs.logs():
        ledger.look(log_id=log.pk, suspects=sorted(bundles.get(log.pk, ())), at=at)
        if since is None and log.successor is None and not log.name.startswith(logs.AUDIT):
            bare += [f"leaf {no}" for no in queries.unopened(log.pk, 0, log.size)]
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
                reason = "the list of days does not name every closed day"
                ledger.freeze(log_id=log.pk, reason=reason, at=at)
            named = sorted({path.name.partition(".")[0] for path in beside})
            _look_at_days(log, [queries.day_of(log.pk, one) for one in named], at)


def _look_at_days(log: logs.Log, days: Iterable[models.Day | None], at: datetime) -> bool:
    """Look at what lies of closed days; say whether it is what their leaves commit to."""
    for day in filter(None, days):
        if not queries.book_holds(log, day):
            reason = f"a file of the day {day.day} is not what its statement says"
            ledger.freeze(log_id=log.pk, reason=reason, at=at)
            return False
    return True


def examine_days(*, at: datetime) -> int:
    """Look at every closed day; return of how many logs the days do not hold."""
    days = queries.days()
    going = [log for log in logs.logs() if log.successor is None]
    return sum(
        not _look_at_days(log, [day for day in days if day.log_id == log.pk], at)
        or not queries.index_holds(log)
        for log in going
    )


@transaction.atomic
def look_in_turn(*, begin: int, at: datetime) -> int:
    """Compare the next leaves of ratings with what they commit to, the next published files with
    the leaves, and one of the closed days with its leaf; return where the next turn begins.
    """
    for one in logs.logs():
        ledger.look(log_id=one.pk, at=at)
    log = _ours()
    if log is None:
        return 0
    begin = begin if begin < log.size else 0
    end = min(begin + _TURN, log.size)
    bare = [f"leaf {no}" for no in queries.unopened(log.pk, begin, end)]
    # what nobody entered is looked for among all once in a round
    strangers = [] if begin else queries.strangers()
    _well(_altered(queries.opened(log.pk, begin, end)), strangers, bare, at)
    if days := [day for day in queries.days() if day.log_id == log.pk]:
        _look_at_days(log, [days[int(at.timestamp() // _TURN_OF_A_DAY) % len(days)]], at)
    return end


def examine_all(*, at: datetime) -> int:
    """Compare every leaf there is; return how many things were altered."""
    wrong, strangers = _every(), queries.strangers()
    bare = [
        f"leaf {no}"
        for log in logs.logs()
        if log.successor is None and not log.name.startswith(logs.AUDIT)
        for no in queries.unopened(log.pk, 0, log.size)
    ]
    _well(wrong, strangers, bare, at)
    return len(wrong) + len(strangers) + len(bare)


def _every() -> list[queries.Opened]:
    """Return every leaf that opens to something else now."""
    return [
        one
        for log in logs.logs()
        if log.successor is None  # of an ended one it is known that it does not hold
        for begin in range(0, log.size, _AT_ONCE)
        for one in queries.altered(queries.opened(log.pk, begin, begin + _AT_ONCE))
    ]


def _altered(openings: Sequence[queries.Opened]) -> list[queries.Opened]:
    return [one for some in batched(openings, _AT_ONCE) for one in queries.altered(some)]


def _ours() -> logs.Log | None:
    """Return the log that ratings are entered into: of the newest year, the one that goes on."""
    ours = [log for log in logs.logs() if not log.name.startswith(logs.AUDIT)]
    going = [log for log in ours if log.successor is None]
    return max(going, key=lambda log: (year_of(log.name), log.pk), default=None)


def _well(
    wrong: Sequence[queries.Opened], strangers: Sequence[str], bare: Sequence[str], at: datetime
) -> bool:
    """Freeze the ledger where something is wrong: facts that are not what their leaves commit to,
    facts without a leaf, leaves that nothing opens.
    """
    told = [one.told for one in wrong] + [f"rating {one} without a leaf" for one in strangers]
    told += [f"{one} opens nothing" for one in bare]
    log = _ours()
    if told and log is not None:
        more = f" and {len(told) - _NAMED} more" if len(told) > _NAMED else ""
        reason = f"altered: {'; '.join(told[:_NAMED])}{more}"
        ledger.freeze(log_id=log.pk, reason=reason, at=at)
    return not told


@transaction.atomic
def admit(*, log_id: int, reason: str, by: int, at: datetime) -> None:
    """Say in public that something was altered that cannot be put back, and go on: the leaf stays
    for ever, and so does what it says.
    """
    leaves = [one.no for one in _every() if one.log_id == log_id]
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
