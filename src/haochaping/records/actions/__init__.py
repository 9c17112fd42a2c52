"""Registering services, amending them, and blanking whom they were for."""

from haochaping.records.actions.erasing import erase, forget_applicants
from haochaping.records.actions.registering import (
    AMEND,
    REGISTER,
    AmendedMeanwhile,
    Outcome,
    Stored,
    amend,
    register,
)
