"""The record's face to systems: POST /api/v1/records."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from haochaping.identity.rules import Client
from haochaping.kernel.errors import Conflict, NotAllowed
from haochaping.kernel.ids import receipt_number
from haochaping.kernel.words import Words
from haochaping.records import actions, rules

Given = rules.Given


def check(
    given: Given, resolve: Callable[[int], int | None], client: Client, at: datetime
) -> rules.Record:
    """Apply the rules.

    Raises BadRecord, or NotAllowed where the client may not write in the record's region or for its
    department.
    """
    record = rules.accept(given, resolve, at)
    if not client.names(record.given.department_code):
        raise rules.NotYourDepartment
    if not client.reach.covers(record.region):
        says = Words(
            "该行政区划不在本系统的接入范围内。", "This region lies outside the client's scope."
        )
        raise NotAllowed(says, code="outside_scope", field="region")
    return record


class Amended(rules.Given, frozen=True, forbid_unknown_fields=True):
    """A record's new content, and why it is amended."""

    reason: str = ""


def answer(stored: actions.Stored) -> tuple[int, dict[str, Any]]:
    """Return status and body for what became of a record."""
    if stored.refusal is not None:
        return stored.refusal.status, stored.refusal.problem()
    if stored.outcome is actions.Outcome.CONFLICT:
        says = Words(
            "该办件的同一次服务已登记且内容不同。", "This service is registered with other content."
        )
        return 409, Conflict(says, code="already_registered").problem()
    return (201 if stored.outcome is actions.Outcome.ACCEPTED else 200), {
        "outcome": stored.outcome,
        "record": receipt_number(stored.key),
    }
