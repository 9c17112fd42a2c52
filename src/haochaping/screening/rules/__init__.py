"""Why a rating is held, and which words are looked for."""

from haochaping.screening.rules.holds import (
    DETECTORS,
    REASONS,
    STATES,
    Facts,
    Reason,
    State,
    findings,
    sentence,
)
from haochaping.screening.rules.sensitive import (
    CATEGORIES,
    STARTER,
    BadWord,
    Category,
    Finder,
    Found,
    word,
)
from haochaping.screening.rules.trail import TRAIL
