"""What routing asks the rooms above, which act in the same transaction."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class DepartmentSucceeded:
    """A department was dissolved or merged; answered with the number of orders handed over."""

    department_id: int
    successor_id: int
    by: int
    at: datetime
