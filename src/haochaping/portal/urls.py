"""Addresses of the citizen's and the public's shell."""

from django.urls import path

from haochaping.portal.views import find, front, scan

app_name = "portal"
urlpatterns = [
    path("", front.home, name="home"),
    path("language", front.language, name="language"),
    path("try", front.try_rating, name="try"),
    path("find", find.find, name="find"),
    path("widget.js", front.widget, name="widget"),
    path("dev/widget", front.try_widget, name="try_widget"),
    path("health", front.health, name="health"),
    path("e/<str:token>/done", front.progress, name="progress"),
    path("e/<str:token>/proof", front.proof, name="proof"),
    path("e/<str:token>/judge", front.judge, name="judge"),
    path("s/<str:token>", front.short, name="short"),
    path("p/<str:short>", scan.scan, name="scan"),
]
