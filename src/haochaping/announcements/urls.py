"""Addresses of announcements."""

from django.urls import path

from haochaping.announcements import views

app_name = "announcements"
urlpatterns = [
    path("announcements", views.public, name="public"),
    path("admin/announcements/", views.announcements, name="list"),
    path("admin/announcements/propose", views.propose, name="propose"),
    path("admin/announcements/<int:key>/decide", views.decide, name="decide"),
]
