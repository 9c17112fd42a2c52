"""Addresses of policies."""

from django.urls import path

from haochaping.policies import views

app_name = "policies"
urlpatterns = [
    path("", views.policy_list, name="list"),
    path("/propose", views.propose, name="propose"),
    path("/<int:policy_id>", views.policy, name="one"),
    path("/<int:policy_id>/decide", views.decide, name="decide"),
]
