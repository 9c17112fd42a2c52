"""One reader's fault stops nobody else, and doctor names it."""

import people
import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from haochaping.feed import queries as feed
from haochaping.kernel.db import rows
from haochaping.site import upkeep, worker

pytestmark = pytest.mark.django_db


def jobs(name: str) -> int:
    """Return how many jobs of a task wait."""
    return ProcrastinateJob.objects.filter(task_name=name).count()


def test_a_roll_up_that_fails_stops_no_order_and_is_named_until_it_goes_on(
    world: people.Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "_REST", worker.timedelta(0))
    rows("ALTER TABLE analytics_ratingday RENAME TO analytics_away")
    people.rated(1)
    for _ in range(3):
        worker.pull_once()
    assert jobs("orders.open_from") == 1
    readers = {reader.name: reader for reader in feed.readers()}
    assert readers["screening"].behind == 0
    assert not readers["screening"].error
    assert readers["rollup"].behind > 0
    assert "ProgrammingError at " in readers["rollup"].error
    found = [check for check in upkeep.examine() if "rollup" in check.says.en]
    assert [(check.severity, "failing since" in check.says.en) for check in found] == [(2, True)]
    rows("ALTER TABLE analytics_away RENAME TO analytics_ratingday")
    worker.pull_once()
    readers = {reader.name: reader for reader in feed.readers()}
    assert (readers["rollup"].behind, readers["rollup"].error) == (0, "")
