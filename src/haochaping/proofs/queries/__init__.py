"""Reading proofs: openings and their facts, receipts, days."""

from haochaping.proofs.queries.days import (
    book_holds,
    cells,
    cells_hold,
    cells_path,
    day_of,
    days,
    index_holds,
    last_day,
    last_said,
    path_of,
    path_to,
    restated_between,
    restatements,
    said_of,
    texts_between,
)
from haochaping.proofs.queries.facts import (
    SEALED,
    Counters,
    Opened,
    altered,
    counters,
    found,
    gone,
    known,
    numbers_of,
    opened,
    record_of,
    strangers,
    suspects,
    unopened,
)
from haochaping.proofs.queries.receipts import (
    Standing,
    openings_of,
    promise_of,
    proof_of,
    rated_leaves,
    standing,
)
