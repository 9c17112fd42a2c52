"""Announcements: who reads which, for how long, and who may put them there."""

import csv
import io
from datetime import timedelta

import people
import pytest
from django.test import Client
from people import CITY, ELSEWHERE, signed_in

from haochaping.announcements import models, queries
from haochaping.announcements.rules import Audience
from haochaping.audit.models import Entry
from haochaping.kernel import clock
from haochaping.kernel.moments import business_day
from haochaping.regions.rules import above

pytestmark = pytest.mark.django_db
PROVINCE = 320000000000
PAGE = "/admin/announcements/"


def written(who: Client, *audience: str, **changes: str) -> int:
    """Write an announcement through the page; return the status of the answer."""
    today = business_day(clock.now())
    form = {
        "title": "国庆假期安排",
        "title_en": "Holidays",
        "body": "10 月 1 日至 7 日窗口关闭。",
        "region": str(CITY),
        "since": today.isoformat(),
        "until": (today + timedelta(days=3)).isoformat(),
        "audience": list(audience),
    }
    return int(who.post(f"{PAGE}propose", form | changes).status_code)


def decided(who: Client, do: str) -> int:
    """Decide on the newest; return the status of the answer."""
    newest = models.Announcement.objects.latest("pk")
    return int(who.post(f"{PAGE}{newest.pk}/decide", {"do": do}).status_code)


def told(audience: Audience, region: int | None = None) -> list[str]:
    """Return the titles that some are told now."""
    return [one.title for one in queries.told(audience, clock.now(), region=region)]


def test_staff_of_a_place_and_of_what_lies_in_it_read_it_on_their_desk(world: people.Place) -> None:
    city = signed_in(world.users["city"])
    assert written(city, "staff") == 302
    for who in ("city", "agent", "handler"):
        desk = signed_in(world.users[who]).get("/admin/").content.decode()
        assert "国庆假期安排" in desk
    assert "10 月 1 日" in signed_in(world.users["handler"]).get(PAGE).content.decode()
    for who in ("foreign", "province"):
        assert "国庆假期安排" not in signed_in(world.users[who]).get("/admin/").content.decode()
    assert told(Audience.PUBLIC) == []
    province = signed_in(world.users["province"])
    assert written(province, "staff", region=str(PROVINCE), title="全省培训") == 302
    assert "全省培训" in city.get("/admin/").content.decode()
    assert decided(province, "withdraw") == 302
    assert "全省培训" not in city.get("/admin/").content.decode()
    announced = models.Announcement.objects.get(title="国庆假期安排")
    assert decided(city, "withdraw") == 403  # the province's
    assert city.post(f"{PAGE}{announced.pk}/decide", {"do": "withdraw"}).status_code == 302
    assert told(Audience.STAFF, CITY) == []


def test_what_citizens_and_tablets_show_a_second_person_publishes(world: people.Place) -> None:
    city, province = signed_in(world.users["city"]), signed_in(world.users["province"])
    assert written(city, "public", "devices") == 302
    assert decided(city, "approve") == 409
    assert told(Audience.PUBLIC) == []
    assert "国庆假期安排" not in Client().get("/").content.decode()
    assert decided(province, "approve") == 302
    assert decided(province, "approve") == 404
    assert "国庆假期安排" in Client().get("/").content.decode()
    page = Client().get("/announcements").content.decode()
    assert "10 月 1 日" in page
    english = Client(headers={"Accept-Language": "en"}).get("/announcements").content.decode()
    assert "Holidays" in english
    assert told(Audience.DEVICES, CITY) == ["国庆假期安排"]
    assert told(Audience.DEVICES, ELSEWHERE) == []
    verbs = Entry.objects.filter(subject="announcement").order_by("pk")
    assert list(verbs.values_list("verb", flat=True)) == ["propose", "approve"]


def test_it_is_told_on_its_days_and_on_no_other(world: people.Place) -> None:
    city, today = signed_in(world.users["city"]), business_day(clock.now())
    tomorrow = {"since": (today + timedelta(days=1)).isoformat()}
    assert written(city, "staff", **tomorrow) == 302
    assert told(Audience.STAFF, CITY) == []
    models.Announcement.objects.update(since=today - timedelta(days=9), until=today)
    assert told(Audience.STAFF, CITY)
    models.Announcement.objects.update(until=today - timedelta(days=1))
    assert told(Audience.STAFF, CITY) == []


WRONG = {
    "no title": {"title": " "},
    "too long": {"body": "长" * 1001},
    "over": {"since": "2020-01-01", "until": "2020-01-02"},
    "endless": {"until": "2099-01-01"},
    "backwards": {"since": "2098-01-01"},
    "no day": {"until": "?"},
    "no text": {"title": "x\0"},
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_what_nobody_could_read_is_refused_and_kept_on_the_form(
    world: people.Place, wrong: dict[str, str]
) -> None:
    city = signed_in(world.users["city"])
    assert written(city, "staff", **wrong) == 422
    assert not models.Announcement.objects.exists()


def test_nobody_announces_elsewhere_or_without_the_right(world: people.Place) -> None:
    assert written(signed_in(world.users["city"])) == 422  # for nobody
    assert written(signed_in(world.users["city"]), "staff", region=str(PROVINCE)) == 403
    assert written(signed_in(world.users["foreign"]), "staff") == 403
    assert written(signed_in(world.users["handler"]), "staff") == 403
    assert written(signed_in(world.users["province"]), "public") == 302
    assert decided(signed_in(world.users["foreign"]), "approve") == 403
    assert "国庆" not in signed_in(world.users["foreign"]).get(PAGE).content.decode()
    assert decided(signed_in(world.users["city"]), "reject") == 302
    assert told(Audience.PUBLIC) == []


def test_what_is_said_of_a_place_is_said_in_what_lies_in_it() -> None:
    assert set(above(320705001002)) == {
        320000000000,
        320700000000,
        320705000000,
        320705001000,
        320705001002,
    }


def test_what_was_written_is_taken_as_a_file_by_who_announces_there(world: people.Place) -> None:
    city = signed_in(world.users["city"])
    assert written(city, "staff", "public", title="=1+1 放假") == 302
    file = city.get(f"{PAGE}?as=csv").content.decode("utf-8-sig")
    (line,) = csv.DictReader(io.StringIO(file))
    assert (line["标题"], line["状态"]) == ("'=1+1 放假", "待发布")  # no spreadsheet runs it
    assert line["对象"] == "工作人员（工作台）、群众（首页和公告页）"
    assert "放假" not in signed_in(world.users["foreign"]).get(f"{PAGE}?as=csv").content.decode()
    assert signed_in(world.users["handler"]).get(f"{PAGE}?as=csv").status_code == 403
