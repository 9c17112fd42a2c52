"""What every action for a partner begins and ends with."""

from collections.abc import Collection, Mapping
from datetime import datetime

from haochaping.audit import actions as audit
from haochaping.directory import queries as directory
from haochaping.exchange import models
from haochaping.identity import actions as identity
from haochaping.identity import queries as people
from haochaping.identity.rules import Right
from haochaping.kernel.errors import NotFound, Refusal
from haochaping.kernel.words import Words


class UnknownDepartments(Refusal):
    """A partner is told of departments by their credit codes."""

    code = "unknown_departments"
    says = Words(
        "部门须为 18 位统一社会信用代码，多个以空格分隔，且已在部门目录中。",
        "Departments are named by credit codes of 18 characters, by spaces, that are listed here.",
    )


def check_departments(codes: Collection[str]) -> None:
    """Raise UnknownDepartments where nobody has a credit code."""
    if set(codes) - directory.departments_by_code(codes).keys():
        raise UnknownDepartments


def locked(partner_id: int, by: int) -> models.Partner:
    """Return a partner that somebody may act for, locked; raises NotFound, also for one that was
    disconnected, or NotAllowed.
    """
    partners = models.Partner.objects.select_for_update()
    found = partners.filter(pk=partner_id, ended_at=None).first()
    if found is None:
        raise NotFound
    if by:
        people.require(by, Right.EXCHANGE, within=found.region)
    return found


def grant(partner: models.Partner, by: int, at: datetime) -> None:
    """Have what signs with our key, and pulls with it, know of the departments that are agreed."""
    if partner.client_id is not None:
        departments = partner.departments
        identity.grant_client(
            client=partner.name, departments=departments, everybodys=True, by=by, at=at
        )


def halt(partner: models.Partner, by: int, at: datetime) -> None:
    """Have the exchange rest until another person starts it, and the key of ours that it signs
    with, which opens our other doors as well.
    """
    partner.stopped_at, partner.changed_by = at, by
    if partner.client_id is not None:
        identity.hold_client(client_id=partner.client_id, by=by, at=at)


def note(
    partner: models.Partner, verb: str, details: Mapping[str, object], by: int, at: datetime
) -> None:
    """Write down in the audit trail what was done about a partner."""
    audit.record(
        subject="partner",
        subject_id=partner.pk,
        verb=verb,
        details={"name": partner.name, **details},
        region=partner.region,
        by=by,
        at=at,
    )
