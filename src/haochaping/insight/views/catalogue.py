"""指标口径: every measure in plain words."""

from itertools import groupby

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from haochaping.identity.queries import OfficeRequest
from haochaping.insight.measures import ALL
from haochaping.insight.rules.measure import GROUPS
from haochaping.kernel import pages
from haochaping.kernel.words import Words


@require_GET
def measures(request: OfficeRequest) -> HttpResponse:
    """Explain every measure: formula, source, unit, and what it must not be used for."""
    return pages.render(
        request,
        "insight/measures.html",
        groups=[
            (GROUPS[group], list(found))
            for group, found in groupby(ALL.values(), key=lambda one: one.group)
        ],
        page_title=Words("指标口径", "Measures"),
    )
