"""Signing in at an office PC, for the journeys."""

import re

import httpx
from playwright.sync_api import Browser, Page
from stack import Stack

DEMO_PASSWORD = "haochaping-demo"
PASSWORD = "a-long-password-of-the-tests"


def signed_in(platform: Stack, account: str, password: str = PASSWORD) -> httpx.Client:
    """Sign in with nothing but HTTP; what the client posts from then on carries its token."""
    client = httpx.Client(base_url=platform.page, follow_redirects=True, timeout=30)
    token = re.search(
        r'name="csrfmiddlewaretoken" value="([^"]+)"', client.get("/admin/sign-in").text
    )
    assert token is not None
    told = {"account": account, "password": password, "csrfmiddlewaretoken": token[1]}
    answer = client.post("/admin/sign-in", data=told)
    assert answer.status_code == 200
    assert "/sign-in" not in str(answer.url)
    client.headers["X-CSRFToken"] = client.cookies["csrftoken"]
    return client


def sign_in(
    browser: Browser, platform: Stack, account: str, password: str = PASSWORD, *, width: int = 1366
) -> Page:
    """Sign in at the size of an office PC and return the page: the clerk's or the work desk."""
    page = browser.new_context(viewport={"width": width, "height": 850}, locale="zh-CN").new_page()
    page.goto(f"{platform.page}/admin/")
    page.fill("[name=account]", account)
    page.fill("[name=password]", password)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(re.compile(r"/admin/(clerk)?$"))
    return page
