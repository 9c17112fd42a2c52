"""Dialects, the contract with hotlines, and how messages to partners go on."""

from haochaping.exchange.rules import digests, filed
from haochaping.exchange.rules.channels import NEVER, alarms
from haochaping.exchange.rules.conventions import (
    ASKED,
    CONVENTIONS,
    OUTWARD,
    UNCHANGING,
    Convention,
    Outward,
    conventions,
    kinds_turned,
)
from haochaping.exchange.rules.deliveries import (
    A_FILE,
    ACKNOWLEDGED_WITHIN,
    ENDED,
    SMALLEST_SHARE,
    STATUSES,
    TROUBLE,
    Status,
    Told,
    again,
    by_day,
    first_try,
    is_dead,
    promise,
    size,
)
from haochaping.exchange.rules.dialects import (
    CHANNELS,
    DIALECTS,
    FROM_ANHUI,
    FROM_ZHEJIANG,
    Dialect,
    NotReadable,
    NotSigned,
    completed,
    fields,
    national,
    service_of,
    unknown_fields,
)
from haochaping.exchange.rules.documents import (
    ADDED,
    CHANGED,
    DAYS,
    FAMILIES,
    OF_KIND,
    Document,
    Family,
    day_told,
    digest,
    message_id,
    message_of,
    of_rating,
    of_service,
    of_step,
    self_made,
)
from haochaping.exchange.rules.hotlines import (
    AHEAD,
    BESIDE,
    HEARD,
    KEY_OVERLAP,
    BadMessage,
    Message,
    OutOfTouch,
    Recorded,
    read_message,
    read_recorded,
    said_again,
)
from haochaping.exchange.rules.inward import (
    DEMANDS,
    MOST,
    Batch,
    Inward,
    Question,
    TooMany,
    read_messages,
    read_question,
    written,
)
from haochaping.exchange.rules.secrets import NEEDED, SIGNED, NeedsMore, check_secret
from haochaping.exchange.rules.trail import TRAIL
