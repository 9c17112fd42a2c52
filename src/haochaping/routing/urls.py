"""Addresses of dispatch rules."""

from django.urls import path

from haochaping.routing import views

app_name = "routing"
urlpatterns = [path("", views.rule_list, name="list"), path("/change", views.change, name="change")]
