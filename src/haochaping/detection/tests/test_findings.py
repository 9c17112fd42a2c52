"""Detectors look at the real tables, findings are judged by two, and the figures follow."""

from datetime import timedelta

import people
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from people import CITY, NOON, given_rating, given_record, register, submit

from haochaping.analytics import actions as analytics
from haochaping.analytics.models import CityDay
from haochaping.detection import actions, models, queries, rules
from haochaping.detection.tasks import looking
from haochaping.detection.views import FAKES
from haochaping.directory import models as directory
from haochaping.evaluations import actions as evaluations
from haochaping.evaluations import models as ratings
from haochaping.feed import actions as feed
from haochaping.identity import rules as rights
from haochaping.identity.rules import SYSTEM
from haochaping.kernel.errors import NotAllowed
from haochaping.kernel.moments import business_day
from haochaping.notifications.models import Notice
from haochaping.records.rules import Applicant
from haochaping.screening.actions import OtherOffice

pytestmark = pytest.mark.django_db
SINCE, TODAY = business_day(NOON) - timedelta(days=27), business_day(NOON)
CHEATED = 14  # ratings at the first window that one person gave


@pytest.fixture
def hall(world: people.Place) -> people.Place:
    """Twelve windows with forty ratings each; at the first, fourteen of one person."""
    home = directory.Window.objects.get(code="W1")
    for number in range(2, 13):
        directory.Window.objects.create(
            code=f"W{number}",
            hall=home.hall,
            number=f"A{number:02d}",
            department=home.department,
            opens="00:00",
            closes="23:59",
        )
    services, given = [], []
    for window in range(1, 13):
        for turn in range(40):
            cheat = window == 1 and turn < CHEATED
            phone = "13900000001" if cheat else f"138{window:04d}{turn:04d}"
            moment = NOON - timedelta(days=turn % 20, minutes=7 * turn)
            service = given_record(
                window_code=f"W{window}",
                served_at=(moment - timedelta(minutes=3)).isoformat(),
                accepted_at=(moment - timedelta(minutes=40)).isoformat(),
                applicant=Applicant("张芳华", 1, "111", f"key{window}/{turn}", phone),
            )
            services.append(service)
            given.append(given_rating(service, 5, rated_at=moment.isoformat()))
    register(*services)
    submit(*given)
    return world


def found(place: people.Place, ratings_: list[int] | None = None) -> models.Finding:
    """Return a finding about the first window."""
    window = directory.Window.objects.get(code="W1")
    seen = actions.Seen(
        detector="reuse",
        unit="window",
        unit_id=window.pk,
        region=CITY,
        department_id=place.bureau,
        k=20,
        n=60,
        expected=0.02,
        p=1e-9,
        ratings=ratings_ or [],
        peers=[40, 3, 0, 1],
        peers_to=0.34,
        days={str(TODAY): 20},
    )
    actions.keep(city=CITY // 10**6, period=(SINCE, TODAY), ratings=100, seen=[seen], at=NOON)
    return models.Finding.objects.get(state=rules.State.SUSPECTED)


def say(finding: models.Finding, verdict: rules.Verdict, by: int) -> rules.State:
    """Let somebody judge it."""
    (state,) = actions.judge(
        finding_ids=[finding.pk],
        verdict=verdict,
        note="调取监控与取号记录核对",
        fakes=FAKES,
        by=by,
        at=NOON,
    )
    finding.refresh_from_db()
    return state


def another(name: str, role: str = "city", region: int = CITY) -> int:
    """Appoint one more person."""
    return people.appointed(name, role, region=region, by=SYSTEM)


def test_a_window_where_one_person_rates_is_found_among_its_peers_with_the_very_ratings(
    hall: people.Place,
) -> None:
    assert looking.look_at(CITY // 10**6, TODAY, NOON) >= 1
    finding = models.Finding.objects.get(detector="reuse")
    window = directory.Window.objects.get(code="W1")
    assert (finding.unit, finding.unit_id, finding.region) == ("window", window.pk, CITY)
    assert (finding.k, finding.n) == (CHEATED - 1, 40)
    assert finding.department_id == hall.bureau
    assert len(finding.ratings) == CHEATED
    assert sum(finding.days.values()) == CHEATED
    assert sum(finding.peers) == 12
    run = models.Run.objects.get()
    assert (run.ratings, run.until) == (480, TODAY)


def test_the_next_night_brings_an_open_finding_up_to_date_and_leaves_a_decided_one_alone(
    hall: people.Place,
) -> None:
    finding = found(hall)
    window = directory.Window.objects.get(code="W1")
    looking.look_at(CITY // 10**6, TODAY, NOON)
    again = models.Finding.objects.get(detector="reuse", unit_id=window.pk)
    assert (again.pk, again.k) == (finding.pk, CHEATED - 1)
    for by in ("city", "province"):
        say(again, rules.Verdict.NORMAL, hall.users[by])
    looking.look_at(CITY // 10**6, TODAY, NOON + timedelta(days=1))
    assert models.Finding.objects.filter(detector="reuse").count() == 1
    looking.look_at(CITY // 10**6, TODAY, NOON + timedelta(days=40))
    assert models.Finding.objects.filter(detector="reuse").count() == 2


def test_two_people_agree_and_the_ratings_leave_the_adjusted_figures_until_an_appeal_is_right(
    world: people.Place,
) -> None:
    keys = [people.rated(5), people.rated(5)]
    finding = found(world, keys)

    def adjusted() -> tuple[int, int]:
        while feed.sequence(at=NOON) or analytics.fold():
            pass
        row = CityDay.objects.filter(city=CITY // 10**6)
        return sum(one.n5 for one in row), sum(one.x5 for one in row)

    assert adjusted() == (2, 0)
    assert say(finding, rules.Verdict.INVALID, world.users["city"]) == "suspected"
    assert adjusted() == (2, 0)
    assert say(finding, rules.Verdict.INVALID, world.users["province"]) == "invalid"
    assert finding.set_aside == 2
    assert adjusted() == (2, 2)  # the raw figures keep them
    assert Notice.objects.filter(department_id=world.bureau, topic="finding").exists()
    actions.appeal(
        finding_id=finding.pk, text="系企业专办员，附授权书", by=world.users["handler"], at=NOON
    )
    finding.refresh_from_db()
    with pytest.raises(rules.SaidAlready):
        say(finding, rules.Verdict.RESTORE, world.users["city"])
    assert say(finding, rules.Verdict.RESTORE, another("li")) == "appealed"
    assert say(finding, rules.Verdict.RESTORE, another("wang")) == "restored"
    assert adjusted() == (2, 0)
    assert ratings.SetAside.objects.count() == ratings.Restored.objects.count() == 2
    assert evaluations.set_aside(evaluation_ids=keys, at=NOON) == 0  # for good


def test_nobody_decides_alone_for_their_own_unit_or_from_elsewhere(world: people.Place) -> None:
    finding = found(world)
    say(finding, rules.Verdict.INVALID, world.users["city"])
    with pytest.raises(rules.SaidAlready):
        say(finding, rules.Verdict.INVALID, world.users["city"])
    for stranger in ("foreign", "handler", "auditor"):
        with pytest.raises(NotAllowed):
            say(finding, rules.Verdict.INVALID, world.users[stranger])
    assert models.Finding.objects.get().state == rules.State.SUSPECTED
    with pytest.raises(rules.BadVerdict):
        say(finding, rules.Verdict.RESTORE, world.users["province"])
    with pytest.raises(rules.NotNow):
        actions.appeal(finding_id=finding.pk, text="不服", by=world.users["handler"], at=NOON)
    with pytest.raises(NotAllowed):
        actions.appeal(finding_id=finding.pk, text="不服", by=world.users["city"], at=NOON)


def test_an_officer_of_the_department_that_was_found_does_not_judge(
    world: people.Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    insider = rights.Reach(CITY, CITY + 999999, world.bureau)
    monkeypatch.setattr(actions.identity, "reach", lambda *_: insider)
    with pytest.raises(rules.OwnUnit):
        say(found(world), rules.Verdict.NORMAL, world.users["city"])


def test_two_who_differ_decide_nothing_and_a_third_does(world: people.Place) -> None:
    finding = found(world)
    say(finding, rules.Verdict.NORMAL, world.users["city"])
    assert say(finding, rules.Verdict.INVALID, world.users["province"]) == "suspected"
    assert say(finding, rules.Verdict.NORMAL, another("third")) == "normal"
    assert finding.set_aside == 0


def test_a_finding_of_killed_bad_ratings_never_sets_those_aside(world: people.Place) -> None:
    key = people.rated(1)
    finding = found(world, [key])
    models.Finding.objects.filter(pk=finding.pk).update(detector="fate")
    finding.refresh_from_db()
    for by in ("city", "province"):
        say(finding, rules.Verdict.INVALID, world.users[by])
    assert finding.state == rules.State.INVALID
    assert not ratings.SetAside.objects.exists()


def test_the_pages_show_the_evidence_within_reach_and_at_a_known_cost(world: people.Place) -> None:
    finding = found(world, [people.rated(5)])
    city = people.signed_in(world.users["city"])
    with CaptureQueriesContext(connection) as captured:
        page = city.get("/admin/findings").content.decode()
    assert len(captured) <= 14
    assert "60 条评价中有 20 条来自此前已在该窗口评价过的人" in page
    assert "A03 号窗口" in page
    one = city.get(f"/admin/findings/{finding.pk}").content.decode()
    assert "也可能是" in one
    assert "看不到什么" in city.get("/admin/findings/detectors").content.decode()
    foreign = people.signed_in(world.users["foreign"])
    assert "A03" not in foreign.get("/admin/findings").content.decode()
    assert foreign.get(f"/admin/findings/{finding.pk}").status_code == 404
    handler = people.signed_in(world.users["handler"])
    assert handler.get(f"/admin/findings/{finding.pk}").status_code == 404  # not decided


def test_findings_are_judged_in_a_batch_from_the_page(world: people.Place) -> None:
    finding = found(world)
    city = people.signed_in(world.users["city"])
    bad = city.post("/admin/findings/judge", {"finding": finding.pk, "verdict": "normal"})
    assert bad.status_code == 422
    assert "写明核查情况" in bad.content.decode()
    form = {"finding": finding.pk, "verdict": "normal", "note": "家庭集中办理"}
    done = city.post("/admin/findings/judge?detector=d05&page=2", form)
    assert done.headers["Location"] == "/admin/findings?detector=d05"  # the list as it was
    province = people.signed_in(world.users["province"])
    assert province.post("/admin/findings/judge", form | {"back": finding.pk}).status_code == 302
    assert models.Finding.objects.get().state == rules.State.NORMAL
    assert queries.waiting(rights.Reach(CITY, CITY + 999999)) == 0


def test_one_finding_that_refuses_keeps_back_no_other(world: people.Place) -> None:
    first = found(world)
    models.Finding.objects.filter(pk=first.pk).update(unit_id=99)
    second = found_again(first)
    city = people.signed_in(world.users["city"])
    form = {"verdict": str(rules.Verdict.INVALID), "note": "调取监控核对"}
    assert city.post("/admin/findings/judge", {**form, "finding": [first.pk]}).status_code == 302
    page = city.post("/admin/findings/judge", {**form, "finding": [first.pk, second.pk]})
    text = page.content.decode()
    assert (page.status_code, "已处理 1 条" in " ".join(text.split())) == (200, True)
    assert "调取监控核对" in text
    assert models.Opinion.objects.filter(finding=second).count() == 1
    assert city.post("/admin/findings/judge", {**form, "note": " "}).status_code == 422


def found_again(first: models.Finding) -> models.Finding:
    """Return a second finding of the same kind."""
    facts = models.Finding.objects.filter(pk=first.pk).values().get()
    return models.Finding.objects.create(**{**facts, "id": None, "unit_id": 98})


def test_where_a_citizens_page_was_sent_from_is_keyed_and_forgotten(world: people.Place) -> None:
    key = people.rated(5)
    evaluations.trace(evaluation_id=key, network="10.1.2.0/24 Firefox", at=NOON)
    (kept,) = ratings.Trace.objects.all()
    assert kept.network not in (0, 10)
    evaluations.forget_traces(before=NOON - timedelta(days=1))
    assert ratings.Trace.objects.exists()
    evaluations.forget_traces(before=NOON + timedelta(days=1))
    assert not ratings.Trace.objects.exists()


def test_an_appeal_brings_back_nothing_that_another_verdict_leaves_out(world: people.Place) -> None:
    keys = [people.rated(5), people.rated(5)]
    first = found(world, keys)
    for by in ("city", "province"):
        say(first, rules.Verdict.INVALID, world.users[by])
    models.Finding.objects.filter(pk=first.pk).update(detector="ghost")
    second = found(world, keys)
    models.Finding.objects.filter(pk=second.pk).update(
        state="appealed", decided_at=NOON, set_aside=1
    )
    second.refresh_from_db()
    for name in ("li", "wang"):
        say(second, rules.Verdict.RESTORE, another(name))
    assert second.state == rules.State.RESTORED
    assert not ratings.Restored.objects.exists()


def test_the_second_person_judges_what_the_first_one_saw(hall: people.Place) -> None:
    finding = found(hall)
    say(finding, rules.Verdict.NORMAL, hall.users["city"])
    looking.look_at(CITY // 10**6, TODAY, NOON)
    finding.refresh_from_db()
    assert (finding.k, finding.n) == (20, 60)


def test_bad_ratings_are_found_invalid_by_two_offices(world: people.Place) -> None:
    finding = found(world, [people.rated(5), people.rated(1)])
    colleague = people.appointed("colleague", "city", name="同事")
    told = {"verdict": "invalid", "note": "同一设备连续提交", "fakes": FAKES, "at": NOON}
    one = {"finding_ids": [finding.pk], **told}
    actions.judge(by=world.users["city"], **one)
    with pytest.raises(OtherOffice):
        actions.judge(by=colleague, **one)
    assert models.Finding.objects.get(pk=finding.pk).state == rules.State.SUSPECTED
    assert actions.judge(by=world.users["province"], **one) == [rules.State.INVALID]
