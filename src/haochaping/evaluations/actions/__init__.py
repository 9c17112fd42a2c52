"""Every way in which a rating is stored: `intake` holds the one statement, the doors lead to it."""

from haochaping.evaluations.actions.assisted import NotOpen, rate_by_phone, register_scanned
from haochaping.evaluations.actions.changes import (
    forget_traces,
    replace,
    restore,
    set_aside,
    tell_citizen,
    trace,
)
from haochaping.evaluations.actions.devices import FromDevice, take_from_device, take_press
from haochaping.evaluations.actions.erasing import erase
from haochaping.evaluations.actions.intake import SUBMIT, Stored, rate_one, submit
from haochaping.evaluations.actions.replies import rate_by_digit, rate_by_reply
from haochaping.evaluations.actions.waiting import expire_waiting, link_waiting
