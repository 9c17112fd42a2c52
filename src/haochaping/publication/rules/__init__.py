"""What may be shown, and how results are released."""

from haochaping.publication.rules.boards import BOARDS, LEADS, Board
from haochaping.publication.rules.cells import (
    EXCLUDED,
    SMALLEST_CELL,
    Part,
    Published,
    hidden,
    is_few,
    left_over,
    told_by_growth,
)
from haochaping.publication.rules.dictionary import FILES, RESULTS_JSON, Released, data_package
from haochaping.publication.rules.releases import (
    KINDS,
    STATES,
    Altered,
    Check,
    Earlier,
    Made,
    NotYet,
    Results,
    State,
    Unfit,
    Unit,
    Withdrawn,
    as_given,
    beside,
    faults,
    most_changed,
    results,
)
from haochaping.publication.rules.telling import is_telling
from haochaping.publication.rules.trail import TRAIL
