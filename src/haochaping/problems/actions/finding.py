"""Finding reasons and problems in the words of bad ratings."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import batched

import numpy as np
from django.db import transaction
from django.db.models import CharField, Value
from django.db.models.functions import Concat

from haochaping.evaluations import queries as evaluations
from haochaping.feed import actions as feed
from haochaping.feed.rules import Kind
from haochaping.kernel.db import one_at_a_time
from haochaping.problems import models, queries
from haochaping.problems.rules import (
    alerts,
    classify,
    daily,
    day0,
    groups,
    naming,
    neardup,
    reasons,
    words,
)
from haochaping.problems.rules.texts import digest, vague

_WINDOW = timedelta(days=daily.WINDOW)
_BACKLOG = 300  # texts to group at once from which they are grouped together, not day by day
_SOME = 30  # texts to learn the weights of words from
_ENOUGH = 200  # to learn a classifier from: until then the keywords decide


def seed(*, at: datetime) -> None:
    """Load the reasons that every site begins with, where there are none."""
    if not models.Keywords.objects.exists():
        models.Keywords.objects.bulk_create(
            models.Keywords(
                reason=one.key,
                zh=one.chinese,
                en=one.english,
                words=list(one.keywords),
                changed_at=at,
            )
            for one in reasons.DEFAULT
            if one.keywords
        )


def pull() -> int:
    """Take the next bad ratings with words from the feed; return how many facts were read."""
    return feed.follow(name=queries.CURSOR, effect=_take)


def _take(facts: Sequence[tuple[int, int]]) -> None:
    """Note what the keywords say of new bad ratings. A citizen's last word is the one that
    counts, so a replaced rating is looked at again; one that was set aside tells of nothing. Of
    erased words what was found in them stays, and nothing by which they or their writer would be
    known again.
    """
    erased = models.Text.objects.filter(pk__in=[ref for kind, ref in facts if kind == Kind.ERASED])
    erased.update(digest="", person=Concat(Value("e"), "evaluation_id", output_field=CharField()))
    keys = [ref for kind, ref in facts if kind in _CHANGE]
    told = evaluations.bad_with_words(keys)
    # what is no complaint any more, or says something else, is grouped no longer
    changed = [ref for kind, ref in facts if kind in _CHANGE and kind != Kind.RATING]
    models.Text.objects.filter(pk__in=changed).delete()
    if not told:
        return
    match = reasons.matcher(queries.lexicon())
    fresh = [
        models.Text(
            evaluation_id=one.id,
            region=one.region,
            city=one.city,
            day=one.day,
            department_id=one.department_id,
            item_id=one.item_id,
            window_id=one.window_id,
            person=one.person,
            digest=digest(one.words),
            reasons=reasons.reasons(match, one.words),
        )
        for one in told
    ]
    models.Text.objects.bulk_create(fresh, ignore_conflicts=True)


_CHANGE = (Kind.RATING, Kind.REPLACED, Kind.SET_ASIDE, Kind.RESTORED)


@transaction.atomic
def learn(*, since: date, at: datetime) -> bool:
    """Learn the weights of words, and a classifier of reasons, from the bad ratings since a day;
    judge the others by it. Return whether there was enough for a classifier.

    Weights are kept once learnt, until the texts have doubled: vectors then stay what they were.
    """
    texts = list(models.Text.objects.filter(day__gte=since).order_by("pk"))
    if len(texts) < _SOME:
        return False
    said = evaluations.words_of([text.pk for text in texts])
    bodies = [said.get(text.pk, "") for text in texts]
    space = queries.last("space")
    if space is None or len(texts) >= 2 * space.texts:
        made = words.space_to_bytes(words.learn(bodies))
        models.Fitted.objects.create(kind="space", made_at=at, texts=len(texts), data=made)
    if len(texts) < _ENOUGH:
        return False
    judged = {at_: text.reasons for at_, text in enumerate(texts) if text.judged_by is not None}
    model = day0.day0(bodies, queries.lexicon(), many=True, people=judged)
    models.Fitted.objects.create(
        kind="model",
        made_at=at,
        texts=len(texts),
        judged=len(judged),
        data=classify.to_bytes(model),
    )
    _judge(texts, bodies, model)
    return True


def _judge(texts: Sequence[models.Text], bodies: Sequence[str], model: classify.Model) -> None:
    """Note what a classifier says of the texts that no person has judged; a vague one says
    nothing, and the fifty most doubtful wait for a person.
    """
    open_ = [(text, body) for text, body in zip(texts, bodies, strict=True) if not text.judged_by]
    clear = [(text, body) for text, body in open_ if not vague(body)]
    doubt = set(
        classify.to_review(model, [text.pk for text, _ in clear], [body for _, body in clear])
    )
    verdicts = classify.predict(model, [body for _, body in clear])
    for (text, _), verdict in zip(clear, verdicts, strict=True):
        text.reasons = list(verdict.labels)
        text.confidence = verdict.confidence
        text.doubtful = text.pk in doubt
    for some in batched((text for text, _ in clear), 1000):
        with transaction.atomic():  # what a person has judged meanwhile stays as the person said
            ours = models.Text.objects.select_for_update().filter(pk__in=[one.pk for one in some])
            judged = {one.pk for one in ours if one.judged_by}
            models.Text.objects.bulk_update(
                [one for one in some if one.pk not in judged], ["reasons", "confidence", "doubtful"]
            )


@transaction.atomic
def group(*, city: int, today: date) -> int:
    """Put the new texts of a city to the problems they tell of, found new ones, merge what has
    grown together, and count anew who told of what lately; return how many texts.

    Ids last: only a merge changes one, and the older stays. A backlog is grouped at once.
    """
    one_at_a_time(f"problems {city}")
    texts = queries.window(city, today - _WINDOW)
    fitted = queries.last("space")
    fresh = [text for text in texts if not text.grouped]
    if fitted is None or not fresh:
        return 0
    space = words.space_from_bytes(bytes(fitted.data))
    said = evaluations.words_of([text.pk for text in texts])
    vectors = words.vectors(space, [groups.matter("", said.get(text.pk, "")) for text in texts])
    if len(fresh) >= _BACKLOG or not any(text.grouped for text in texts):
        _at_once(city, texts, vectors)
    else:
        _day_by_day(city, texts, vectors)
    models.Text.objects.bulk_update(texts, ["problem_id", "grouped"], batch_size=1000)
    _describe(texts, said, today)
    return len(fresh)


@transaction.atomic
def look_again(*, city: int, today: date) -> None:
    """Count anew who told of a city's problems lately: where nothing new comes, what was emerging
    or alarming a week ago is so no longer.
    """
    one_at_a_time(f"problems {city}")
    texts = [text for text in queries.window(city, today - _WINDOW) if text.grouped]
    if texts:
        _describe(texts, evaluations.words_of([text.pk for text in texts]), today)


def _at_once(city: int, texts: Sequence[models.Text], vectors: words.Matrix) -> None:
    """Group all texts anew; a group keeps the id of the problem it has most texts of."""
    found = groups.group(vectors, link=daily.SHORT.link, mean=daily.SHORT.mean)
    old = [(text.problem_id, int(group_)) for text, group_ in zip(texts, found, strict=True)]
    known = [pair for pair in old if pair[0] is not None]
    kept = groups.carry([a for a, _ in known if a], [b for _, b in known]) if known else {}
    went: dict[int, Counter[int]] = {}
    for text, group_ in zip(texts, found.tolist(), strict=True):
        if group_ not in kept:
            kept[group_] = _found(city, text.day)
        if text.problem_id is not None:
            went.setdefault(text.problem_id, Counter())[kept[group_]] += 1
        text.problem_id, text.grouped = kept[group_], True
    for young, into in went.items():
        if young not in kept.values():
            _merge(young, into.most_common(1)[0][0])


def _merge(young: int, old: int) -> None:
    """Have a problem live on in another, with what people did about it: its campaigns, but for a
    department that has one there already, and the name that a person gave it.
    """
    models.Problem.objects.filter(pk=young).update(merged_into=old)
    models.Problem.objects.filter(merged_into=young).update(merged_into=old)
    open_ = models.Campaign.objects.filter(problem_id=old, closed_at=None)
    there = set(open_.values_list("department_id", flat=True))
    moving = models.Campaign.objects.filter(problem_id=young)
    moving.exclude(closed_at=None, department_id__in=there).update(problem_id=old)
    named = models.Problem.objects.filter(pk=young, named_by__isnull=False).first()
    if named is not None:
        unnamed = models.Problem.objects.filter(pk=old, named_by=None)
        unnamed.update(name=named.name, named_by=named.named_by)


def _found(city: int, day: date) -> int:
    made = models.Problem.objects.create(region=city * 10**6, name="", first_day=day, last_day=day)
    return made.pk


def _day_by_day(city: int, texts: Sequence[models.Text], vectors: words.Matrix) -> None:
    rows = {
        flag: np.array([at for at, text in enumerate(texts) if text.grouped is flag], dtype=int)
        for flag in (True, False)
    }
    keys = np.array([text.pk for text in texts])
    days = np.array([text.day.toordinal() for text in texts])
    problems = np.array([text.problem_id or 0 for text in texts])
    old = rows[True]
    state = daily.known(keys[old], problems[old], days[old], vectors[old])
    merged: dict[int, int] = {}
    assigned: dict[int, int] = {}
    for day in sorted({texts[at].day for at in rows[False]}):
        now = np.array([at for at in rows[False] if texts[at].day == day])
        marker = 2**60  # new ones count up from here, and get their real ids when they are stored
        step = daily.advance(state, day.toordinal(), keys[now], vectors[now], marker, daily.SHORT)
        born = sorted({one for one in step.assigned.values() if one >= marker})
        ids = {one: _found(city, day) for one in born}
        for young, into in step.merged.items():
            if young < marker:
                merged[young] = ids.get(into, into)
        assigned |= {key: ids.get(one, one) for key, one in step.assigned.items()}
        real = np.array([ids.get(int(one), int(one)) for one in step.known.problems])
        state = daily.Known(step.known.texts, real, step.known.days, step.known.vectors)
    where = dict(zip(state.texts.tolist(), state.problems.tolist(), strict=True))
    for text in texts:
        text.problem_id = where.get(text.pk, assigned.get(text.pk, text.problem_id))
        text.grouped = True
    for young, old_one in merged.items():
        _merge(young, old_one)


def _tell_apart(texts: Sequence[models.Text], said: dict[int, str]) -> None:
    """Note who counts for each text: whoever sends a template many times is one, and so are the
    words that many send alike.
    """
    twins = neardup.near_groups([said.get(text.pk, "") for text in texts]).tolist()
    sizes, first = Counter(twins), dict[int, int]()
    moved = []
    for text, twin in zip(texts, twins, strict=True):
        alike = f"t{first.setdefault(twin, text.pk)}"
        teller = alike if sizes[twin] > _TEMPLATE else text.person
        moved += [text] if text.teller != teller else []
        text.teller = teller
    models.Text.objects.bulk_update(moved, ["teller"], batch_size=1000)


def _describe(texts: Sequence[models.Text], said: dict[int, str], today: date) -> None:
    """Name the problems, and count their people: all, and lately against the weeks before."""
    _tell_apart(texts, said)
    told: dict[int, list[models.Text]] = {}
    for text in texts:
        if text.problem_id is not None:
            told.setdefault(text.problem_id, []).append(text)
    reports = [
        alerts.Report(key, text.day.toordinal(), text.teller)
        for key, some in told.items()
        for text in some
    ]
    sudden = {one.problem: one for one in alerts.alerts(reports, today.toordinal())}
    new = set(alerts.emerging(reports, today.toordinal()))
    bodies = {key: [said.get(text.pk, "") for text in some] for key, some in told.items()}
    many = {key: some for key, some in bodies.items() if len(some) > 1}
    terms = naming.keywords(many)
    week = today - timedelta(days=alerts.SPAN)
    for problem in models.Problem.objects.filter(pk__in=list(told)):
        some = told[problem.pk]
        if problem.named_by is None:
            problem.name = naming.name(["" for _ in some], bodies[problem.pk])[:80]
        problem.keywords = list(terms.get(problem.pk, ()))
        problem.texts, problem.people = len(some), len({text.teller for text in some})
        problem.first_day, problem.last_day = some[0].day, some[-1].day
        problem.lately = len({text.teller for text in some if text.day > week})
        alert = sudden.get(problem.pk)
        problem.alerted, problem.emerging = alert is not None, problem.pk in new
        problem.expected = alert.expected if alert else 0.0
        problem.save(update_fields=_DESCRIBED)
    gone = models.Problem.objects.filter(region=texts[0].city * 10**6).exclude(pk__in=list(told))
    gone.filter(merged_into=None).update(lately=0, alerted=False, emerging=False)


_TEMPLATE = 5  # near-equal texts from which they count as one campaign of somebody's
_DESCRIBED = [
    "name", "keywords", "texts", "people", "first_day", "last_day", "lately", "alerted",
    "emerging", "expected",
]  # fmt: skip
