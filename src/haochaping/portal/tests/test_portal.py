"""The citizen's pages: a number grants nothing, a link grants its own rating, a code its place."""

import re
from datetime import timedelta

import msgspec
import people
import pytest
from django.db import transaction
from django.test import Client
from people import CITY, given_rating, given_record, rated, register, submit

from haochaping.directory import models as directory
from haochaping.evaluations import queries as evaluations
from haochaping.evaluations.models import Evaluation, Replacement
from haochaping.feed import actions as feed
from haochaping.identity.rules import OURSELVES
from haochaping.invitations import actions as invitations
from haochaping.invitations.models import Link as Links
from haochaping.invitations.rules import Place
from haochaping.kernel import clock
from haochaping.kernel.db import rows, talk
from haochaping.kernel.ids import receipt_number
from haochaping.kernel.moments import business_day
from haochaping.notifications import models as messages
from haochaping.notifications import rules as wording
from haochaping.orders import actions as orders
from haochaping.orders.models import Order
from haochaping.policies import actions as policies
from haochaping.records import actions as services
from haochaping.records import queries as records
from haochaping.records import rules as record
from haochaping.regions import queries as regions

PHONE = "13812345678"


def link(key: int, **changes: object) -> str:
    """Invite somebody to a service and return the address."""
    return f"/e/{invitations.invite(record_id=key, at=clock.now(), **changes)}"  # type: ignore[arg-type]


def raters(key: int) -> str:
    """Return the address of a link of whoever rated."""
    return link(key, for_rater=True)


def test_the_front_page_and_health_are_there(db: None) -> None:
    assert Client().get("/health").json() == {"status": "ok", "alarms": []}
    assert Client().get("/").status_code == 200
    assert "没有查到。回执号" not in Client().get("/").content.decode()
    assert "没有查到。回执号" in Client().get("/?missing=1").content.decode()


@pytest.mark.parametrize(
    ("back", "goes"),
    [("/open/", "/open/"), ("//elsewhere.cn/", "/"), ("https://elsewhere.cn/", "/"), ("open", "/")],
)
def test_the_language_is_remembered_and_leads_back_here_only(back: str, goes: str) -> None:
    response = Client().get("/language", {"to": "en", "next": back})
    assert response["Location"] == goes
    assert response.cookies["django_language"].value == "en"
    assert not Client().get("/language", {"to": "xx"}).cookies


def test_a_number_tells_that_a_rating_is_in_and_no_more(world: people.Place) -> None:
    key = rated(1)
    page = Client().get("/find", {"number": f" {receipt_number(key).lower()} "})
    assert page.status_code == 200
    text = page.content.decode()
    for private in ("非常不满意", "张", "138"):
        assert private not in text.split("<main>")[1]
    assert Client().get("/find", {"number": "x"})["Location"] == "/?missing=1#find"
    (unrated,) = register(given_record())
    assert Client().get("/find", {"number": receipt_number(unrated.key)}).status_code == 302


def test_the_short_address_of_an_sms_leads_on_with_its_query() -> None:
    assert Client().get("/s/abc?size=large")["Location"] == "/e/abc?size=large"


def test_progress_is_shown_under_the_link_with_what_was_done(world: people.Place) -> None:
    key = rated(1)
    address = raters(key)
    assert "处理进度" in Client().get(f"{address}/done").content.decode()
    order = orders.open_for(evaluation_id=key, at=clock.now())
    orders.advance(
        order_id=order,
        move="dispatch",
        given={"department": str(world.bureau)},
        by=world.users["agent"],
        at=clock.now(),
    )
    page = Client().get(f"{address}/done").content.decode()
    assert "已转" in page
    assert "连云港市行政审批局" in page
    (unrated,) = register(given_record())
    other = link(unrated.key)
    assert Client().get(f"{other}/done")["Location"] == other


def first_sight(page: str) -> str:
    """Return what is seen of a page before anything is opened."""
    return re.sub(r"<details data-testid=.mine.*</details>", "", page, flags=re.DOTALL)


def test_the_receipt_of_a_bad_rating_looks_like_that_of_a_good_one(world: people.Place) -> None:
    pages = []
    for level in (1, 5):
        key = rated(level)
        page = Client().get(f"{raters(key)}/done").content.decode()
        main = page.split("<main>")[1].replace(receipt_number(key), "")
        assert ("非常不满意" in main) == (level == 1)
        pages.append(
            re.sub(
                r'<svg.*?</svg>|/e/[^/]+/|nonce="[^"]*"|\d', "", first_sight(main), flags=re.DOTALL
            )
        )
    assert pages[0] == pages[1]


@pytest.mark.parametrize("asked", ["", "1", "promise", "follow_up", "replaced", "x"])
def test_the_page_of_a_proof_stands_while_the_rating_waits_for_its_entry(
    world: people.Place, asked: str
) -> None:
    page = Client().get(f"{raters(rated(1))}/proof?download={asked}")
    assert page.status_code == 200
    assert "您的评价正在入账" in page.text
    assert "非常不满意" not in page.text


def test_a_link_to_a_rated_service_neither_tells_nor_changes_anything(world: people.Place) -> None:
    key = rated(1)
    orders.open_for(evaluation_id=key, at=clock.now())
    again = link(key)
    for path in ("", "/done", "/more", "/change"):
        page = Client().get(again + path, follow=True)
        assert page.status_code == 409, path
        assert "非常不满意" not in page.content.decode()
    for path, sent in (
        ("/change", {"level": "5"}),
        ("/more", {"level": "5"}),
        ("/judge", {"verdict": "satisfied"}),
        ("", {"level": "1", "codes1": "108"}),
    ):
        assert Client().post(again + path, sent, follow=True).status_code == 409, path
    assert Evaluation.objects.get().level == 1
    assert not Replacement.objects.exists()
    assert Order.objects.get().state == "opened"


def test_a_link_stays_the_raters_once_it_was_rated_with(world: people.Place) -> None:
    (service,) = register(given_record())
    address = link(service.key)
    assert Client().post(address, {"level": "5"})["Location"] == f"{address}/done"
    assert "非常满意" in Client().get(f"{address}/done").content.decode()
    other = link(service.key)  # who says the same once more is still not the rater
    Client().post(other, {"level": "5"})
    assert Client().get(f"{other}/done").status_code == 409


def test_a_device_shows_nothing_and_lets_its_citizen_take_a_link_along(
    world: people.Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    (service,) = register(given_record())
    address = link(service.key, device_id=1)
    Client().post(address, {"level": "1", "codes1": "108"})
    for query in ("", "?mine=1"):
        page = Client().get(f"{address}/done{query}").content.decode()
        assert "非常不满意" not in page
        assert "用您自己的手机扫码" in page
    assert Links.objects.filter(for_rater=True, record_id=service.key).count() == 2
    assert Client().get(f"{address}/change").status_code == 409
    later = clock.now() + timedelta(minutes=3)
    monkeypatch.setattr(clock, "now", lambda: later)
    page = Client().get(f"{address}/done").content.decode()
    assert "用您自己的手机扫码" not in page
    assert "记下回执号" in page


def test_number_and_phone_together_open_the_progress(world: people.Place) -> None:
    key = rated(1)
    sent = {"number": receipt_number(key), "phone": "138 1234 5678"}
    asked = Client().post("/find", sent)
    assert asked.status_code == 200
    assert "如果号码与评价相符" in asked.content.decode()
    assert Client().post("/find", {**sent, "digits": "0"}).status_code == 422
    opened = Client().post("/find", {**sent, "digits": digits_sent()})
    assert "非常不满意" in Client().get(opened["Location"]).content.decode()


@pytest.mark.parametrize("phone", ["13900000000", "", "x"])
def test_another_phone_gets_no_code_and_no_hint(world: people.Place, phone: str) -> None:
    sent = {"number": receipt_number(rated(1)), "phone": phone}
    page = Client().post("/find", sent)
    assert not messages.Message.objects.exists()
    if len(phone) > 1:
        assert "如果号码与评价相符" in page.content.decode()
        assert Client().post("/find", {**sent, "digits": "123456"}).status_code == 422
    else:
        assert page.status_code == 422


def test_an_amended_phone_does_not_become_that_of_who_rated(world: people.Place) -> None:
    service = given_record()
    register(service)
    (stored,) = submit(given_rating(service, 1))
    clerk = msgspec.structs.replace(service, applicant=record.Applicant(phone="13900000009"))
    ready = record.accept(clerk, regions.tree().resolve, clock.now())
    with transaction.atomic():  # the database's clock is that of the test's transaction
        talk(services.amend(record=ready, reason="更正", client=OURSELVES))
        rows("UPDATE records_amendment SET received_at = received_at + interval '1 second'")
    assert evaluations.phone_of(stored.id) == PHONE
    sent = {"number": receipt_number(stored.id), "phone": "13900000009"}
    Client().post("/find", sent)
    assert not messages.Message.objects.exists()


def test_the_citizen_asks_and_judges_under_the_link_and_words_are_checked(
    world: people.Place,
) -> None:
    key = rated(1)
    orders.open_for(evaluation_id=key, at=clock.now())
    address = f"{raters(key)}/judge"
    assert Client().get(address).status_code == 405
    early = Client().post(address, {"verdict": "satisfied"})
    assert early.status_code == 409
    assert Client().post(address, {"verdict": "ask", "words": " "}).status_code == 422
    asked = Client().post(address, {"verdict": "ask", "words": "什么时候办好？"})
    assert asked.status_code == 302
    assert "什么时候办好" in Client().get(asked["Location"]).content.decode()


@pytest.fixture
def code(world: people.Place) -> str:
    """The address of the QR code at the window."""
    window = directory.Window.objects.get(code=world.window)
    (made,) = invitations.make_codes(
        kind=Place.WINDOW, targets=[(window.pk, CITY)], by=world.users["city"], at=clock.now()
    )
    return f"/p/{made.short}"


def digits_sent() -> str:
    """Return the code in the last message."""
    message = messages.Message.objects.latest("pk")
    from haochaping.notifications.actions.sms import _outgoing

    found = re.search(r"\d{6}", _outgoing(message, {}).text)
    assert found is not None
    assert wording.TEMPLATES[message.template].urgent
    return found.group()


def verified(code: str) -> str:
    """Verify the phone and return the proof."""
    assert Client().post(code, {"phone": PHONE}).status_code == 200
    page = Client().post(code, {"phone": PHONE, "digits": digits_sent()}).content.decode()
    found = re.search(r'name="proof"\s+value="([^"]+)"', page)
    assert found is not None
    return found.group(1)


def test_a_scan_finds_the_services_of_a_verified_phone_and_leads_to_one(code: str) -> None:
    served = (clock.now() - timedelta(hours=1)).isoformat()
    (stored,) = register(given_record(served_at=served))
    assert Client().get(code).status_code == 200
    proof = verified(code)
    chosen = Client().post(code, {"proof": proof, "service": str(stored.key)})
    assert chosen["Location"].startswith("/e/")
    assert Client().post(chosen["Location"], {"level": "5"}).status_code == 302
    assert Evaluation.objects.get().pk == stored.key
    again = Client().post(code, {"proof": proof, "service": str(stored.key)})
    assert again.status_code == 422  # it is rated: no longer offered


def test_without_a_proof_or_with_a_forged_one_nothing_is_shown(code: str) -> None:
    served = (clock.now() - timedelta(hours=1)).isoformat()
    (stored,) = register(given_record(served_at=served))
    for proof in ("", "forged", "a:b:c"):
        sent = {"proof": proof, "service": str(stored.key)}
        response = Client().post(code, sent)
        assert response.status_code == 422
        assert str(stored.key) not in response.content.decode()
    assert Client().post(code, {"phone": "12"}).status_code == 422
    Client().post(code, {"phone": PHONE})
    assert Client().post(code, {"phone": PHONE, "digits": "000"}).status_code == 422


def test_somebody_whose_service_is_not_registered_chooses_an_item(code: str) -> None:
    register(given_record())  # so that the item is known
    proof = verified(code)
    assert Client().post(code, {"proof": proof, "item": "99999"}).status_code == 422
    item = directory.Item.objects.get().pk
    chosen = Client().post(code, {"proof": proof, "item": str(item)})
    assert Client().post(chosen["Location"], {"level": "4"}).status_code == 302
    key = Evaluation.objects.get().pk
    service = records.service(key)
    assert service is not None
    assert service.origin.name == "SCANNED"


def switched(**values: int) -> None:
    """Have the city switch features."""
    today = business_day(clock.now())
    made = policies.propose(
        region=CITY, valid_from=today, values=values, source="x", redate=False, by=0, at=clock.now()
    )
    policies.approve(policy_id=made, by=0, at=clock.now())


def test_a_region_may_take_ratings_of_registered_services_only(code: str) -> None:
    register(given_record())
    switched(rate_by_scan=0)
    proof = verified(code)
    item = directory.Item.objects.get().pk
    refused = Client().post(code, {"proof": proof, "item": str(item)})
    assert refused.status_code == 422
    assert 'name="item"' not in refused.content.decode()
    assert not Evaluation.objects.exists()


def test_a_region_may_ask_nobody_by_sms(world: people.Place) -> None:
    def asked() -> int:
        while feed.sequence(at=clock.now()) + invitations.ask_by_sms(
            after=timedelta(0), at=clock.now()
        ):
            pass
        return messages.Message.objects.filter(template="invite").count()

    served = {"served_at": (clock.now() - timedelta(hours=1)).isoformat()}
    register(given_record(**served))
    before = asked()
    assert before == 1
    switched(ask_by_sms=0)
    register(given_record(**served))
    assert asked() == before


def test_a_code_out_of_use_says_so(code: str, world: people.Place) -> None:
    from haochaping.invitations.models import Code

    invitations.disable_code(
        code_id=Code.objects.get().pk, replace=False, by=world.users["city"], at=clock.now()
    )
    assert Client().get(code).status_code == 410
    assert Client().get("/p/NOTHERE2").status_code == 404
