"""Addresses of the directory."""

from django.urls import path

from haochaping.directory import views

app_name = "directory"
urlpatterns = [
    path("<str:kind>", views.table, name="table"),
    path("<str:kind>/import", views.import_table, name="import"),
    path("<str:kind>/new", views.new_entry, name="new"),
    path("<str:kind>/template", views.template, name="template"),
    path("<str:kind>/export", views.export, name="export"),
    path("<str:kind>/<int:key>", views.entry, name="entry"),
    path("<str:kind>/imports/<int:key>/undo", views.undo, name="undo"),
    path("windows/<int:key>/in-use", views.set_in_use, name="set_in_use"),
    path("<str:kind>/<int:key>/closed", views.propose_closing, name="propose_closing"),
    path("closings/<int:closing_id>/decide", views.decide_closing, name="decide_closing"),
    path("windows/hours/<int:change_id>", views.decide_hours, name="decide_hours"),
    path("staff/<int:staff_id>/photo", views.set_photo, name="set_photo"),
]
