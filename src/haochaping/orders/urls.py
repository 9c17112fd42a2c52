"""Addresses of orders."""

from django.urls import path

from haochaping.orders import views

app_name = "orders"
urlpatterns = [
    path("", views.order_list, name="list"),
    path("<int:order_id>", views.one, name="one"),
    path("<int:order_id>/phone", views.phone, name="phone"),
    path("<int:order_id>/<str:move>", views.move, name="move"),
]
