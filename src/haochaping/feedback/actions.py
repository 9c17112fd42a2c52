"""What citizens say of the handling, from the progress page."""

from datetime import datetime, timedelta

from django.db import transaction

from haochaping.identity.rules import SYSTEM
from haochaping.kernel.errors import NotFound
from haochaping.kernel.words import Words, chinese
from haochaping.orders import actions as orders
from haochaping.orders import queries, rules
from haochaping.policies.rules import Terms

_QUESTIONS = 5  # enough for one order; the telephone remains
_LONGEST = 1000


@transaction.atomic
def judge(
    *, evaluation_id: int, satisfied: bool, words: str = "", by: int = SYSTEM, at: datetime
) -> rules.State:
    """Take the citizen's own word: satisfied closes the order, not satisfied opens it again.

    Raises NotNow where nothing is answered yet, TooLate after the policy's days, Incomplete where
    what is wrong was not said.
    """
    order, said = _answered(evaluation_id, at), words.strip()
    if not satisfied and not said:
        raise rules.Incomplete(
            Words(
                "请写几句还有什么没解决，我们会重新办理。",
                "Say what is still wrong, so that it can be put right.",
            ),
            field="words",
        )
    given = {"satisfaction": "satisfied" if satisfied else "unsatisfied"}
    given |= {"note": said[:_LONGEST]} if said else {}
    if order.state == rules.State.CLOSED:
        if satisfied:
            return rules.State.CLOSED
        return orders.revive(order_id=order.pk, why=rules.Verb.JUDGE, given=given, by=by, at=at)
    if order.state == rules.State.REPLIED:
        orders.advance(order_id=order.pk, move=rules.Verb.CALL_BACK, given=given, by=by, at=at)
    if not satisfied:
        why = {"reason": chinese(f"群众在进度页评判不满意：{said[:900]}")}
        return orders.advance(order_id=order.pk, move=rules.Verb.REOPEN, given=why, by=by, at=at)
    if rules.Side.OBJECTION in {track.kind for track in order.open_tracks}:
        return rules.State.CALLED  # closes once the objection is decided
    return orders.advance(order_id=order.pk, move=rules.Verb.CLOSE, given={}, by=by, at=at)


def _answered(evaluation_id: int, at: datetime) -> queries.Order:
    """Return the order, if it can be judged now; raises NotFound, NotNow or TooLate."""
    order = queries.of_rating(evaluation_id)
    if order is None:
        raise NotFound
    answered = (rules.State.REPLIED, rules.State.CALLED, rules.State.CLOSED)
    if order.state not in answered or order.set_aside:
        raise rules.NotNow
    terms = Terms(**order.terms)
    asked_again = terms.second_opinion + terms.change if terms.second_opinion else 0
    if at > (order.closed_at or at) + timedelta(days=max(terms.change, asked_again)):
        raise rules.TooLate(
            Words(
                "评判期限已过，如仍有问题请拨打 12345 或追加评价。",
                "The time to judge is over; call 12345 or add a follow-up.",
            )
        )
    return order


@transaction.atomic
def ask_again(*, evaluation_id: int, words: str, by: int = SYSTEM, at: datetime) -> None:
    """Take a question of the citizen to whoever works on the order 追问.

    Raises NotNow, Incomplete, or TooLate once enough was asked here.
    """
    order = queries.of_rating(evaluation_id)
    if order is None:
        raise NotFound
    if order.state == rules.State.CLOSED:
        raise rules.NotNow
    if not words.strip():
        raise rules.Incomplete(
            Words("请写下您想追问的内容。", "Write what you want to ask."), field="words"
        )
    if queries.times(order.pk, rules.Verb.ASK_AGAIN) >= _QUESTIONS:
        raise rules.TooLate(
            Words("追问次数已用完，请拨打 12345。", "You have asked often enough here; call 12345.")
        )
    orders.question(order_id=order.pk, words=words.strip()[:_LONGEST], by=by, at=at)
