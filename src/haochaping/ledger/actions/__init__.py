"""Writing the logs: appending, publishing, signing; freezing and going on."""

from haochaping.ledger.actions.keys import rotate
from haochaping.ledger.actions.publish import (
    Broken,
    add_cosignatures,
    compare,
    freeze,
    look,
    publish,
)
from haochaping.ledger.actions.recover import import_from, rebuild, succeed, thaw
from haochaping.ledger.actions.sequence import append, open_log, prepare
from haochaping.ledger.actions.trail import enter_trail
