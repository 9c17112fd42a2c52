"""Undoing an import: what it added goes, what it changed is as before, unless somebody has named or
changed it since.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import ProtectedError, QuerySet

from haochaping.audit import actions as audit
from haochaping.directory import events, models, queries, rules
from haochaping.directory.actions import entries
from haochaping.identity import queries as identity
from haochaping.identity.rules import Right
from haochaping.kernel import outbox
from haochaping.kernel.errors import NotFound


@dataclass(frozen=True)
class Undone:
    """What became of the rows of an import."""

    removed: int
    restored: int
    left: Sequence[tuple[str, bool]]  # codes that stay, and whether it is because they are named


def keep_import(
    *, rows: Sequence[tuple[rules.Row, queries.There | None]], by: int, at: datetime
) -> None:
    """Remember an import with what each row was before; forget the rows of old ones."""
    models.Import.objects.filter(at__lt=at - rules.UNDO).exclude(rows=[]).update(rows=[])
    regions = [row.scope_region for row, _ in rows]
    kind = rules.kind_of(rows[0][0])
    table = rules.TABLES[kind]
    kept = [
        [table.code_of(row), dict(now.facts) if now else None, rules.facts_of(row)]
        for row, now in rows
    ]
    models.Import.objects.create(
        kind=kind,
        low=min(regions),
        high=max(regions),
        rows=kept if len(kept) <= rules.MOST_UNDONE else [],
        size=len(kept),
        by=by,
        at=at,
    )


@transaction.atomic
def undo_import(*, import_id: int, by: int, at: datetime) -> Undone:
    """Undo an import within one's own place; raises NotFound for what is not there, is older than
    `rules.UNDO`, lies outside or was undone already.
    """
    found = models.Import.objects.select_for_update().filter(pk=import_id, undone_at=None)
    one = found.filter(at__gte=at - rules.UNDO).exclude(rows=[]).first()
    reach = identity.reach(by, Right.KEEP_DIRECTORY)
    if one is None or not (reach.covers(one.low) and reach.covers(one.high)):
        raise NotFound
    there = queries.there(one.kind, [code for code, _, _ in one.rows])
    same = [
        (code, before, there[code])
        for code, before, after in one.rows
        if code in there and dict(there[code].facts) == after
    ]
    named = _named(one.kind, [now.id for _, before, now in same if before is None], at)
    left = [(code, False) for code, _, _ in one.rows if code not in {row[0] for row in same}]
    left += [(code, True) for code, before, now in same if before is None and now.id in named]
    removed = [(code, now) for code, before, now in same if before is None and now.id not in named]
    stuck = {code for code, now in reversed(removed) if not _remove(one.kind, now)}
    _restore(one.kind, {code: before for code, before, _ in same if before is not None})
    if one.kind == "windows":  # what it proposed and nobody has decided goes with it
        waiting = models.HoursChange.objects.filter(
            window__code__in=[code for code, _, _ in one.rows],
            decided_at=None,
            in_use=None,
            proposed_by=one.by,
            proposed_at=one.at,
        )
        waiting.delete()
    one.undone_at = at
    one.save(update_fields=["undone_at"])
    restored = sum(before is not None for _, before, _ in same)
    details = {"kind": one.kind, "removed": len(removed) - len(stuck), "restored": restored}
    entry = ("directory", 0, "undo", details | {"left": len(left) + len(stuck)}, one.low)
    audit.record_many(entries=[entry], by=by, at=at)
    return Undone(len(removed) - len(stuck), restored, [*left, *((code, True) for code in stuck)])


def _named(kind: str, ids: Sequence[int], at: datetime) -> set[int]:
    """Return which entries posts, services, codes or devices name."""
    told = outbox.ask(events.WhoNames(kind, ids, at)) if ids else []
    return set().union(*told, identity.posts_naming(kind, ids))


def _remove(kind: str, now: queries.There) -> bool:
    """Delete an entry; say whether it went, for another of the directory may hang on it."""
    try:
        with transaction.atomic():
            QuerySet(queries.OWNED[kind][0]).filter(pk=now.id).delete()
    except ProtectedError:
        return False
    return True


def _restore(kind: str, before: Mapping[str, Mapping[str, str]]) -> None:
    """Write rows as they were."""
    table = rules.TABLES[kind]
    rows = [{table.columns[0]: code, **facts} for code, facts in before.items()]
    known = queries.known(kind, covers=lambda _: True)
    for row in rules.read_table(table, rows, known)[0]:
        entries.save_row(row=row)
