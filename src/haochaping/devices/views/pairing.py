"""The back-office's page about devices 设备."""

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from haochaping.devices import actions, forms, queries, rules
from haochaping.directory import queries as directory
from haochaping.identity.queries import OfficeRequest
from haochaping.identity.rules import Right
from haochaping.kernel import clock, pages
from haochaping.kernel.errors import NothingChosen


@require_GET
def device_list(request: OfficeRequest) -> HttpResponse:
    """Show the devices, the quiet ones first, and the windows that can take one."""
    return _devices(request)


@pages.within_scope
def _devices(request: OfficeRequest, digits: str = "", window: str = "") -> HttpResponse:
    person = request.person
    at = clock.now()
    lines = queries.devices(person.reach.scope, at)
    return pages.render(
        request,
        "devices/list.html",
        lines=lines,
        alive=sum(line.health.name == "alive" and not line.disabled for line in lines),
        windows=directory.windows(person.reach.scope).filter(in_use=True)[:400],
        kinds=rules.DEVICES,
        digits=digits,
        window=window,
        minutes=rules.PAIRING_MINUTES,
        address=f"{settings.PUBLIC_URL}/k/",
        may_keep=Right.KEEP_DIRECTORY in person.rights,
    )


@require_POST
def offer_pairing(request: OfficeRequest) -> HttpResponse:
    """Make a pairing code for a window and show it once."""
    person = request.person
    (window_id,) = pages.chosen(request.POST, "window")[:1]
    window = directory.at_window(window_id)
    if window is None:
        raise NothingChosen
    digits = actions.offer_pairing(
        window_id=window.id,
        region=window.region,
        kind=forms.device_kind(request.POST),
        by=person.id,
        at=clock.now(),
    )
    return _devices(request, digits, f"{window.hall} {window.number}")


@require_POST
def disable(request: OfficeRequest, device_id: int) -> HttpResponse:
    """Take a device out of use."""
    person = request.person
    actions.disable(device_id=device_id, by=person.id, at=clock.now())
    return redirect("devices:list")
