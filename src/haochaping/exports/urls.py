"""Addresses of exports."""

from django.urls import path

from haochaping.exports import views

app_name = "exports"
urlpatterns = [
    path("", views.export_list, name="list"),
    path("new", views.new, name="new"),
    path("<int:key>/file", views.file, name="file"),
]
