"""Records and ratings through the statement that every door shares."""

import hashlib
from datetime import timedelta

import people
import pytest
from django.conf import settings
from hypothesis import example, given
from hypothesis import strategies as st
from people import NOON, given_rating, given_record, register, submit

from haochaping.evaluations import models, queries, rules
from haochaping.feed import models as feed
from haochaping.indicators.rules import Applies, Indicator
from haochaping.kernel import ids
from haochaping.kernel.crypto import Keyring
from haochaping.kernel.db import rows
from haochaping.kernel.errors import Refusal
from haochaping.kernel.words import Words
from haochaping.records import models as records
from haochaping.records.actions import Outcome

CATALOGUE = {
    code: Indicator(code, Words("a", "b"), True, Applies.BOTH, 2, True)
    for code in (510, 406, 307, 207, 108)
}
BASE = rules.Given("P", 1, 5, rules.Channel.WEB)


def outcomes(stored: list[object]) -> list[str]:
    """Return what became of each, in words."""
    return [
        (item.refusal.code if getattr(item, "refusal", None) else str(item.outcome))
        for item in stored
    ]  # type: ignore[attr-defined]


@given(
    level=st.integers(-3, 9),
    codes=st.lists(st.integers(100, 600), max_size=4),
    words=st.text(max_size=20),
)
@example(level=3, codes=[], words="\x0c")
@example(level=3, codes=[], words="\x1c说明")
def test_a_rating_is_accepted_only_by_the_rules(level: int, codes: list[int], words: str) -> None:
    given_ = rules.Given("P", 1, level, rules.Channel.WEB, codes=codes, words=words)
    try:
        accepted = rules.accept(given_, CATALOGUE, NOON)
    except Refusal:
        accepted = None
    good = (
        level in range(1, 6)
        and all(code in CATALOGUE and code // 100 == level for code in codes)
        and all(c >= " " or c in "\t\n\r" for c in words)
    )
    good = (
        good
        and not any("\ud800" <= c <= "\udfff" or "\x7f" <= c <= "\x9f" for c in words)
        and not any(c in "\ufffe\uffff" for c in words)
        and (level > 2 or bool(codes) or bool(words.strip()))
    )
    assert (accepted is not None) == good


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"level": 0}, "level"),
        ({"channel": 42}, "channel"),
        ({"kind": 3}, "kind"),
        ({"level": 2}, "reason_missing"),
        ({"level": 2, "codes": [510]}, "code_level"),
        ({"codes": [599]}, "code_unknown"),
        ({"words": "x" * 1001}, "too_long"),
        ({"words": "a\0b"}, "bad_text"),
        ({"words": "\ud800"}, "bad_text"),
        ({"rated_at": "2026-02-30 10:00:00"}, "time"),
        ({"rated_at": "2030-01-01 10:00:00"}, "time"),
        ({"is_default": True}, "default_rating"),
    ],
)
def test_each_refusal_has_its_code_and_both_languages(change: dict[str, object], code: str) -> None:
    facts = {name: getattr(BASE, name) for name in BASE.__struct_fields__} | change
    with pytest.raises(Refusal) as refused:
        rules.accept(rules.Given(**facts), CATALOGUE, NOON)
    assert refused.value.code == code
    assert refused.value.says.zh
    assert refused.value.says.en


def test_the_same_service_is_registered_once_and_other_content_is_a_conflict(
    world: people.Place,
) -> None:
    service = given_record()
    first, again = register(service, service)
    assert (first.outcome, again.outcome, again.key) == (
        Outcome.ACCEPTED,
        Outcome.DUPLICATE,
        first.key,
    )
    assert register(service)[0].outcome is Outcome.DUPLICATE
    changed = given_record(project_no=service.project_no, service_name="结果送达")
    assert register(changed)[0].outcome is Outcome.CONFLICT
    assert records.Record.objects.get(pk=first.key).service_name == service.service_name


def test_two_services_that_meet_in_one_key_are_told_apart(
    world: people.Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = ids.fact_key
    monkeypatch.setattr(ids, "fact_key", lambda at, _natural, salt=0: real(at, "same", salt))
    keys = [
        stored.key
        for stored in register(given_record()) + register(given_record()) + register(given_record())
    ]
    assert len(set(keys)) == 3


def test_a_service_is_rated_once_and_a_follow_up_never_overwrites(world: people.Place) -> None:
    service = given_record()
    register(service)
    early = given_rating(service, 4, kind=rules.Kind.FOLLOW_UP)
    assert outcomes(submit(early)) == ["no_first_rating"]
    first, follow = given_rating(service, 5), given_rating(service, 1, kind=rules.Kind.FOLLOW_UP)
    assert outcomes(submit(first, follow, first, follow)) == [
        "accepted",
        "accepted",
        "duplicate",
        "duplicate",
    ]
    assert outcomes(
        submit(given_rating(service, 3), given_rating(service, 2, kind=rules.Kind.FOLLOW_UP))
    ) == ["already_rated", "already_rated"]
    assert models.Evaluation.objects.get().level == 5
    assert models.FollowUp.objects.get().level == 1


def test_one_bad_row_in_a_group_never_fails_its_neighbours(world: people.Place) -> None:
    services = [given_record() for _ in range(3)]
    register(*services)
    unknown = given_rating(given_record())
    early = given_rating(services[1], rated_at=(NOON - timedelta(days=1)).isoformat())
    assert outcomes(
        submit(given_rating(services[0]), unknown, early, given_rating(services[2], 2))
    ) == ["accepted", "record_unknown", "rated_before_service", "accepted"]


def test_every_stored_fact_is_on_the_feed_exactly_once(world: people.Place) -> None:
    service = given_record()
    register(service, service)
    submit(given_rating(service), given_rating(service))
    submit(given_rating(service, 2, kind=rules.Kind.FOLLOW_UP))
    assert sorted(feed.Pending.objects.values_list("kind", flat=True)) == [1, 2, 3]


def test_unknown_departments_and_items_become_unconfirmed_entries(world: people.Place) -> None:
    from haochaping.directory.models import Department, Item

    code = people.uscc("11320700MB99070A1")
    register(
        given_record(
            department_code=code,
            department_name="新部门",
            item_code=people.item_of(code),
            item_name="新事项",
        )
    )
    assert not Department.objects.get(uscc=code).confirmed
    assert not Item.objects.get(code=people.item_of(code)).confirmed


def test_personal_data_is_sealed_at_rest_and_words_are_masked_when_read(
    world: people.Place,
) -> None:
    service = given_record()
    (stored,) = register(service)
    submit(
        given_rating(
            service,
            2,
            words="请打13812345678",
            rater=rules.Rater(name="张芳华", phone="13812345678"),
        )
    )
    row = records.Record.objects.get(pk=stored.key)
    rating = models.Evaluation.objects.get(pk=stored.key)
    kept = b"".join(
        bytes(value) for value in (row.applicant_name, row.phone, rating.rater_name, rating.phone)
    )
    assert "张芳华".encode() not in kept
    assert b"13812345678" not in kept
    assert "138****5678" in queries.rated({stored.key})[stored.key].words


def test_codes_of_regions_that_were_renamed_lead_to_the_one_in_force(world: people.Place) -> None:
    (stored,) = register(given_record(region="320684"))
    assert records.Record.objects.get(pk=stored.key).region == 320614000000


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"words": "x" * 1000}, None),
        ({"words": f" {'x' * 1000} "}, None),
        ({"words": "x" * 1001}, "too_long"),
        ({"codes": [510] * 16}, None),
        ({"codes": [510] * 17}, "too_many_codes"),
        ({"service_number": 99}, None),
        ({"service_number": 100}, "record_unknown"),
        ({"service_number": 0}, "record_unknown"),
        ({"project_no": "x" * 64}, None),
        ({"project_no": "x" * 65}, "record_unknown"),
        ({"project_no": ""}, "record_unknown"),
        ({"rated_at": (NOON + timedelta(minutes=10)).isoformat()}, None),
        ({"rated_at": (NOON + timedelta(minutes=10, seconds=1)).isoformat()}, "time"),
        ({"rater": rules.Rater(name="x" * 120, cert_key="x" * 200)}, None),
        ({"rater": rules.Rater(phone="13812345678；0518-85800000")}, "phone"),
        ({"project_no": "2.02611E+19"}, "number_rounded"),
        ({"rater": rules.Rater(name="x" * 121)}, "rater"),
        ({"rater": rules.Rater(cert_key="x" * 201)}, "rater"),
        ({"rater": rules.Rater(phone="1" * 31)}, "rater"),
        ({"rater": rules.Rater(name="\0")}, "rater"),
        ({"level": 2, "words": "  "}, "reason_missing"),
        ({"level": 2, "codes": [207]}, None),
        ({"level": 1, "words": "等太久"}, None),
        ({"level": 3}, None),
        ({"level": 6}, "level"),
    ],
)
def test_each_bound_is_taken_and_what_lies_beyond_is_refused(
    facts: dict[str, object], code: str | None
) -> None:
    given_ = rules.Given(
        **{"project_no": "P", "service_number": 1, "level": 5, "channel": 1, **facts}
    )
    if code is None:
        assert rules.accept(given_, CATALOGUE, NOON).level == given_.level
        return
    with pytest.raises(Refusal) as refused:
        rules.accept(given_, CATALOGUE, NOON)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("138 1234-5678", "13812345678"),
        ("+8613812345678", "13812345678"),
        ("0518123", "0518123"),
        ("051812345678", "051812345678"),
        ("", ""),
        ("123456", None),
        ("0518123456789", None),
        ("138x2345678", None),
        ("１３８１２３４５６７８", "13812345678"),
    ],
)
def test_a_phone_number_is_one_identity_however_it_is_written(
    text: str, digits: str | None
) -> None:
    if digits is None:
        with pytest.raises(Refusal):
            rules.phone_number(text)
    else:
        assert rules.phone_number(text) == digits


def test_a_dump_holds_no_digest_that_a_guess_can_be_checked_with(world: people.Place) -> None:
    service = given_record()
    register(service)
    (stored,) = submit(given_rating(service, 5, rater=rules.Rater(phone="13812345678")))
    (kept,) = rows("SELECT digest FROM evaluations_evaluation WHERE id = $1", stored.key)
    given_ = given_rating(service, 5, rater=rules.Rater(phone="13812345678"))
    content = rules.accept(given_, CATALOGUE, NOON).content
    assert kept["digest"] == settings.KEYRING.fingerprint(content)
    assert kept["digest"] != Keyring(bytes(32)).fingerprint(content)
    unkeyed = int.from_bytes(hashlib.blake2b(content, digest_size=8).digest(), signed=True)
    assert kept["digest"] != unkeyed


def test_the_same_codes_in_another_order_are_the_same_rating_and_other_words_are_not() -> None:
    def digest(**facts: object) -> bytes:
        given_ = {"project_no": "P", "service_number": 1, "level": 5, "channel": 1}
        return rules.accept(rules.Given(**{**given_, **facts}), CATALOGUE, NOON).content  # type: ignore[arg-type]

    assert digest(words=" a ") == digest(words="a")
    spelled = {digest(rated_at=text) for text in ("2026-11-18 11:00:00", "2026/11/18 11:00")}
    assert spelled == {digest(rated_at="2026-11-18T03:00:00Z")}
    different = [
        digest(),
        digest(words="a"),
        digest(codes=[510]),
        digest(level=4),
        digest(channel=2),
        digest(kind=2),
        digest(rated_at="2026-11-18 11:00:00"),
        digest(rater=rules.Rater(anonymous=False))
        if rules.Rater().anonymous
        else digest(rater=rules.Rater(anonymous=True)),
    ]
    assert len(set(different)) == len(different)
