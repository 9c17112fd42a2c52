"""What the directory asks the rooms above it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class DepartmentSucceeded:
    """A department was dissolved or merged; answered with the number of orders handed over."""

    department_id: int
    successor_id: int
    code: str  # credit codes of both
    successor: str
    by: int
    at: datetime


@dataclass(frozen=True)
class Moved:
    """Halls or windows lie in another region than before: what stands there goes along."""

    kind: str  # halls or windows
    ids: Collection[int]
    region: int


@dataclass(frozen=True)
class WhoNames:
    """Which of these entries of a table somebody names: answered by sets of ids."""

    kind: str  # key of rules.TABLES
    ids: Collection[int]
    at: datetime
