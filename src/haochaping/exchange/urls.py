"""Addresses of the dialects, of partners, and of the pages that watch the exchange."""

from django.urls import path

from haochaping.exchange import views

app_name = "exchange"
urlpatterns = [
    path("admin/channels/", views.channels, name="channels"),
    path("admin/hotlines/", views.hotlines, name="hotlines"),
    path("admin/hotlines/connect", views.connect_hotline, name="connect_hotline"),
    path("admin/hotlines/change", views.change_hotline, name="change_hotline"),
    path("admin/partners/", views.partners, name="partners"),
    path("admin/partners/conventions", views.conventions, name="conventions"),
    path("admin/partners/tracking", views.tracking, name="tracking"),
    path("admin/selfcheck", views.selfcheck, name="selfcheck"),
    path("admin/coverage", views.coverage, name="coverage"),
    path("admin/partners/connect", views.connect, name="connect"),
    path("admin/partners/<int:key>/", views.partner, name="partner"),
    path("admin/partners/<int:key>/waiting/<slug:which>", views.waiting, name="waiting"),
    path("admin/partners/<int:key>/change", views.change, name="change"),
    path("admin/partners/<int:key>/compare", views.compare_file, name="compare_file"),
    path("admin/partners/<int:key>/renew", views.renew, name="renew"),
    path("exchange/v1/messages", views.messages, name="messages"),
    path("exchange/v1/reconcile", views.compare, name="compare"),
    path("hooks/hotline", views.hotline, name="hotline"),
    path("hooks/cti", views.telephone, name="cti"),
    path("dialects/sd/hcp/<str:operation>", views.shandong_door, name="shandong"),
    path("dialects/fj/gateway/get-token", views.fujian_token, name="fujian_token"),
    path("dialects/fj/services/evaluate", views.fujian_door, name="fujian"),
    path("dialects/zj/<str:key>/<str:operation>", views.zhejiang_door, name="zhejiang"),
    path("dialects/ah/<str:key>/page", views.anhui_page, name="anhui"),
    path("dialects/ah/<str:key>/status", views.anhui_status, name="anhui_status"),
]
