"""Addresses of the back-office shell."""

from django.urls import path

from haochaping.console import views

app_name = "console"
urlpatterns = [
    path("", views.desk, name="desk"),
    path("sign-in", views.sign_in, name="sign_in"),
    path("sign-out", views.sign_out, name="sign_out"),
    path("ratings", views.ratings, name="ratings"),
    path("ratings/<str:number>", views.rating, name="rating"),
    path("clerk", views.clerk, name="clerk"),
    path("clerk/call", views.call, name="call"),
    path("audit", views.audit_trail, name="audit"),
]
