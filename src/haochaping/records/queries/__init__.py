"""Reading service records."""

from haochaping.records.queries.listing import listed
from haochaping.records.queries.owned import service_of, services_of
from haochaping.records.queries.services import (
    KEYS,
    PARTITIONED,
    SEALED,
    SERVICES,
    WHOM,
    Change,
    Served,
    Service,
    anything,
    at_window,
    completed,
    facts_of,
    first_day,
    history,
    key_of,
    keys_of_case,
    keys_of_phone,
    matching,
    names_of,
    naming,
    numbers_of,
    phones_of,
    reachable,
    readable,
    registered,
    served,
    served_whom,
    service,
    services,
)
from haochaping.records.queries.telling import COUNTED, Origin, origins, to_tell
