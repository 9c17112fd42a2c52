"""Addresses of the dialects."""

from django.urls import path

from haochaping.exchange import views

app_name = "exchange"
urlpatterns = [
    path("sd/hcp/<str:operation>", views.shandong_door, name="shandong"),
    path("fj/gateway/get-token", views.fujian_token, name="fujian_token"),
    path("fj/services/evaluate", views.fujian_door, name="fujian"),
    path("zj/<str:key>/<str:operation>", views.zhejiang_door, name="zhejiang"),
    path("ah/<str:key>/page", views.anhui_page, name="anhui"),
    path("ah/<str:key>/status", views.anhui_status, name="anhui_status"),
]
