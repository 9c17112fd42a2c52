"""Queueing messages, moving them along, taking in what gateways push.

Telling offices what waits for them.
"""

from haochaping.notifications.actions.forgetting import forget_messages
from haochaping.notifications.actions.incoming import (
    MISSING,
    complete_parts,
    note_outcome,
    opt_out,
    take_part,
    take_receipt,
    take_reply,
)
from haochaping.notifications.actions.notices import (
    Digest,
    add_contact,
    claim_digests,
    note_digest,
    remove_contact,
    renew_secret,
    see,
    tell,
)
from haochaping.notifications.actions.sms import (
    Outgoing,
    claim,
    erase,
    note_failed,
    note_sent,
    queue,
    withdraw,
)
from haochaping.notifications.actions.wording import decide_text, propose_text
