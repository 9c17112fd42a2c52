"""Generated documents are what the code says, links of documents lead somewhere, migrations are
complete.
"""

import re
from pathlib import Path

import pytest
from django.core.management import call_command

from haochaping.site import documents

ROOT = Path(__file__).resolve().parents[2]
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]


@pytest.mark.parametrize("path", list(documents.generated()), ids=lambda path: path.name)
def test_a_generated_document_is_up_to_date(path: Path) -> None:
    """Run `make docs` and commit what it writes."""
    assert path.read_text(encoding="utf-8") == documents.generated()[path]


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_links_of_documents_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\((?!https?://|#)([^)#]+)", page.read_text(encoding="utf-8"))
    assert [target for target in targets if not (page.parent / target).exists()] == []


@pytest.mark.django_db
def test_models_and_migrations_agree() -> None:
    """Run makemigrations."""
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)
