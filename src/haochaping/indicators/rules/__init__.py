"""Which codes exist, and how the catalogue changes."""

from haochaping.indicators.rules.catalogue import (
    BAD,
    LEVELS,
    Applies,
    Indicator,
    Scope,
    Where,
    offered,
    within,
)
from haochaping.indicators.rules.editions import (
    COLUMNS,
    MOST,
    STATES,
    TRAIL,
    BadEntry,
    Changes,
    Entry,
    NotNow,
    State,
    changes,
    checked,
    in_force,
    read,
)
