"""The rules of orders.

The table of moves, the case that walks through it, and the ladder that hurries it.
"""

from haochaping.orders.rules.case import COLUMNS, Case, Incomplete, NotNow, TooLate
from haochaping.orders.rules.ladder import RUNGS, next_rung, rung_at
from haochaping.orders.rules.moves import ANY_OPEN, EVENTS, MOVES, ROWS
from haochaping.orders.rules.possible import check_facts, moves_from, possible, says_of
from haochaping.orders.rules.step import (
    UNDO_WITHIN,
    dated,
    due_at,
    opened,
    revived,
    step,
    withdrawn,
)
from haochaping.orders.rules.trail import TRAIL
from haochaping.orders.rules.verbs import Happening, Move, Verb
from haochaping.orders.rules.vocabulary import (
    CHOICES,
    DECIDED,
    FACTS,
    HIGHER,
    SATISFACTIONS,
    SIDES,
    STATES,
    Fact,
    Satisfaction,
    Side,
    State,
)
