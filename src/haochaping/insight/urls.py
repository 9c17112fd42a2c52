"""Addresses of the pages of analysis."""

from django.urls import path

from haochaping.insight.views import catalogue, loop, maps, overview, screen, themes, units

app_name = "insight"
urlpatterns = [
    path("", overview.overview, name="overview"),
    path("places", overview.places, name="places"),
    path("places/<int:code>", units.region, name="region"),
    path("departments", units.departments, name="departments"),
    path("departments/<int:key>", units.department, name="department"),
    path("halls/<int:key>", units.hall, name="hall"),
    path("windows/<int:key>", units.window, name="window"),
    path("items/<int:key>", units.item, name="item"),
    path("loop", loop.loop, name="loop"),
    path("trust", loop.trust, name="trust"),
    path("themes", themes.theme_list, name="themes"),
    path("themes/edit", themes.edit, name="edit_theme"),
    path("themes/keep", themes.keep, name="keep_theme"),
    path("themes/<int:key>", themes.theme, name="theme"),
    path("themes/<int:key>/retire", themes.retire, name="retire_theme"),
    path("screen", screen.screen, name="screen"),
    path("screen/<int:code>", screen.screen, name="screen_of"),
    path("screen/<int:code>/state", screen.state, name="screen_state"),
    path("screen/<int:code>/live", screen.live, name="screen_live"),
    path("map", maps.own_map, name="own_map"),
    path("map/change", maps.change_map, name="change_map"),
    path("measures", catalogue.measures, name="measures"),
]
