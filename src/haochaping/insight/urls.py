"""Addresses of the pages of analysis."""

from django.urls import path

from haochaping.insight.views import catalogue, loop, overview, units

app_name = "insight"
urlpatterns = [
    path("", overview.overview, name="overview"),
    path("places", overview.places, name="places"),
    path("places/<int:code>", units.region, name="region"),
    path("departments", units.departments, name="departments"),
    path("departments/<int:key>", units.department, name="department"),
    path("windows/<int:key>", units.window, name="window"),
    path("items/<int:key>", units.item, name="item"),
    path("loop", loop.loop, name="loop"),
    path("trust", loop.trust, name="trust"),
    path("measures", catalogue.measures, name="measures"),
]
