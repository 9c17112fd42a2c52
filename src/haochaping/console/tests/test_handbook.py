"""The handbook shows everybody the chapters of their own pages."""

import people
import pytest

pytestmark = pytest.mark.django_db


def test_a_handler_reads_of_orders_and_not_of_accounts(world: people.Place) -> None:
    page = people.signed_in(world.users["handler"]).get("/admin/help").text
    assert 'id="orders-list"' in page
    assert "先看群众原话" in page
    assert "accounts-people" not in page
    assert 'href="/admin/help#console-help"' not in page


def test_each_page_leads_to_its_own_chapter(world: people.Place) -> None:
    desk = people.signed_in(world.users["province"])
    assert 'href="/admin/help#orders-list"' in desk.get("/admin/orders/").text
    windows = desk.get("/admin/directory/windows").text
    assert 'href="/admin/help#directory-table"' in windows
    assert desk.get("/admin/help").text.count('id="directory-table"') == 1
