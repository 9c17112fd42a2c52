"""What everybody may see."""

from haochaping.publication.queries.drafting import drafted, month_of
from haochaping.publication.queries.figures import DAYS, Line, by_city, figures_before, period
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
    case,
    cases,
    chosen,
    earlier,
    latest,
    released,
    releases,
    results_of,
    stories,
    story_of,
    version,
)
