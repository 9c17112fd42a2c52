"""Addresses of held ratings and of sensitive words."""

from django.urls import path

from haochaping.screening import views

app_name = "screening"
urlpatterns = [
    path("", views.holds, name="holds"),
    path("decide", views.decide, name="decide"),
    path("words", views.words, name="words"),
    path("words/change", views.change_word, name="change_word"),
    path("words/try", views.try_words, name="try_words"),
]
