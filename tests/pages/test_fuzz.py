"""Whatever strangers send to a public door is answered, and never with a 500."""

import json
import re
from collections.abc import Iterator
from urllib.parse import quote

import people
import pytest
from django.test import Client
from django.urls import get_resolver
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from haochaping.config.permissions import ROUTES, Door

pytestmark = pytest.mark.slow

OPEN = sorted(name for name, access in ROUTES.items() if access in (Door.PUBLIC, Door.TOKEN))
_ODD = st.sampled_from(
    [
        "\0",
        "a\0b",
        "\ud800",
        "é",
        "%",
        "..",
        "'; --",
        "９９",
        "-1",
        "99999999999999999999",
        "{}",
        "名",
    ]
)
TEXT = _ODD | st.text(max_size=30)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(TEXT, inside, max_size=3),
    max_leaves=6,
)
NAMES = "level codes1 words phone digits number service item proof called verdict to next kid items"
HEADERS = [
    "X-HCP-Key",
    "X-HCP-Time",
    "X-HCP-Nonce",
    "X-HCP-Signature",
    "X-Forwarded-For",
    "Accept-Language",
    "Cookie",
]


def patterns() -> Iterator[tuple[str, str]]:
    """Yield the name and the pattern of every route."""
    for room in get_resolver().url_patterns:
        for route in getattr(room, "url_patterns", ()):
            yield f"{room.namespace}:{route.name}", f"/{room.pattern}{route.pattern}"


PATTERNS = dict(patterns())
_PART = re.compile(r"<(\w+):\w+>")


def escaped(text: str) -> str:
    """Return a text as a part of an address."""
    return quote(text.encode("utf-8", "surrogatepass"), safe="")


@pytest.mark.parametrize("name", OPEN)
@settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_a_public_door_answers_whatever_comes(
    world: people.Place, name: str, data: st.DataObject
) -> None:
    client = Client(raise_request_exception=False)
    path = _PART.sub(
        lambda part: "7" if part[1] == "int" else escaped(data.draw(TEXT)) or "x", PATTERNS[name]
    )
    query = {data.draw(st.sampled_from(NAMES.split())): data.draw(TEXT)}
    headers = {
        header: data.draw(st.text(st.characters(max_codepoint=255), max_size=20))
        for header in data.draw(st.lists(st.sampled_from(HEADERS), max_size=3, unique=True))
    }
    odd = "&".join(f"{key}={escaped(value)}" for key, value in query.items())
    junk = json.dumps(data.draw(JSON)).encode()
    sent = [
        client.get(f"{path}?{odd}", headers=headers),
        client.post(path, odd, content_type="application/x-www-form-urlencoded"),
        client.post(path, data.draw(st.binary(max_size=60)), content_type="application/json"),
        client.post(path, junk, content_type="application/json", headers=headers),
    ]
    for answer in sent:
        assert answer.status_code < 500, (answer.request["PATH_INFO"], answer.content[:300])
