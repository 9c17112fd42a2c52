"""Records docs/integrate/examples.md: what a client of each dialect really sends, and what it gets.

It runs the journeys of the dialects against a platform of its own and writes down the first
accepted and the first refused exchange of each operation. Keys and numbers in it are those of that
platform, which is gone.
usage: .venv/bin/python tools/examples.py
"""

import os
import sys
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "journeys")]
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "haochaping.config.settings")

import django  # noqa: E402 - the journeys know the rooms

django.setup()

import httpx  # noqa: E402
import test_dialects as journeys  # noqa: E402
from people import BUREAU, item_of  # noqa: E402
from stack import Stack  # noqa: E402

_LONGEST = 900  # characters of a body that are shown
_TITLES = {
    "sd": "Shandong 山东",
    "fj": "Fujian 福建",
    "zj": "Zhejiang 浙江",
    "ah": "Anhui 安徽",
    "own": "Our own interface, national fields 平台自有接口",
}


class Recorder:
    """Writes down every exchange that goes through httpx."""

    def __init__(self) -> None:
        self.seen: dict[str, dict[tuple[str, bool], str]] = {name: {} for name in _TITLES}
        self.send = httpx.Client.send

    def start(self) -> None:
        """Listen."""
        recorder = self

        def send(client: httpx.Client, request: httpx.Request, **options: Any) -> httpx.Response:
            answer = recorder.send(client, request, **options)
            answer.read()
            recorder.note(request, answer)
            return answer

        httpx.Client.send = send  # type: ignore[method-assign,assignment]

    def note(self, request: httpx.Request, answer: httpx.Response) -> None:
        """Keep the first exchange of an operation that was taken, and the first that was not."""
        parts = request.url.path.strip("/").split("/")
        dialect = parts[1] if parts[0] == "dialects" else "own" if parts[0] == "api" else ""
        if not dialect or not (request.content or request.url.query):
            return
        operation = parts[-1]
        if b"ws:get" in request.content:
            operation = "SOAP"
        good = answer.status_code < 400 and not any(  # noqa: PLR2004 - HTTP
            mark in answer.text
            for mark in ('"success": false', '"success":false', '"result": "0"', "code&gt;4")
        )
        self.seen[dialect].setdefault((operation, good), _shown(request, answer))


def _shown(request: httpx.Request, answer: httpx.Response) -> str:
    query = f"?{request.url.query.decode()}" if request.url.query else ""
    names = ("content-type", "authorization", "c-tenancy-id", "location")
    head = [f"{name}: {value}" for name, value in request.headers.items() if _told(name, names)]
    back = [f"{name}: {value}" for name, value in answer.headers.items() if name in names]
    body = request.content.decode(errors="replace")
    if "form" in request.headers.get("content-type", ""):
        body = unquote_plus(body).replace("&", "\n&")
    lines = [
        f"{request.method} {request.url.path}{query}"[:_LONGEST],
        *head,
        "",
        _cut(body),
        "",
        "→",
    ]
    return "\n".join([*lines, f"{answer.status_code}", *back, "", _cut(answer.text)])


def _told(name: str, names: tuple[str, ...]) -> bool:
    return name in names or name.startswith("x-hcp")


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text)} characters)"


def main() -> None:
    """Run the journeys and write the page."""
    platform, recorder = Stack(), Recorder()
    try:
        platform.start()
        platform.furnish()
        recorder.start()
        journeys.test_shandong(platform, "der")
        journeys.test_fujian(platform)
        journeys.test_zhejiang(platform)
        journeys.test_anhui_opens_the_page_and_the_service_stays_marked_for_nobody_signed_it(
            platform
        )
        number, _ = platform.service()
        service = {"project_no": number, "service_number": 1}
        rating = {**service, "level": 2, "channel": 9, "codes": [207], "words": "材料多要了一份"}
        platform.post("/api/v1/evaluations", rating | {"levl": 2})
        platform.post("/api/v1/evaluations", rating)
        platform.post("/api/v1/evaluations/batch", [rating, rating | {"project_no": "32NOBODY"}])
        platform.post("/api/v1/status", service)
        platform.post("/api/v1/outcomes", {"since": 0})
        platform.post("/api/v1/key", {})
    finally:
        platform.stop()
    pages = [
        "# Recorded examples 实录报文\n",
        (
            "Recorded by `tools/examples.py` from the journeys that test the dialects. Keys, "
            "secrets and numbers are those of a platform that no longer exists.\n"
            f"The department is {BUREAU}, the item {item_of(BUREAU)}.\n"
        ),
    ]
    for dialect, title in _TITLES.items():
        pages.append(f"## {title}\n")
        for (operation, good), text in recorder.seen[dialect].items():
            pages.append(f"### {operation}: {'taken 受理' if good else 'refused 拒绝'}\n")
            pages.append(f"```http\n{text}\n```\n")
    (ROOT / "docs" / "integrate" / "examples.md").write_text("\n".join(pages), encoding="utf-8")


if __name__ == "__main__":
    main()
