"""Addresses of calls."""

from django.urls import path

from haochaping.calls import views

app_name = "calls"
urlpatterns = [
    path("calls", views.log, name="log"),
    path("checklists", views.board, name="board"),
    path("clients/<int:key>", views.client, name="client"),
    path("clients/<int:key>/limits", views.limit, name="limit"),
]
