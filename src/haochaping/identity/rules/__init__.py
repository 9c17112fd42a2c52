"""Rights, roles, signatures and accounts."""

from haochaping.identity.rules.people import (
    DEMO_PASSWORD,
    BadClient,
    BadPassword,
    BadPost,
    Failures,
    sign_in_wait,
    wrong_post,
)
from haochaping.identity.rules.rights import EVERYWHERE, ROLES, SYSTEM, TRAIL, Reach, Right, Role
from haochaping.identity.rules.signing import (
    ALGORITHMS,
    AMBIGUOUS_QUERY,
    BAD_NONCE,
    CLOCK_SKEW_SECONDS,
    KEY_OVERLAPS,
    MOST_KEYS,
    NO_MATCH,
    OURSELVES,
    UNKNOWN_KEY,
    UNSIGNED,
    WRONG_TIME,
    BadSignature,
    Client,
    ClientKey,
    Replayed,
    SamePerson,
    SignedRequest,
    TooManyKeys,
    signed,
    signing_text,
    verify,
)
