"""Versions of the indicators: drafted by one person, put in force by another, and old ratings stay
readable.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import people
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from people import given_rating, given_record, register, submit

from haochaping.devices.views.kiosk import _elsewhere
from haochaping.evaluations import queries as evaluations
from haochaping.identity.rules import SamePerson
from haochaping.indicators import actions, models, queries, rules
from haochaping.kernel import clock
from haochaping.kernel.errors import NotAllowed
from haochaping.kernel.marks import ChangedMeanwhile
from haochaping.proofs import queries as proofs

pytestmark = pytest.mark.django_db
FRESH = {"code": "199", "zh": "窗口无人值守", "en": "Nobody at the window", "core": "1"}


@pytest.fixture
def two(world: people.Place, tmp_path: Path, settings: Any) -> Iterator[tuple[int, int]]:
    """Two persons of the province; what this process keeps of the catalogue is forgotten after."""
    settings.HOME = tmp_path  # of the log
    yield world.users["province"], people.appointed("leader", "leader", region=320000000000)
    queries.forget()


def rows() -> list[dict[str, str]]:
    """Return what is in force as a form has it."""
    return [
        {
            "code": str(one.code),
            "zh": one.zh,
            "en": one.en,
            "core": "1" if one.core else "",
            "applies": one.applies.value,
        }
        for one in rules.in_force(queries.read_now().values())
    ]


def drafted(by: int, changed: list[dict[str, str]]) -> int:
    """Draft a version and hand it in."""
    made = actions.begin(by=by, at=clock.now())
    actions.keep(edition_id=made, rows=changed, note="试行", by=by, at=clock.now())
    actions.submit(edition_id=made, by=by, at=clock.now())
    return made


def test_one_drafts_another_puts_it_in_force(two: tuple[int, int]) -> None:
    made = drafted(two[0], [*(row for row in rows() if row["code"] != "108"), FRESH])
    with pytest.raises(SamePerson):
        actions.decide(edition_id=made, approve=True, by=two[0], at=clock.now())
    with pytest.raises(ChangedMeanwhile):  # another one was looked at
        actions.decide(edition_id=made, approve=True, shown="x", by=two[1], at=clock.now())
    assert 199 not in queries.catalogue()
    actions.decide(edition_id=made, approve=True, by=two[1], at=clock.now())
    found = queries.catalogue()
    assert found[199].in_force
    assert not found[108].in_force
    assert 199 in [one.code for one in rules.offered(list(found.values()))[1]]
    assert 108 not in [one.code for one in rules.offered(list(found.values()))[1]]
    (said,) = proofs.said_of("rules")  # for ever: from when on citizens were asked by it
    assert json.loads(said.said)["number"] == queries.edition(made).number  # type: ignore[union-attr]
    with pytest.raises(rules.NotNow):
        actions.decide(edition_id=made, approve=True, by=two[1], at=clock.now())


def test_old_ratings_keep_their_words_and_a_tablet_that_was_offline_is_believed(
    two: tuple[int, int],
) -> None:
    key = people.rated(1)  # with 108
    made = drafted(two[0], [row for row in rows() if row["code"] != "108"])
    actions.decide(edition_id=made, approve=True, by=two[1], at=clock.now())
    rating = evaluations.rated({key})[key]
    assert [code for code, _ in rating.codes] == [108]
    service = given_record()
    register(service)
    (stored,) = submit(given_rating(service, 1, codes=[108]))
    assert stored.refusal is None


def test_seeding_again_undoes_nothing(two: tuple[int, int]) -> None:
    made = drafted(two[0], [*(row for row in rows() if row["code"] != "108"), FRESH])
    actions.decide(edition_id=made, approve=True, by=two[1], at=clock.now())
    actions.seed()
    assert not queries.read_now()[108].in_force
    assert queries.read_now()[199].in_force


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({**FRESH, "code": "699"}, "1 to 5"),
        ({**FRESH, "code": "1"}, "three digits"),
        ({**FRESH, "code": "１９９"}, "three digits"),
        ({**FRESH, "en": ""}, "English"),
        ({**FRESH, "zh": "长" * 31}, "1–30"),
        ({**FRESH, "zh": "坏\ud800"}, "not allowed"),
        ({**FRESH, "code": "108", "zh": "别的意思"}, "keeps its meaning"),
        ({**FRESH, "applies": "moon"}, "onsite"),
        ({**FRESH, "code": "207"}, "keeps its meaning"),
    ],
)
def test_what_is_no_indicator_is_refused_with_its_row(
    two: tuple[int, int], change: dict[str, str], told: str
) -> None:
    made = actions.begin(by=two[0], at=clock.now())
    others = [row for row in rows() if row["code"] != change["code"]]
    with pytest.raises(rules.BadEntry) as refused:
        actions.keep(edition_id=made, rows=[*others, change], note="", by=two[0], at=clock.now())
    assert told in refused.value.says.en


def test_a_bad_level_without_reasons_and_a_version_that_changes_nothing_are_refused(
    two: tuple[int, int],
) -> None:
    made = actions.begin(by=two[0], at=clock.now())
    good = [row for row in rows() if row["code"][0] != "1"]
    with pytest.raises(rules.BadEntry, match="needs a reason"):
        actions.keep(edition_id=made, rows=good, note="", by=two[0], at=clock.now())
    with pytest.raises(rules.BadEntry, match="changes nothing"):
        actions.submit(edition_id=made, by=two[0], at=clock.now())


def test_nobody_else_may(world: people.Place, two: tuple[int, int]) -> None:
    for role in ("city", "auditor", "handler"):
        with pytest.raises(NotAllowed):
            actions.begin(by=world.users[role], at=clock.now())


def test_it_is_done_in_the_browser_and_from_a_file(
    two: tuple[int, int], world: people.Place
) -> None:
    first, second = (people.signed_in(one) for one in two)
    page = first.post("/admin/indicators/editions/begin")
    address = page["Location"]
    head = "代码,内容,英文,首屏,适用\n"
    lines = [
        f"{row['code']},{row['zh']},{row['en']},{row['core']},{row['applies']}"
        for row in [*rows(), {**FRESH, "applies": "线下"}]
    ]
    file = SimpleUploadedFile("indicators.csv", (head + "\n".join(lines)).encode("utf-8-sig"))
    sent = {"do": "submit", "note": "增加一项", "file": file}
    assert first.post(f"{address}/change", sent).status_code == 302
    shown = second.get(address).content.decode()
    assert "＋ 199 窗口无人值守" in shown
    refused = first.post(f"{address}/change", {"do": "decide", "verdict": "approve"})
    assert refused.status_code == 409
    done = second.post(f"{address}/change", {"do": "decide", "verdict": "approve"})
    assert done.status_code == 302
    assert models.Indicator.objects.get(pk=199).applies == "onsite"
    assert "窗口无人值守" in first.get("/admin/indicators/").content.decode()


def test_a_code_is_offered_where_its_scope_says_and_nowhere_else(two: tuple[int, int]) -> None:
    narrow = {**FRESH, "channels": "7, 4", "regions": "320700", "items": "1132"}
    actions.decide(
        edition_id=drafted(two[0], [*rows(), narrow]), approve=True, by=two[1], at=clock.now()
    )
    catalogue = queries.catalogue().values()
    lianyungang, suzhou = 320707000000, 320500000000
    for where, there in (
        (rules.Where(), True),
        (rules.Where(4, lianyungang, "1132070"), True),
        (rules.Where(1, lianyungang, "1132070"), False),
        (rules.Where(4, suzhou, "1132070"), False),
        (rules.Where(4, lianyungang, "9932070"), False),
        (rules.Where(7, None, None), True),
    ):
        codes = {one.code for one in rules.offered(catalogue, where=where)[1]}
        assert (199 in codes) is there, where
    assert queries.by_item()
    kept = next(one for one in rules.in_force(catalogue) if one.code == 199)
    assert (kept.channels, kept.regions, kept.items) == ((4, 7), (320700000000,), ("1132",))


@pytest.mark.parametrize(
    "wrong", [{"channels": "12"}, {"regions": "99"}, {"items": "a-b"}, {"channels": "x"}]
)
def test_a_scope_that_is_none_is_refused(two: tuple[int, int], wrong: dict[str, str]) -> None:
    made = actions.begin(by=two[0], at=clock.now())
    with pytest.raises(rules.BadEntry, match="41"):
        actions.keep(
            edition_id=made, rows=[*rows(), {**FRESH, **wrong}], note="", by=two[0], at=clock.now()
        )


@pytest.mark.parametrize(
    "change", [{"channels": "1"}, {"applies": "online"}, {"applies": "onsite"}]
)
def test_a_bad_rating_has_a_reason_everywhere(two: tuple[int, int], change: dict[str, str]) -> None:
    narrow = [{**row, **change} if row["code"].startswith("1") else row for row in rows()]
    made = actions.begin(by=two[0], at=clock.now())
    with pytest.raises(rules.BadEntry):
        actions.keep(edition_id=made, rows=narrow, note="", by=two[0], at=clock.now())


def test_a_code_of_one_city_says_so_and_is_on_no_tablet_elsewhere(
    world: people.Place, two: tuple[int, int]
) -> None:
    made = drafted(two[0], [*rows(), {**FRESH, "regions": str(people.ELSEWHERE), "items": "1132"}])
    actions.decide(edition_id=made, approve=True, by=two[1], at=clock.now())
    page = people.signed_in(world.users["city"]).get("/admin/indicators/").content.decode()
    assert re.search(r"仅 .*苏州市；事项 1132…", page)
    assert (_elsewhere(people.CITY), _elsewhere(people.ELSEWHERE)) == ([199], [])


def test_two_versions_are_compared(two: tuple[int, int]) -> None:
    first = drafted(two[0], [*rows(), FRESH])
    actions.decide(edition_id=first, approve=True, by=two[1], at=clock.now())
    second = drafted(two[0], [row for row in rows() if row["code"] != "199"])
    changed = queries.changes_of(models.Edition.objects.get(pk=second), queries.edition(first))
    assert [one.code for one in changed.retired] == [199]
    page = people.signed_in(two[1]).get(f"/admin/indicators/editions/{second}?with={first}")
    assert "199" in page.content.decode()


def test_a_draft_is_seen_as_citizens_and_tablets_would_have_it(
    world: people.Place, two: tuple[int, int]
) -> None:
    scoped = {"channels": "2", "regions": str(people.CITY), "applies": "online"}
    made = drafted(two[0], [*rows(), {**FRESH, **scoped}])
    office = people.signed_in(two[0])
    page, tablet = (f"/admin/indicators/editions/{made}/{which}" for which in ("citizen", "kiosk"))

    def seen(asked: str) -> bool:
        told = office.get(asked)
        assert told.status_code == 200
        return FRESH["zh"] in told.content.decode()

    assert seen(page)
    assert seen(f"{page}?channel=2&region={people.CITY}&item=1")
    assert not seen(f"{page}?channel=2&region={people.ELSEWHERE}")
    assert not seen(f"{page}?channel=1")
    assert seen(f"{page}?channel=99&region=abc&size=huge&level=x")
    assert not seen(f"{tablet}?level=1")
    assert FRESH["zh"] not in office.get("/k/").content.decode()
    assert office.post(page).status_code == 405
    assert office.get("/admin/indicators/editions/0/citizen").status_code == 404
    assert people.signed_in(world.users["handler"]).get(page).status_code == 403
