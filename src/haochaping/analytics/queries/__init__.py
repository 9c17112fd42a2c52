"""Every read of the figures."""

from haochaping.analytics.queries.counting import CHANGES, CURSOR
from haochaping.analytics.queries.figures import figures, funnel, trend
from haochaping.analytics.queries.loops import lengths, loop, loops, registers
from haochaping.analytics.queries.named import named
from haochaping.analytics.queries.recount import Difference, recount
from haochaping.analytics.queries.totals import (
    Cut,
    Fresh,
    by_day,
    codes,
    counts,
    fresh,
    hours,
    how_many,
    levels,
    narrow,
    still,
    totals,
    volumes,
    widened,
)
