"""Addresses of the page on devices, and of devices in the back-pairing."""

from django.urls import path

from haochaping.devices.views import kiosk, pairing

app_name = "devices"
urlpatterns = [
    path("k/", kiosk.page, name="kiosk"),
    path("k/worker.js", kiosk.worker, name="worker"),
    path("k/photo/<int:staff_id>", kiosk.photo, name="photo"),
    path("k/pair", kiosk.pair, name="pair"),
    path("k/state", kiosk.state, name="state"),
    path("k/lapse", kiosk.lapse, name="lapse"),
    path("admin/indicators/editions/<int:edition_id>/kiosk", kiosk.preview, name="preview"),
    path("admin/devices/", pairing.device_list, name="list"),
    path("admin/devices/pair", pairing.offer_pairing, name="offer_pairing"),
    path("admin/devices/move", pairing.move, name="move"),
    path("admin/devices/<int:device_id>/disable", pairing.disable, name="disable"),
    path("admin/devices/<int:device_id>/enable", pairing.enable, name="enable"),
]
