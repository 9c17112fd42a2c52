"""Serving other systems: dialects, hotlines, and tests of our own channels."""

from haochaping.exchange.actions._partner import UnknownDepartments
from haochaping.exchange.actions.forgetting import forget_deliveries, forget_texts
from haochaping.exchange.actions.healing import heal_untold
from haochaping.exchange.actions.history import ask_history, tell_history
from haochaping.exchange.actions.hotlines import connect_hotline, start_hotline, stop_hotline
from haochaping.exchange.actions.partners import (
    BadConnection,
    Connection,
    connect,
    disconnect,
    move,
    settle,
    start,
    stop,
)
from haochaping.exchange.actions.probes import (
    announce_probe,
    enter_probes,
    note_probe,
    prepare_probe,
)
from haochaping.exchange.actions.receiving import correct, drop, receive, receive_again, take_again
from haochaping.exchange.actions.reconciling import (
    ChooseFewer,
    Chosen,
    Unexplained,
    close,
    expect,
    note_compared,
    note_filed,
    note_unanswered,
    send_again,
    send_differing,
    tell_amiss,
)
from haochaping.exchange.actions.serving import (
    Exists,
    OutsideScope,
    Saying,
    Taken,
    claim_sayings,
    hear,
    norms,
    note_heard,
    rating_address,
    take_rating,
    take_record,
    tell_hotline,
)
from haochaping.exchange.actions.terms import (
    BadTerms,
    NoSecret,
    Terms,
    agree,
    follow_successor,
    renew,
)
from haochaping.exchange.actions.uploading import (
    follow,
    note_failure,
    note_told,
    queue,
    resend,
    rest,
)
