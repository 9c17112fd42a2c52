"""What every door of messages that are signed with a key of ours does first, and how it answers."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse

from haochaping.exchange import rules
from haochaping.identity import queries as identity
from haochaping.identity.rules import ClientKey, SignedRequest, verify
from haochaping.kernel import clock
from haochaping.kernel.db import talk
from haochaping.kernel.errors import Refusal

type Door = Callable[[ClientKey, bytes, datetime], dict[str, Any]]


def answer(request: HttpRequest, door: Door) -> HttpResponse:
    """Return what a door answers to the holder of the key that signed, or the problem document of
    its refusal.
    """
    headers = {name.lower(): value for name, value in request.headers.items()}
    query, at = request.META.get("QUERY_STRING", ""), clock.now()
    try:
        try:
            body = request.body
        except RequestDataTooBig:
            raise rules.TooMany from None
        asked = SignedRequest("POST", request.path, query, body, headers)
        key, _ = verify(asked, talk(identity.load_keys()), at)
        told = door(key, body, at)
    except Refusal as refusal:
        return JsonResponse(
            refusal.problem(), status=refusal.status, content_type="application/problem+json"
        )
    return JsonResponse(told, json_dumps_params={"ensure_ascii": False})
