"""The escalation ladder 督办阶梯 (domain §3.7).

What happens by itself as a deadline nears and passes, always as offices open.
"""

from datetime import datetime

from haochaping.calendar.rules import WorkingCalendar
from haochaping.policies.rules import Terms

RUNGS = (
    "remind",
    "warn",
    "urge",
    "supervise",
    "circular",
)  # moves, made by the platform with the same verbs as people


def rung_at(verb: str, due: datetime, terms: Terms, calendar: WorkingCalendar) -> datetime:
    """Return when a rung of the ladder is reached for a deadline."""
    match verb:
        case "remind":
            return calendar.opening(due, -terms.remind)
        case "warn":
            return calendar.opening(due, 0)
        case "urge":
            return calendar.opening(due, terms.urge)
        case "supervise":
            return calendar.opening(due, terms.supervise)
    return calendar.opening(due, terms.circular)


def next_rung(
    due: datetime, since: datetime, rung: int, terms: Terms, calendar: WorkingCalendar
) -> tuple[int, datetime | None]:
    """Return the next rung from `rung` on, and when; no moment once all are climbed.

    A reminder that lies before `since`, when the deadline was set, has no sense any more; what
    follows a missed deadline is never left out.
    """
    for number in range(rung, len(RUNGS)):
        at = rung_at(RUNGS[number], due, terms, calendar)
        if RUNGS[number] not in ("remind", "warn") or at > since:
            return number, at
    return len(RUNGS), None
