"""Writing the catalogue, and the versions by which it changes."""

import csv
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from pathlib import Path

import msgspec
from django.db import transaction
from django.db.models import Max

from haochaping.audit import actions as audit
from haochaping.identity import queries as identity
from haochaping.identity.rules import Right, SamePerson
from haochaping.indicators import events, models, queries, rules
from haochaping.kernel import marks, outbox
from haochaping.kernel.errors import NotFound
from haochaping.kernel.moments import business_day
from haochaping.kernel.words import Words
from haochaping.regions.rules import PROVINCE_OF_THE_PLATFORM

NATIONAL = Path(__file__).parent / "national.csv"
_STARTS = {
    1: date(2019, 10, 9),
    2: date(2020, 1, 1),
}  # Jiangsu went live with version 1; version 2 is seen in force in May 2020


@transaction.atomic
def seed() -> int:
    """Load both national tables: 40 codes in force and 32 retired ones. Return their number."""
    with NATIONAL.open(encoding="utf-8") as table:
        rows = [
            models.Indicator(
                code=int(row["code"]),
                zh=row["zh"],
                en=row["en"],
                core=row["core"] == "1",
                applies=row["applies"],
                version=int(row["version"]),
                valid_from=_STARTS[int(row["version"])],
                valid_to=_STARTS[2] if row["version"] == "1" else None,
            )
            for row in csv.DictReader(table)
        ]
    if models.Edition.objects.filter(state=rules.State.PUBLISHED).exists():
        models.Indicator.objects.bulk_create(rows, ignore_conflicts=True)
        return len(rows)  # the province has its own version by now
    fields = ["zh", "en", "core", "applies", "version", "valid_from", "valid_to"]
    models.Indicator.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["code"], update_fields=fields
    )
    return len(rows)


def _may(by: int) -> None:
    identity.require(by, Right.KEEP_INDICATORS, within=PROVINCE_OF_THE_PLATFORM)


@transaction.atomic
def begin(*, by: int, at: datetime) -> int:
    """Begin a version from what is in force; return its id. One that is open is gone on with."""
    _may(by)
    open_ = models.Edition.objects.exclude(state=rules.State.PUBLISHED).first()
    if open_ is not None:
        return open_.pk
    highest = models.Indicator.objects.aggregate(n=Max("version"))["n"] or 0
    last = models.Edition.objects.aggregate(n=Max("number"))["n"] or 0
    made = models.Edition.objects.create(
        number=max(highest, last) + 1,
        entries=msgspec.to_builtins(rules.in_force(queries.read_now().values())),
        drafted_by=by,
        drafted_at=at,
    )
    _record(made, "begin", by, at)
    return made.pk


@transaction.atomic
def keep(
    *,
    edition_id: int,
    rows: Iterable[Mapping[str, str]],
    note: str,
    shown: str | None = None,
    by: int,
    at: datetime,
) -> None:
    """Keep a draft's codes as they were typed or imported; raises NotNow or BadEntry, and
    ChangedMeanwhile where somebody else kept it since. Whoever writes last is its drafter, and
    somebody else decides.
    """
    _may(by)
    edition = _locked(edition_id, rules.State.DRAFT)
    marks.check(shown, *queries.drafted(edition))
    entries = rules.checked(rules.read(rows), queries.read_now())
    edition.entries, edition.note = msgspec.to_builtins(entries), note.strip()[:300]
    edition.drafted_by, edition.drafted_at = by, at
    edition.save(update_fields=["entries", "note", "drafted_by", "drafted_at"])
    _record(edition, "keep", by, at)


@transaction.atomic
def submit(*, edition_id: int, by: int, at: datetime) -> None:
    """Hand a draft to another person; raises NotNow, or BadEntry where it changes nothing."""
    _may(by)
    edition = _locked(edition_id, rules.State.DRAFT)
    if queries.changes_of(edition).none:
        raise rules.BadEntry(Words("与现行版本没有差别。", "It changes nothing."))
    edition.state = rules.State.REVIEW
    edition.save(update_fields=["state"])
    _record(edition, "submit", by, at)


@transaction.atomic
def decide(
    *,
    edition_id: int,
    approve: bool,
    reason: str = "",
    shown: str | None = None,
    by: int,
    at: datetime,
) -> None:
    """Put a version in force from today on, or give it back; `shown` is the mark of what was looked
    at (`queries.mark_of`). Raises SamePerson, NotNow or ChangedMeanwhile.

    Codes that it leaves out are retired and go on explaining old ratings; a tablet that still
    offers one is believed.
    """
    _may(by)
    edition = _locked(edition_id, rules.State.REVIEW)
    marks.check(shown, *queries.drafted(edition))
    if edition.drafted_by == by:
        raise SamePerson
    if approve:
        _put_in_force(edition, business_day(at))
        entries = queries.entries_of(edition)
        outbox.ask(events.EditionPublished(edition.number, entries, at))
    edition.state = rules.State.PUBLISHED if approve else rules.State.DRAFT
    edition.decided_by, edition.decided_at, edition.reason = by, at, reason.strip()[:300]
    edition.save(update_fields=["state", "decided_by", "decided_at", "reason"])
    _record(edition, "publish" if approve else "return", by, at)


def _put_in_force(edition: models.Edition, day: date) -> None:
    known, entries = queries.read_now(), queries.entries_of(edition)
    changed = rules.changes(entries, rules.in_force(known.values()))
    gone = [one.code for one in changed.retired]
    models.Indicator.objects.filter(code__in=gone).update(valid_to=day)
    for one in (*changed.added, *(after for _, after in changed.changed)):
        texts = {"zh": one.zh, "en": one.en, "core": one.core, "applies": one.applies}
        texts["scope"] = {name: list(some) for name, some in vars(one.scope).items() if some}
        if one.code in known:
            models.Indicator.objects.filter(code=one.code).update(**texts, valid_to=None)
        else:
            fresh = {"version": edition.number, "valid_from": day}
            models.Indicator.objects.create(code=one.code, **texts, **fresh)
    queries.forget()


def _locked(edition_id: int, state: rules.State) -> models.Edition:
    found = models.Edition.objects.select_for_update().filter(pk=edition_id).first()
    if found is None:
        raise NotFound
    if found.state != state:
        raise rules.NotNow
    return found


def _record(edition: models.Edition, verb: str, by: int, at: datetime) -> None:
    audit.record(
        subject="edition",
        subject_id=edition.pk,
        verb=verb,
        details={"version": edition.number, "note": edition.note, "reason": edition.reason},
        region=PROVINCE_OF_THE_PLATFORM,
        by=by,
        at=at,
    )
