"""The address of the supervision board."""

from django.urls import path

from haochaping.supervision import views

app_name = "supervision"
urlpatterns = [path("", views.board, name="board")]
