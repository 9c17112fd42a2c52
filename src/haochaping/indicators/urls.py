"""Addresses of the catalogue."""

from django.urls import path

from haochaping.indicators import views

app_name = "indicators"
urlpatterns = [path("", views.show, name="catalogue")]
