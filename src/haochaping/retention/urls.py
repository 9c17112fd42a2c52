"""Addresses of the terms of retention."""

from django.urls import path

from haochaping.retention import views

app_name = "retention"
urlpatterns = [
    path("", views.terms, name="terms"),
    path("propose", views.propose, name="propose"),
    path("<int:key>/decide", views.decide, name="decide"),
]
