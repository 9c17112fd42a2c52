"""Accounts, posts and keys."""

from haochaping.identity.actions.filters import NoFilter, drop_filter, keep_filter
from haochaping.identity.actions.grants import (
    decide_grant,
    follow_successor,
    grant_client,
    hold_client,
    propose_grant,
    start_client,
)
from haochaping.identity.actions.keys import (
    another_key,
    end_key,
    forget_nonces,
    forget_sign_ins,
    issue_key,
    issue_partner_key,
    limit_client,
    own_key,
    register_client,
    renew_key,
    revoke_key,
    rotate_key,
    spend_nonces,
)
from haochaping.identity.actions.people import (
    Post,
    appoint,
    change_password,
    check_password,
    decide_post,
    note_client_refused,
    note_failure,
    note_refused,
    propose_post,
    reset_password,
    set_active,
)
from haochaping.identity.actions.sessions import (
    begin_session,
    check_code,
    confirm_factor,
    drop_factor,
    end_session,
    end_sessions,
    known_as,
    lose_factor,
    note_seen,
    propose_factor,
    proposed_factor,
)
