"""Rules of the front-end that need no browser.

Contrast, forbidden CSS, no inline styles, labels in both languages.
"""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOKENS = dict(
    re.findall(
        r"--([\w-]+): (#[0-9a-f]{6})",
        (ROOT / "frontend/src/_tokens.css").read_text(encoding="utf-8"),
    )
)
TEMPLATES = list((ROOT / "src").rglob("jinja2/**/*.html"))


def luminance(colour: str) -> float:
    """Return the relative luminance (WCAG 2.2)."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(left: str, right: str) -> float:
    """Return the contrast ratio of two colours."""
    dark, light = sorted((luminance(left), luminance(right)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(
    ("ink", "ground"),
    [
        ("ink", "bg"),
        ("ink-2", "bg"),
        ("ink-3", "bg"),
        ("ink-3", "card"),
        ("brand", "card"),
        ("brand", "bg"),
        *((f"l{n}", f"l{n}-soft") for n in range(1, 6)),
        *((f"l{n}", "card") for n in range(1, 6)),
    ],
)
def test_text_stands_out_from_its_ground(ink: str, ground: str) -> None:
    assert contrast(TOKENS[ink], TOKENS[ground]) >= 4.5


@pytest.mark.parametrize(
    "path", list((ROOT / "frontend/src").glob("*.css")), ids=lambda path: path.name
)
def test_css_keeps_to_what_old_browsers_know(path: Path) -> None:
    """Chromium 80 stands for old WeChat: see frontend.md §3."""
    text = path.read_text(encoding="utf-8")
    assert [
        word for word in ("@layer", ":has(", "oklch", "@container", "color-mix") if word in text
    ] == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_templates_have_no_inline_style_or_handler_and_say_everything_in_both_languages(
    path: Path,
) -> None:
    text = path.read_text(encoding="utf-8")
    assert re.findall(r"\sstyle=|\son\w+=|javascript:", text) == []
    bare = re.sub(r"\{#.*?#\}|\{\{.*?\}\}|\{%.*?%\}", "", text, flags=re.DOTALL)
    assert re.findall(r"[\u4e00-\u9fff]+", bare) == []
