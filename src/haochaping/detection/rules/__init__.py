"""Rules of detection: what is looked at (`world`), how units are compared (`compare`), what a
detector is, and what becomes of a finding.
"""

from haochaping.detection.rules.finding import (
    OFFERED,
    STATES,
    TRAIL,
    VERDICTS,
    BadVerdict,
    NotNow,
    OwnUnit,
    SaidAlready,
    State,
    Verdict,
    state_after,
)
