"""Every page: nothing that axe finds, no violation of the strict CSP, no sideways scrolling."""

import re
from itertools import batched
from pathlib import Path

import pytest
from office import DEMO_PASSWORD, sign_in
from playwright.sync_api import Browser, Page
from stack import Stack
from test_story import service_in

pytestmark = pytest.mark.browser
AXE = Path(__file__).resolve().parents[2] / "frontend/node_modules/axe-core/axe.min.js"


def axe(page: Page) -> list[str]:
    """Return what axe-core finds."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(
        "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', "
        "'best-practice'], resultTypes: ['violations']})"
    )
    return [
        f"{violation['id']}: {violation['nodes'][0]['html'][:120]}"
        for violation in found["violations"]
    ]


CITIZEN_PAGES = (
    "/",
    "/announcements",
    "/open/",
    "/open/verify",
    "/open/ledger",
    "/open/areas",
    "/open/areas/320700000000",
    "/open/depts",
    "/open/depts/1",
    "/open/items",
    "/open/items/1",
    "/open/cases",
    "/open/cases/praise/",
    "/open/cases/complaints/",
    "/open/cases/1",
    "/open/search?q=登记",
    "/open/data",
    "/open/method",
    "/open/status",
    "/open/accessibility",
    "/nowhere",
    "/admin/sign-in",
    "/k/",
    "/dev/",
    "/dev/widget",
    "/p/nothing",
)
OFFICE_PAGES = (
    *(
        "/admin/",
        "/admin/privacy",
        "/admin/help",
        "/admin/messages/templates",
        "/admin/unrated",
        "/admin/dictionaries",
        "/admin/partners/",
        "/admin/partners/1/",
        "/admin/partners/conventions",
        "/admin/partners/tracking",
        "/admin/orders/",
        "/admin/ratings",
        "/admin/holds/",
        "/admin/audit",
        "/insight/",
        "/insight/places",
        "/insight/places/320700",
        "/insight/departments",
        "/insight/departments/1",
        "/insight/halls/1",
        "/insight/windows/1",
        "/insight/items/1",
        "/insight/loop",
        "/insight/problems",
        "/insight/problems/reasons",
        "/insight/campaigns",
        "/insight/themes",
        "/insight/themes/edit",
        "/insight/lake",
        "/insight/screen",
        "/insight/trust",
        "/insight/measures",
        "/insight/reports",
        "/insight/reports/new?page=/insight/&title=x",
        "/insight/map",
        "/admin/people",
        "/admin/people/3",
        "/admin/account",
        "/admin/indicators/",
        "/admin/publication",
    ),
    *("/admin/directory/windows", "/admin/directory/items/import", "/admin/orders/999999"),
    *("/admin/directory/windows/new", "/admin/directory/windows/1"),
    *("/admin/findings", "/admin/findings?state=all", "/admin/findings/detectors"),
    *("/admin/codes/?kind=hall", "/admin/devices/", "/admin/messages/", "/admin/channels/"),
    *(
        "/admin/orders/board",
        "/admin/orders/policies",
        "/admin/orders/policies/1",
        "/admin/orders/calendar",
        "/admin/orders/rules",
    ),
    *("/admin/notices/", "/admin/hotlines/", "/admin/orders/1", "/admin/orders/1/sheet"),
    *(
        "/admin/selfcheck",
        "/admin/coverage",
        "/admin/coverage?kind=items",
        "/admin/holds/words",
        "/admin/exports/",
    ),
    *("/admin/holds/?state=released", "/admin/interface/calls", "/admin/interface/checklists"),
    *("/admin/interface/clients/1", "/admin/find?q=lyg", "/admin/people/roles", "/admin/codes/1"),
    *("/admin/findings/1", "/admin/notices/?topic=urge"),
    *("/admin/upstream/", "/admin/upstream/1", "/admin/announcements/", "/admin/rosters/"),
)
OTHERS_PAGES = {
    "agent": ("/admin/calls/", "/admin/phone/", "/admin/orders/policies"),
    "admin": (
        "/admin/",
        "/admin/people",
        "/admin/people/new",
        "/admin/keys",
        "/admin/system",
        "/admin/retention/",
    ),
    "security": ("/admin/", "/admin/people", "/admin/notices/"),
    "auditor": ("/admin/", "/admin/audit"),
    "clerk": ("/admin/clerk",),
    "handler": ("/admin/orders/texts", "/admin/orders/", "/admin/"),
}


# who opens which pages; a stranger has no account
GROUPS = {
    "stranger": ("", CITIZEN_PAGES),
    **{f"province {no}": ("province", pages) for no, pages in enumerate(batched(OFFICE_PAGES, 14))},
    **{account: (account, pages) for account, pages in OTHERS_PAGES.items()},
}


def test_the_public_site_says_everything_without_scripts(platform: Stack, browser: Browser) -> None:
    reader = browser.new_context(
        java_script_enabled=False, locale="zh-CN", viewport={"width": 390, "height": 844}
    )
    page = reader.new_page()
    for address in (one for one in CITIZEN_PAGES if one.startswith("/open/")):
        answer = page.goto(platform.page + address)
        assert answer is not None
        assert answer.status == 200, address
        assert page.locator("main").inner_text().strip(), address
        hidden = page.locator("main [hidden]:not([data-steps]):not([data-said]):not(details)")
        assert hidden.count() == 0, address  # nothing waits for a script but the check itself
    page.goto(f"{platform.page}/open/")
    page.get_by_role("link", name="地区").first.click()
    page.locator("main table a").first.click()
    assert page.locator("main h1").inner_text()
    page.goto(f"{platform.page}/open/verify")
    assert "没有运行脚本" in page.locator(".needs-script").inner_text()
    # a proof is a secret: without a script nothing of it can be sent
    page.locator("#proof").fill("c2sp.org/tlog-proof@v1")
    button = page.locator("[data-verify] button")
    assert button.is_disabled()
    assert not button.is_visible()
    assert not page.locator("[data-verify] [name]").count()
    reader.close()


@pytest.mark.parametrize(
    "group", [*GROUPS, pytest.param("stranger in English", marks=pytest.mark.nightly)]
)
@pytest.mark.parametrize(
    "width", [390, *(pytest.param(wide, marks=pytest.mark.nightly) for wide in (1366, 1920))]
)
def test_every_page_is_free_of_axe_findings_csp_violations_and_sideways_scrolling(
    platform: Stack, browser: Browser, width: int, group: str
) -> None:
    account, addresses = GROUPS[group.removesuffix(" in English")]
    if account:
        page = sign_in(browser, platform, account, DEMO_PASSWORD)
    else:
        english = group.endswith("in English")
        page = browser.new_page(locale="en" if english else "zh-CN")
        link = service_in(platform, "连云港市公安局").removeprefix(platform.page)
        addresses = (*addresses, link, f"{link}?size=large")
    page.set_viewport_size({"width": width, "height": 900})
    complaints: list[str] = []
    page.on(
        "console",
        lambda message: (
            complaints.append(message.text)
            if message.type == "error" and "404" not in message.text
            else None
        ),
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    for address in addresses:
        response = page.goto(platform.page + address)
        assert response is not None
        lang = page.evaluate("document.documentElement.lang")
        assert lang.startswith("en") == group.endswith("in English"), address
        policy = response.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        more = page.get_by_role("button", name=re.compile("再取"))
        if address == "/admin/calls/" and more.count():
            more.click()
        assert axe(page) == [], address
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
        if width < 900:  # a menu that is shut takes no room
            menu = page.evaluate("document.querySelector('.side')?.offsetHeight ?? 0")
            assert menu == 0, address
    assert complaints == []
    page.context.close()
