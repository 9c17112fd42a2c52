"""Reading catalogues each night, and putting in force what was approved for a day."""

from datetime import datetime

from procrastinate.contrib.django import app

from haochaping.feed import actions as feed
from haochaping.kernel import clock, outbox
from haochaping.kernel.errors import Refusal
from haochaping.kernel.schedule import DAY, HOUR, every
from haochaping.upstream import actions, queries
from haochaping.upstream.partners import reading

_NIGHT = 18 * HOUR + 20 * 60  # 02:20 in China
_EVERYWHERE = (0, 10**12)


@every(seconds=DAY, offset=_NIGHT, once=True)
def read_all(_at: datetime) -> None:
    """Each night: have every catalogue that was started be read, one job for each."""
    for source in queries.sources(_EVERYWHERE).filter(stopped_at=None):
        read_one.defer(source_id=source.pk)


@every(seconds=HOUR, offset=60, once=True)
def take_due(at: datetime) -> None:
    """Each hour: put in force what has come to its day; what could not be is tried again."""
    actions.take_due(at=at)


@app.task(name="upstream.read_one", queue=outbox.SLOW, retry=2)
def read_one(source_id: int) -> None:
    """Read a catalogue and put to people how it differs; the alarm tells of one that is away."""
    source = queries.source(source_id)
    if source is None or source.stopped_at is not None:
        return
    name, at = f"upstream.{source_id}", clock.now()
    try:
        rows = reading.read(source)
    except Refusal as away:
        actions.note_away(source_id=source_id, says=away.says, at=at)
        feed.note_failure(name=name, error=away.says.en, at=at)
        return
    suspicious = actions.compare(source_id=source_id, rows=rows, by=0, at=at)
    if suspicious is not None:
        feed.note_failure(name=name, error=suspicious.says.en, at=at)
    else:
        feed.note_success(name=name)
