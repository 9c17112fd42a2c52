"""The catalogue of indicators."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from haochaping.indicators import queries, rules
from haochaping.kernel import pages


@require_GET
def show(request: HttpRequest) -> HttpResponse:
    """Show the codes in force by level and the retired ones."""
    version = 1 if request.GET.get("version") == "1" else 2
    chosen = [
        indicator for indicator in queries.catalogue().values() if indicator.version == version
    ]
    by_level = {
        level: [indicator for indicator in chosen if indicator.level == level]
        for level in rules.LEVELS
    }
    return pages.render(
        request,
        "indicators/catalogue.html",
        by_level=by_level,
        levels=rules.LEVELS,
        version=version,
        validity=queries.validity(),
    )
