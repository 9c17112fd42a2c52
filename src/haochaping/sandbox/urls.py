"""Addresses for integrators."""

from django.urls import path

from haochaping.sandbox import views

app_name = "sandbox"
urlpatterns = [
    path("", views.home, name="home"),
    path("guides/<str:name>", views.guide, name="guide"),
    path("clients/<str:name>", views.sample, name="sample"),
    path("rate", views.example, name="example"),
    path("sandbox/<str:token>", views.system, name="system"),
    path("sandbox/<str:token>/<int:number>", views.call, name="call"),
]
