"""Every address. Each route's right stands in permissions.py."""

from django.urls import include, path
from django.views.generic import RedirectView

from haochaping.kernel import pages

urlpatterns = [
    path("", include("haochaping.portal.urls")),
    path("", include("haochaping.evaluations.urls")),
    path("", include("haochaping.devices.urls")),
    path("", include("haochaping.exchange.urls")),
    path("", include("haochaping.publication.urls")),
    path("", include("haochaping.privacy.urls")),
    path("dev/", include("haochaping.sandbox.urls")),
    path("ledger/", include("haochaping.ledger.urls")),
    path("admin/", include("haochaping.console.urls")),
    path("admin/", include("haochaping.accounts.urls")),
    path("admin/exports/", include("haochaping.exports.urls")),
    path("", include("haochaping.announcements.urls")),
    path("admin/rosters/", include("haochaping.rosters.urls")),
    path("admin/retention/", include("haochaping.retention.urls")),
    path("admin/interface/", include("haochaping.calls.urls")),
    path("admin/orders/policies", include("haochaping.policies.urls")),
    path("admin/orders/calendar", include("haochaping.calendar.urls")),
    path("admin/orders/board", include("haochaping.supervision.urls")),
    path("admin/orders/rules", include("haochaping.routing.urls")),
    path("admin/orders/texts", include("haochaping.texts.urls")),
    path("admin/orders/", include("haochaping.orders.urls")),
    path("admin/", include("haochaping.callbacks.urls")),
    path("admin/holds/", include("haochaping.screening.urls")),
    path("", include("haochaping.notifications.urls")),
    path("admin/", include("haochaping.invitations.urls")),
    path("admin/directory/", include("haochaping.directory.urls")),
    path("admin/upstream/", include("haochaping.upstream.urls")),
    path("admin/indicators/", include("haochaping.indicators.urls")),
    path("insight/", include("haochaping.insight.urls")),
    path("insight/", include("haochaping.problems.urls")),
    path("admin/", include("haochaping.detection.urls")),
    path("insight/", include("haochaping.lake.urls")),
    path("insight/", include("haochaping.reports.urls")),
    # what one types into the computer at the wall
    path("screen", RedirectView.as_view(pattern_name="insight:screen"), name="wall"),
    path(
        "screen/<int:code>", RedirectView.as_view(pattern_name="insight:screen_of"), name="wall_of"
    ),
]

handler404 = pages.not_found
handler403 = pages.forbidden
handler400 = pages.bad_request
