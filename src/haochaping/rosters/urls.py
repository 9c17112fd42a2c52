"""Addresses of rosters."""

from django.urls import path

from haochaping.rosters import views

app_name = "rosters"
urlpatterns = [
    path("", views.roster, name="week"),
    path("change", views.change, name="change"),
    path("import", views.take, name="take"),
    path("import/<int:key>/undo", views.undo, name="undo"),
]
