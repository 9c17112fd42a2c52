"""Doors that are given up say so in each answer, and in the document."""

import asyncio
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime

import pytest

from haochaping.intake import openapi, sunsets
from haochaping.intake.collect import Collector

ADDRESS = "/api/v1/status"


def told(address: str) -> dict[str, str]:
    """Return the headers of an answer: of a GET, which no door takes."""
    sent = []

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": address, "query_string": b"", "headers": []}
    asyncio.run(Collector()(scope, receive, send))  # type: ignore[arg-type]
    assert sent[0]["status"] == 405
    return {name.decode(): value.decode() for name, value in sent[0]["headers"]}  # type: ignore[attr-defined]


def test_a_door_that_is_given_up_says_since_when_and_until_when(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert not {"deprecation", "sunset", "link"} & told(ADDRESS).keys()
    ending = sunsets.Sunset(date(2026, 12, 1), date(2028, 1, 1))
    monkeypatch.setitem(sunsets.SUNSETS, ADDRESS, ending)
    headers = told(ADDRESS)
    since = datetime.fromtimestamp(int(headers["deprecation"].removeprefix("@")), tz=UTC)
    assert since == datetime(2026, 12, 1, tzinfo=UTC)
    assert parsedate_to_datetime(headers["sunset"]) == datetime(2028, 1, 1, tzinfo=UTC)
    assert 'rel="deprecation"' in headers["link"]
    assert "sunset" not in told("/api/v1/records")
    paths = openapi.document()["paths"]
    assert [path for path in paths if paths[path]["post"].get("deprecated")] == [ADDRESS]


def test_nothing_is_given_up_within_a_year() -> None:
    with pytest.raises(ValueError, match="Sunset"):
        sunsets.Sunset(date(2026, 12, 1), date(2027, 11, 30))
