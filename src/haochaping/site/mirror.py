"""The public site as a folder of files 静态镜像, in both languages, with its data, its ledger and
its assets: any web server at the root of any name shows it, and a newspaper can keep it on a disk.

Pages are asked of our own application, as a stranger would; nobody's session is in them. Links to
whatever is no public page lead to the platform itself.
"""

import gzip
import re
import shutil
from collections.abc import Iterator
from functools import partial
from html import escape, unescape
from http import HTTPStatus
from io import BytesIO
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.core.handlers.base import BaseHandler
from django.core.handlers.wsgi import WSGIRequest
from django.db import transaction

from haochaping.kernel.db import one_at_a_time
from haochaping.kernel.errors import Refusal
from haochaping.kernel.words import Words
from haochaping.ledger import queries as ledger

_BEGIN = "/open/"
_LINK = re.compile(r'(\s(?:href|src|action)=")([/?][^"]*)"')
_FORM = re.compile(r"<form(?![^>]*\saction=)")
_FILE = re.compile(r"\.(csv|json|parquet|tlog-proof|xml)$")
_TREES = {"zh-hans": "", "en": "/en"}  # language -> where its pages begin
_PACKED = (".html", ".css", ".js", ".csv", ".json", ".xml", ".svg")
_KEPT = ("/static/", "/ledger/")  # copied as they are


class NotWhole(Refusal):
    """A page that others link to does not answer, so the mirror would have holes."""

    code = "mirror"

    def __init__(self, address: str, status: int) -> None:
        super().__init__(
            Words(
                f"{address} 返回 {status}，镜像未生成，原有镜像不变。",
                f"{address} answers {status}: no mirror was made, the old one is as it was.",
            )
        )


class NoMirror(Refusal):
    """What lies in the folder is no mirror, and is not removed."""

    code = "mirror"
    says = Words(
        "该目录里有别的内容，不会覆盖。请换一个空目录或不存在的目录。",
        "Something else lies in this folder and is not removed. Name an empty or a new one.",
    )


def export(folder: Path) -> int:
    """Write the public site into a folder, in place of an earlier mirror; return how many pages.

    Raises NotWhole where a page that is linked to does not answer, and NoMirror where something
    else lies in the folder.
    """
    folder = folder.resolve()
    fresh, old = (folder.with_name(f"{folder.name}.{what}") for what in ("new", "old"))
    if folder.exists() and any(folder.iterdir()) and not (folder / "open/index.html").exists():
        raise NoMirror
    for left in (fresh, old):
        shutil.rmtree(left, ignore_errors=True)
    made = _Mirror(fresh)
    for language in _TREES:
        made.walk(language)
    made.copy()
    if folder.exists():
        folder.rename(old)
    fresh.rename(folder)
    shutil.rmtree(old, ignore_errors=True)
    return made.pages


class _Mirror:
    def __init__(self, folder: Path) -> None:
        self.folder, self.pages = folder, 0
        self.assets: set[str] = set()
        self.application = BaseHandler()
        self.application.load_middleware()

    def walk(self, language: str) -> None:
        """Write every page and file that can be reached in a language."""
        known, waiting = {_BEGIN}, [_BEGIN]
        while waiting:
            address = waiting.pop()
            is_page, data = self._ask(address, language)
            path = urlsplit(address).path
            if is_page:
                text = data.decode()
                fresh = set(self._found(address, text)) - known
                known |= fresh
                waiting += sorted(fresh)
                text = _LINK.sub(partial(_rewritten, address, language), text)
                data = _FORM.sub(f'<form action="{settings.PUBLIC_URL}{path}"', text).encode()
                self.pages += 1
            self._put(_place(address, language) + ("/index.html" if is_page else ""), data)

    def _ask(self, address: str, language: str) -> tuple[bool, bytes]:
        """Return whether an address is a page, and its content."""
        parts, ours = urlsplit(address), urlsplit(settings.PUBLIC_URL)
        answer = self.application.get_response(
            WSGIRequest(
                {
                    "REQUEST_METHOD": "GET",
                    "PATH_INFO": parts.path,
                    "QUERY_STRING": parts.query,
                    "SERVER_NAME": ours.hostname or "localhost",
                    "SERVER_PORT": str(ours.port or 443),
                    "HTTP_HOST": ours.netloc,
                    "HTTP_COOKIE": f"{settings.LANGUAGE_COOKIE_NAME}={language}",
                    "wsgi.url_scheme": "https",
                    "wsgi.input": BytesIO(),
                }
            )
        )
        if answer.status_code not in (HTTPStatus.OK, HTTPStatus.GONE):  # withdrawn, and says why
            raise NotWhole(address, answer.status_code)
        return answer["Content-Type"].startswith("text/html"), b"".join(answer)

    def _found(self, page: str, text: str) -> Iterator[str]:
        """Yield the addresses of the public site that a page links to."""
        for link in _LINK.finditer(text):
            address = _whole(page, unescape(link[2]).partition("#")[0])
            if address.startswith("/static/"):
                self.assets.add(address.removeprefix("/static/"))
            elif address.startswith(_BEGIN) and "action" not in link[1]:
                yield address

    def _put(self, place: str, data: bytes) -> None:
        path = self.folder / place.strip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        if path.suffix in _PACKED:  # for servers that send it as it lies (nginx: gzip_static on)
            path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(data, 9, mtime=0))

    def copy(self) -> None:
        """Put assets and the published logs beside the pages; keys that sign lie elsewhere."""
        for name in sorted(self.assets):
            self._put(f"static/{name}", (Path(settings.STATIC_ROOT) / name).read_bytes())
        for log in ledger.logs():
            place = self.folder / "ledger" / log.name
            with transaction.atomic():
                one_at_a_time(f"publish {log.pk}")  # files and checkpoint of one moment
                if ledger.folder(log.name).exists():
                    ignored = shutil.ignore_patterns("*.tmp")
                    shutil.copytree(ledger.folder(log.name), place, ignore=ignored)


def _rewritten(page: str, language: str, link: re.Match[str]) -> str:
    """Return a link of a page as it leads on in the mirror."""
    asked, _, anchor = unescape(link[2]).partition("#")
    address = _whole(page, asked)
    if address.startswith("/language?"):
        address = f"{_place(page, parse_qs(urlsplit(address).query)['to'][0])}/"
    elif address.startswith(_BEGIN) and "action" not in link[1]:
        address = _place(address, language) + ("" if _FILE.search(address) else "/")
    elif not address.startswith(_KEPT):
        address = settings.PUBLIC_URL + address
    return f'{link[1]}{escape(address)}{"#" if anchor else ""}{anchor}"'


def _whole(page: str, link: str) -> str:
    """Return the address of a link, which may be another question to the same page."""
    return urlsplit(page).path + link if link.startswith("?") else link


def _place(address: str, language: str) -> str:
    """Return where an address lies in the mirror: files once, pages in the tree of a language, and
    what a page asks for as a folder below it.
    """
    parts = urlsplit(address)
    if _FILE.search(parts.path):
        return parts.path
    asked = f"/{parts.query.replace('/', '-').replace('&', '+')}" if parts.query else ""
    return f"{_TREES[language]}{parts.path.rstrip('/')}{asked}"
