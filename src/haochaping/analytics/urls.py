"""Addresses of the figures inside."""

from django.urls import path

from haochaping.analytics import views

app_name = "analytics"
urlpatterns = [path("", views.dashboard, name="dashboard")]
