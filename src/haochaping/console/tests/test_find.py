"""The palette: what one may see, by a few letters."""

import people
import pytest
from people import rated, signed_in

from haochaping.kernel import clock
from haochaping.kernel.ids import receipt_number
from haochaping.kernel.pinyin import sounds_like
from haochaping.orders import actions as orders
from haochaping.orders.models import Order

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("工单", True),
        ("chapinggd", False),
        ("chapinggongdan", True),
        ("cpgd", True),
        ("CP", True),
        ("gd", True),
        ("gongd", True),
        ("zb", False),
        ("", False),
        (" ", False),
    ],
)
def test_chinese_is_found_by_characters_pinyin_and_initials(typed: str, found: bool) -> None:
    assert sounds_like("差评工单", typed) is found


def hits(user: int, typed: str) -> str:
    """Return what the palette shows."""
    page = signed_in(user).get("/admin/find", {"q": typed}).content.decode()
    return page[page.index('id="found"') : page.index("<dialog")]


def test_everybody_finds_what_they_may_see_and_nothing_else(world: people.Place) -> None:
    receipt = receipt_number(rated(5))
    orders.open_for(evaluation_id=rated(1), at=clock.now())
    number = Order.objects.get().number
    city, handler, foreign = (world.users[one] for one in ("city", "handler", "foreign"))
    assert "/admin/orders/" in hits(city, "cpgd")
    assert "/admin/findings" in hits(city, "异常")
    assert "/admin/findings" not in hits(handler, "异常")
    assert receipt in hits(city, receipt.lower())
    assert receipt not in hits(handler, receipt)
    assert "A03" in hits(city, "A03")
    assert "A03" not in hits(foreign, "A03")
    assert "企业设立登记" in hits(city, "设立")
    assert "没有找到" in hits(city, "qqqq")
    for typed in ("设立", "行政审批局", number, number[2:6]):
        assert number in hits(city, typed), typed
        assert number not in hits(foreign, typed), typed
    assert "/admin/ratings?search=%E6%8E%92%E9%98%9F" in hits(city, "排队")
    assert "/admin/ratings" not in hits(handler, "排队")
