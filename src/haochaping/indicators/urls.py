"""Addresses of the catalogue."""

from django.urls import path

from haochaping.indicators import views

app_name = "indicators"
urlpatterns = [
    path("", views.show, name="catalogue"),
    path("editions/begin", views.begin, name="begin"),
    path("editions/<int:edition_id>", views.edition, name="edition"),
    path("editions/<int:edition_id>/change", views.change, name="change"),
]
