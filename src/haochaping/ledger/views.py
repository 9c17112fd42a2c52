"""The published files of the logs. Any web server could serve the folder as it is."""

import re

from django.http import FileResponse, Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import http_date
from django.views.decorators.http import require_safe

from haochaping.ledger import queries

_PLACES = re.compile(
    r"(checkpoint|keys"
    r"|tile/(entries|[0-9]{1,2})/(x[0-9]{3}/)*[0-9]{3}(\.p/[0-9]{1,3})?"
    r"|daybook/(index\.json|months\.json|cells(-[0-9a-f]{16})?\.json|rules-[0-9a-f]{16}\.txt"
    r"|[0-9-]{10}\.(rows|json|csv|said|tlog-proof)"
    r"|[0-9]{4}-[0-9]{2}\.(rows|json|csv|tlog-proof)))"  # a month
)
_BOOK = re.compile(r"daybook/[0-9-]+\.(rows|json|csv|said)$")  # of a day or month
_LISTS = ("daybook/index.json", "daybook/months.json", "daybook/cells.json")
_NEWS = frozenset(("checkpoint", "keys", *_LISTS))
_KINDS = {".json": "application/json", ".csv": "text/csv; charset=utf-8"}
_PLAIN = "text/plain; charset=utf-8"


@require_safe
def file(request: HttpRequest, name: str, place: str) -> HttpResponseBase:
    """Serve a file of a log: whole tiles for ever, what grows not at all from a cache."""
    if not _PLACES.fullmatch(place):
        raise Http404
    path = queries.folder(name) / place
    if not path.is_file():
        raise Http404
    there = path.stat()
    etag = f'"{there.st_mtime_ns:x}-{there.st_size:x}"'
    text = place in _NEWS or path.suffix in (".tlog-proof", ".txt")
    kind = _KINDS.get(path.suffix, _PLAIN if text else "application/octet-stream")
    # who has it already, such as a mirror that looks each hour, is told so
    known = get_conditional_response(request, etag, int(there.st_mtime))
    response = known or FileResponse(path.open("rb"), content_type=kind)
    # a proof is written again until enough witnesses have signed; before it is there nothing says
    # that what lies beside it was committed
    unproved = _BOOK.search(place) and not path.with_suffix(".tlog-proof").exists()
    fresh = place in _NEWS or ".p/" in place or path.suffix == ".tlog-proof" or unproved
    response["Cache-Control"] = "no-cache" if fresh else "public, max-age=31536000, immutable"
    response["Access-Control-Allow-Origin"] = "*"  # anybody's page may check
    response["ETag"], response["Last-Modified"] = etag, http_date(there.st_mtime)
    return response
