"""Addresses of QR codes and devices in the back-office."""

from django.urls import path

from haochaping.invitations import views

app_name = "invitations"
urlpatterns = [
    path("codes/", views.codes, name="codes"),
    path("codes/make", views.make_codes, name="make_codes"),
    path("codes/<int:code_id>/disable", views.disable_code, name="disable_code"),
    path("devices/", views.devices, name="devices"),
    path("devices/pair", views.offer_pairing, name="offer_pairing"),
    path("devices/<int:device_id>/disable", views.disable_device, name="disable_device"),
]
