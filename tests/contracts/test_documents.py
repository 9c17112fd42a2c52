"""Generated documents are what the code says, links of documents lead somewhere, migrations are
complete.
"""

import ast
import re
from pathlib import Path

import pytest
from django.core.management import call_command

from haochaping.site import documents

ROOT = Path(__file__).resolve().parents[2]
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]


def test_generated_documents_are_up_to_date() -> None:
    """Run `make docs` and commit what it writes."""
    old = [
        path.name
        for path, text in documents.generated().items()
        if path.read_text(encoding="utf-8") != text
    ]
    assert old == []


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_links_of_documents_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\((?!https?://|#)([^)#]+)", page.read_text(encoding="utf-8"))
    assert [target for target in targets if not (page.parent / target).exists()] == []


@pytest.mark.django_db
def test_models_and_migrations_agree() -> None:
    """Run makemigrations."""
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


@pytest.mark.parametrize(
    ("way", "longest"),
    [("A submitted rating", 4), ("A move of an order", 4), ("A reply by SMS", 5)],
)
def test_a_way_through_the_house_is_short_and_its_stops_are_there(way: str, longest: int) -> None:
    """Mend WAYS in site/documents.py, or better the way itself."""
    stops = documents.WAYS[way]
    assert len(stops) <= longest
    for stop in stops:
        tree = ast.parse((documents.PACKAGE / stop.module).read_text(encoding="utf-8"))
        named = {
            node.name
            for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        }
        assert stop.function in named, f"{stop.module} has no {stop.function}"


def test_every_test_that_the_list_of_faults_names_is_there() -> None:
    """`room/file::prefix` of tests/README.md, `::prefix` in the file named before it."""
    missing, path = [], Path()
    for line in (ROOT / "tests/README.md").read_text().partition("```")[2].splitlines():
        for room, file, prefix in re.findall(r"(?:(\w+)/(\w+))?::(\w+)", line):
            if file:
                ours = ROOT / f"src/haochaping/{room}/tests/test_{file}.py"
                path = ours if ours.exists() else ROOT / f"tests/{room}/test_{file}.py"
            there = path.exists() and f"def test_{prefix}" in path.read_text()
            missing += [] if there else [f"{room}/{file}::{prefix}"]
    assert missing == []
