"""Addresses of the citizen's rating page, its preview, and where devices hand in ratings."""

from django.urls import path

from haochaping.evaluations.views import citizen, devices, preview

app_name = "evaluations"
urlpatterns = [
    path("e/<str:token>", citizen.rate, name="rate"),
    path("e/<str:token>/more", citizen.more, name="more"),
    path("e/<str:token>/change", citizen.change, name="change"),
    path("admin/indicators/editions/<int:edition_id>/citizen", preview.preview, name="preview"),
    path("k/ratings", devices.ratings, name="devices"),
]
