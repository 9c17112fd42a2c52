"""Addresses of calls."""

from django.urls import path

from haochaping.calls import views

app_name = "calls"
urlpatterns = [
    path("calls", views.log, name="log"),
    path("checklists", views.board, name="board"),
    path("clients/<int:key>", views.client, name="client"),
    path("clients/<int:key>/start", views.start, name="start"),
    path("clients/<int:key>/key", views.another_key, name="another_key"),
    path("clients/<int:key>/limits", views.limit, name="limit"),
]
