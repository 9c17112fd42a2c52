"""Whoever takes signed JSON (docs/integrate/national.md): the national dialect at an address of
their own; an answer of 200 without results acknowledges the whole batch, unless its code says
otherwise.
"""

from collections.abc import Sequence

from haochaping.exchange.partners import national
from haochaping.exchange.partners.sending import Dialogue, Failed, Letter, Link, in_json, of_json
from haochaping.exchange.rules import Status, Told

_NO_CONTENT = 204
_FINE = ("0", "200")


def upload(letters: Sequence[Letter], link: Link) -> Dialogue:
    """Send a batch."""
    messages = [
        {"id": one.message, "family": one.family, "document": one.document} for one in letters
    ]
    answer = yield in_json(link.url, {"messages": messages}, link)
    if answer is not None and answer.status == _NO_CONTENT:
        results: object = None
    else:
        told = of_json(answer)
        results = told.get("results")
        code = str(told.get("code", told.get("status", "0")))
        # a gateway's words for a failure
        failed = code not in _FINE or told.get("success", True) is not True or told.get("error")
        if results is None and failed:
            said = told.get("message") or told.get("error") or ""
            raise Failed(f"{code} {said}"[:200])
    if results is None:
        for one in letters:
            yield Told(one.message, Status.ACKNOWLEDGED)
    else:
        yield from national.results(results, letters)
