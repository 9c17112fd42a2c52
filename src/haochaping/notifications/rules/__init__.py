"""Vocabulary of messages to citizens and of notices to offices."""

from haochaping.notifications.rules.messages import (
    AUTOMATIC,
    INVITE,
    LEASE,
    MAX_TRIES,
    NEXT,
    ONCE,
    STATES,
    TEMPLATES,
    BadText,
    Part,
    State,
    Template,
    UnknownTemplate,
    checked_text,
    example,
    may_send_at,
    next_try,
    over_cap,
    segments,
    wording,
)
from haochaping.notifications.rules.notices import (
    BOTH_SECRETS,
    PLACES,
    TOPICS,
    WAYS,
    BadContact,
    Telling,
    Topic,
    Way,
    contact_address,
    digest,
    due_digest,
    masked_address,
)
from haochaping.notifications.rules.receipts import (
    STATES_OF_RECEIPTS,
    Fate,
    Receipt,
    fate,
    is_receipt,
    knows,
    read_receipt,
    spellings,
)
from haochaping.notifications.rules.trail import TRAIL
