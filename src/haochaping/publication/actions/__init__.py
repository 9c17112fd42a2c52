"""Publishing: sealing each day's figures, releasing each month's results, and cases."""

from haochaping.publication.actions.cases import (
    draft_case,
    erase,
    release_case,
    withdraw_case,
    withdraw_untrue,
)
from haochaping.publication.actions.releases import draft, release, watch, withdraw
from haochaping.publication.actions.sealing import seal
