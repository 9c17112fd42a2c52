"""Addresses of people, keys and one's own account."""

from django.urls import path

from haochaping.accounts.views import filters, keys, own, people

app_name = "accounts"
urlpatterns = [
    path("people", people.people, name="people"),
    path("people/new", people.new, name="new"),
    path("people/roles", people.roles, name="roles"),
    path("people/change", people.change, name="change"),
    path("people/<int:key>", people.person, name="person"),
    path("people/<int:key>/decide", people.decide, name="decide"),
    path("account", own.own, name="own"),
    path("account/factor", own.factor, name="factor"),
    path("account/sessions", own.end_session, name="end_session"),
    path("filters", filters.keep, name="keep_filter"),
    path("keys", keys.keys, name="keys"),
    path("keys/change", keys.change, name="change_key"),
    path("interface/clients/<int:key>/grant", keys.grant, name="grant"),
    path("interface/clients/<int:key>/grant/decide", keys.decide_grant, name="decide_grant"),
]
