"""Addresses of the working calendar."""

from django.urls import path

from haochaping.calendar import views

app_name = "calendar"
urlpatterns = [
    path("", views.year, name="year"),
    path("/change", views.change, name="change"),
    path("/<int:proposal_id>/decide", views.decide, name="decide"),
]
