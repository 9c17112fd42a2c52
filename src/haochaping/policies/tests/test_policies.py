"""Policies: golden defaults, bounds, layers of regions, and two persons."""

import csv
import io
from datetime import date, timedelta

import people
import pytest
from people import CITY, ELSEWHERE, NOON

from haochaping.audit import queries as audit
from haochaping.identity.rules import SamePerson
from haochaping.kernel.db import talk
from haochaping.kernel.errors import NotAllowed, NotFound
from haochaping.kernel.moments import business_day
from haochaping.policies import actions, models, queries, rules
from haochaping.policies.rules import BadTerms, Terms
from haochaping.regions.rules import PROVINCE_OF_THE_PLATFORM

TODAY = business_day(NOON)
COUNTY = 320706000000


def proposed(
    world: people.Place, values: dict[str, int], region: int = CITY, **facts: object
) -> int:
    """Propose a policy of the city."""
    given: dict[str, object] = {"valid_from": TODAY, "source": "连政办〔2026〕1号", "redate": False}
    return actions.propose(  # type: ignore[arg-type]
        region=region, values=values, by=world.users["city"], at=NOON, **{**given, **facts}
    )


def in_force(world: people.Place, values: dict[str, int], region: int = CITY) -> None:
    """Propose and approve a policy."""
    policy = proposed(world, values, region)
    actions.approve(policy_id=policy, by=world.users["province"], at=NOON)


def test_what_holds_without_a_word_from_anybody() -> None:
    said = {name: getattr(Terms(), name) for name in rules.FIELDS}
    assert said == {
        "contact": 1,
        "ordinary": 5,
        "complex": 15,
        "extension": 10,
        "call_back": 3,
        "objection": 3,
        "return_hours": 4,
        "returns": 1,
        "remind": 1,
        "urge": 1,
        "supervise": 3,
        "circular": 5,
        "second_opinion": 28,
        "change": 15,
        "first": 180,
        "follow_up": 365,
        "sample": 2,
        "auto_dispatch": 0,
        "quiet_from": 21,
        "quiet_until": 8,
        "per_day": 3,
        "per_month": 10,
        "ask_by_sms": 1,
        "rate_by_scan": 1,
        "weight_5": 100,
        "weight_4": 80,
        "weight_3": 60,
        "weight_2": 30,
        "weight_1": 0,
    }
    assert Terms().weights == (100, 80, 60, 30, 0)
    assert set(rules.FIELDS) == set(Terms.__struct_fields__)


@pytest.mark.parametrize("name", rules.FIELDS)
def test_each_term_is_taken_within_its_bounds_only(name: str) -> None:
    field = rules.FIELDS[name]
    for value in (field.lowest, field.highest):
        assert rules.read_values({name: f" {value} "}) == {name: value}
    for text in (str(field.lowest - 1), str(field.highest + 1), "x", "1.5", "１", "-"):
        with pytest.raises(BadTerms) as refused:
            rules.read_values({name: text})
        assert refused.value.field == name
        assert str(field.highest) in refused.value.says.zh
    assert rules.read_values({name: " "}) == {}
    assert field.lowest <= getattr(Terms(), name) <= field.highest


@pytest.mark.parametrize(
    ("name", "lowest", "highest"),
    [
        ("contact", 1, 10),
        ("ordinary", 1, 60),
        ("complex", 1, 90),
        ("extension", 0, 60),
        ("call_back", 1, 30),
        ("return_hours", 0, 80),
        ("returns", 0, 5),
        ("objection", 0, 30),
        ("auto_dispatch", 0, 1),
        ("remind", 0, 5),
        ("urge", 1, 30),
        ("supervise", 1, 30),
        ("circular", 1, 60),
        ("change", 0, 90),
        ("second_opinion", 0, 180),
        ("sample", 0, 50),
        ("quiet_from", 12, 23),
        ("quiet_until", 0, 12),
        ("per_day", 1, 20),
        ("per_month", 1, 60),
        ("weight_3", 0, 100),
    ],
)
def test_the_bounds_are_these(name: str, lowest: int, highest: int) -> None:
    field = rules.FIELDS[name]
    assert (field.lowest, field.highest) == (lowest, highest)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"contact": 6}, "ordinary"),
        ({"ordinary": 16}, "ordinary"),
        ({"contact": 5, "ordinary": 5, "complex": 5}, None),
        ({"urge": 4}, "supervise"),
        ({"supervise": 6}, "supervise"),
        ({"urge": 3, "supervise": 3, "circular": 3}, None),
        ({"unknown": 9}, None),
    ],
)
def test_terms_that_contradict_each_other_are_refused(
    values: dict[str, int], field: str | None
) -> None:
    if field is None:
        rules.merged([values])
        return
    with pytest.raises(BadTerms) as refused:
        rules.merged([values])
    assert refused.value.field == field


def test_a_regions_values_lie_over_those_of_the_region_above(world: people.Place) -> None:
    in_force(world, {"ordinary": 7, "call_back": 2})
    in_force(world, {"ordinary": 9}, COUNTY)
    assert queries.terms(PROVINCE_OF_THE_PLATFORM, NOON).ordinary == 5
    assert queries.terms(ELSEWHERE, NOON).ordinary == 5
    assert queries.terms(CITY, NOON).ordinary == 7
    county = queries.terms(COUNTY, NOON)
    assert (county.ordinary, county.call_back, county.complex) == (9, 2, 15)
    assert queries.inherited(COUNTY, TODAY).ordinary == 7
    assert queries.terms(CITY, NOON - timedelta(days=1)).ordinary == 5  # not yet in force
    in_force(world, {"ordinary": 8})
    assert queries.terms(CITY, NOON).ordinary == 8
    assert queries.terms(CITY, NOON).call_back == 3  # the newest of a region is its whole word
    assert [policy.region for policy in queries.layers(COUNTY, TODAY)] == [
        PROVINCE_OF_THE_PLATFORM,
        CITY,
        COUNTY,
    ]
    assert {policy.region for policy in queries.within((CITY, CITY + 10**8 - 1))} == {
        PROVINCE_OF_THE_PLATFORM,
        CITY,
        COUNTY,
    }


def test_no_policies_are_agreed_that_contradict_each_other_on_any_day(world: people.Place) -> None:
    def decided(values: dict[str, int], region: int, days: int) -> None:
        policy = actions.propose(
            region=region,
            valid_from=TODAY + timedelta(days=days),
            values=values,
            source="x",
            redate=False,
            by=world.users["province"],
            at=NOON,
        )
        actions.approve(policy_id=policy, by=0, at=NOON)

    decided({"contact": 3, "ordinary": 7, "complex": 9}, PROVINCE_OF_THE_PLATFORM, 10)
    with pytest.raises(BadTerms, match=r"连云港市|Lianyungang"):
        decided({"ordinary": 2, "complex": 3}, CITY, 0)  # fits now, and not in ten days
    decided({"ordinary": 4}, CITY, 0)
    with pytest.raises(BadTerms):
        decided({"contact": 5, "ordinary": 7}, PROVINCE_OF_THE_PLATFORM, 20)  # not the city's four
    # what stands there all the same, as an older version agreed it, stops nobody
    models.Policy.objects.filter(region=CITY).update(values={"ordinary": 1, "first": 30})
    then = NOON + timedelta(days=15)
    assert queries.terms(CITY, then).ordinary == 7
    assert talk(queries.rating_windows()).first


def test_a_proposal_holds_once_another_person_has_approved_it(world: people.Place) -> None:
    policy = proposed(world, {"ordinary": 8})
    assert queries.terms(CITY, NOON).ordinary == 5
    row = queries.one(policy)
    assert row is not None
    assert queries.with_proposal(row, CITY).ordinary == 8
    with pytest.raises(SamePerson):
        actions.approve(policy_id=policy, by=world.users["city"], at=NOON)
    with pytest.raises(NotAllowed):
        actions.approve(policy_id=policy, by=world.users["foreign"], at=NOON)
    assert actions.approve(policy_id=policy, by=world.users["province"], at=NOON) == 0
    assert queries.terms(CITY, NOON).ordinary == 8
    for act in (actions.approve, actions.withdraw):
        with pytest.raises(NotFound):
            act(policy_id=policy, by=world.users["province"], at=NOON)
    assert [entry.verb for entry in audit.of("policy", policy)] == ["propose", "approve"]


def test_what_is_approved_late_holds_from_then_on_and_not_before(world: people.Place) -> None:
    policy = proposed(world, {"ordinary": 8})
    later = NOON + timedelta(days=3)
    actions.approve(policy_id=policy, by=world.users["province"], at=later)
    assert queries.terms(CITY, later - timedelta(days=1)).ordinary == 5
    assert queries.terms(CITY, later).ordinary == 8


def test_a_proposal_holds_until_what_is_agreed_for_a_later_day(world: people.Place) -> None:
    day, county = TODAY + timedelta(days=9), 320703000000
    for values, region in (({"ordinary": 3}, CITY), ({"complex": 8}, county)):
        later = proposed(world, values, region, valid_from=day)
        actions.approve(policy_id=later, by=world.users["province"], at=NOON)
    # nine days are too many for the county, which says so from a day on which they hold no more
    assert proposed(world, {"ordinary": 9})


def test_a_proposal_is_withdrawn_and_never_holds(world: people.Place) -> None:
    policy = proposed(world, {"ordinary": 8})
    with pytest.raises(NotAllowed):
        actions.withdraw(policy_id=policy, by=world.users["foreign"], at=NOON)
    actions.withdraw(policy_id=policy, by=world.users["city"], at=NOON)
    with pytest.raises(NotFound):
        actions.approve(policy_id=policy, by=world.users["province"], at=NOON)
    assert [entry.verb for entry in audit.of("policy", policy)] == ["propose", "withdraw"]


@pytest.mark.parametrize(
    ("facts", "refused"),
    [
        ({"valid_from": TODAY - timedelta(days=1)}, "valid_from"),
        ({"source": "  "}, "source"),
        ({"values": {"ordinary": 16}}, "ordinary"),
    ],
)
def test_a_proposal_needs_a_day_a_source_and_sense(
    world: people.Place, facts: dict[str, object], refused: str
) -> None:
    before = models.Policy.objects.count()
    with pytest.raises(BadTerms) as error:
        proposed(world, **{"values": {"ordinary": 6}, **facts})  # type: ignore[arg-type]
    assert error.value.field == refused
    assert models.Policy.objects.count() == before


@pytest.mark.parametrize(
    ("who", "region", "may"),
    [
        ("province", PROVINCE_OF_THE_PLATFORM, True),
        ("city", CITY, True),
        ("city", COUNTY, True),
        ("city", ELSEWHERE, False),
        ("city", PROVINCE_OF_THE_PLATFORM, False),
        ("agent", CITY, False),
        ("handler", CITY, False),
    ],
)
def test_policies_are_proposed_for_ones_own_region(
    world: people.Place, who: str, region: int, may: bool
) -> None:
    given = {"values": {"ordinary": 6}, "source": "x", "redate": False, "valid_from": TODAY}
    try:
        actions.propose(region=region, by=world.users[who], at=NOON, **given)
    except NotAllowed:
        assert not may
    else:
        assert may


def test_what_redates_open_orders_is_approved_on_its_day(world: people.Place) -> None:
    policy = proposed(world, {"ordinary": 8}, valid_from=TODAY + timedelta(days=1), redate=True)
    with pytest.raises(BadTerms):
        actions.approve(policy_id=policy, by=world.users["province"], at=NOON)
    actions.approve(policy_id=policy, by=world.users["province"], at=NOON + timedelta(days=1))


def test_the_default_is_adopted_once_and_says_that_it_is_one(world: people.Place) -> None:
    actions.adopt_default(at=NOON)
    (policy,) = models.Policy.objects.all()
    assert policy.values == {"contact": 1, "ordinary": 5, "complex": 15}
    assert policy.valid_from == date(2019, 10, 1)
    assert "待补充" in policy.source


def test_presets_make_sense_and_differences_are_told() -> None:
    for _, values in rules.PRESETS.values():
        rules.merged([values])
    said = {key: tuple(values.values()) for key, (_, values) in rules.PRESETS.items()}
    assert said == {
        "1-5-15": (1, 5, 15, 0),
        "15": (1, 15, 15, 0),
        "5": (1, 5, 5, 0),
        "1-2-3": (1, 2, 3, 0),
    }
    told = rules.changed(Terms(), Terms(ordinary=7, per_day=2))
    assert [(old, new) for _, old, new in told] == [(5, 7), (3, 2)]
    assert rules.changed(Terms(), Terms()) == []


def test_policies_are_taken_as_a_file_with_all_their_values(world: people.Place) -> None:
    in_force(world, {"ordinary": 7})
    proposed(world, {"ordinary": 9})
    file = people.signed_in(world.users["city"]).get("/admin/orders/policies?as=csv")
    lines = list(csv.DictReader(io.StringIO(file.content.decode("utf-8-sig"))))
    told = {(line["一般差评办结"], line["状态"] == "待审核") for line in lines}
    assert told >= {("7", False), ("9", True)}
    foreign = people.signed_in(world.users["foreign"]).get("/admin/orders/policies?as=csv")
    others = csv.DictReader(io.StringIO(foreign.content.decode("utf-8-sig")))
    assert not {line["一般差评办结"] for line in others} & {"7", "9"}
