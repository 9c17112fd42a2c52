"""Asking for exports, making them and forgetting them."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from haochaping.audit import actions as audit
from haochaping.exports import events, models, queries, rules
from haochaping.kernel import outbox
from haochaping.kernel.words import Words


@transaction.atomic
def ask(*, page: str, form: str, title: str, by: int, region: int, at: datetime) -> int:
    """Ask for a page's list as a file, all of what its filter finds; return the export's id.

    Raises NoExport and TooManyExports.
    """
    path, query = rules.address(page, form)
    if queries.open_of(by) >= rules.MOST_WAITING:
        raise rules.TooManyExports
    made = models.Export.objects.create(
        user_id=by,
        region=region,
        title=title.strip()[:80] or path,
        path=path[:200],
        query=query[:2000],
        form=form,
        state=rules.State.WAITS,
        made_at=at,
    )
    outbox.publish(events.ExportWanted(made.pk))
    return made.pk


def begin(*, export_id: int) -> models.Export | None:
    """Take an export up, from its beginning; None where it is done or gone."""
    found = models.Export.objects.filter(pk=export_id, state__in=rules.OPEN)
    models.Part.objects.filter(export__in=found).delete()  # of a worker that was killed
    found.update(state=rules.State.RUNS, lines=0)
    return found.first()


def note_lines(*, export_id: int, lines: int) -> None:
    """Note how many lines are written."""
    models.Export.objects.filter(pk=export_id).update(lines=lines)


@transaction.atomic
def keep(*, export_id: int, pieces: Iterable[bytes], lines: int, at: datetime) -> None:
    """Keep the file of an export, and leave in the trail who took what."""
    size = 0
    for no, data in enumerate(pieces):
        models.Part.objects.create(export_id=export_id, no=no, data=data)
        size += len(data)
    _end(export_id, rules.State.DONE, at, lines=lines, size=size)
    export = models.Export.objects.get(pk=export_id)
    details = {"path": export.path, "lines": lines, "kind": export.form}
    entry = ("export", export.pk, "export", details, export.region)
    audit.record_many(entries=[entry], by=export.user_id, at=at)


def fail(*, export_id: int, says: Words, at: datetime) -> None:
    """Say why an export will not be made."""
    _end(export_id, rules.State.FAILED, at, says=says.zh[:300])


def _end(export_id: int, state: rules.State, at: datetime, **facts: object) -> None:
    models.Export.objects.filter(pk=export_id).update(state=state, ended_at=at, **facts)


def forget(*, before: datetime) -> None:
    """Forget exports from before a moment."""
    models.Export.objects.filter(made_at__lt=before).delete()
