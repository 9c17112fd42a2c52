"""Addresses of the citizen's rating page, and of the page on devices."""

from django.urls import path

from haochaping.evaluations.views import citizen, kiosk

app_name = "evaluations"
urlpatterns = [
    path("e/<str:token>", citizen.rate, name="rate"),
    path("e/<str:token>/more", citizen.more, name="more"),
    path("e/<str:token>/change", citizen.change, name="change"),
    path("k/", kiosk.page, name="kiosk"),
    path("k/worker.js", kiosk.worker, name="kiosk_worker"),
    path("k/photo/<int:staff_id>", kiosk.photo, name="photo"),
    path("k/pair", kiosk.pair, name="kiosk_pair"),
    path("k/state", kiosk.state, name="kiosk_state"),
    path("k/lapse", kiosk.lapse, name="kiosk_lapse"),
    path("k/ratings", kiosk.ratings, name="kiosk_ratings"),
]
