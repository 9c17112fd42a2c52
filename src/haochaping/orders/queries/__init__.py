"""Every read of orders."""

from haochaping.orders.models import Order, Step
from haochaping.orders.queries.beside import (
    ORDERS,
    Count,
    briefly,
    climbs_at,
    counts,
    described,
    followers,
    found_true,
    id_of,
    last_steps,
    may_undo,
    measures_of,
    numbers_of,
    of_rating,
    old_calendar,
    put_right,
    related,
    step,
    times,
    waiting,
)
from haochaping.orders.queries.cases import Redated, case_of, redated, would_change
from haochaping.orders.queries.committing import (
    steps_made,
    steps_of,
    steps_to_commit,
    steps_to_tell,
)
from haochaping.orders.queries.counting import ALL, BUCKET, STRETCHES, counted
from haochaping.orders.queries.detecting import closed_since
from haochaping.orders.queries.holders import above, deciders, desk_of, holders, told
from haochaping.orders.queries.lists import (
    SORTS,
    TABS,
    Filter,
    Line,
    StepLine,
    every,
    find,
    how_many,
    latest,
    lines,
    one,
    overdue_count,
    page,
    tab_counts,
    timeline,
    within,
)
from haochaping.orders.queries.missing import missing
