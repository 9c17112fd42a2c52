"""Signing in at an office PC, for the journeys."""

import re

from playwright.sync_api import Browser, Page
from stack import Stack

DEMO_PASSWORD = "haochaping-demo"
PASSWORD = "a-long-password-of-the-tests"


def sign_in(browser: Browser, platform: Stack, account: str, password: str = PASSWORD) -> Page:
    """Sign in at the size of an office PC and return the page: the clerk's or the work desk."""
    page = browser.new_context(viewport={"width": 1366, "height": 850}, locale="zh-CN").new_page()
    page.goto(f"{platform.page}/admin/")
    page.fill("[name=account]", account)
    page.fill("[name=password]", password)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(re.compile(r"/admin/(clerk)?$"))
    return page
