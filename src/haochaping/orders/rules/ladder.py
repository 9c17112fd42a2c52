"""The escalation ladder 督办阶梯 (domain §3.7).

What happens by itself as a deadline nears and passes, always as offices open.
"""

from datetime import datetime

from haochaping.calendar.rules import WorkingCalendar
from haochaping.orders.rules.moves import MOVES
from haochaping.policies.rules import Terms

# moves, made by the platform with the same verbs as people
RUNGS = tuple(verb for verb, move in MOVES.items() if move.rung is not None)


def rung_at(verb: str, due: datetime, terms: Terms, calendar: WorkingCalendar) -> datetime:
    """Return when a rung of the ladder is reached for a deadline."""
    days = MOVES[verb].rung
    return calendar.opening(due, days(terms) if days is not None else 0)


def next_rung(
    due: datetime, since: datetime, rung: int, terms: Terms, calendar: WorkingCalendar
) -> tuple[int, datetime | None]:
    """Return the next rung from `rung` on, and when; no moment once all are climbed.

    A reminder that lies before `since`, when the deadline was set, has no sense any more; what
    follows a missed deadline is never left out.
    """
    for number in range(rung, len(RUNGS)):
        at = rung_at(RUNGS[number], due, terms, calendar)
        if MOVES[RUNGS[number]].button or at > since:
            return number, at
    return len(RUNGS), None
