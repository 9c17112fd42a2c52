"""Reading what is exchanged: cities' hotlines, and what goes back to cities and departments."""

from haochaping.exchange.queries.hotlines import (
    DAYS,
    SEALED,
    ChannelState,
    Link,
    any_hotline,
    channels,
    hotline_of,
    hotlines,
    next_saying,
)
from haochaping.exchange.queries.returns import BadCursor, Returned, returned
