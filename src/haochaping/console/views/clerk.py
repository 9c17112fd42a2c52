"""The clerk's page 请评价: who was served here, and asking them to rate."""

from datetime import timedelta

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET

from haochaping.devices import actions as device_actions
from haochaping.devices import queries as devices
from haochaping.devices import rules as device_rules
from haochaping.directory import queries as directory
from haochaping.evaluations import queries as evaluations
from haochaping.identity.queries import OfficeRequest
from haochaping.kernel import clock, pages
from haochaping.kernel.errors import NotFound, Refusal
from haochaping.kernel.ids import first_key, key_of_receipt
from haochaping.kernel.words import Words
from haochaping.records import queries as records


@require_GET
def clerk(request: OfficeRequest) -> HttpResponse:
    """Show a window clerk whom to ask for a rating.

    Whether a service was rated is all that is shown, never how.
    """
    return _clerk(request)


@pages.within_scope
def _clerk(request: OfficeRequest, refusal: Refusal | None = None) -> HttpResponse:
    person = request.person
    at = clock.now()
    window = directory.at_window(person.window_id) if person.window_id else None
    recent = records.at_window(window.id, first_key(at - timedelta(hours=12))) if window else []
    calls = devices.recent_calls(window.id, at - timedelta(hours=12)) if window else []
    rated = set(evaluations.rated({*recent, *(call.record_id for call in calls)}))
    described = {
        key: records.served(key)
        for key in dict.fromkeys([*recent[:20], *(call.record_id for call in calls[:12])])
    }
    return pages.render(
        request,
        "console/clerk.html",
        status=refusal.status if refusal else 200,
        window=window,
        waiting=[described[key] for key in recent[:20] if key not in rated],
        calls=[(described[call.record_id], call, call.record_id in rated) for call in calls[:12]],
        standing=devices.open_call(window.id, at) if window else None,
        refusal=refusal,
        number=request.POST.get("number", ""),
    )


@pages.posted("console:clerk")
def call(request: OfficeRequest) -> HttpResponse:
    """Ask the person at this window to rate one service, chosen from the list or by its case
    number.
    """
    person = request.person
    window = directory.at_window(person.window_id) if person.window_id else None
    if window is None:
        raise NotFound(
            Words(
                "您的账号未绑定窗口，请联系大厅管理员。",
                "Your account belongs to no window; ask the hall manager.",
            )
        )
    number = request.POST.get("number", "").strip()[:64]
    keys = (
        records.keys_of_case(number)
        if number
        else [key for key in (key_of_receipt(request.POST.get("service", "")),) if key]
    )
    service = records.service(keys[-1]) if keys else None
    if service is None or not person.reach.covers(service.region):
        return _clerk(
            request,
            NotFound(
                Words("没有这个办件，请核对办件编号。", "There is no such case; check its number.")
            ),
        )
    if evaluations.rated({service.id}):
        return _clerk(request, Refusal(Words("该办件已评价。", "This service has been rated.")))
    try:
        device_actions.call(
            window_id=window.id, service=service, region=window.region, by=person.id, at=clock.now()
        )
    except device_rules.NotOfThisWindow as refusal:
        return _clerk(request, refusal)
    return redirect("console:clerk")
