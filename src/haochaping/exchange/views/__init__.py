"""Doors of the dialects and of partners, and the pages that watch the exchange."""

from haochaping.exchange.views.acts import change
from haochaping.exchange.views.coverage import coverage
from haochaping.exchange.views.dialects import (
    anhui_page,
    anhui_status,
    channels,
    fujian_door,
    fujian_token,
    hotline,
    shandong_door,
    telephone,
    zhejiang_door,
)
from haochaping.exchange.views.hotlines import change_hotline, connect_hotline, hotlines
from haochaping.exchange.views.inward import compare, messages
from haochaping.exchange.views.partners import (
    compare_file,
    connect,
    conventions,
    partner,
    partners,
    renew,
)
from haochaping.exchange.views.selfcheck import selfcheck
from haochaping.exchange.views.tracking import tracking
from haochaping.exchange.views.waiting import waiting

__all__ = [
    "anhui_page",
    "anhui_status",
    "change",
    "change_hotline",
    "channels",
    "compare",
    "compare_file",
    "connect",
    "connect_hotline",
    "conventions",
    "coverage",
    "fujian_door",
    "fujian_token",
    "hotline",
    "hotlines",
    "messages",
    "partner",
    "partners",
    "renew",
    "selfcheck",
    "shandong_door",
    "telephone",
    "tracking",
    "waiting",
    "zhejiang_door",
]
