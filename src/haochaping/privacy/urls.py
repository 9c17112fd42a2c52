"""Addresses of requests about personal data."""

from django.urls import path

from haochaping.privacy import views

app_name = "privacy"
urlpatterns = [
    path("e/<str:token>/data", views.mine, name="mine"),
    path("admin/privacy", views.requests, name="list"),
    path("admin/privacy/<int:request_id>", views.decide, name="decide"),
]
