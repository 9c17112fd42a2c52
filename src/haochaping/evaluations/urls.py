"""Addresses of the citizen's rating page."""

from django.urls import path

from haochaping.evaluations import views

app_name = "evaluations"
urlpatterns = [
    path("<str:token>", views.rate, name="rate"),
    path("<str:token>/more", views.more, name="more"),
]
