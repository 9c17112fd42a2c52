"""Addresses of the lake."""

from django.urls import path

from haochaping.lake import views

app_name = "lake"
urlpatterns = [
    path("lake", views.ask, name="ask"),
    path("lake/<int:city>/<int:month>.parquet", views.part, name="part"),
    path(
        "lake/departments/<int:department>/<int:month>.parquet",
        views.part_of_department,
        name="part_of_department",
    ),
]
