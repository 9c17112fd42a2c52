"""Comparing what a catalogue says with what is here."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction

from haochaping.directory import queries as directory
from haochaping.directory.rules import TABLES, Known, RowError, facts_of, read_table
from haochaping.kernel.moments import day_of
from haochaping.kernel.sheets import UNREADABLE, numbered
from haochaping.kernel.words import Words, storable
from haochaping.regions import rules as regions
from haochaping.upstream import models, queries, rules
from haochaping.upstream.actions._source import locked, note

_SHOWN = 100  # rows that could not be taken, and why


@dataclass
class _Read:
    """What was read of a catalogue: entries, the codes of all rows, and what was wrong."""

    entries: dict[str, rules.Entry] = field(default_factory=dict)
    codes: set[str] = field(default_factory=set)
    wrong: list[RowError] = field(default_factory=list)
    rows: int = 0


class _Wrong(Exception):
    """Why a row cannot be taken."""

    def __init__(self, says: Words) -> None:
        self.says = says


@transaction.atomic
def compare(
    *, source_id: int, rows: Iterable[Mapping[str, str]], by: int, at: datetime
) -> rules.Refusal | None:
    """Put to people how a catalogue, read to its end, differs from what is here; what no longer
    differs is forgotten. Return why nothing is proposed, where it looks broken.
    """
    source = locked(source_id, by)
    here = queries.here(source.kind, regions.scope(source.region))
    read = _read(source, rows, here)
    suspicious: rules.Suspicious | None = None
    try:
        found = rules.differences(
            list(read.entries.values()), here, complete=source.complete, asked=read.codes
        )
    except rules.Suspicious as refusal:
        suspicious = refusal
        found = rules.differences(list(read.entries.values()), here, complete=False, asked=())
    _propose(source, found, by, at)
    source.size, source.read_at = read.rows, at
    source.wrong = [[one.number, *one.says] for one in read.wrong[:_SHOWN]]
    source.failing_since = (source.failing_since or at) if suspicious else None
    source.answer = list(suspicious.says) if suspicious else []
    source.save(update_fields=["size", "read_at", "wrong", "failing_since", "answer"])
    if by:
        note(source, "upload", {"rows": read.rows, "found": len(found)}, by, at)
    return suspicious


@transaction.atomic
def note_away(*, source_id: int, says: Words, at: datetime) -> None:
    """Note that a catalogue could not be read, and why."""
    source = models.Source.objects.select_for_update().get(pk=source_id)
    source.failing_since = source.failing_since or at
    source.answer = list(says)
    source.save(update_fields=["failing_since", "answer"])


def _read(
    source: models.Source, rows: Iterable[Mapping[str, str]], here: Mapping[str, rules.Here]
) -> _Read:
    low, high = regions.scope(source.region)
    read = _Read()
    known = (
        directory.known(source.kind, covers=lambda code: low <= code <= high)
        if source.kind != "regions"
        else None
    )
    name = queries.names_of(source.kind)[0]
    for number, row in numbered(rows):
        read.rows += 1
        try:
            if UNREADABLE in row:
                raise _Wrong(_UNREADABLE)
            code = _code_of(source.kind, row.get(name, ""))
            if code in read.codes:
                raise _Wrong(_TWICE)
            read.codes.add(code)
            read.entries[code] = (
                _entry(source.kind, code, row, here.get(code), known)
                if known
                else _region(code, row, (low, high))
            )
        except _Wrong as wrong:
            read.wrong.append(RowError(number, wrong.says))
    return read


_UNREADABLE = Words("该行无法识别", "the row cannot be read")
_TWICE = Words("编码重复", "the code stands there twice")
_DATE = Words("日期应为 2026-01-31", "dates must be like 2026-01-31")
_OUTSIDE = Words("不在该目录的地区范围内", "it lies outside the catalogue's region")


def _code_of(kind: str, text: str) -> str:
    code = text.strip()
    if kind != "regions":
        return code
    found = regions.parse_code(code)
    if found is None:
        raise _Wrong(Words("应为 6 或 12 位行政区划代码", "a code has 6 or 12 digits"))
    return str(found)


def _days(row: Mapping[str, str]) -> tuple[date | None, date | None]:
    """Return from when on a row holds, and since when it is closed."""
    said = [row.get(name, "").strip() for name in ("effective_on", "closed_on")]
    days = [day_of(text) if text else None for text in said]
    if any(text and day is None for text, day in zip(said, days, strict=True)):
        raise _Wrong(_DATE)
    return days[0], days[1]


def _region(code: str, row: Mapping[str, str], scope: tuple[int, int]) -> rules.Entry:
    since, until = _days(row)
    name = row.get("name", "").strip()
    if not 0 < len(name) <= _LONGEST or not storable(name):
        raise _Wrong(Words(f"名称应为 1–{_LONGEST} 个字", f"a name has 1 to {_LONGEST} characters"))
    if not scope[0] <= int(code) <= scope[1]:
        raise _Wrong(_OUTSIDE)
    follows = row.get("successor", "").strip()
    successor = _code_of("regions", follows) if follows else ""
    return rules.Entry(code, int(code), {"name": name}, since, until, successor)


_LONGEST = 60


def _entry(
    kind: str, code: str, row: Mapping[str, str], now: rules.Here | None, known: Known
) -> rules.Entry:
    since, until = _days(row)
    if until is not None:
        return rules.Entry(code, 0, {}, since, until, row.get("successor", "").strip()[:33])
    table = TABLES[kind]
    whole = dict(row)
    if now is not None:  # what it does not say of an entry stays as it is
        whole |= {name: now.facts[name] for name in table.may_lack if not row.get(name, "").strip()}
    good, errors = read_table(table, [whole], known)
    if errors:
        raise _Wrong(errors[0].says)
    return rules.Entry(code, good[0].scope_region, facts_of(good[0]), since)


def _propose(source: models.Source, found: list[rules.Difference], by: int, at: datetime) -> None:
    """Keep what differs, forget what no longer does, and ask nobody twice the same."""
    mine = models.Change.objects.filter(source=source)
    waiting = {one.code: one for one in mine.filter(decided_at=None)}
    answered = _answered(source, {one.code for one in found} - waiting.keys())
    new = [
        models.Change(source=source, code=one.code, found_at=at, proposed_by=by, **_said(one))
        for one in found
        if one.code not in waiting and not _same(answered.get(one.code), one)
    ]
    models.Change.objects.bulk_create(new, batch_size=1000)
    for one in found:
        held = waiting.pop(one.code, None)
        if held is not None and not _same(held, one):
            mine.filter(pk=held.pk).update(found_at=at, proposed_by=by, **_said(one))
    mine.filter(pk__in=[held.pk for held in waiting.values()]).delete()


def _answered(source: models.Source, codes: set[str]) -> Mapping[str, models.Change]:
    """Return the last answer to each entry: what was rejected, or approved for a later day."""
    mine = models.Change.objects.filter(source=source, code__in=codes, decided_at__isnull=False)
    return {one.code: one for one in mine.order_by("pk") if not (one.approved and one.done_at)}


def _said(one: rules.Difference) -> dict[str, object]:
    return {
        "what": one.what,
        "region": one.region,
        "before": dict(one.before) if one.before is not None else None,
        "after": dict(one.after) if one.after is not None else None,
        "effective_on": one.effective_on,
        "successor": one.successor,
    }


def _same(held: models.Change | None, one: rules.Difference) -> bool:
    return held is not None and all(
        getattr(held, name) == value for name, value in _said(one).items()
    )
