"""Zhejiang's forms, as we send them: record and rating in one form to `offlinereport.do`."""

from collections.abc import Sequence

from haochaping.exchange.partners.sending import (
    Dialogue,
    Failed,
    Letter,
    Link,
    Request,
    Saying,
    of_json,
    of_words,
    one_by_one,
    ratings_only,
)
from haochaping.exchange.rules import Status, Told

_PROMISED, _AT_ONCE = "1", "2"


def upload(letters: Sequence[Letter], link: Link) -> Dialogue:
    """Send each rating with its service in one form: the dialect knows nothing else."""

    def say(one: Letter) -> Saying:
        answer = of_json((yield Request(f"{link.url}/offlinereport.do", form=form(one))))
        if str(answer.get("result")) == "1":
            theirs = str(answer.get("evaluateId", ""))
            return Told(one.message, Status.ACKNOWLEDGED, theirs=theirs)
        if not answer.get("resultmsg"):
            raise Failed("no resultmsg")
        return of_words(one.message, str(answer["resultmsg"]))

    yield from one_by_one((yield from ratings_only(letters)), say)


def form(one: Letter) -> dict[str, str]:
    """Return the form: `offlinereport.do` takes the national names (domain §1.4.1). Its kinds of
    promise are the other way round than everywhere else: 承诺件 1, 即办件 2; said only where both
    dates tell which it was.
    """
    row = {**one.service, **one.document}
    begun, ended = row.get("acceptDate", ""), row.get("resultDate", "")
    if begun and ended:
        row["projectType"] = _AT_ONCE if begun[:10] == ended[:10] else _PROMISED
    return row
