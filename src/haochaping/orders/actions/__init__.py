"""Every write to orders."""

from haochaping.orders.actions.climbing import climb, sweep
from haochaping.orders.actions.keeping import attach, redate, redate_all, succeed
from haochaping.orders.actions.moving import Done, NoLead, advance, advance_many, reveal_phone, undo
from haochaping.orders.actions.opening import (
    ask_second_opinion,
    heal_missing,
    open_for,
    question,
    revive,
    take_follow_up,
    take_replacement,
)
