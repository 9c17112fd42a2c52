"""What everybody may see."""

from haochaping.publication.queries.drafting import drafted, month_of
from haochaping.publication.queries.figures import (
    DAYS,
    Line,
    by_city,
    figures_before,
    figures_of,
    lines,
    period,
)
from haochaping.publication.queries.ledger import (
    Asked,
    DayBook,
    Ledger,
    Said,
    Shopped,
    asked,
    day_books,
    ledgers,
    restatements,
    samples,
    shopped,
    terminals,
    tested,
)
from haochaping.publication.queries.releases import (
    Story,
    altered,
    altered_days,
    asked_for,
    cases,
    day_holds,
    earlier,
    is_proved,
    is_stated,
    latest,
    proof_of,
    public_case,
    released,
    releases,
    results_of,
    said_of,
    said_of_day,
    stories,
    story_of,
    version,
)
