"""The citizen's page as a version of the catalogue would make it, for who drafts and decides."""

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from haochaping.evaluations.rules import CHANNELS, MAX_WORDS, Channel
from haochaping.identity.queries import OfficeRequest
from haochaping.indicators import queries as indicators
from haochaping.indicators.rules import LEVELS, Where, offered
from haochaping.kernel import clock, pages
from haochaping.kernel.numbers import whole
from haochaping.kernel.words import Words
from haochaping.records import queries as records
from haochaping.records.rules import Origin
from haochaping.regions.rules import parse_code

_ITEM = Words("示例事项", "A sample item")
_DEPARTMENT = Words("示例部门", "A sample department")
_ONLINE = {Channel.WEB: True, Channel.MOBILE: True, Channel.TABLET: False, Channel.TERMINAL: False}


@require_GET
def preview(request: OfficeRequest, edition_id: int) -> HttpResponse:
    """Show the page for a channel, and for a region and an item where asked; nothing is sent."""
    asked = request.GET
    number = whole(asked.get("channel"), digits=1) or 0
    channel = Channel(number) if number in CHANNELS else Channel.MOBILE
    region = parse_code(asked.get("region", "").strip())
    online = _ONLINE.get(channel)
    where = Where(channel, region, asked.get("item", "").strip() or None)
    return pages.render(
        request,
        "evaluations/rate.html",
        preview={"channel": channel.value, "region": region or "", "item": where.item or ""},
        what=_sample(region or 0, online=online),
        levels=LEVELS,
        choices=offered(indicators.previewed(edition_id), online=online, where=where),
        chosen=asked.get("level", ""),
        ticked=frozenset(),
        words="",
        phone="",
        follow_up=False,
        replacing=False,
        embed="",
        refusal=None,
        longest=MAX_WORDS,
        **pages.sight(asked),
    )


def _sample(region: int, *, online: bool | None) -> records.Served:
    """Return a service that nobody was given."""
    service = records.Service(
        id=0,
        project_no="",
        service_number=1,
        service_name="",
        served_at=clock.now(),
        region=region,
        department_id=0,
        item_id=0,
        window_id=None,
        window_code=None,
        staff_id=None,
        online=online,
        stage=0,
        status=0,
        origin=Origin.REGISTERED,
        applicant="",
        phone="",
        registered_by=None,
        amended=0,
    )
    item, department = pages.say(_ITEM), pages.say(_DEPARTMENT)
    return records.Served(item, department, "", "", "", "", "", "320000****0001", service)
