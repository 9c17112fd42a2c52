"""Addresses of reports."""

from django.urls import path

from haochaping.reports import views

app_name = "reports"
urlpatterns = [
    path("reports", views.report_list, name="list"),
    path("reports/new", views.new, name="new"),
    path("reports/change", views.change, name="change"),
    path("reports/<int:key>", views.report, name="one"),
]
