"""Addresses of texts."""

from django.urls import path

from haochaping.texts import views

app_name = "texts"
urlpatterns = [path("", views.text_list, name="list"), path("/change", views.change, name="change")]
