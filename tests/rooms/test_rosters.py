"""Rosters: who sits where, as a tablet shows it and a rating names them."""

import re
from datetime import date, datetime, time, timedelta
from itertools import combinations

import people
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from people import CITY, signed_in

from haochaping.audit.models import Entry
from haochaping.devices import actions as devices
from haochaping.devices import queries as known
from haochaping.devices.rules import DeviceKind
from haochaping.directory.models import Hall, Staff, Window
from haochaping.evaluations import actions as evaluations
from haochaping.evaluations.models import Evaluation
from haochaping.evaluations.rules import DeviceGiven
from haochaping.kernel import clock
from haochaping.kernel.errors import NotFound
from haochaping.kernel.moments import LOCAL, business_day
from haochaping.rosters import actions, models, queries, rules

pytestmark = pytest.mark.django_db
PAGE = "/admin/rosters/"


@pytest.fixture
def hall(world: people.Place) -> Hall:
    """The hall, with a second window and a second person."""
    window = Window.objects.get(code="W1")
    Window.objects.create(
        code="W2",
        hall=window.hall,
        number="A04",
        department=window.department,
        opens=window.opens,
        closes=window.closes,
    )
    Staff.objects.create(number="0322", name="李当班", department=window.department)
    return window.hall


def added(who: Client, hall: Hall, **changes: str) -> int:
    """Add a shift through the page; return the status."""
    form = {
        "do": "add",
        "hall": str(hall.pk),
        "window": "W1",
        "staff": "0322",
        "day": business_day(clock.now()).isoformat(),
        "begins": "00:00",
        "ends": "23:59",
    }
    return int(who.post(f"{PAGE}change", form | changes).status_code)


def imported(who: Client, hall: Hall, file: SimpleUploadedFile) -> str:
    """Import a file through the page, by way of its preview; return what the page says then."""
    form, there = {"hall": str(hall.pk)}, models.Shift.objects.count()
    page = who.post(f"{PAGE}import", form | {"file": file}).content.decode()
    found = re.search(r'name="parcel" value="([^"]+)"', page)
    assert found, page
    assert models.Shift.objects.count() == there  # nothing is done before it is confirmed
    confirmed = form | {"parcel": found[1], "confirm": "1"}
    return who.post(f"{PAGE}import", confirmed).content.decode()


def test_a_tablet_shows_who_is_on_duty_and_a_rating_names_them(
    world: people.Place, hall: Hall
) -> None:
    at, window = clock.now().astimezone(LOCAL).replace(hour=10), Window.objects.get(code="W1")
    digits = devices.offer_pairing(
        window_id=window.pk, region=CITY, kind=DeviceKind.TABLET, by=0, at=at
    )
    made, _ = devices.pair(digits=digits, address=None, by=0, at=at)
    fixed = queries.at_window(window.pk, at)
    assert added(signed_in(world.users["city"]), hall, begins="09:00", ends="12:00") == 302
    on_duty = queries.at_window(window.pk, at)
    assert fixed is not None
    assert on_duty is not None
    assert (on_duty.staff, fixed.staff == "李当班") == ("李当班", False)
    later = queries.at_window(window.pk, at.replace(hour=12))
    assert later == fixed
    device = known.device(made.kid)
    assert device is not None
    # it was tapped in the morning and came in the afternoon: the morning's person served
    item = evaluations.FromDevice(1, "x", DeviceGiven(5), at)
    _, refusal = evaluations.take_from_device(device=device, item=item, at=at.replace(hour=13))
    assert refusal is None
    assert Evaluation.objects.latest("received_at").staff_id == on_duty.staff_id
    Staff.objects.filter(number="0322").update(closed_on=date(2020, 1, 1))
    assert queries.at_window(window.pk, at) == fixed  # who left is on no duty


def test_nobody_sits_at_two_windows_and_no_two_at_one(world: people.Place, hall: Hall) -> None:
    city = signed_in(world.users["city"])
    assert added(city, hall, ends="12:00") == 302
    assert added(city, hall, staff="0321", begins="11:59") == 409
    assert added(city, hall, window="W2", begins="11:00") == 409
    assert added(city, hall, staff="0321", begins="12:00") == 302
    assert added(city, hall, window="W2", begins="12:00") == 302
    assert models.Shift.objects.count() == 3
    shown = city.get(f"{PAGE}?hall={hall.pk}").content.decode()
    assert shown.count("删除 李当班") == 2
    one = models.Shift.objects.first()
    assert one is not None
    remove = {"do": "remove", "hall": str(hall.pk), "shift": str(one.pk)}
    assert signed_in(world.users["foreign"]).post(f"{PAGE}change", remove).status_code == 403
    assert city.post(f"{PAGE}change", remove).status_code == 302
    assert models.Shift.objects.count() == 2
    assert set(Entry.objects.filter(subject="roster").values_list("verb", flat=True)) == {
        "add",
        "remove",
    }


WRONG = ({"staff": "9999"}, {"window": "W9"}, {"day": "2020-01-01"}, {"ends": "00:00"}, {"day": ""})


@pytest.mark.parametrize("wrong", WRONG)
def test_hours_that_nobody_can_keep_are_refused(
    world: people.Place, hall: Hall, wrong: dict[str, str]
) -> None:
    assert added(signed_in(world.users["city"]), hall, **wrong) == 422
    assert not models.Shift.objects.exists()


def test_another_city_sees_and_keeps_nothing_here(world: people.Place, hall: Hall) -> None:
    assert added(signed_in(world.users["city"]), hall) == 302
    foreign = signed_in(world.users["foreign"])
    assert "李当班" not in foreign.get(f"{PAGE}?hall={hall.pk}").content.decode()
    assert added(foreign, hall, window="W2", staff="0321") == 422
    assert added(signed_in(world.users["handler"]), hall) == 403


def test_a_file_takes_the_place_of_its_days_and_tells_the_rows_that_do_not_fit(
    world: people.Place, hall: Hall
) -> None:
    city, today = signed_in(world.users["city"]), business_day(clock.now())
    assert added(city, hall, staff="0321") == 302
    lines = [
        "窗口编码,工号,日期,起,止",
        f"W1,0322,{today},9:00,12:00",
        f"W1,0321,{today},12:00,17:00",
        f"W2,0322,{today},11:00,13:00",  # sits at W1 until twelve
        f"W9,0322,{today},,",
        "W2,0321,yesterday,,",
    ]
    file = SimpleUploadedFile("r.csv", "\n".join(lines).encode("gb18030"))
    preview = city.post(f"{PAGE}import", {"hall": str(hall.pk), "file": file}).content.decode()
    assert "将替换现有班次 1" in preview
    assert "第 4 行" in preview
    file.seek(0)
    answer = imported(city, hall, file)
    assert "第 4 行" in answer
    assert "第 5 行" in answer
    assert "第 6 行" in answer
    kept = models.Shift.objects.order_by("begins").values_list("staff_id", "begins")
    first, second = (Staff.objects.get(number=one).pk for one in ("0322", "0321"))
    assert list(kept) == [(first, time(9)), (second, time(12))]
    foreign = signed_in(world.users["foreign"])
    file.seek(0)
    imported(foreign, hall, file)
    assert models.Shift.objects.count() == 2
    assert city.post(f"{PAGE}import", {"hall": str(hall.pk)}).status_code == 422


def test_a_roster_that_was_taken_as_a_file_is_taken_in_again(
    world: people.Place, hall: Hall
) -> None:
    city = signed_in(world.users["city"])
    assert added(city, hall) == 302
    before = list(models.Shift.objects.values("window_id", "staff_id", "day", "begins", "ends"))
    for form in ("csv", "xlsx"):
        data = city.get(f"{PAGE}?hall={hall.pk}&as={form}").content
        models.Shift.objects.all().delete()
        file = SimpleUploadedFile(f"r.{form}", data)
        imported(city, hall, file)
        now = models.Shift.objects.values("window_id", "staff_id", "day", "begins", "ends")
        assert list(now) == before
    foreign = signed_in(world.users["foreign"]).get(f"{PAGE}?hall={hall.pk}&as=csv")
    assert len(foreign.content.decode("utf-8-sig").splitlines()) == 1


def shifts() -> set[tuple[object, ...]]:
    """Return the roster."""
    return set(models.Shift.objects.values_list("window_id", "staff_id", "day", "begins", "region"))


def test_an_import_is_undone_but_for_what_was_changed_since(
    world: people.Place, hall: Hall
) -> None:
    city, today = signed_in(world.users["city"]), business_day(clock.now())
    tomorrow, later = today + timedelta(days=1), today + timedelta(days=2)
    for day in (today, tomorrow, later):
        assert added(city, hall, staff="0321", day=day.isoformat()) == 302
    before = shifts()
    lines = ["窗口编码,工号,日期,起,止", *(f"W1,0322,{day},9:00,12:00" for day in (today, tomorrow, later)),
             f"W2,0321,{tomorrow},9:00,12:00"]  # fmt: skip
    imported(city, hall, SimpleUploadedFile("r.csv", "\n".join(lines).encode()))
    assert len(shifts()) == 4
    assert shifts().isdisjoint(before)
    (taken,) = models.Taken.objects.all()
    assert (
        signed_in(world.users["foreign"]).post(f"{PAGE}import/{taken.pk}/undo").status_code == 404
    )
    assert added(city, hall, day=later.isoformat(), begins="13:00", ends="14:00") == 302
    changed = {one for one in shifts() if one[2] == later}
    answer = city.post(f"{PAGE}import/{taken.pk}/undo")
    assert "其中 1" in answer.content.decode()
    assert shifts() == {one for one in before if one[2] != later} | changed
    assert city.post(f"{PAGE}import/{taken.pk}/undo").status_code == 404  # once
    assert Entry.objects.filter(subject="roster", verb="undo").count() == 1


def test_an_import_is_not_undone_where_who_sat_there_sits_elsewhere_now(
    world: people.Place, hall: Hall
) -> None:
    city, today = signed_in(world.users["city"]), business_day(clock.now())
    assert added(city, hall, staff="0321") == 302
    lines = ["窗口编码,工号,日期,起,止", f"W1,0322,{today},9:00,12:00"]
    imported(city, hall, SimpleUploadedFile("r.csv", "\n".join(lines).encode()))
    assert added(city, hall, window="W2", staff="0321") == 302
    now = shifts()
    city.post(f"{PAGE}import/{models.Taken.objects.get().pk}/undo")
    assert shifts() == now


@pytest.mark.parametrize("what", ["moved", "closed", "left"])
def test_an_import_is_not_undone_where_window_or_person_is_gone(
    world: people.Place, hall: Hall, what: str
) -> None:
    city, today = signed_in(world.users["city"]), business_day(clock.now())
    assert added(city, hall, staff="0321") == 302
    lines = ["窗口编码,工号,日期,起,止", f"W1,0322,{today},9:00,12:00"]
    imported(city, hall, SimpleUploadedFile("r.csv", "\n".join(lines).encode()))
    if what == "moved":  # the office reaches its hall no more
        Hall.objects.filter(pk=hall.pk).update(region=people.ELSEWHERE)
        actions.move(windows=[Window.objects.get(code="W1").pk], region=people.ELSEWHERE)
    elif what == "closed":
        Window.objects.filter(code="W1").update(in_use=False)
    else:
        Staff.objects.filter(number="0321").update(closed_on=today)
    now = shifts()
    answer = city.post(f"{PAGE}import/{models.Taken.objects.get().pk}/undo")
    assert "其中 1" in answer.content.decode()
    assert shifts() == now


def test_a_preview_tells_what_will_not_be_imported(world: people.Place, hall: Hall) -> None:
    city, today = signed_in(world.users["city"]), business_day(clock.now())
    assert added(city, hall, window="W1", staff="0321") == 302
    assert added(city, hall, window="W2", staff="0322") == 302
    lines = ["窗口编码,工号,日期,起,止", f"W1,0322,{today},9:00,12:00"]  # sits at W2
    file = SimpleUploadedFile("r.csv", "\n".join(lines).encode())
    page = city.post(f"{PAGE}import", {"hall": str(hall.pk), "file": file}).content.decode()
    assert "将替换现有班次 0" in page
    assert "1 行未导入" in page


def test_a_window_whose_rows_do_not_fit_keeps_what_it_has(world: people.Place, hall: Hall) -> None:
    city, today = signed_in(world.users["city"]), business_day(clock.now())
    assert added(city, hall, window="W1", staff="0321") == 302
    assert added(city, hall, window="W2", staff="0322") == 302
    lines = ["窗口编码,工号,日期,起,止", f"W1,0322,{today},9:00,12:00"]  # sits at W2
    file = SimpleUploadedFile("r.csv", "\n".join(lines).encode())
    imported(city, hall, file)
    assert models.Shift.objects.count() == 2
    old = models.Shift.objects.first()
    assert old is not None
    models.Shift.objects.filter(pk=old.pk).update(day=today - timedelta(days=1))
    with pytest.raises(NotFound):  # who sat there then stays known
        actions.remove(shift_id=old.pk, by=0, at=clock.now())


def test_the_week_before_is_copied_once(world: people.Place, hall: Hall) -> None:
    city, today = signed_in(world.users["city"]), business_day(clock.now())
    for staff, day in (("0322", today), ("0321", today + timedelta(days=1))):
        assert added(city, hall, staff=staff, day=day.isoformat()) == 302
    monday = today - timedelta(days=today.weekday())
    copied = {"do": "copy", "hall": str(hall.pk), "week": (monday + timedelta(days=7)).isoformat()}
    shifts = models.Shift.objects.filter(day__gte=monday, day__lt=monday + timedelta(days=7))
    expected = shifts.count()
    for _ in range(2):
        assert city.post(f"{PAGE}change", copied).status_code == 302
    assert models.Shift.objects.filter(day=today + timedelta(days=7)).count() == 1
    made = models.Shift.objects.exclude(day__in=[today, today + timedelta(days=1)]).count()
    assert made == expected
    # nobody is put at a window on a day that is over
    models.Shift.objects.filter(day=today).update(day=monday - timedelta(days=14))
    past = {**copied, "week": (monday - timedelta(days=7)).isoformat()}
    assert city.post(f"{PAGE}change", past).status_code == 302
    assert not models.Shift.objects.filter(day=monday - timedelta(days=7)).exists()


_hours = st.builds(
    lambda window, staff, day, begins, length: rules.Hours(
        window, staff, date(2026, 12, 1 + day), time(begins), time(begins + length)
    ),
    st.integers(1, 3),
    st.integers(1, 3),
    st.integers(0, 1),
    st.integers(8, 14),
    st.integers(1, 8),
)


@given(st.lists(_hours, max_size=12))
def test_no_two_rows_that_are_taken_overlap(rows: list[rules.Hours]) -> None:
    known = {str(n): n for n in range(1, 4)}
    given_rows = [
        {
            "window": str(one.window_id),
            "staff": str(one.staff_id),
            "day": one.day.isoformat(),
            "begins": f"{one.begins:%H:%M}",
            "ends": f"{one.ends:%H:%M}",
        }
        for one in rows
    ]
    good, errors = rules.read(given_rows, known, known, date(2026, 12, 1))
    assert len(good) + len(errors) == len(rows)
    assert not any(one.overlaps(other) for one, other in combinations(good, 2))


def test_a_moment_of_china_decides(world: people.Place, hall: Hall) -> None:
    assert added(signed_in(world.users["city"]), hall, begins="00:00", ends="01:00") == 302
    window, today = Window.objects.get(code="W1"), business_day(clock.now())
    midnight = datetime.combine(today, time(0, 30), LOCAL)
    assert queries.on_duty(window.pk, midnight) is not None
    assert queries.on_duty(window.pk, midnight - timedelta(hours=1)) is None
