"""The audit trail 审计日志."""

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from haochaping.attachments import rules as attachments
from haochaping.audit import queries as audit
from haochaping.audit import rules as audit_rules
from haochaping.audit.rules import Subject, merged
from haochaping.calendar import rules as calendar
from haochaping.callbacks import rules as callbacks
from haochaping.devices import rules as devices_rules
from haochaping.directory import rules as directory_rules
from haochaping.evaluations import rules as ratings
from haochaping.exchange import rules as exchange
from haochaping.identity import queries as people
from haochaping.identity import rules as identity_rules
from haochaping.identity.queries import OfficeRequest
from haochaping.invitations import rules as invitations
from haochaping.kernel import pages
from haochaping.kernel.numbers import KEY, whole
from haochaping.kernel.words import Words
from haochaping.notifications import rules as notifications
from haochaping.orders import rules as moves
from haochaping.policies import rules as policies
from haochaping.regions import queries as regions
from haochaping.routing import rules as routing
from haochaping.screening import rules as screening_rules
from haochaping.texts import rules as texts

_UNKNOWN = Subject(Words("", ""), {})  # what an older version recorded under another name
AUDIT_PAGE = 100
TRAIL = merged(
    room.TRAIL
    for room in (
        audit_rules,
        identity_rules,
        calendar,
        policies,
        notifications,
        directory_rules,
        invitations,
        attachments,
        routing,
        texts,
        devices_rules,
        ratings,
        screening_rules,
        moves,
        callbacks,
        exchange,
    )
)


@require_GET
def audit_trail(request: OfficeRequest) -> HttpResponse:
    """Show who did what within this person's region."""
    person = request.person
    before, chosen = request.GET.get("before", ""), request.GET.get("verb", "")
    subject, _, verb = chosen.partition(".")
    found = audit.latest(
        person.reach.scope, subject=subject, verb=verb, before=whole(before, digits=KEY)
    )
    entries = list(found[: AUDIT_PAGE + 1])
    shown = entries[:AUDIT_PAGE]
    return pages.render(
        request,
        "console/audit.html",
        entries=shown,
        names=people.names({entry.by for entry in shown}),
        tree=regions.tree(),
        trail=TRAIL,
        chosen=chosen,
        unknown=_UNKNOWN,
        first=not before,
        following=shown[-1].pk if len(entries) > AUDIT_PAGE else "",
    )
