"""Serving other systems: dialects, hotlines, and tests of our own channels."""

from haochaping.exchange.actions.probes import (
    announce_probe,
    enter_probes,
    note_probe,
    prepare_probe,
)
from haochaping.exchange.actions.serving import (
    Exists,
    OutsideScope,
    Saying,
    Taken,
    claim_sayings,
    connect_hotline,
    hear,
    norms,
    note_heard,
    rating_address,
    take_rating,
    take_record,
    tell_hotline,
)
