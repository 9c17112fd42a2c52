"""Notices reach an office's people and nobody else.

Digests go out together, in office hours, by SMS, mail and webhook.
"""

import base64
import hmac
import json
import socketserver
import threading
from collections.abc import Iterator
from datetime import timedelta
from email.message import Message
from http.server import BaseHTTPRequestHandler, HTTPServer

import people
import pytest
from people import NOON

from haochaping.audit.models import Entry
from haochaping.identity import actions as keys
from haochaping.identity import queries as identity
from haochaping.identity.rules import Right
from haochaping.kernel.errors import NotAllowed, NotFound
from haochaping.notifications import actions, models, queries, rules
from haochaping.notifications.senders import office

WORK = NOON + timedelta(hours=2)  # after the lunch break
NIGHT = NOON + timedelta(hours=12)


def tell(
    world: people.Place, topic: rules.Topic = rules.Topic.URGE, department: bool = True
) -> None:
    """Tell the bureau, or the city's office, something."""
    telling = rules.Telling(
        people.CITY,
        Right.HANDLE if department else Right.DECIDE,
        world.bureau if department else None,
        topic,
        1,
        "CP1",
    )
    actions.tell(tellings=[telling], at=NOON)


def test_only_the_office_that_is_meant_sees_a_notice_and_seeing_is_remembered(
    world: people.Place,
) -> None:
    tell(world)
    tell(world, department=False)
    counts = {
        name: queries.unseen_count(identity.person(user)) for name, user in world.users.items()
    }
    assert counts == {
        "province": 0,
        "city": 1,
        "agent": 0,
        "handler": 1,
        "auditor": 0,
        "foreign": 0,
    }
    actions.see(upto=models.Notice.objects.latest("pk").pk, by=world.users["handler"])
    assert queries.unseen_count(identity.person(world.users["handler"])) == 0


def test_a_digest_is_one_message_in_office_hours_and_not_again_for_a_while(
    world: people.Place,
) -> None:
    actions.add_contact(
        way=rules.Way.SMS, address="13812340000", by=world.users["handler"], at=WORK
    )
    for topic in (rules.Topic.URGE, rules.Topic.URGE, rules.Topic.REMIND):
        tell(world, topic)
    actions.claim_digests(at=NIGHT)
    assert not models.Message.objects.exists()
    actions.claim_digests(at=WORK)
    actions.claim_digests(at=WORK)
    (message,) = models.Message.objects.all()
    (out,) = actions.claim(limit=5, daily_segments=100, at=WORK)
    assert out.id == message.pk
    assert "超期催办 2 件、即将到期 1 件" in out.text
    tell(world)
    actions.claim_digests(at=WORK + timedelta(minutes=5))
    assert models.Message.objects.count() == 1  # the next half hour
    tell(world, rules.Topic.SUPERVISE)
    actions.claim_digests(at=WORK + timedelta(minutes=6))
    assert models.Message.objects.count() == 2  # supervision does not wait


def test_an_address_for_notices_leaves_what_it_was_and_is_in_the_trail_of_its_region(
    world: people.Place,
) -> None:
    by = world.users["handler"]
    pk = actions.add_contact(way=rules.Way.SMS, address="13812340000", by=by, at=WORK)
    actions.remove_contact(contact_id=pk, by=by, at=WORK)
    added, removed = Entry.objects.filter(subject="contact").order_by("pk")
    assert {added.region, removed.region} == {identity.person(by).region}
    assert added.details["after"] == removed.details["before"]
    assert "13812340000" not in f"{added.details}{removed.details}"


@pytest.mark.parametrize(
    ("way", "address"),
    [("sms", "12345"), ("mail", "nobody"), ("webhook", "ftp://x"), ("mail", "a@b.c\nBcc: x@y.zz")],
)
def test_an_address_that_does_not_fit_is_refused(
    world: people.Place, way: str, address: str
) -> None:
    with pytest.raises(rules.BadContact):
        actions.add_contact(way=rules.Way(way), address=address, by=world.users["handler"], at=WORK)


class MailServer(socketserver.StreamRequestHandler):
    """As much of SMTP (RFC 5321) as a client needs."""

    def handle(self) -> None:
        """Take one mail."""
        self.wfile.write(b"220 test\r\n")
        while line := self.rfile.readline():
            if line.upper().startswith(b"DATA"):
                self.wfile.write(b"354 go on\r\n")
                text = b""
                while (part := self.rfile.readline()) != b".\r\n":
                    text += part
                self.server.mails.append(text)  # type: ignore[attr-defined]
            if line.upper().startswith(b"QUIT"):
                self.wfile.write(b"221 bye\r\n")
                return
            self.wfile.write(b"250 fine\r\n")


@pytest.fixture
def mails(settings: object) -> Iterator[list[bytes]]:
    """A mail server and what it got."""
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), MailServer)
    server.mails = []  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    backend = "django.core.mail.backends.smtp.EmailBackend"  # and not the one that tests are given
    settings.MAILERS = {
        "default": {
            "BACKEND": backend,
            "OPTIONS": {"host": "127.0.0.1", "port": server.server_address[1]},
        }
    }  # type: ignore[attr-defined]
    yield server.mails  # type: ignore[attr-defined]
    server.shutdown()
    server.server_close()


def test_a_digest_by_mail(world: people.Place, mails: list[bytes]) -> None:
    import email
    from email import policy

    actions.add_contact(
        way=rules.Way.MAIL, address="office@example.org", by=world.users["handler"], at=WORK
    )
    tell(world)
    (digest,) = actions.claim_digests(at=WORK)
    assert actions.claim_digests(at=WORK) == []  # somebody is at it
    assert office.send(digest, at=WORK)
    actions.note_digest(digest=digest, sent=True, at=WORK)
    message = email.message_from_bytes(mails[0], policy=policy.default)
    assert message["To"] == "office@example.org"
    assert "超期催办 1 件" in message["Subject"]
    assert actions.claim_digests(at=WORK + timedelta(hours=1)) == []


def test_a_webhook_is_signed_and_asked_again_when_it_failed(
    world: people.Place, settings: object
) -> None:
    got: list[tuple[bytes, Message]] = []
    answers = [500, 200]

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append((self.rfile.read(int(self.headers["Content-Length"])), self.headers))
            self.send_response(answers.pop(0))
            self.end_headers()

    server = HTTPServer(("127.0.0.1", 0), Door)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    address = f"http://127.0.0.1:{server.server_address[1]}/x"
    actions.add_contact(way=rules.Way.WEBHOOK, address=address, by=world.users["city"], at=WORK)
    tell(world, rules.Topic.ASKED, department=False)
    for moment, sent in ((WORK, False), (WORK + timedelta(minutes=6), True)):
        (digest,) = actions.claim_digests(at=moment)
        assert office.send(digest, at=moment) is sent
        actions.note_digest(digest=digest, sent=sent, at=moment)
    server.shutdown()
    server.server_close()
    body, heads = got[1]
    assert got[0][0] == body
    assert got[0][1]["webhook-id"] == heads["webhook-id"]  # by which a receiver knows it again
    assert json.loads(body)["says"] == "待审批裁定 1 件"
    (mine,) = queries.contacts(identity.person(world.users["city"]))
    assert heads["webhook-signature"] == proof(mine.secret, heads, body)


def proof(secret: str, heads: Message, body: bytes) -> str:
    """Return the signature that a receiver computes (Standard Webhooks 1.0)."""
    text = f"{heads['webhook-id']}.{heads['webhook-timestamp']}.".encode() + body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    return "v1," + base64.b64encode(hmac.digest(key, text, "sha256")).decode()


def test_each_receiver_has_its_own_secret_and_renews_it_without_a_gap(world: people.Place) -> None:
    by, address = world.users["city"], "https://office.example.org/in"
    pk = actions.add_contact(way=rules.Way.WEBHOOK, address=address, by=by, at=WORK)
    actions.add_contact(way=rules.Way.WEBHOOK, address=f"{address}/2", by=by, at=WORK)
    page = people.signed_in(by).get("/admin/notices/").text
    before, other = (one.secret for one in queries.contacts(identity.person(by)))
    assert before != other
    assert before in page
    for who in ("foreign", "handler"):
        assert before not in people.signed_in(world.users[who]).get("/admin/notices/").text
        with pytest.raises(NotFound):
            actions.renew_secret(contact_id=pk, by=world.users[who], at=WORK)
    people.signed_in(by).post("/admin/notices/contacts", {"renew": str(pk)})
    models.Contact.objects.filter(pk=pk).update(renewed_at=WORK)
    after = queries.contacts(identity.person(by))[0].secret
    assert after != before
    tell(world, rules.Topic.ASKED, department=False)
    for moment, both in ((WORK, (after, before)), (WORK + timedelta(days=1), (after,))):
        secrets = {digest.contact_id: digest.secrets for digest in actions.claim_digests(at=moment)}
        assert secrets == {pk: both, pk + 1: (other,)}


def test_an_address_is_removed_by_its_own_office_only(world: people.Place) -> None:
    add = {"way": rules.Way.SMS, "address": "13812340000", "at": WORK}
    own = actions.add_contact(by=world.users["handler"], **add)
    for who in ("foreign", "city"):
        with pytest.raises(NotFound):
            actions.remove_contact(contact_id=own, by=world.users[who], at=WORK)
    with pytest.raises(NotAllowed):
        actions.add_contact(by=world.users["auditor"], **add)
    actions.remove_contact(contact_id=own, by=world.users["handler"], at=WORK)
    with pytest.raises(NotFound):
        actions.remove_contact(contact_id=own, by=world.users["handler"], at=WORK)
    tell(world)
    assert actions.claim_digests(at=WORK) == []
    assert not models.Message.objects.exists()


def test_a_digest_whose_sender_was_killed_is_taken_up_after_five_minutes(
    world: people.Place,
) -> None:
    actions.add_contact(way=rules.Way.MAIL, address="a@b.cn", by=world.users["handler"], at=WORK)
    tell(world)
    assert len(actions.claim_digests(at=WORK)) == 1
    assert actions.claim_digests(at=WORK + timedelta(seconds=299)) == []
    (again,) = actions.claim_digests(at=WORK + timedelta(minutes=5))
    actions.note_digest(digest=again, sent=False, at=WORK + timedelta(minutes=5))
    (third,) = actions.claim_digests(at=WORK + timedelta(minutes=10))
    actions.note_digest(digest=third, sent=True, at=WORK + timedelta(minutes=10))
    assert actions.claim_digests(at=WORK + timedelta(hours=1)) == []


def test_a_person_is_told_of_their_own_post_alone_and_finds_what_is_looked_for(
    world: people.Place,
) -> None:
    telling = rules.Telling(
        people.CITY,
        Right.CONFIRM_PEOPLE,
        None,
        rules.Topic.OWN_POST,
        world.users["handler"],
        "li.si",
        user_id=world.users["handler"],
    )
    order = rules.Telling(
        people.CITY,
        Right.HANDLE,
        world.bureau,
        rules.Topic.URGE,
        1,
        "CP1",
        about="企业设立登记",
        unit="行政审批局",
        due_at=WORK,
    )
    actions.tell(tellings=[telling, order], at=NOON)
    handler, city = (identity.person(world.users[name]) for name in ("handler", "city"))
    assert queries.unseen_count(handler) == 2
    assert queries.unseen_count(city) == 0  # who confirms posts has a notice of their own
    for wanted, labels in (
        (queries.Wanted(search="设立"), ["CP1"]),
        (queries.Wanted(search="审批局"), ["CP1"]),
        (queries.Wanted(topic="own_post"), ["li.si"]),
        (queries.Wanted(unseen=True), ["CP1", "li.si"]),
    ):
        found = queries.found(handler, wanted).values_list("label", flat=True)
        assert list(found) == labels
    actions.see(upto=models.Notice.objects.latest("pk").pk, by=handler.id)
    assert not queries.found(handler, queries.Wanted(unseen=True)).exists()
    own = models.Contact(office=handler.region, department_id=handler.department_id, sent_to=0)
    assert [one.topic for one in queries.untold(own)] == ["urge"]  # what is a person's is not sent


def test_a_key_that_one_administrator_makes_is_told_to_the_others(world: people.Place) -> None:
    by = people.appointed("keeper", "admin", at=WORK)  # fmt: skip
    kid, _ = keys.issue_key(client="a system", region=people.CITY, by=0, at=WORK)
    notices = models.Notice.objects.filter(topic=rules.Topic.KEY)
    assert not notices.exists()
    keys.renew_key(kid=kid, overlap=timedelta(0), by=by, at=WORK)
    assert [(one.label, one.office) for one in notices] == [("a system", people.CITY)]
    lost, _ = keys.issue_key(client="another system", region=people.CITY, by=0, at=WORK)
    keys.end_key(kid=lost, by=by, at=WORK)
    keys.another_key(client_id=identity.client_of(lost), by=by, at=WORK)
    assert {one.label for one in notices.all()} == {"a system", "another system"}
