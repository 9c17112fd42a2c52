"""Addresses of the directory."""

from django.urls import path

from haochaping.directory import views

app_name = "directory"
urlpatterns = [
    path("<str:kind>", views.table, name="table"),
    path("<str:kind>/import", views.import_table, name="import"),
    path("windows/hours/<int:change_id>", views.decide_hours, name="decide_hours"),
    path("staff/<int:staff_id>/photo", views.set_photo, name="set_photo"),
]
