"""Rules of the front-end that need no browser.

Contrast, forbidden CSS, no inline styles, labels in both languages.
"""

import ast
import importlib.util
import re
import unicodedata
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


def test_every_mark_that_a_page_names_is_drawn() -> None:
    marks = (ROOT / "src/haochaping/kernel/jinja2/kernel/marks.html").read_text(encoding="utf-8")
    drawn = set(re.findall(r'^  "(\w+)": "M', marks, re.MULTILINE))
    named = {
        (path.name, name)
        for path in TEMPLATES
        for call in re.findall(r'(?:icon\(|empty\((?="))([^),]*)', path.read_text(encoding="utf-8"))
        for name in re.findall(r'"(\w+)"', call)
    }
    assert ("proof.html", "clock") in named
    assert {(page, name) for page, name in named if name not in drawn} == set()


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


CHINESE = re.compile(r"[\u4e00-\u9fff]")
# what is Chinese by nature: people and complaints of the demonstration, how citizens write a level,
# plates of cars, columns of a table that offices fill in, the name of the language itself
DATA = (
    "demo/",
    "evaluations/rules/reply.py",
    "kernel/masking.py",
    "kernel/personal.py",
    "publication/rules/telling.py",
    "calendar/rules.py",
    "config/settings.py",
)
SIDE_BY_SIDE = {"Words", "t", "chinese"}


def spoken(path: Path) -> list[str]:
    """Return the Chinese constants of a file that stand neither in Words nor beside their English.

    A call or pair that holds both languages, and a text in both, say everything twice too.
    """
    text = path.read_text(encoding="utf-8")
    if not CHINESE.search(text):
        return []
    tree = ast.parse(text)
    good: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            good.add(id(node.value))  # a docstring
        if not isinstance(node, ast.Call | ast.JoinedStr | ast.Constant):
            continue
        name = node.func if isinstance(node, ast.Call) else None
        called = getattr(name, "id", getattr(name, "attr", ""))
        texts = [
            part.value
            for part in ast.walk(node)
            if isinstance(part, ast.Constant) and isinstance(part.value, str)
        ]
        english = any(re.search(r"[A-Za-z]{3,}\W+[A-Za-z]{2,}", text) for text in texts)
        both = isinstance(node, ast.JoinedStr | ast.Constant) and re.search(
            r"[A-Za-z]{3,}", " ".join(texts)
        )
        if called in SIDE_BY_SIDE or both or (called and english):
            good |= {id(part) for part in ast.walk(node)}
    return [
        f"{node.lineno}: {node.value}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and CHINESE.search(node.value)
        and id(node) not in good
    ]


PYTHON = [
    path
    for path in (ROOT / "src/haochaping").rglob("*.py")
    if not {"tests", "migrations"} & set(path.parts)
]


def test_python_says_everything_in_both_languages() -> None:
    """Write Words(zh, en), or chinese(…) for what becomes part of a record or goes out by SMS."""
    package = ROOT / "src/haochaping"
    alone = {
        name: found
        for path in PYTHON
        if not (name := path.relative_to(package).as_posix()).startswith(DATA)
        if (found := spoken(path))
    }
    assert alone == {}


@pytest.mark.parametrize(
    "path", list((ROOT / "frontend/src").glob("*.js")), ids=lambda path: path.name
)
def test_javascript_says_everything_in_both_languages(path: Path) -> None:
    """Write t("中文", "English"): the page's language decides."""
    text = re.sub(r"^\s*//.*$|\s//\s.*$", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    spoken_twice = re.sub(r"\bt\((`[^`]*`|\"[^\"]*\"),\s*(`[^`]*`|\"[^\"]*\")\)", "", text)
    assert CHINESE.findall(spoken_twice) == []


def columns(line: str) -> int:
    """Return how wide a line stands on a screen: a Chinese character takes two columns."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in line)


BLOCKS = re.compile(
    r"<(?:div|section|form|table|thead|tbody|tr|td|th|ul|ol|li|nav|main|header|footer|h[1-6]|dl"
    r"|details|fieldset|label|select|textarea)\b"
)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_a_template_holds_one_element_a_line_within_a_hundred_columns(path: Path) -> None:
    lines = list(enumerate(path.read_text(encoding="utf-8").splitlines(), 1))
    wide = [(number, columns(line)) for number, line in lines if columns(line) > 100]
    assert not wide, f"{path.name}: break these lines (number, columns): {wide}"
    crowded = [number for number, line in lines if len(BLOCKS.findall(line)) > 1]
    assert not crowded, f"{path.name}: one block element a line, please: {crowded}"


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_what_pages_repeat_is_a_component(path: Path) -> None:
    if path.parent.name == "kernel":
        return
    text = path.read_text(encoding="utf-8")
    own = re.findall(r'<(?:p|div|nav)\s+class="(scroll|pager|empty)"', text)
    assert not own, f"{path.name}: kernel/components.html has {own} already"


def test_every_reason_of_the_verifier_is_said_in_both_languages() -> None:
    """Break it: raise Wrong with a sentence that `_ZH` does not have."""
    path = ROOT / "clients" / "verify" / "hcp_verify.py"
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        name = getattr(node, "func", None)
        if isinstance(node, ast.Call) and getattr(name, "id", "") in ("Wrong", "Unread"):
            (said,) = node.args
            parts = said.values if isinstance(said, ast.JoinedStr) else [said]
            found.append(
                "".join(
                    getattr(part, "value", "") if isinstance(part, ast.Constant) else "7"
                    for part in parts
                )
            )
    spec = importlib.util.spec_from_file_location("hcp_verify", path)
    verifier = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(verifier)
    assert len(found) > 70
    assert [said for said in found if not re.search("[一-鿿]", verifier._in_chinese(said))] == []
    assert verifier._in_chinese("2 of 3 witnesses have signed") == "见证方签名 2 个，需要 3 个"


def test_no_cell_of_a_table_is_a_dot_itself() -> None:
    """On a phone a cell has its column's name where its dot would be drawn: put it into a span."""
    found = [
        path.name
        for path in TEMPLATES
        if re.search(r'<t[dh][^>]*class="[^"]*\bdot\b', path.read_text(encoding="utf-8"))
    ]
    assert found == []
