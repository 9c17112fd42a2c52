"""Every write to orders."""

from haochaping.orders.actions.climbing import climb, sweep
from haochaping.orders.actions.keeping import (
    attach,
    keep_rule,
    keep_template,
    note_scan,
    redate,
    redate_all,
    retire_rule,
    retire_template,
    succeed,
)
from haochaping.orders.actions.moving import (
    Done,
    NoDepartment,
    NoLead,
    advance,
    advance_many,
    reveal_phone,
    undo,
)
from haochaping.orders.actions.opening import (
    ask_again,
    ask_second_opinion,
    judge,
    open_for,
    take_follow_up,
    take_replacement,
)

__all__ = [
    "Done",
    "NoDepartment",
    "NoLead",
    "advance",
    "advance_many",
    "ask_again",
    "ask_second_opinion",
    "attach",
    "climb",
    "judge",
    "keep_rule",
    "keep_template",
    "note_scan",
    "open_for",
    "redate",
    "redate_all",
    "retire_rule",
    "retire_template",
    "reveal_phone",
    "succeed",
    "sweep",
    "take_follow_up",
    "take_replacement",
    "undo",
]
