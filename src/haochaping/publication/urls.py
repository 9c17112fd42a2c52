"""Addresses of the public figures."""

from django.urls import path

from haochaping.publication import views

app_name = "publication"
urlpatterns = [
    path("", views.figures, name="figures"),
    path("data.csv", views.data, name="data"),
    path("verify", views.verify, name="verify"),
    path("ledger", views.ledger, name="ledger"),
]
