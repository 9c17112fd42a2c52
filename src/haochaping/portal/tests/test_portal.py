"""The citizen's pages: a number grants nothing, a link grants its own rating, a code its place."""

import re
from datetime import timedelta

import people
import pytest
from django.test import Client
from people import CITY, given_record, rated, register

from haochaping.directory import models as directory
from haochaping.evaluations.models import Evaluation
from haochaping.invitations import actions as invitations
from haochaping.invitations.rules import Place
from haochaping.kernel import clock
from haochaping.kernel.ids import receipt_number
from haochaping.notifications import models as messages
from haochaping.notifications import rules as wording
from haochaping.orders import actions as orders
from haochaping.records import queries as records

PHONE = "13812345678"


def link(key: int) -> str:
    """Invite somebody to a service and return the address."""
    return f"/e/{invitations.invite(record_id=key, at=clock.now())}"


def test_the_front_page_and_health_are_there(db: None) -> None:
    assert Client().get("/health").json() == {"status": "ok"}
    assert Client().get("/").status_code == 200
    assert "没有查到这个回执号" not in Client().get("/").content.decode()
    assert "没有查到这个回执号" in Client().get("/?missing=1").content.decode()


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
    address = link(key)
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


def test_the_citizen_asks_and_judges_under_the_link_and_words_are_checked(
    world: people.Place,
) -> None:
    key = rated(1)
    orders.open_for(evaluation_id=key, at=clock.now())
    address = f"{link(key)}/judge"
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

    found = re.search(r"\d{6}", _outgoing(message).text)
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


def test_a_code_out_of_use_says_so(code: str, world: people.Place) -> None:
    from haochaping.invitations.models import Code

    invitations.disable_code(
        code_id=Code.objects.get().pk, replace=False, by=world.users["city"], at=clock.now()
    )
    assert Client().get(code).status_code == 410
    assert Client().get("/p/NOTHERE2").status_code == 404
