"""Addresses of orders."""

from django.urls import path

from haochaping.orders.views import orders

app_name = "orders"
urlpatterns = [
    path("", orders.order_list, name="list"),
    path("bulk", orders.bulk, name="bulk"),
    path("<int:order_id>", orders.one, name="one"),
    path("<int:order_id>/sheet", orders.sheet, name="sheet"),
    path("<int:order_id>/phone", orders.phone, name="phone"),
    path("<int:order_id>/files", orders.attach, name="attach"),
    path("<int:order_id>/files/<int:attachment_id>", orders.file, name="file"),
    path("<int:order_id>/<str:move>", orders.move, name="move"),
]
