"""Zhejiang's forms, as we send them: record and rating in one form to `offlinereport.do`."""

from collections.abc import Mapping, Sequence

from haochaping.exchange.partners.sending import (
    Dialogue,
    Failed,
    Letter,
    Link,
    Request,
    of_json,
    of_words,
)
from haochaping.exchange.rules import FROM_ZHEJIANG, Family, Status, Told

_OWN: Mapping[str, str] = {ours: own for own, ours in FROM_ZHEJIANG.items()}
_RECEIVED, _FINISHED = "1", "2"
_DONE = "3"  # 办结, in the national proStatus
_MOST_FAILURES = 3  # messages in a row that it fails at, before it is left alone


def upload(letters: Sequence[Letter], link: Link) -> Dialogue:
    """Send each rating with its service in one form: the dialect knows nothing else."""
    failures = 0
    for one in letters:
        if one.family == Family.SERVICE:
            yield Told(one.message, Status.LEFT_OUT, "随评价一并报送 goes with its rating")
        elif one.family != Family.EVALUATION:
            yield Told(one.message, Status.LEFT_OUT, "该方言无整改接口 no such operation")
        else:
            try:
                answer = of_json((yield Request(f"{link.url}/offlinereport.do", form=form(one))))
                good = str(answer.get("result")) == "1"
                told = str(answer.get("resultmsg", ""))
                if not good and not told:
                    raise Failed("no resultmsg")
                theirs = str(answer.get("evaluateId", ""))
                ended = Told(one.message, Status.ACKNOWLEDGED, theirs=theirs)
                yield ended if good else of_words(one.message, told)
                failures = 0
            except Failed as failed:
                failures += 1
                yield Told(one.message, Status.NEW, str(failed))
                if failures == _MOST_FAILURES:
                    raise


def form(one: Letter) -> dict[str, str]:
    """Return the form, under its own names."""
    row = {**one.service, **one.document}
    row["affairType"] = "1" if row.get("acceptDate") == row.get("resultDate") else "2"
    row["affairStatus"] = _FINISHED if row.get("proStatus") == _DONE else _RECEIVED
    return {_OWN.get(name, name): value for name, value in row.items()}
