"""Whose a service is: what a system may ask about and act on, at whichever door."""

from haochaping.directory import queries as directory
from haochaping.identity.rules import Client
from haochaping.kernel.errors import NotAllowed, NotStorable
from haochaping.kernel.words import storable
from haochaping.records import rules
from haochaping.records.queries.services import Service, key_of, keys_of_case, service, services


def service_of(project_no: str, service_number: int, client: Client) -> Service:
    """Return a service that is the client's own.

    Raises NotStorable for a number that no database holds, RecordUnknown, and OutsideScope,
    NotYours or NotYourDepartment with the region that was touched.
    """
    if not storable(project_no):
        raise NotStorable
    record_id = key_of(project_no, service_number)
    found = service(record_id) if record_id is not None else None
    if found is None:
        raise rules.RecordUnknown
    refusal = _refused(found, client)
    if refusal is not None:
        refusal.region = found.region
        raise refusal
    return found


def services_of(project_no: str, client: Client) -> list[Service]:
    """Return the services of a case that are the client's own; raises NotStorable."""
    if not storable(project_no):
        raise NotStorable
    found = services(set(keys_of_case(project_no)))
    return [one for one in found.values() if _refused(one, client) is None]


def _refused(found: Service, client: Client) -> NotAllowed | None:
    if not client.reach.covers(found.region):
        return rules.OutsideScope()
    if not client.owns(found.registered_by):
        return rules.NotYours()
    if not client.names(directory.usccs({found.department_id})[found.department_id]):
        return rules.NotYourDepartment()
    return None
