"""Addresses of held ratings."""

from django.urls import path

from haochaping.screening import views

app_name = "screening"
urlpatterns = [path("", views.holds, name="holds"), path("decide", views.decide, name="decide")]
