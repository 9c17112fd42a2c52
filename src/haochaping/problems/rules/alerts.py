"""Alerts: problems that suddenly bother more people than before, and new ones that bother several.

People are counted, never texts: one person who writes ten times is one. A campaign with a template
counts once if the caller gives its texts one `person` (their near-duplicate group, say).
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from scipy.special import pdtrc

LEAST = 3  # people
SPAN = 7  # days
WEEKS = 8  # before the span
FLOOR = 0.15  # people a week that are expected of any problem
RARE = 1e-3


@dataclass(frozen=True)
class Report:
    """That a person told of a problem on a day (an ordinal)."""

    problem: int
    day: int
    person: str


@dataclass(frozen=True)
class Alert:
    """Why a problem is called sudden: figures that a reader can count after."""

    problem: int
    people: int  # different people in the last 7 days
    expected: float  # different people a week in the 8 weeks before, on average, .15 at least
    tail: float  # how likely so many or more would be by chance (Poisson)


def alerts(reports: Iterable[Report], today: int) -> list[Alert]:
    """Return the problems with >= 3 people in the 7 days up to `today` and a Poisson tail < .001
    against the mean of the 8 weeks before, the least likely first, ties to the older problem.
    """
    weeks: dict[int, list[set[str]]] = defaultdict(lambda: [set() for _ in range(WEEKS + 1)])
    for report in reports:
        age = (today - report.day) // SPAN
        if 0 <= age <= WEEKS:
            weeks[report.problem][age].add(report.person)
    found = [_alert(problem, [len(week) for week in told]) for problem, told in weeks.items()]
    sudden = [alert for alert in found if alert.people >= LEAST and alert.tail < RARE]
    return sorted(sudden, key=lambda alert: (alert.tail, alert.problem))


def _alert(problem: int, people: list[int]) -> Alert:
    now, expected = people[0], max(sum(people[1:]) / WEEKS, FLOOR)
    return Alert(problem, now, expected, float(pdtrc(now - 1, expected)) if now else 1.0)


def emerging(reports: Iterable[Report], today: int) -> list[int]:
    """Return the problems first told of in the 7 days up to `today`, by >= 3 people, sorted."""
    people: dict[int, set[str]] = defaultdict(set)
    first: dict[int, int] = {}
    for report in reports:
        if report.day <= today:
            people[report.problem].add(report.person)
            first[report.problem] = min(first.get(report.problem, report.day), report.day)
    return sorted(
        problem
        for problem, told in people.items()
        if today - first[problem] < SPAN and len(told) >= LEAST
    )
