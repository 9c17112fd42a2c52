"""Addresses of the published logs: what a mirror fetches (C2SP tlog-tiles)."""

from django.urls import path

from haochaping.ledger import views

app_name = "ledger"
urlpatterns = [path("<slug:name>/<path:place>", views.file, name="file")]
