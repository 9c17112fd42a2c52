"""Background jobs: what waits, what runs, what failed for good, and trying that again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from procrastinate.contrib.django import app
from procrastinate.exceptions import ConnectorException

from haochaping.kernel.db import rows
from haochaping.kernel.errors import Conflict
from haochaping.kernel.words import Words


@dataclass(frozen=True)
class Queue:
    """The jobs of one task: how many wait, run and failed, and since when the oldest waits."""

    task: str
    waiting: int
    running: int
    failed: int
    oldest: datetime | None


@dataclass(frozen=True)
class Failed:
    """A job that was given up."""

    id: int
    task: str
    attempts: int
    at: datetime | None


class NoSuchJob(Conflict):
    """The job is not there, or has not failed."""

    code = "no_such_job"
    says = Words("该任务不存在或已在运行，请刷新。", "The job is gone or runs already; load again.")


_QUEUES = """
SELECT task_name AS task, count(*) FILTER (WHERE status = 'todo') AS waiting,
       count(*) FILTER (WHERE status = 'doing') AS running,
       count(*) FILTER (WHERE status = 'failed') AS failed,
       min(scheduled_at) FILTER (WHERE status = 'todo') AS oldest
  FROM procrastinate_jobs WHERE status IN ('todo', 'doing', 'failed')
 GROUP BY task_name ORDER BY failed DESC, waiting DESC, task
"""
_FAILED = """
SELECT job.id, task_name AS task, attempts,
       (SELECT max(at) FROM procrastinate_events AS event WHERE event.job_id = job.id) AS at
  FROM procrastinate_jobs AS job WHERE status = 'failed' ORDER BY id DESC LIMIT $1
"""


def queues() -> Sequence[Queue]:
    """Return the jobs that are not done, by task, what failed first."""
    return [Queue(**row) for row in rows(_QUEUES)]


def failed(limit: int = 50) -> Sequence[Failed]:
    """Return the last jobs that were given up."""
    return [Failed(**row) for row in rows(_FAILED, limit)]


_ONE = "SELECT task_name FROM procrastinate_jobs WHERE id = $1 AND status = 'failed'"


def retry(job_id: int, at: datetime) -> str:
    """Have a job that was given up run again; return its task. Every task of ours may run twice.
    Raises NoSuchJob.
    """
    found = rows(_ONE, job_id)
    if not found:
        raise NoSuchJob
    try:
        app.job_manager.retry_job_by_id(job_id, retry_at=at)
    except ConnectorException:
        raise NoSuchJob from None
    return str(found[0]["task_name"])
