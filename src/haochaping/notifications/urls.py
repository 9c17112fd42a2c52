"""Addresses of messages and of the gateways' pushes."""

from django.urls import path

from haochaping.notifications import views

app_name = "notifications"
urlpatterns = [
    path("admin/messages/", views.messages, name="messages"),
    path("admin/messages/templates", views.templates, name="templates"),
    path("admin/messages/templates/<str:key>", views.change_template, name="change_template"),
    path("admin/notices/", views.notices, name="notices"),
    path("admin/notices/contacts", views.contacts, name="contacts"),
    path("hooks/sms/<str:secret>/<str:provider>/<str:kind>", views.hook, name="hook"),
]
