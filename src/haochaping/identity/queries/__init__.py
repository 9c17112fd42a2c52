"""Who may what, and who is calling."""

from haochaping.identity.queries.clients import (
    Partner,
    client,
    client_of,
    client_waits,
    client_within,
    clients_waiting,
    clients_within,
    every_key,
    key_of,
    key_of_client,
    keys_in_force,
    keys_within,
    load_keys,
    newer_key,
    partner,
    unreadable_keys,
)
from haochaping.identity.queries.people import (
    Grant,
    OfficeRequest,
    Own,
    Person,
    SignedIn,
    anybody,
    by_role,
    departments_with,
    ending,
    failures,
    grant,
    grants,
    names,
    office_of,
    own,
    person,
    posts_naming,
    reach,
    region_of,
    require,
    signed_in,
    user_of,
    waiting,
    with_password,
    with_role,
)
from haochaping.kernel.sealed import Sealed

SEALED = (
    Sealed("identity_apikey", {"secret": lambda row: f"api_key.{row['kid']}"}, needs=("kid",)),
    Sealed("identity_user", {"totp_secret": lambda _: "user.totp"}, row=lambda row: row["id"]),
)
