"""Addresses of QR codes in the back-office."""

from django.urls import path

from haochaping.invitations import views

app_name = "invitations"
urlpatterns = [
    path("codes/", views.codes, name="codes"),
    path("codes/make", views.make_codes, name="make_codes"),
    path("codes/<int:code_id>", views.code, name="code"),
    path("codes/<int:code_id>/disable", views.disable_code, name="disable_code"),
]
