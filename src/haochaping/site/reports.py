"""Making reports as their readers would see the pages, and mailing them."""

import logging
from datetime import datetime

from haochaping.config import gate
from haochaping.kernel import clock
from haochaping.kernel.db import alone
from haochaping.kernel.schedule import every
from haochaping.notifications.senders import office
from haochaping.reports import actions, queries, rules

log = logging.getLogger(__name__)
_OK = 200


@every(seconds=900)
def make_reports(at: datetime) -> None:
    """Every quarter of an hour: make what is due, in office hours, and mail what waits."""
    if not queries.due(at) and not queries.letters(at):
        return
    with alone("site.make_reports") as first:
        if first:
            _make(at)
            _mail(at)


def _make(at: datetime) -> None:
    for one in queries.due(at):
        address = rules.address_of(one.path, one.query, one.period)
        made = gate.read_as(one.user_id, f"{address}&as=pdf")
        printed = made.headers.get("Content-Type") == "application/pdf"
        if made.status_code == _OK and printed:
            actions.keep(
                subscription_id=one.subscription_id,
                since=one.period.since,
                pdf=bytes(made.content),  # type: ignore[attr-defined]
                at=clock.now(),
            )
        elif made.status_code < 500:  # noqa: PLR2004 - a bug of ours is tried again
            actions.end(subscription_id=one.subscription_id, at=clock.now())
            log.info("subscription %s ended: %s", one.subscription_id, made.status_code)


def _mail(at: datetime) -> None:
    for letter in queries.letters(at):
        name = f"{letter.since}.pdf"
        if office.mail_file(letter.address, letter.title, name, letter.pdf):
            actions.note_mailed(report_id=letter.report_id, at=clock.now())
