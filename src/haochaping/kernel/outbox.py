"""Announcements from a room to the rooms above it: an event becomes jobs in the announcer's own
transaction.

`config/flow.py` says which task follows which event; a rolled-back transaction leaves no job, a
committed one cannot lose it. What must be known or done at once is asked instead, and answered in
the same transaction.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, Protocol

from procrastinate import BaseRetryStrategy, RetryDecision
from procrastinate.jobs import Job


class ForEver(BaseRetryStrategy):
    """Tries what must happen again and again: after a second, two, four … at last every quarter of
    an hour. A lock that is held for minutes makes nothing fail for good.
    """

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision:  # noqa: ARG002
        """Return when the job runs again."""
        return RetryDecision(retry_in={"seconds": min(2 ** min(job.attempts, 10), 900)})


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
