"""Addresses of the citizen's rating page, and where devices hand in ratings."""

from django.urls import path

from haochaping.evaluations.views import citizen, devices

app_name = "evaluations"
urlpatterns = [
    path("e/<str:token>", citizen.rate, name="rate"),
    path("e/<str:token>/more", citizen.more, name="more"),
    path("e/<str:token>/change", citizen.change, name="change"),
    path("k/ratings", devices.ratings, name="devices"),
]
