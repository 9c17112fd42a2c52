"""What the offices of a demonstration announce: to staff, to citizens, on tablets."""

from datetime import datetime, timedelta

from haochaping.announcements import actions
from haochaping.announcements.rules import Audience, Draft
from haochaping.identity import queries as people
from haochaping.kernel.moments import business_day
from haochaping.kernel.words import Words
from haochaping.regions.rules import PROVINCE_OF_THE_PLATFORM

_FIRST = Words(
    "差评工单须在 1 个工作日内联系群众", "Call whoever rated badly within one working day"
)
_FIRST_TEXT = Words(
    "自本周起，首次联系超时的工单列入督办看板。请各地每天 9 时前查看工作台。",
    "From this week on, late first calls stand on the board of supervision. Look at your desk "
    "before nine each day.",
)
_SCAN = Words("可以不排队：用手机扫码评价", "No queue: rate with your own phone")
_SCAN_TEXT = Words(
    "各政务服务大厅的窗口都有评价二维码。扫码后三步完成，评价对窗口人员保密。",
    "Each window has a QR code. It takes three steps, and the person at the window does not see "
    "your rating.",
)

_HOURS = Words("窗口延时服务安排", "Longer hours of windows")
_HOURS_TEXT = Words(
    "每周三综合窗口延时到 19 时，周六上午照常开放。",
    "General windows are open until seven on Wednesdays, and on Saturday mornings.",
)


def announce(city: int, at: datetime) -> None:
    """Announce to staff of the province, to citizens of a city, and leave one to be published."""
    province, office = people.user_of("province"), people.user_of("city")
    if province is None or office is None:
        return
    whole = PROVINCE_OF_THE_PLATFORM
    actions.propose(
        draft=_draft(whole, _FIRST, _FIRST_TEXT, at, Audience.STAFF), by=province, at=at
    )
    public = _draft(city, _SCAN, _SCAN_TEXT, at, Audience.PUBLIC, Audience.DEVICES)
    made = actions.propose(draft=public, by=office, at=at)
    actions.decide(announcement_id=made, approve=True, by=province, at=at)
    actions.propose(draft=_draft(city, _HOURS, _HOURS_TEXT, at, Audience.PUBLIC), by=office, at=at)


def _draft(region: int, title: Words, body: Words, at: datetime, *whom: Audience) -> Draft:
    today = business_day(at)
    return Draft(region, title, body, frozenset(whom), today, today + timedelta(days=60))
