"""Making exports behind the page."""

import logging
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import BinaryIO, Self

from django.db import connections
from procrastinate.contrib.django import app

from haochaping.exports import actions, events, models, rules
from haochaping.kernel import clock, outbox
from haochaping.kernel.errors import Refusal

log = logging.getLogger(__name__)


@app.task(name="exports.make", queue=outbox.SLOW, retry=3)
def make(export_id: int) -> None:
    """Make a file of what its reader would see now: the page is read within their own scope, in
    one transaction of one moment, into a file of this machine; then it is kept.
    """
    export = actions.begin(export_id=export_id)
    if export is None:
        return
    with tempfile.TemporaryFile() as file, _Progress(export_id) as progress:
        try:
            _write(export, file, progress)
        except Refusal as refusal:
            actions.fail(export_id=export_id, says=refusal.says, at=clock.now())
        except Exception:
            log.exception("the export %s was not made", export_id)
            actions.fail(export_id=export_id, says=rules.BROKEN, at=clock.now())
        else:
            actions.keep(
                export_id=export_id, pieces=_pieces(file), lines=progress.lines, at=clock.now()
            )


def _write(export: models.Export, file: BinaryIO, progress: "_Progress") -> None:
    address = f"{export.path}?{export.query}&as={export.form}"
    wanted = events.FileWanted(export.user_id, address, progress.tell)
    for pieces in outbox.ask(wanted):
        file.writelines(pieces)


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    file.seek(0)
    while piece := file.read(rules.PART):
        yield piece


class _Progress:
    """Notes how far an export is, on a connection of its own: the page is read in a transaction
    that writes nothing.
    """

    def __init__(self, export_id: int) -> None:
        self.export_id, self.lines = export_id, 0
        self.thread = ThreadPoolExecutor(1, thread_name_prefix="export")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.thread.submit(connections.close_all)  # of that thread
        self.thread.shutdown()

    def tell(self, lines: int) -> None:
        """Note how many lines are written."""
        self.lines = lines
        self.thread.submit(actions.note_lines, export_id=self.export_id, lines=lines)
