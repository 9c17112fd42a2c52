"""Announcements from a room to the rooms above it: an event becomes jobs in the announcer's own
transaction.

`config/flow.py` says which task follows which event; a rolled-back transaction leaves no job, a
committed one cannot lose it. What must be known or done at once is asked instead, and answered in
the same transaction.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from typing import Any, Protocol

from procrastinate import BaseRetryStrategy, RetryDecision
from procrastinate.jobs import Job

from haochaping.kernel.db import rows
from haochaping.kernel.schedule import again, every

# Jobs that wait for somebody else's system, or take long, stand in a queue of their own: a hotline
# that does not answer holds up no order.
OURS, SLOW = "default", "slow"
FIRST = 10  # the priority of jobs for which a citizen waits, before what merely follows a step
# the notification with which a job that is new wakes the workers
_WAKE = """
SELECT pg_notify('procrastinate_queue_v1#' || queue, '{"type": "job_inserted", "job_id": 0}')
  FROM unnest($1::text[]) queue
"""
_NEXT = """
SELECT extract(epoch FROM min(scheduled_at) - now())::float AS seconds FROM procrastinate_jobs
 WHERE status = 'todo' AND scheduled_at > now()
"""
_MARGIN = 0.2  # seconds after a job is due, so that it surely is


@every(seconds=3600)
def wake(_at: datetime) -> None:
    """Have the workers look for jobs that are due by now: they look by themselves every few minutes
    only, and are told of new jobs, not of those that are tried again. Come back for the next one,
    whichever process failed with it.
    """
    rows(_WAKE, [OURS, SLOW])
    if (seconds := rows(_NEXT)[0]["seconds"]) is not None:
        again(wake, seconds + _MARGIN)


class ForEver(BaseRetryStrategy):
    """Tries what must happen again and again: after a second, two, four … at last every quarter of
    an hour. A lock that is held for minutes makes nothing fail for good.
    """

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision:  # noqa: ARG002
        """Return when the job runs again."""
        seconds = min(2 ** min(job.attempts, 10), 900)
        again(wake, seconds + _MARGIN)
        return RetryDecision(retry_in={"seconds": seconds})


FOR_EVER = ForEver()


class Task(Protocol):
    """A procrastinate task."""

    @property
    def defer(self) -> Callable[..., object]:
        """Queue one run."""


_followers: dict[type, list[Task]] = defaultdict(list)


def follow(event: type, *tasks: Task) -> None:
    """Have the tasks run, with the event's fields as arguments, whenever the event is announced.

    Raises ValueError for a task with a queueing lock: a second event, while a job waits, would
    break the announcer's transaction.
    """
    locked = [task for task in tasks if getattr(task, "queueing_lock", None)]
    if locked:
        raise ValueError(locked)
    _followers[event].extend(tasks)


def followers(event: type) -> list[Task]:
    """Return the tasks that follow an event."""
    return list(_followers[event])


def publish(event: Any) -> None:
    """Announce an event (a frozen dataclass of plain values)."""
    for task in _followers[type(event)]:
        task.defer(**asdict(event))


_answerers: dict[type, list[Callable[[Any], Any]]] = defaultdict(list)


def answer(question: type, *functions: Callable[[Any], Any]) -> None:
    """Have the functions answer whenever a question is asked."""
    _answerers[question].extend(functions)


def ask(question: Any) -> list[Any]:
    """Ask the rooms above something at once, and return what each answers.

    They answer in the asker's transaction: what one of them raises undoes the asker's work too.
    """
    return [function(question) for function in _answerers[type(question)]]
