"""The closed loop as people live it in their browsers: put right at the second try.

An objection that two persons uphold; nobody acts.
"""

import csv
import io
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from office import DEMO_PASSWORD, sign_in
from playwright.sync_api import Browser, Page, expect
from stack import Stack, wait_for
from test_story import open_mine, phone, service_in, work

from haochaping.kernel import clock

pytestmark = pytest.mark.browser
BUREAU = "连云港市行政审批局"


@pytest.fixture(scope="module")
def offices(platform: Stack, browser: Browser) -> Iterator[dict[str, Page]]:
    """Everybody at their desk."""
    pages = {
        name: sign_in(browser, platform, name, DEMO_PASSWORD)
        for name in ("agent", "handler", "city", "province")
    }
    yield pages
    for page in pages.values():
        page.context.close()


def rate_badly(platform: Stack, browser: Browser, words: str) -> tuple[Page, str]:
    """Rate a service badly on an old phone.

    Return the citizen's page and the address of the order that follows.
    """
    citizen = phone(browser)
    citizen.goto(service_in(platform, BUREAU))
    citizen.locator("label[for=l1]").click()
    citizen.fill("textarea", words)
    citizen.get_by_role("button", name="提交评价").click()
    citizen.wait_for_url("**/done")
    with platform.database() as database:
        statement = "SELECT o.id FROM orders_order o JOIN evaluations_evaluation e ON e.id = evaluation_id WHERE words = %s"
        key = wait_for(lambda: database.execute(statement, [words]).fetchone(), 20)[0]
    return citizen, f"{platform.page}/admin/orders/{key}"


def dispatch(agent: Page, order: str) -> None:
    """Dispatch to the bureau."""
    agent.goto(order)
    work(agent, "派单", department=BUREAU)
    expect(agent.get_by_test_id("state")).to_have_text("待签收")


def take_call(agent: Page, platform: Stack, order: str) -> Page:
    """Take calls in hand until the one about this order is there; return the page with it."""
    number = order.rsplit("/", 1)[1]
    with platform.database() as database:
        wait_for(
            lambda: database.execute(
                "SELECT 1 FROM callbacks_call WHERE order_id = %s AND due_at IS NOT NULL", [number]
            ).fetchone(),
            20,
        )
        agent.goto(f"{platform.page}/admin/calls/")
        for _ in range(20):
            row = database.execute(
                "SELECT taken_by, id FROM callbacks_call WHERE order_id = %s AND due_at IS NOT "
                "NULL",
                [number],
            ).fetchone()
            assert row is not None
            if row[0] is not None:
                break
            agent.get_by_role("button", name=re.compile("再取")).click()
    agent.locator(f"form[action$='/calls/{row[1]}/answer']").scroll_into_view_if_needed()
    return agent


def test_not_satisfied_at_first_reopened_and_closed(
    platform: Stack, browser: Browser, offices: dict[str, Page]
) -> None:
    agent, handler, city = offices["agent"], offices["handler"], offices["city"]
    citizen, order = rate_badly(platform, browser, "窗口让我跑了四趟，还是没办成")
    dispatch(agent, order)
    handler.goto(order)
    work(handler, "签收")
    work(handler, "申请延期", days="3", reason="需与三个部门会商")
    expect(handler.locator(".track")).to_contain_text("延期待批")
    city.goto(order)
    work(city, "同意延期")
    citizen.reload()
    open_mine(citizen)
    expect(citizen.get_by_text("已批准延长办理时间")).to_be_visible()
    citizen.get_by_text("追问办理情况").click()
    citizen.get_by_label("想问什么？").fill("哪天能有结果？")
    citizen.get_by_role("button", name="提交追问").click()
    expect(citizen.get_by_text("哪天能有结果？")).to_be_visible()
    handler.goto(order)
    expect(handler.locator(".track")).to_contain_text("群众追问")
    work(handler, "属实", finding="情况属实，材料清单不全")
    work(handler, "整改完成", measures="已补全清单")
    work(handler, "答复群众", reply="已补全材料清单，您可再来办理。")

    take_call(agent, platform, order)
    number = order.rsplit("/", 1)[1]
    with platform.database() as database:
        call = database.execute(
            "SELECT id FROM callbacks_call WHERE order_id = %s AND due_at IS NOT NULL", [number]
        ).fetchone()
    assert call is not None
    form = agent.locator(f"form[action$='/calls/{call[0]}/answer']")
    form.get_by_label("不满意（单位原因）").check()
    form.locator("[name=note]").fill("还要再跑一趟，没有解决")
    form.get_by_role("button", name="登记回访").click()
    handler.goto(order)
    expect(handler.get_by_test_id("state")).to_have_text("整改中")
    work(handler, "整改完成", measures="已改为邮寄办结")
    work(handler, "答复群众", reply="已为您邮寄证照。")
    citizen.reload()
    expect(citizen.get_by_test_id("reply")).to_have_text("已为您邮寄证照。")
    citizen.get_by_role("button", name="满意，办结").click()
    expect(citizen.locator("[data-testid=steps] li.done")).to_have_count(5)
    agent.goto(order)
    expect(agent.get_by_test_id("state")).to_have_text("已办结")


def both(city: Page, platform: Stack) -> tuple[int, int]:
    """Return the bad ratings of the raw and of the adjusted figures."""
    table = city.request.get(f"{platform.page}/insight/?span=month&as=csv&table=levels").text()
    lines = list(csv.DictReader(io.StringIO(table.lstrip("\ufeff"))))
    raw, adjusted = (sum(int(line[name]) for line in lines[3:]) for name in ("原始", "调整后"))
    return raw, adjusted


def test_two_persons_uphold_an_objection_and_the_figures_show_both(
    platform: Stack, browser: Browser, offices: dict[str, Page]
) -> None:
    agent, handler, city, province = (
        offices[name] for name in ("agent", "handler", "city", "province")
    )
    citizen, order = rate_badly(platform, browser, "把别的部门的事打到这里来了")
    dispatch(agent, order)
    raw, adjusted = both(city, platform)
    handler.goto(order)
    work(handler, "签收")
    work(handler, "申诉", claim="误评", reason="群众所述非本窗口业务", evidence="取号记录")
    city.goto(order)
    work(city, "支持申诉", finding="取号记录无此人")
    expect(city.locator(".track")).to_contain_text("等待第二人")
    work(city, "支持申诉", finding="再点一次")
    expect(city.get_by_role("alert")).to_contain_text("另一人")
    province.goto(order)
    work(province, "支持申诉", finding="复核一致")
    expect(province.get_by_test_id("state")).to_have_text("已办结")
    assert both(city, platform) == (raw, adjusted - 1)
    citizen.reload()
    open_mine(citizen)
    expect(citizen.get_by_text("不计入调整后的统计")).to_be_visible()


@pytest.mark.nightly  # most of a minute of clockwork; its rules are fast tests
def test_nobody_acts_and_the_whole_ladder_fires_on_a_moved_clock(
    platform: Stack, browser: Browser, offices: dict[str, Page]
) -> None:
    """The order is made older in the database, which is a clock that moved.

    The worker's own sweep does the rest within minutes.
    """
    province, handler = offices["province"], offices["handler"]
    citizen, order = rate_badly(platform, browser, "没有人理我")
    key = order.rsplit("/", 1)[1]
    dispatch(offices["agent"], order)
    with platform.database() as database:
        for days in (2, 3, 6, 9, 14):
            past = clock.now() - timedelta(days=days)
            database.execute(
                "UPDATE orders_order SET due_at = %s, climb_at = now() WHERE id = %s AND climb_at "
                "IS NOT NULL",
                [past, key],
            )
        made = "SELECT array_agg(move ORDER BY id) FROM orders_step WHERE order_id = %s AND move = ANY (%s)"
        rungs = ["remind", "warn", "urge", "supervise", "circular"]
        wait_for(
            lambda: (
                "circular" in ((database.execute(made, [key, rungs]).fetchone() or [[]])[0] or [])
            ),
            400,  # a sweep each five minutes
        )
        assert database.execute(made, [key, rungs]).fetchone()[0][-3:] == [
            "urge",
            "supervise",
            "circular",
        ]  # type: ignore[index]
    handler.goto(f"{platform.page}/admin/notices/")
    expect(handler.locator(".topic.circular").first).to_be_visible()
    province.goto(f"{platform.page}/admin/orders/board")
    expect(province.locator("tr", has_text=BUREAU).locator(".cardmark.red").first).to_be_visible()
    province.goto(order)
    expect(province.locator(".track.circular")).to_be_visible()
    work(province, "约谈记录", note="已约谈该局分管负责人")
    expect(province.locator(".track.circular")).to_have_count(0)
    citizen.context.close()


def test_the_desk_by_keyboard_with_bulk_moves_undo_and_texts(
    platform: Stack, browser: Browser, offices: dict[str, Page]
) -> None:
    agent, handler = offices["agent"], offices["handler"]
    orders = [rate_badly(platform, browser, f"批量 {number}")[1] for number in range(2)]
    agent.goto(f"{platform.page}/admin/orders/?tab=todispatch")
    for order in orders:
        key = order.rsplit("/", 1)[1]
        link = agent.locator(f"td.do a[href$='/{key}']")
        link.focus()
        agent.keyboard.press("x")
        assert agent.locator(f"input[name=order][value='{key}']").is_checked()
    agent.locator("td.do a").first.focus()
    agent.keyboard.press("j")
    assert agent.evaluate("document.activeElement === document.querySelectorAll('td.do a')[1]")
    agent.locator("#bulk [name=move]").select_option("dispatch")
    agent.locator("#bulk [name=department]").select_option(label=BUREAU)
    agent.get_by_role("button", name="办理所选").click()
    expect(agent.get_by_role("status")).to_contain_text("成功 2 件")

    handler.goto(f"{platform.page}/admin/orders/texts")
    handler.get_by_label("用于").select_option("finding")
    handler.get_by_label("名称").fill("清单缺失")
    handler.get_by_label("内容").fill("经核实，窗口未摆放材料清单，情况属实。")
    handler.get_by_role("button", name="保存").click()
    handler.goto(orders[0])
    work(handler, "签收")
    form = handler.locator(".moves details").filter(has_text="确认属实")
    form.locator("select[data-fill=finding]").select_option(label="清单缺失")
    assert "窗口未摆放材料清单" in form.locator("[name=finding]").input_value()
    handler.get_by_role("button", name="确认属实", exact=True).click()
    expect(handler.get_by_test_id("state")).to_have_text("整改中")
    handler.get_by_role("button", name="撤销").click()
    expect(handler.get_by_test_id("state")).to_have_text("核实中")

    stale = sign_in(
        browser, platform, "handler", DEMO_PASSWORD
    )  # a colleague with the same page open
    stale.goto(orders[0])
    work(handler, "不属实", finding="与规定相符")
    work(stale, "属实", finding="x")
    expect(stale.get_by_role("alert")).to_contain_text("工单状态已变化")
    stale.context.close()


def test_a_policy_is_previewed_and_approved_by_another_person(
    platform: Stack, browser: Browser, offices: dict[str, Page]
) -> None:
    city, province = offices["city"], offices["province"]
    city.goto(f"{platform.page}/admin/orders/policies")
    city.get_by_label("依据").fill("连政务〔2026〕9 号")
    city.get_by_label("一般差评办结").fill("99")
    city.get_by_role("button", name="提交并预览影响").click()
    expect(city.get_by_role("alert")).to_contain_text("1–60")
    city.get_by_label("一般差评办结").fill("4")
    city.get_by_label("同时重算在办工单的时限").check()
    city.get_by_role("button", name="提交并预览影响").click()
    expect(city.get_by_text("5 → 4")).to_be_visible()
    changes = int(city.get_by_test_id("changes").inner_text())
    assert changes > 0
    expect(city.get_by_role("button", name="审核通过")).to_have_count(0)
    province.goto(city.url)
    province.get_by_role("button", name="审核通过").click()
    province.wait_for_url("**/policies")
    with platform.database() as database:
        moved = database.execute(
            "SELECT count(*) FROM orders_step WHERE move = 'redate'"
        ).fetchone()
    assert moved == (changes,)
