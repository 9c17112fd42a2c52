"""Hands that have no mouse: every click of a journey becomes keys, as somebody presses them who
cannot use anything else (WCAG 2.1.1). `pytest --keyboard` puts them in place of the mouse.
"""

from typing import Any
from unittest.mock import patch

from playwright.sync_api import ElementHandle, Locator

_FURTHEST = 600  # presses of Tab from where one is
_CONTROL = """found => {
  const label = found.closest("label");
  const inside = label && label.control;
  return inside || found.closest("a[href],button,summary,input,select,textarea,[tabindex]");
}"""
_THERE = "found => found === document.activeElement"
_NEAR = """found => found === document.activeElement ||
  (found.type === "radio" && document.activeElement.type === "radio" &&
   document.activeElement.name === found.name && document.activeElement.form === found.form)"""
_click, _fill, _choose = Locator.click, Locator.fill, Locator.select_option


class OutOfReach(AssertionError):
    """Nobody without a mouse gets there."""


def reach(place: Locator) -> ElementHandle:
    """Press Tab until the focus is where somebody would click; raises OutOfReach."""
    place.wait_for()
    found = place.element_handle().evaluate_handle(_CONTROL).as_element()
    if found is None:
        raise OutOfReach(f"no control: {place}")
    keys = place.page.keyboard
    for _ in range(_FURTHEST):
        if found.evaluate(_NEAR):
            break
        keys.press("Tab")
    else:
        raise OutOfReach(f"{_FURTHEST} presses of Tab do not lead to {place}")
    for _ in range(20):  # among the choices of a group one goes with arrows
        if found.evaluate(_THERE):
            return found
        keys.press("ArrowDown")
    raise OutOfReach(f"arrows do not lead to {place}")


def click(place: Locator, **how: Any) -> None:
    """Go there and press what one presses there."""
    if "position" in how or "button" in how:  # a place on a map, or the other button
        _click(place, **how)
        return
    found = reach(place)
    kind = found.evaluate("e => e.tagName + (e.type || '')")
    if kind in ("INPUTcheckbox", "INPUTfile", "INPUTradio"):  # the first choice is not chosen yet
        found.press("Space")
    elif not kind.startswith(("INPUT", "SELECT", "TEXTAREA")):
        found.press("Enter")


def fill(place: Locator, value: str, **how: Any) -> None:
    """Go there and write."""
    reach(place)
    _fill(place, value, **how)


def check(place: Locator, **_how: Any) -> None:
    """Go there and tick it."""
    if not place.is_checked():
        click(place)


def select_option(place: Locator, *values: Any, **how: Any) -> list[str]:
    """Go there and choose."""
    reach(place)
    return _choose(place, *values, **how)


def instead_of_the_mouse() -> Any:
    """Return the patch."""
    return patch.multiple(Locator, click=click, fill=fill, check=check, select_option=select_option)
