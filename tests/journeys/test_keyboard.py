"""The hands without a mouse: what they reach, and what they refuse to."""

import keyboard
import pytest
from playwright.sync_api import Browser

_PAGE = """
<button onclick="document.title += 'a'">a</button>
<label><input type="checkbox" onchange="document.title += 'b'"> b</label>
<label><input type="radio" name="r"> c</label>
<label><input type="radio" name="r" onchange="document.title += 'd'"> d</label>
<div onclick="document.title += 'e'">e</div>
<button tabindex="-1" onclick="document.title += 'f'">f</button>
"""


@pytest.mark.parametrize(
    ("text", "there"), [("a", True), ("b", True), ("d", True), ("e", False), ("f", False)]
)
def test_only_what_keys_lead_to_is_pressed(browser: Browser, text: str, there: bool) -> None:
    page = browser.new_page()
    page.set_content(_PAGE)
    place = page.get_by_text(text, exact=True)
    if there:
        keyboard.click(place)
        assert page.title() == text
    else:
        with pytest.raises(keyboard.OutOfReach):
            keyboard.click(place)
        assert page.title() == ""
    page.close()
