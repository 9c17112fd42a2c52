"""Addresses of the telephone's pages."""

from django.urls import path

from haochaping.callbacks import views

app_name = "callbacks"
urlpatterns = [
    path("phone/", views.phone, name="phone"),
    path("phone/rate", views.rate, name="rate"),
    path("calls/", views.calls, name="calls"),
    path("calls/take", views.take, name="take"),
    path("calls/<int:call_id>", views.note, name="note"),
    path("calls/<int:call_id>/answer", views.answer, name="answer"),
]
