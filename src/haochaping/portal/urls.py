"""Addresses of the citizen's and the public's shell."""

from django.urls import path

from haochaping.portal import views

app_name = "portal"
urlpatterns = [
    path("", views.home, name="home"),
    path("language", views.language, name="language"),
    path("try", views.try_rating, name="try"),
    path("find", views.find, name="find"),
    path("health", views.health, name="health"),
    path("e/<str:token>/done", views.progress, name="progress"),
]
