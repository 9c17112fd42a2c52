"""Deny by default.

Every route stands in the permission table, and the table names no route that is gone.
"""

from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver

from haochaping.config.permissions import MENU, ROUTES
from haochaping.identity.rules import ROLES, Right


def routes(resolver: URLResolver, namespace: str = "") -> Iterator[str]:
    """Yield the names of all routes."""
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from routes(entry, f"{entry.namespace}:" if entry.namespace else namespace)
        elif isinstance(entry, URLPattern):
            yield f"{namespace}{entry.name}"


def test_every_route_is_in_the_table_and_nothing_else() -> None:
    """Add the route to config/permissions.py with the right it needs."""
    assert set(routes(get_resolver())) == set(ROUTES)


def test_every_right_is_held_by_some_role_and_every_menu_entry_leads_to_a_route() -> None:
    assert set().union(*(role.rights for role in ROLES.values())) == set(Right)
    assert {entry.route for entries in MENU.values() for entry in entries} <= set(ROUTES)
