"""Deny by default.

Every route stands in the permission table, and the table names no route that is gone.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, resolve, reverse

from haochaping.config.menu import MENU
from haochaping.config.permissions import ROUTES
from haochaping.console.rules import HANDBOOK
from haochaping.identity.rules import ROLES, Right


def patterns(resolver: URLResolver, namespace: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Yield all routes with their namespaces."""
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from patterns(entry, f"{entry.namespace}:" if entry.namespace else namespace)
        elif isinstance(entry, URLPattern):
            yield namespace, entry


def routes(resolver: URLResolver) -> Iterator[str]:
    """Yield the names of all routes."""
    return (f"{namespace}{pattern.name}" for namespace, pattern in patterns(resolver))


def test_every_route_is_in_the_table_and_nothing_else() -> None:
    """Add the route to config/permissions.py with the right it needs."""
    assert set(routes(get_resolver())) == set(ROUTES)


def test_every_right_is_held_by_some_role_and_every_menu_entry_leads_to_a_route() -> None:
    assert set().union(*(role.rights for role in ROLES.values())) == set(Right)
    assert {entry.route for entries in MENU.values() for entry in entries} <= set(ROUTES)


def test_the_address_of_a_form_that_answers_with_a_page_leads_to_that_page() -> None:
    """Name in `pages.posted` the route of the page, and what of the address it is reached by."""
    led = 0
    for _, pattern in patterns(get_resolver()):
        route, keep = getattr(pattern.callback, "leads_to", (None, ()))
        if route is not None:
            given = {
                one: _SAMPLES.get(type(pattern.pattern.converters[one]).__name__, "word")
                for one in keep
            }
            assert reverse(route, kwargs=given)
            led += 1
    assert led > 50


_SAMPLES = {"IntConverter": 7}  # of what stands in an address; a word else


def test_every_address_opens_its_own_page() -> None:
    """Move one of the two: an address that was there before is opened by another page now."""
    lost, tried = [], 0
    for namespace, pattern in patterns(get_resolver()):
        name, converters = f"{namespace}{pattern.name}", pattern.pattern.converters
        given = {
            one: _SAMPLES.get(type(converter).__name__, "word")
            for one, converter in converters.items()
        }
        with suppress(NoReverseMatch):  # a pattern of its own
            found = resolve(reverse(name, kwargs=given)).view_name
            tried += 1
            if found != name:
                lost.append(name)
    assert lost == []
    assert tried > 0.8 * len(ROUTES)


def test_every_entry_of_the_menu_has_a_chapter_in_the_handbook() -> None:
    assert {entry.route for entries in MENU.values() for entry in entries} == set(HANDBOOK)


def test_the_handbook_names_only_what_stands_on_the_page() -> None:
    src = Path(__file__).resolve().parents[2] / "src" / "haochaping"
    named, missing = 0, []
    for route, chapter in HANDBOOK.items():
        pages = (src / route.partition(":")[0]).rglob("*.html")
        texts = "".join(page.read_text() for page in pages)
        texts += (src / "config" / "menu.py").read_text()
        rules = (src / "notifications" / "rules").glob("*.py")
        texts += "".join(one.read_text() for one in rules)
        for label in re.findall("“([^”]+)”", "".join(step.zh for step in chapter.steps)):
            named += 1
            if not re.search(f"[\"']{label}", texts):
                missing.append((route, label))
    assert missing == []
    assert named > 10
