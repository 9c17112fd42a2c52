"""What may be shown, and how results are released."""

from haochaping.publication.rules.boards import BOARDS, LEADS, Board
from haochaping.publication.rules.cells import EXCLUDED, SMALLEST_CELL, Published, suppressed
from haochaping.publication.rules.dictionary import FILES, data_package
from haochaping.publication.rules.releases import (
    STATES,
    Check,
    NotYet,
    Results,
    State,
    Unfit,
    Unit,
    faults,
    results,
)
from haochaping.publication.rules.trail import TRAIL
