"""Addresses of problems and campaigns."""

from django.urls import path

from haochaping.problems import views

app_name = "problems"
urlpatterns = [
    path("problems", views.problem_list, name="list"),
    path("problems/reasons", views.reasons, name="reasons"),
    path("problems/reasons/judge", views.judge, name="judge"),
    path("problems/reasons/words", views.set_keywords, name="words"),
    path("problems/<int:key>", views.problem, name="one"),
    path("problems/<int:key>/rename", views.rename, name="rename"),
    path("problems/<int:key>/hand-off", views.hand_off, name="hand_off"),
    path("campaigns", views.campaigns, name="campaigns"),
    path("campaigns/<int:key>", views.campaign, name="campaign"),
    path("campaigns/<int:key>/answer", views.answer, name="answer"),
    path("campaigns/<int:key>/close", views.close, name="close"),
]
