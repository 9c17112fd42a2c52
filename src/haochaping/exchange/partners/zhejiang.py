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
    """Return the form: `offlinereport.do` takes the national names (domain §1.4.1)."""
    return {**one.service, **one.document}
