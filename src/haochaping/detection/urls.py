"""Addresses of findings."""

from django.urls import path

from haochaping.detection import views

app_name = "detection"
urlpatterns = [
    path("findings", views.finding_list, name="list"),
    path("findings/judge", views.judge, name="judge"),
    path("findings/detectors", views.catalogue, name="catalogue"),
    path("findings/<int:key>", views.finding, name="one"),
    path("findings/<int:key>/appeal", views.appeal, name="appeal"),
]
