"""What every door of other systems does beside its own work: who calls is held to what was agreed
with them, and the call is written down.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse

from haochaping.calls import actions as calls
from haochaping.calls.rules import Called
from haochaping.exchange import rules
from haochaping.exchange.actions.receiving import KNOWN, TAKEN
from haochaping.identity import queries as keys
from haochaping.identity.rules import ClientKey, SignedRequest, admit, verify
from haochaping.kernel import clock
from haochaping.kernel.db import talk
from haochaping.kernel.errors import Refusal, TooOften
from haochaping.kernel.limits import Limits
from haochaping.kernel.words import printable

type Door = Callable[[ClientKey, bytes, datetime], dict[str, Any]]
_LIMITS = Limits(settings.CLIENT_PER_MINUTE)
_DOUBTED = Limits(10)  # calls in a key's name that it did not sign: anybody may send those
_GOOD = 200


class Call:
    """A call of another system, whoever it turns out to be."""

    def __init__(self, request: HttpRequest, operation: str) -> None:
        self.address = request.META.get("REMOTE_ADDR", "")
        self.operation, self.began = operation, time.perf_counter()
        self.key: ClientKey | None = None  # in whose name it comes
        self.admitted = False
        self.items, self.refused, self.code = 1, 0, ""  # of what it brought, and why first

    def admit(self, key: ClientKey) -> None:
        """Hold a caller who has proved who it is to its networks and its calls a minute; raises
        NotFromHere or TooOften.
        """
        self.key, self.admitted = key, True
        admit(key, self.address)
        _LIMITS.spend(str(key.client_id), clock.now(), per_minute=key.per_minute)

    def write_down(self, refusal: Refusal | None) -> None:
        """Write the call down, if it is known in whose name it came."""
        at, key = clock.now(), self.key
        if key is None or not (self.admitted or _DOUBTED.allows(key.kid, at)):
            return
        line = Called(
            at,
            key.client_id,
            key.reach.low,
            key.kid,
            self.operation,
            refusal.status if refusal else _GOOD,
            refusal.code[:40] if refusal else self.code,
            printable(refusal.says.zh)[:300] if refusal else "",
            self.items,
            self.items if refusal else self.refused,
            int((time.perf_counter() - self.began) * 1000),
            self.address or None,
        )
        talk(calls.write_down(calls=[line]))


@contextmanager
def called(request: HttpRequest, operation: str) -> Iterator[Call]:
    """Write down what becomes of a call."""
    call = Call(request, operation)
    try:
        yield call
    except Refusal as refusal:
        call.write_down(refusal)
        raise
    call.write_down(None)


def answer(request: HttpRequest, operation: str, door: Door) -> HttpResponse:
    """Return what a door answers to the holder of the key that signed, or the problem document of
    its refusal.
    """
    key: ClientKey | None = None
    try:
        with called(request, operation) as call:
            try:
                told = _told(request, call, door)
            finally:
                key = call.key if call.admitted else None
        response = JsonResponse(told, json_dumps_params={"ensure_ascii": False})
    except Refusal as refusal:
        response = JsonResponse(
            refusal.problem(), status=refusal.status, content_type="application/problem+json"
        )
        if isinstance(refusal, TooOften):
            response["Retry-After"] = str(refusal.seconds)
    if key is not None:
        who, most = str(key.client_id), key.per_minute
        for name, value in _LIMITS.headers(who, clock.now(), per_minute=most):
            response[name.decode()] = value.decode()
    return response


def _told(request: HttpRequest, call: Call, door: Door) -> dict[str, Any]:
    headers = {name.lower(): value for name, value in request.headers.items()}
    query, at = request.META.get("QUERY_STRING", ""), clock.now()
    try:
        body = request.body
    except RequestDataTooBig:
        raise rules.TooMany from None
    asked = SignedRequest("POST", request.path, query, body, headers)
    known = talk(keys.load_keys())
    call.key = known.get(headers.get("x-hcp-key", ""))
    # the same request may come again, for whoever sent it may have missed the answer: every door
    # here knows its messages by their own numbers
    key, _ = verify(asked, known, at)
    call.admit(key)
    told = door(key, body, at)
    if results := told.get("results"):
        refused = [one["code"] for one in results if one["code"] not in (TAKEN, KNOWN)]
        call.items, call.refused, call.code = len(results), len(refused), (*refused, "")[0]
    return told
