"""Writing proofs: entering facts, closing days, watching over what was entered."""

from haochaping.proofs.actions.canaries import announce_canaries, reveal_canaries
from haochaping.proofs.actions.days import close_days, prove_days
from haochaping.proofs.actions.enter import (
    COMING,
    enter,
    follow,
    prepare_year,
    state,
    state_event,
    state_keys,
    state_rules,
)
from haochaping.proofs.actions.months import close_months, months_due, prove_months
from haochaping.proofs.actions.recover import forget, recover, succeed
from haochaping.proofs.actions.sampling import open_sample, say_sampled
from haochaping.proofs.actions.watch import (
    admit,
    examine,
    examine_all,
    examine_days,
    look_at,
    look_in_turn,
)
