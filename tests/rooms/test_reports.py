"""Reports: made once a period as their reader would see the page, kept, and mailed."""

from datetime import timedelta
from typing import Any

import people
import pytest
from django.contrib.auth import get_user_model
from django.core import mail
from people import NOON, signed_in

from haochaping.kernel.errors import NotFound
from haochaping.notifications.rules import BadContact
from haochaping.reports import actions, queries, rules
from haochaping.site.reports import make_reports

pytestmark = pytest.mark.django_db
# the scope of a page ends with its transaction, which here must not be that of the test
apart = pytest.mark.django_db(transaction=True)
WORK = NOON + timedelta(hours=2)  # after the lunch break
NIGHT = NOON + timedelta(hours=12)
PLACE = "/insight/places/320700"


def subscribe(by: int, address: str = PLACE, span: str = "month", mail: str = "") -> int:
    return actions.subscribe(
        address=address, title="连云港市", span=span, mail=mail, by=by, at=WORK
    )


@apart
def test_a_report_is_made_once_a_period_in_office_hours_and_is_its_readers_own(
    world: people.Place,
) -> None:
    city = world.users["city"]
    subscribe(city)
    make_reports(NIGHT)
    assert list(queries.reports(city)) == []
    make_reports(WORK)
    make_reports(WORK + timedelta(minutes=15))
    (report,) = queries.reports(city)
    assert report.since == (WORK.date().replace(day=1) - timedelta(days=1)).replace(day=1)
    answer = signed_in(city).get(f"/insight/reports/{report.pk}")
    assert answer.content.startswith(b"%PDF")
    assert signed_in(world.users["foreign"]).get(f"/insight/reports/{report.pk}").status_code == 404
    page = signed_in(city).get("/insight/reports").content.decode()
    assert "连云港市" in page
    assert f"/insight/reports/{report.pk}" in page


@apart
def test_whoever_may_not_see_the_page_any_more_gets_no_report(world: people.Place) -> None:
    city, foreign = world.users["city"], world.users["foreign"]
    subscribe(foreign)  # a place outside their reach shows nothing
    gone = subscribe(city)
    get_user_model().objects.filter(pk=city).update(is_active=False)
    make_reports(WORK)
    assert not list(queries.reports(city))
    assert not list(queries.reports(foreign))
    assert gone not in [one.pk for one in queries.subscriptions(city)]
    assert not list(queries.subscriptions(foreign))


@apart
def test_a_report_is_mailed_once_to_a_sealed_address(world: people.Place, settings: Any) -> None:
    settings.MAILERS = {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}
    city = world.users["city"]
    key = subscribe(city, mail="leader@example.org")
    stored = queries.subscriptions(city).get(pk=key)
    assert b"leader" not in bytes(stored.mail or b"")
    make_reports(WORK)
    make_reports(WORK)
    (letter,) = mail.outbox
    assert letter.to == ["leader@example.org"]
    assert letter.attachments[0].content.startswith(b"%PDF")
    assert "leader" not in signed_in(city).get("/insight/reports").content.decode()


def test_only_pages_of_analysis_may_be_subscribed_to(world: people.Place) -> None:
    city = world.users["city"]
    for wrong in ("/admin/orders", "https://example.org/insight/", "/insight/screen", "", "//x"):
        with pytest.raises(rules.BadSubscription):
            subscribe(city, wrong)
    with pytest.raises(rules.BadSubscription):
        subscribe(city, span="day")
    with pytest.raises(BadContact):
        subscribe(city, mail="nobody")
    for _ in range(rules.MOST):
        subscribe(city)
    with pytest.raises(rules.TooMany):
        subscribe(city)


def test_a_person_subscribes_and_cancels_on_the_pages(world: people.Place) -> None:
    city = world.users["city"]
    client = signed_in(city)
    assert "/insight/reports/new?page=" in client.get(PLACE).content.decode()
    asked = client.get("/insight/reports/new", {"page": f"{PLACE}?channel=1&day=2026-01-01"})
    assert f'name="page" value="{PLACE}?channel=1"' in asked.content.decode()
    sent = {"page": f"{PLACE}?channel=1", "title": "月报", "span": "week", "mail": "nobody"}
    refused = client.post("/insight/reports/change", sent)
    assert refused.status_code == 422
    assert client.post("/insight/reports/change", {**sent, "mail": ""}).status_code == 302
    (row,) = queries.subscriptions(city)
    assert (row.path, row.query, row.span) == (PLACE, "channel=1", "week")
    with pytest.raises(NotFound):
        actions.cancel(subscription_id=row.pk, by=world.users["province"], at=WORK)
    client.post("/insight/reports/change", {"cancel": row.pk})
    assert not list(queries.subscriptions(city))
