"""The whole platform, started once by its own command on free ports with a small demonstration, and
a real browser.
"""

from collections.abc import Iterator
from contextlib import nullcontext

import keyboard
import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright
from stack import Stack

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def platform() -> Iterator[Stack]:
    """`hcp serve --demo`, as a user starts it."""
    stack = Stack(demo=True)
    stack.start()
    yield stack
    stack.stop()


@pytest.fixture(scope="session")
def bureau() -> Iterator[Stack]:
    """A platform with one bureau, its windows and people, for all modules that only add to it."""
    stack = Stack(furnished=True)
    stack.start()
    yield stack
    stack.stop()


@pytest.fixture(scope="session", autouse=True)
def hands(request: pytest.FixtureRequest) -> Iterator[None]:
    """A mouse, or with --keyboard none."""
    with keyboard.instead_of_the_mouse() if request.config.getoption("keyboard") else nullcontext():
        yield


@pytest.fixture(scope="session")
def driver() -> Iterator[Playwright]:
    """What drives browsers."""
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def browser(driver: Playwright) -> Iterator[Browser]:
    """Debian's Chromium."""
    chromium = driver.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
    yield chromium
    chromium.close()
