"""What may be shown, and how results are released."""

from haochaping.publication.rules.boards import BOARDS, LEADS, Board
from haochaping.publication.rules.cells import (
    EXCLUDED,
    SMALLEST_CELL,
    Published,
    hidden,
    told_by_growth,
)
from haochaping.publication.rules.dictionary import FILES, RESULTS_JSON, Released, data_package
from haochaping.publication.rules.releases import (
    STATES,
    Altered,
    Check,
    NotYet,
    Results,
    State,
    Unfit,
    Unit,
    Withdrawn,
    faults,
    results,
)
from haochaping.publication.rules.trail import TRAIL
