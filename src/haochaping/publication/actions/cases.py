"""Cases for everybody to read: written by one, released by another."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from haochaping.audit import actions as audit
from haochaping.directory import queries as directory
from haochaping.evaluations import queries as evaluations
from haochaping.identity.rules import SYSTEM, SamePerson
from haochaping.kernel import personal
from haochaping.kernel.errors import NotFound
from haochaping.kernel.words import Words, chinese
from haochaping.orders import queries as orders
from haochaping.publication import models, queries, rules
from haochaping.publication.actions._public import Personal, reason_of
from haochaping.publication.actions.releases import may
from haochaping.regions.rules import PROVINCE_OF_THE_PLATFORM
from haochaping.screening import queries as screening

_LONGEST = 2000


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
    _check(texts, story)
    where = {"region": story.region, "department": story.department, "item": story.item}
    facts = {**texts, **where, "month": story.month, "drafted_by": by, "drafted_at": at}
    made, new = models.Case.objects.get_or_create(board=board, source=source, defaults=facts)
    if not new:
        made = _locked(made.pk)
        if made.state != rules.State.WITHDRAWN or made.released_at is not None:
            raise rules.NotYet
        # one that was turned down is written anew
        anew = facts | {"state": rules.State.DRAFT, "withdrawn_at": None, "reason": ""}
        models.Case.objects.filter(pk=made.pk).update(**anew)
        made.refresh_from_db()
    _record(made, "draft_case", by, at)
    return made


def _check(texts: Mapping[str, str], story: queries.Story) -> None:
    """Raise Personal where a text tells who somebody is: by what looks like personal data, by a
    name that the rating or its service holds, or by that of somebody at the windows; Sensitive
    where it holds a word of the list.
    """
    staff = directory.staff_names(story.department_id)
    for text in texts.values():
        close = "".join(text.split())  # a name may be written wide
        if personal.is_in(text) or rules.is_telling(text) or any(name in close for name in staff):
            raise Personal
        if evaluations.masked_for(story.rating, text) != text:
            raise Personal
        if screening.finder().find(text):
            raise Sensitive


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
    story = queries.story_of(rules.Board(made.board), made.source)
    if story is None:
        raise NoLonger
    _check({"title": made.title, "said": made.said, "done": made.done}, story)
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
    why = reason_of(reason)
    rating = queries.rating_of(made)
    if rating is not None and evaluations.masked_for(rating, why) != why:
        raise Personal
    _withdraw(made, why, by, at)


def _withdraw(made: models.Case, why: str, by: int, at: datetime) -> None:
    made.state, made.withdrawn_at, made.reason = rules.State.WITHDRAWN, at, why
    made.save(update_fields=["state", "withdrawn_at", "reason"])
    _record(made, "withdraw_case", by, at)


@transaction.atomic
def erase(*, evaluation_id: int, at: datetime) -> None:
    """Take back every case of a rating and keep none of its words, for it was erased 依法删除."""
    order = orders.of_rating(evaluation_id)
    mine = Q(board=rules.Board.PRAISE, source=evaluation_id)
    if order is not None:
        mine |= Q(board__in=(rules.Board.RIGHT, rules.Board.COMPLAINT), source=order.pk)
    for one in models.Case.objects.select_for_update().filter(mine):
        if one.state != rules.State.WITHDRAWN:
            _withdraw(one, _UNTRUE, SYSTEM, at)
        one.title = one.said = one.done = ""
        one.save(update_fields=["title", "said", "done"])


def withdraw_untrue(*, at: datetime) -> int:
    """Take back every case whose rating or order is no longer what it tells: set aside, replaced,
    erased; return how many.
    """
    done = 0
    for one in models.Case.objects.filter(state=rules.State.RELEASED).order_by("pk"):
        if queries.story_of(rules.Board(one.board), one.source) is None:
            _take_back(one.pk, _UNTRUE, at)
            done += 1
    return done


_UNTRUE = chinese("评价或工单的情况已变化（申诉成立、改评或依法删除）")


@transaction.atomic
def _take_back(case_id: int, reason: str, at: datetime) -> None:
    made = _locked(case_id)
    if made.state != rules.State.RELEASED:
        return  # somebody was quicker, and said why
    _withdraw(made, reason, SYSTEM, at)


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
        # no word of it: the trail is kept when a case is erased
        details={"board": chinese(rules.BOARDS[rules.Board(made.board)].zh), "reason": made.reason},
        region=PROVINCE_OF_THE_PLATFORM,
        by=by,
        at=at,
    )
