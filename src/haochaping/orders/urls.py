"""Addresses of orders."""

from django.urls import path

from haochaping.orders.views import orders, policies

app_name = "orders"
urlpatterns = [
    path("", orders.order_list, name="list"),
    path("bulk", orders.bulk, name="bulk"),
    path("board", policies.board, name="board"),
    path("policies", policies.policy_list, name="policies"),
    path("policies/propose", policies.propose, name="propose"),
    path("policies/<int:policy_id>", policies.policy, name="policy"),
    path("policies/<int:policy_id>/decide", policies.decide, name="decide"),
    path("calendar", policies.calendar, name="calendar"),
    path("calendar/change", policies.change_calendar, name="change_calendar"),
    path("rules", policies.dispatch_rules, name="rules"),
    path("rules/change", policies.change_rules, name="change_rules"),
    path("texts", policies.texts, name="texts"),
    path("texts/change", policies.change_texts, name="change_texts"),
    path("<int:order_id>", orders.one, name="one"),
    path("<int:order_id>/sheet", orders.sheet, name="sheet"),
    path("<int:order_id>/phone", orders.phone, name="phone"),
    path("<int:order_id>/files", orders.attach, name="attach"),
    path("<int:order_id>/files/<int:attachment_id>", orders.file, name="file"),
    path("<int:order_id>/<str:move>", orders.move, name="move"),
]
