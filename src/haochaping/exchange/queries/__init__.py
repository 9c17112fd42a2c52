"""Reading what is exchanged: hotlines of cities, what partners are told and what they send, and
what goes back to cities and departments.
"""

from haochaping.exchange.queries import hotlines as _hotlines
from haochaping.exchange.queries import uploading as _uploading
from haochaping.exchange.queries.documents import LeftOut, Written, documents, sent_ratings
from haochaping.exchange.queries.hotlines import (
    DAYS,
    ChannelState,
    Link,
    any_hotline,
    channels,
    hotline_of,
    hotlines,
    hotlines_to_start,
    next_saying,
    terms_of_hotline,
)
from haochaping.exchange.queries.reconciling import (
    Day,
    Look,
    board,
    boards,
    cause,
    differences,
    drifting,
    ever_differed,
    moving,
    received,
    to_compare,
    told,
    uncompared,
)
from haochaping.exchange.queries.returns import BadCursor, Returned, Stopped, returned
from haochaping.exchange.queries.tracking import WEEKS, City, Connected, Unit, departments, tracking
from haochaping.exchange.queries.uploading import (
    Standing,
    deliveries,
    left_out,
    next_due,
    opened,
    partner,
    partner_named,
    partner_of,
    partners,
    partners_due,
    quarantine,
    secret_of,
    shown_partner,
    standings,
    terms_of,
    theirs_of,
    to_send,
    to_start,
)

SEALED = (*_hotlines.SEALED, *_uploading.SEALED)
