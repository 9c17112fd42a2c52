"""Cases for everybody to read: written by one, released by another."""

from datetime import datetime

from django.db import transaction

from haochaping.audit import actions as audit
from haochaping.identity.rules import SamePerson
from haochaping.kernel.errors import NotFound
from haochaping.kernel.personal import find
from haochaping.kernel.words import Words
from haochaping.publication import models, queries, rules
from haochaping.publication.actions.releases import NoReason, may
from haochaping.regions.rules import PROVINCE_OF_THE_PLATFORM
from haochaping.screening import queries as screening

_LONGEST = 2000


class Personal(rules.Unfit):
    """A text holds personal data."""

    code = "personal_data"
    says = Words(
        "文字中疑似有个人信息（姓名、电话、证件号、车牌等），请改写后再提交。",
        "The text seems to hold personal data (a name, a number, a plate): write it differently.",
    )


class Sensitive(rules.Unfit):
    """A text for everybody holds a word of the list."""

    code = "sensitive_words"
    says = Words(
        "文字含敏感词（见“敏感词”页），请改写后再提交。",
        "The text holds a sensitive word (see that page): write it differently.",
    )


class Empty(rules.Unfit):
    """A case says what was said and, of a bad rating, what was done."""

    code = "empty_case"
    says = Words(
        "请写明标题、群众评价，差评还需写明整改情况。",
        "Give a title, what was said and, of a bad rating, what was done.",
    )


class NoLonger(rules.Unfit):
    """What the case tells is not so any more."""

    code = "no_longer_so"
    says = Words(
        "这条评价或工单的情况已变化（如申诉成立、已改评），不能再公开，请退回。",
        "The rating or its order has changed since (set aside, replaced): turn the case down.",
    )


@transaction.atomic
def draft_case(
    *,
    source: int,
    title: str,
    said: str,
    done: str,
    by: int,
    at: datetime,
    board: rules.Board = rules.Board.RIGHT,
) -> models.Case:
    """Draft a case from an order or a rating, in words of one's own; raises Personal, Sensitive,
    Empty or NotYet.
    """
    may(by=by)
    story = queries.story_of(board, source)
    if story is None:
        raise NotFound
    texts = {"title": title.strip()[:60], "said": said.strip()[:_LONGEST]}
    texts["done"] = done.strip()[:_LONGEST]
    if not all(
        text for name, text in texts.items() if board != rules.Board.PRAISE or name != "done"
    ):
        raise Empty
    if any(find(text) for text in texts.values()):
        raise Personal
    if any(screening.finder().find(text) for text in texts.values()):
        raise Sensitive
    where = {"region": story.region, "department": story.department, "item": story.item}
    facts = {**texts, **where, "month": story.month, "drafted_by": by, "drafted_at": at}
    made, new = models.Case.objects.get_or_create(board=board, source=source, defaults=facts)
    if not new:
        raise rules.NotYet
    _record(made, "draft_case", by, at)
    return made


@transaction.atomic
def release_case(*, case_id: int, by: int, at: datetime) -> None:
    """Let everybody read a case that somebody else drafted; raises SamePerson or NotYet, and
    NoLonger where its order or rating has changed since.
    """
    may(by=by)
    made = _locked(case_id)
    if made.state != rules.State.DRAFT:
        raise rules.NotYet
    if made.drafted_by == by:
        raise SamePerson
    if queries.story_of(rules.Board(made.board), made.source) is None:
        raise NoLonger
    made.state, made.released_by, made.released_at = rules.State.RELEASED, by, at
    made.save(update_fields=["state", "released_by", "released_at"])
    _record(made, "release_case", by, at)


@transaction.atomic
def withdraw_case(*, case_id: int, reason: str, by: int, at: datetime) -> None:
    """Take a case back, released or drafted, with a reason; raises NotYet or NoReason."""
    may(by=by)
    made = _locked(case_id)
    if made.state == rules.State.WITHDRAWN:
        raise rules.NotYet
    if not reason.strip():
        raise NoReason
    made.state, made.withdrawn_at, made.reason = rules.State.WITHDRAWN, at, reason.strip()[:300]
    made.save(update_fields=["state", "withdrawn_at", "reason"])
    _record(made, "withdraw_case", by, at)


def _locked(case_id: int) -> models.Case:
    found = models.Case.objects.select_for_update().filter(pk=case_id).first()
    if found is None:
        raise NotFound
    return found


def _record(made: models.Case, verb: str, by: int, at: datetime) -> None:
    audit.record(
        subject="case",
        subject_id=made.pk,
        verb=verb,
        details={"title": made.title, "reason": made.reason},
        region=PROVINCE_OF_THE_PLATFORM,
        by=by,
        at=at,
    )
