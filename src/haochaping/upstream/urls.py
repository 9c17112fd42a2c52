"""Addresses of upstream catalogues."""

from django.urls import path

from haochaping.upstream import views

app_name = "upstream"
urlpatterns = [
    path("", views.source_list, name="list"),
    path("connect", views.connect, name="connect"),
    path("<int:key>", views.source, name="source"),
    path("<int:key>/change", views.change, name="change"),
    path("<int:key>/upload", views.upload, name="upload"),
    path("<int:key>/decide", views.decide, name="decide"),
]
