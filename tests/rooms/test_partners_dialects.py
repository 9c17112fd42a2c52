"""The dialects outward: what we send in each is read by the door that takes it in (which strangers'
clients were tested against), and files arrive on an SFTP server of another's making.
"""

import asyncio
import hashlib
import json
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from subprocess import PIPE, Popen
from typing import Any
from urllib.parse import urlencode, urlsplit
from xml.etree import ElementTree as ET

import asyncssh
import people
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import F
from django.test import Client
from nodes import NODE_ENV, SOAP
from people import CITY, given_rating, given_record, queued, rated, register, signed_in, submit
from stack import free_port
from standardwebhooks.webhooks import Webhook

from haochaping.calls.models import Call
from haochaping.demo.simulator import Platform
from haochaping.demo.strangers import Stranger as Simulated
from haochaping.demo.takers import Collector, Hook
from haochaping.evaluations import actions as ratings
from haochaping.evaluations import queries as evaluations
from haochaping.exchange import actions, models, queries
from haochaping.exchange.partners import drop, fujian, shandong, uploading, zhejiang
from haochaping.exchange.partners.sending import Dialogue, Failed, Letter, Link, Request
from haochaping.exchange.rules import OF_KIND, Family, Outward, Status, Told, message_id
from haochaping.feed.rules import Kind
from haochaping.identity import queries as identities
from haochaping.identity.actions import issue_partner_key
from haochaping.identity.models import ApiClient
from haochaping.kernel import clock, crypto
from haochaping.kernel.addresses import networks
from haochaping.kernel.db import talk
from haochaping.kernel.moments import LOCAL, begin_of, business_day
from haochaping.kernel.outbound import Answer
from haochaping.records import actions as registering
from haochaping.records import queries as records
from haochaping.records.rules import accept
from haochaping.regions import queries as regions

pytestmark = pytest.mark.django_db
HOST = "http://testserver"
_numbers = count(7001)


def letters(partner_id: int) -> list[Letter]:
    """Return what waits for a partner, as its dialect is handed it."""
    partner = models.Partner.objects.get(pk=partner_id)
    waiting = list(models.Delivery.objects.filter(partner=partner).order_by("pk"))
    written = queries.documents(partner, waiting, with_service=True)
    found = []
    for one in waiting:
        told = written[one.pk]
        assert isinstance(told, queries.Written)
        message = message_id(one.kind, one.ref)
        found.append(Letter(message, OF_KIND[one.kind], told.document, told.service))
    return found


def carried(dialogue: Dialogue) -> dict[str, Told]:
    """Carry a dialogue out with the platform's own doors on the other side."""
    client, told = Client(), dict[str, Told]()
    said = next(dialogue)
    try:
        while True:
            if isinstance(said, Told):
                told[said.message] = said
                said = dialogue.send(None)
                continue
            said = dialogue.send(made(client, said))
    except (StopIteration, Failed):
        return told


def made(client: Client, request: Request) -> Answer:
    """Make a request at a door of ours."""
    parts, headers = urlsplit(request.url), dict(request.headers)
    if request.params is not None:
        answer = client.get(f"{parts.path}?{urlencode(request.params)}", headers=headers)
    elif request.form is not None:
        answer = client.post(parts.path, dict(request.form), headers=headers)
    else:
        kind = headers.pop("Content-Type", "application/json")
        answer = client.post(parts.path, request.content, content_type=kind, headers=headers)
    return Answer(answer.status_code, answer.content)


def connected(dialect: Outward, url: str, secret: dict[str, str]) -> int:
    """Connect a partner that gives case numbers a prefix, so that ours are new to it."""
    agreed = actions.Connection(dialect, dialect, CITY, url, secret, {"prefix": "32"})
    partner_id, shown = actions.connect(agreed=agreed, by=0, at=clock.now())
    assert (shown == {}) == (
        dialect in (Outward.SHANDONG, Outward.FUJIAN, Outward.ZHEJIANG, "drop")
    )
    return partner_id


@dataclass
class Stranger:
    """A platform of another province: our doors in its dialect, and what it gave us."""

    dialect: Outward
    url: str
    secret: dict[str, str]

    def upload(self, found: list[Letter]) -> dict[str, Told]:
        """Send letters."""
        link = Link(self.url, self.secret, clock.now())
        how = {"shandong": shandong.upload, "fujian": fujian.upload, "zhejiang": zhejiang.upload}
        return carried(how[self.dialect](found, link))


@pytest.fixture(params=["shandong", "fujian", "zhejiang"])
def stranger(request: pytest.FixtureRequest, world: people.Place) -> Stranger:
    """Return each of the platforms."""
    short = {"shandong": "sd", "fujian": "fj", "zhejiang": "zj"}[request.param]
    made_ = issue_partner_key(client="x", region=CITY, dialect=short, by=0, at=clock.now())
    url = {
        "shandong": f"{HOST}/dialects/sd/hcp",
        "fujian": f"{HOST}/dialects/fj",
        "zhejiang": f"{HOST}/dialects/zj/{made_['kid']}.{made_['path_word']}",
    }[request.param]
    return Stranger(Outward(request.param), url, made_)


def test_what_is_sent_in_a_dialect_is_stored_by_its_door(stranger: Stranger) -> None:
    partner = connected(stranger.dialect, stranger.url, stranger.secret)
    service = given_record(project_no=f"JS{next(_numbers)}")
    register(service)
    submit(given_rating(service, 2, words="排队两小时，窗口没有人，" * 9, codes=[207, 208]))
    queued()
    told = stranger.upload(letters(partner))
    by_family = {one[0]: answer for one, answer in told.items()}
    assert by_family["E"].status == Status.ACKNOWLEDGED
    assert by_family["E"].theirs
    alone = stranger.dialect == Outward.SHANDONG
    assert by_family["S"].status == (Status.ACKNOWLEDGED if alone else Status.LEFT_OUT)
    key = records.key_of(f"32{service.project_no}", 1)
    assert key is not None
    stored = evaluations.rated({key})[key]
    assert (stored.level, stored.words) == (2, "排队两小时，窗口没有人，" * 9)
    assert [code for code, _ in stored.codes] == [207, 208]
    there = records.service(key)
    assert there is not None
    assert (there.region, there.status, there.window_code) == (CITY, 3, "W1")


def asked_for_an_address(made: dict[str, str], project_no: str) -> str:
    """Ask for a rating address in Shandong's envelope."""
    time, app = clock.now().astimezone(LOCAL).strftime("%Y%m%d%H%M%S"), made["kid"]
    secret = f"{time}{app}{made['app_word']}".encode()
    proof = crypto.sm2_seal(bytes.fromhex(made["sm2_public"]), secret).hex()
    params = {"projectNo": project_no, "serviceNumber": "1"}
    said = {"txnBodyCom": {"appMark": app, "time": time, "sign": proof, "params": params}}
    answer = Client().post("/dialects/sd/hcp/gethcpcode", said, content_type="application/json")
    assert answer.status_code == 200
    return answer.content.decode()


def test_an_address_is_given_to_whoever_registered_the_service(world: people.Place) -> None:
    keys = [
        issue_partner_key(client=name, region=CITY, dialect="sd", by=0, at=clock.now())
        for name in ("x", "y")
    ]
    service = given_record(project_no=f"JS{next(_numbers)}")
    ready = [accept(service, regions.tree().resolve, clock.now())]
    signer = identities.key_of_client(identities.client_of(keys[0]["kid"]))
    talk(registering.register(records=ready, client=signer.client))
    own, other = (asked_for_an_address(made, service.project_no) for made in keys)
    assert "/e/" in own
    assert ("/e/" in other, "其他系统登记" in other) == (False, True)
    assert "不允许的字符" in asked_for_an_address(keys[0], "3207\0")


def test_a_field_that_nobody_reads_is_named_in_the_answer(world: people.Place) -> None:
    made = issue_partner_key(client="x", region=CITY, dialect="zj", by=0, at=clock.now())
    door = f"{HOST}/dialects/zj/{made['kid']}.{made['path_word']}"
    partner = connected(Outward.ZHEJIANG, door, made)
    service = given_record(project_no=f"JS{next(_numbers)}")
    register(service)
    submit(given_rating(service, 5))
    queued()
    (letter,) = [one for one in letters(partner) if one.family == Family.EVALUATION]
    client, form = Client(), zhejiang.form(letter)
    for more, named in (({"vipLevel": "9", "empty": ""}, ["vipLevel"]), ({"empty": ""}, None)):
        form["projectNo"] = f"JS{next(_numbers)}"
        told = client.post(f"{door}/offlinereport.do", form | more).json()
        assert (told["result"], told.get("unknownFields")) == ("1", named)


def test_a_refusal_in_a_dialect_is_told_from_having_it_already(stranger: Stranger) -> None:
    partner = connected(stranger.dialect, stranger.url, stranger.secret)
    service = given_record(project_no=f"JS{next(_numbers)}")
    register(service)
    submit(given_rating(service, 5))
    queued()
    found = letters(partner)
    stranger.upload(found)
    twice = stranger.upload(found)
    rated = [one for one in found if one.family == Family.EVALUATION]
    assert twice[rated[0].message].status == Status.ACKNOWLEDGED
    wrong = replace(rated[0], message="E-X", document={**rated[0].document, "satisfaction": "7"})
    refused = stranger.upload([wrong])["E-X"]
    assert refused.status == Status.REFUSED
    assert refused.reason


def test_what_a_rating_has_become_is_never_taken_for_told(stranger: Stranger) -> None:
    """The dialect says that it has the rating already, which it said of the first one."""
    partner = connected(stranger.dialect, stranger.url, stranger.secret)
    service = given_record(project_no=f"JS{next(_numbers)}")
    register(service)
    (stored,) = submit(given_rating(service, 5))
    queued()
    stranger.upload(letters(partner))
    assert stored.key is not None
    ratings.set_aside(evaluation_ids=[stored.key], at=clock.now())
    queued()
    told = stranger.upload(letters(partner))
    (change,) = [one for one in told.values() if one.message.startswith("X-")]
    assert change.status == Status.LEFT_OUT
    assert "更正" in change.reason


def test_a_call_in_a_dialect_is_written_down_and_held_to_its_networks(stranger: Stranger) -> None:
    partner = connected(stranger.dialect, stranger.url, stranger.secret)
    service = given_record(project_no=f"JS{next(_numbers)}")
    register(service)
    submit(given_rating(service, 5))
    queued()
    stranger.upload(letters(partner))
    client = ApiClient.objects.get(name="x")
    calls_ = list(Call.objects.filter(client_id=client.pk).order_by("pk"))
    assert [one.operation for one in calls_][-1] == "evaluations"
    assert {(one.status, one.refused) for one in calls_} == {(200, 0)}
    client.networks = ["203.0.113.0/24"]
    client.save(update_fields=["networks"])
    told = stranger.upload(letters(partner))
    assert not any(one.status == Status.ACKNOWLEDGED for one in told.values())
    last = Call.objects.filter(client_id=client.pk).latest("pk")
    assert (last.status, last.code) == (403, "not_from_here")


def test_a_wrong_secret_is_a_failure_of_the_partner_and_of_no_message(stranger: Stranger) -> None:
    if stranger.dialect == Outward.ZHEJIANG:
        stranger.url = stranger.url[:-4]
    else:
        stranger.secret = {**stranger.secret, "app_word": "x", "app_code": "0" * 32}
    partner = connected(stranger.dialect, stranger.url, stranger.secret)
    service = given_record(project_no=f"JS{next(_numbers)}")
    register(service)
    submit(given_rating(service, 5))
    queued()
    told = stranger.upload(letters(partner))
    assert not any(one.status == Status.ACKNOWLEDGED for one in told.values())


# --- files


class Sftp(asyncssh.SFTPServer):
    """Serves one folder."""


class Guard(asyncssh.SSHServer):
    """Lets one user in."""

    def password_auth_supported(self) -> bool:
        """Say that it does."""
        return True

    def validate_password(self, username: str, password: str) -> bool:
        """Say whether it is the right one."""
        return (username, password) == ("hcp", "right")


@pytest.fixture
def sftp(tmp_path: Path, settings: Any) -> Iterator[tuple[str, str, Path]]:
    """An SFTP server: its address, the fingerprint of its key, and its folder."""
    settings.OUTBOUND_ALLOW = networks("127.0.0.0/8")
    folder, key = tmp_path / "in", asyncssh.generate_private_key("ssh-ed25519")
    folder.mkdir()
    loop = asyncio.new_event_loop()

    async def listen() -> asyncssh.SSHAcceptor:
        return await asyncssh.create_server(
            Guard,
            "127.0.0.1",
            0,
            server_host_keys=[key],
            sftp_factory=lambda chan: Sftp(chan, chroot=str(folder)),
        )

    server = loop.run_until_complete(listen())
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    yield f"sftp://hcp@127.0.0.1:{server.get_port()}/", key.get_fingerprint(), folder
    loop.call_soon_threadsafe(server.close)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(5)


@pytest.fixture
def soap(settings: Any) -> Iterator[tuple[str, "Popen[str]"]]:
    """A SOAP server of another's that speaks Fujian's dialect; its address, and what it says."""
    settings.OUTBOUND_ALLOW = networks("127.0.0.0/8")
    port = free_port()
    command = [*SOAP, "serve", str(port), "app-code"]
    with Popen(command, stdout=PIPE, text=True, env=NODE_ENV) as process:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline()) == {"listening": True}
        yield f"http://127.0.0.1:{port}", process
        process.kill()


def test_a_soap_server_that_somebody_else_wrote_understands_what_we_send(
    world: people.Place, soap: tuple[str, "Popen[str]"]
) -> None:
    url, process = soap
    partner = connected(Outward.FUJIAN, url, {"kid": "k", "app_code": "app-code"})
    service = given_record(project_no=f"JS{next(_numbers)}")
    register(service)
    submit(given_rating(service, 1, words="等了 <3> 小时 & 没人管"))
    queued()
    while uploading.send_round(partner):
        pass
    assert process.stdout is not None
    told = json.loads(process.stdout.readline())
    assert told["operation"] == "getEvaluationSupplement"  # 补报: it was given days ago
    fields = {one.tag: one.text for one in ET.fromstring(told["text"])}  # noqa: S314 - we wrote it
    assert fields["projectNo"] == f"32{service.project_no}"
    assert (fields["satisfaction"], fields["writingEvaluation"]) == ("1", "等了 <3> 小时 & 没人管")
    done = models.Delivery.objects.get(partner=partner, status=Status.ACKNOWLEDGED)
    assert done.theirs == "U1"


def files(folder: Path) -> list[dict[str, Any]]:
    """Return the messages of a folder's complete files."""
    found = []
    for manifest in sorted(folder.glob("*.ok")):
        told = json.loads(manifest.read_text())
        data = (folder / told["file"]).read_bytes()
        assert hashlib.sha256(data).hexdigest() == told["sha256"]
        lines = [json.loads(line) for line in data.decode().splitlines()]
        assert len(lines) == told["lines"]
        found += lines
    return found


def test_files_arrive_whole_over_sftp_and_a_second_try_writes_the_same(
    world: people.Place, sftp: tuple[str, str, Path]
) -> None:
    url, fingerprint, folder = sftp
    partner = connected(Outward.DROP, url, {"host_key": fingerprint, "password": "right"})
    service = given_record(project_no=f"JS{next(_numbers)}")
    register(service)
    submit(given_rating(service, 1))
    queued()
    while uploading.send_round(partner):
        pass
    assert {one["family"] for one in files(folder)} == {"service", "evaluation"}
    assert not list(folder.glob("*.part"))
    before = sorted(folder.iterdir())
    link = Link(url, {"host_key": fingerprint, "password": "right"}, clock.now())
    one = Letter("S-1", Family.SERVICE, {"a": "b"})
    drop.drop([one], link)
    drop.drop([one], link)
    assert len(list(folder.iterdir())) == len(before) + 2


def test_who_wants_a_file_a_day_gets_one_after_midnight_with_the_service_before_its_rating(
    world: people.Place, sftp: tuple[str, str, Path]
) -> None:
    url, fingerprint, folder = sftp
    partner = connected(Outward.DROP, url, {"host_key": fingerprint, "password": "right"})
    actions.settle(partner_id=partner, ways={"rhythm": "day"}, by=0, at=clock.now())
    for level in (1, 5, 4):
        service = given_record(project_no=f"JS{next(_numbers)}")
        register(service)
        submit(given_rating(service, level))
    queued()
    assert not uploading.send_round(partner)
    assert not list(folder.iterdir())
    waits = models.Delivery.objects.filter(partner_id=partner, due_at__isnull=False)
    (due,) = set(waits.values_list("due_at", flat=True))
    assert due == begin_of(business_day(clock.now()) + timedelta(days=1)) + timedelta(hours=1)
    waits.update(due_at=F("due_at") - timedelta(days=2), deadline=F("deadline") + timedelta(days=2))
    models.Partner.objects.filter(pk=partner).update(due_at=None)
    while uploading.send_round(partner):
        pass
    assert len(list(folder.glob("*.ok"))) == 1
    told = files(folder)
    seen: set[str] = set()
    for one in told:
        number_of = one["document"]["projectNo"]
        assert one["family"] == "service" or number_of in seen
        seen.add(number_of)
    assert [one["family"] for one in told].count("evaluation") == 3


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"host_key": "SHA256:wrong"}, "not the one that was entered"),
        ({"password": "wrong"}, "Authentication failed"),
    ],
)
def test_a_server_that_is_not_the_one_we_know_gets_nothing(
    world: people.Place, sftp: tuple[str, str, Path], change: dict[str, str], says: str
) -> None:
    url, fingerprint, folder = sftp
    secret = {"host_key": fingerprint, "password": "right", **change}
    outcome = drop.drop([Letter("S-1", Family.SERVICE, {})], Link(url, secret, clock.now()))
    assert says in outcome.broken
    assert not list(folder.iterdir())


def test_nobody_makes_us_put_files_inside_our_own_network(
    world: people.Place, sftp: tuple[str, str, Path], settings: Any
) -> None:
    settings.OUTBOUND_ALLOW = ()
    url, fingerprint, folder = sftp
    link = Link(url, {"host_key": fingerprint, "password": "right"}, clock.now())
    outcome = drop.drop([Letter("S-1", Family.SERVICE, {})], link)
    assert "not an address that may be called" in outcome.broken
    assert not list(folder.iterdir())


# --- webhooks


class Taker:
    """A receiver that verifies with the library of the standard, and does what it is told to."""

    def __init__(self) -> None:
        self.secret, self.status, self.kept = "", 204, list[tuple[str, dict[str, Any]]]()
        taker = self

        class Door(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                event = Webhook(taker.secret).verify(body, dict(self.headers.items()))
                taker.kept.append((self.headers["webhook-id"], event))
                self.send_response(taker.status)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"


@pytest.fixture
def taker(settings: Any) -> Iterator[Taker]:
    """Return a receiver."""
    settings.OUTBOUND_ALLOW = networks("127.0.0.0/8")
    found = Taker()
    yield found
    found.server.shutdown()
    found.server.server_close()


def test_events_are_verified_by_the_library_of_the_standard_and_refused_for_good_with_4xx(
    world: people.Place, taker: Taker
) -> None:
    agreed = actions.Connection("钩子", Outward.WEBHOOK, CITY, taker.url)
    partner, shown = actions.connect(agreed=agreed, by=0, at=clock.now())
    taker.secret = shown["secret"]
    service = given_record()
    register(service)
    submit(given_rating(service, 1))
    queued()
    while uploading.send_round(partner):
        pass
    assert [event["type"] for _, event in taker.kept] == [
        "service.registered",
        "evaluation.created",
    ]
    assert taker.kept[1][1]["data"]["document"]["satisfaction"] == "1"
    taker.status = 410
    actions.resend(partner_id=partner, status=Status.ACKNOWLEDGED, at=clock.now())
    while uploading.send_round(partner):
        pass
    assert {one.status for one in models.Delivery.objects.all()} == {Status.REFUSED}
    assert len({one for one, _ in taker.kept}) == 2  # the same ids at every try
    taker.status = 500
    actions.resend(partner_id=partner, status=Status.REFUSED, at=clock.now())
    uploading.send_round(partner)
    waiting = models.Delivery.objects.filter(due_at__isnull=False)
    assert waiting.count() == 2


# --- comparing by file


def test_a_partner_without_questions_is_compared_by_its_file(world: people.Place) -> None:
    partner = connected(Outward.ZHEJIANG, "https://zj.example", {})
    services = [given_record(project_no=f"ZJ{next(_numbers)}") for _ in range(4)]
    for service, level in zip(services, (5, 5, 4, 1), strict=True):
        register(service)
        submit(given_rating(service, level))
    queued()
    office = signed_in(world.users["city"])
    lines = [
        "办件编号,服务次数,满意度,评价时间",
        f"32{services[0].project_no},1,5,2026-11-18 12:00:00",
        f"32{services[1].project_no},1,3,2026-11-18 12:00:00",
        f"32{services[3].project_no},1,1,2026-11-18 12:00:00",
        "ZJ-STRANGER,1,5,2026-11-18 12:00:00",
    ]
    address = f"/admin/partners/{partner}/compare"
    days = {"since": "2026-11-17", "until": "2026-11-18"}
    file = SimpleUploadedFile("theirs.csv", "\n".join(lines).encode("gb18030"))
    assert office.post(address, {**days, "file": file}).status_code == 302
    found = {one.what: one.message for one in queries.differences(partner)}
    assert found["unknown"] == "ZJ-STRANGER/1/1"
    assert set(found) == {"missing", "altered", "unknown"}
    (day,) = models.Reconciled.objects.filter(partner_id=partner)
    assert (day.ours, day.theirs, day.differing) == (4, 4, 3)
    page = office.get(f"/admin/partners/{partner}/").content.decode()
    assert "ZJ-STRANGER" in page
    again = [
        *lines[:2],
        f"32{services[1].project_no},1,5",
        f"32{services[2].project_no},1,4",
        lines[3],
    ]
    file = SimpleUploadedFile("theirs.csv", "\n".join(again).encode())
    assert office.post(address, {**days, "file": file}).status_code == 302
    assert not list(queries.differences(partner))  # what is equal closes by itself


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"since": ""}, "31 天"),
        ({"since": "2026-10-01"}, "31 天"),
        ({"file": b"a,b\n1,2"}, "projectNo"),
        ({"file": b""}, "projectNo"),
    ],
)
def test_a_file_that_cannot_be_compared_says_why(
    world: people.Place, changes: dict[str, Any], says: str
) -> None:
    partner = connected(Outward.ZHEJIANG, "https://zj.example", {})
    form: dict[str, Any] = {"since": "2026-11-17", "until": "2026-11-18", "file": b"x", **changes}
    form["file"] = SimpleUploadedFile("theirs.csv", form["file"])
    answer = signed_in(world.users["city"]).post(f"/admin/partners/{partner}/compare", form)
    assert answer.status_code == 422
    assert says in answer.content.decode()
    foreign = signed_in(world.users["foreign"])
    assert foreign.post(f"/admin/partners/{partner}/compare", form).status_code == 404


# --- the simulators


@pytest.fixture(params=["shandong", "fujian", "zhejiang"])
def simulated(request: pytest.FixtureRequest, settings: Any) -> Iterator[Simulated]:
    """Return a simulator of each dialect, over real HTTP."""
    settings.OUTBOUND_ALLOW = networks("127.0.0.0/8")
    platform = Simulated(dialect=request.param)
    yield platform
    platform.stop()


def test_each_simulator_takes_what_is_sent_through_trouble_and_nothing_twice(
    world: people.Place, simulated: Simulated
) -> None:
    partner = connected(Outward(simulated.dialect), simulated.url, simulated.secret)
    for level in (5, 4, 2, 1):
        service = given_record(project_no=f"JS{next(_numbers)}")
        register(service)
        submit(given_rating(service, level))
    queued()
    chances = ("down", "error", "busy", "garbage", "reset")
    simulated.trouble = dict.fromkeys(chances, 0.15)
    _sent(partner, simulated)
    counts = Counter(models.Delivery.objects.values_list("kind", "status"))
    assert counts[Kind.RATING, Status.ACKNOWLEDGED] == 4
    ratings_kept = [one for one, (family, _) in simulated.kept.items() if family == "evaluation"]
    assert len(ratings_kept) == 4
    assert len(simulated.kept) == (8 if simulated.dialect == "shandong" else 4)


def _sent(partner: int, platform: Platform) -> None:
    """Send until nothing waits; what is amiss with the other side ends at some time."""
    for turn in range(60):
        while uploading.send_round(partner):
            pass
        if not models.Delivery.objects.filter(partner_id=partner, due_at__isnull=False).exists():
            break
        for table in (models.Delivery, models.Partner):
            late = table.objects.filter(due_at__isnull=False)
            late.update(due_at=F("due_at") - timedelta(hours=1))
        platform.trouble = {} if turn > 20 else platform.trouble


@pytest.mark.parametrize("dialect", [Outward.GENERIC, Outward.WEBHOOK])
def test_a_taker_of_events_or_signed_json_has_all_of_it_whatever_was_amiss(
    world: people.Place, settings: Any, dialect: Outward
) -> None:
    settings.OUTBOUND_ALLOW = networks("127.0.0.0/8")
    amiss = ["down", "error", "busy", "reset"]
    amiss += ["garbage"] if dialect == Outward.GENERIC else []  # of an event any 2xx says taken
    platform = (Hook if dialect == Outward.WEBHOOK else Platform)(
        trouble=dict.fromkeys(amiss, 0.15)
    )
    agreed = actions.Connection(dialect, dialect, CITY, platform.url)
    partner, shown = actions.connect(agreed=agreed, by=0, at=clock.now())
    for level in (5, 4, 2, 1):
        rated(level)
    queued()
    platform.key = (shown.get("kid", ""), "whsec_" + "A" * 44)  # of somebody else
    uploading.send_round(partner)
    assert (platform.kept, platform.badly_signed > 0) == ({}, True)
    models.Delivery.objects.update(status=Status.NEW, due_at=clock.now(), ended_at=None)
    platform.key = (shown.get("kid", ""), shown["secret"])
    _sent(partner, platform)
    assert Counter(family for family, _ in platform.kept.values()) == {
        "service": 4,
        "evaluation": 4,
    }
    assert set(models.Delivery.objects.values_list("status", flat=True)) == {Status.ACKNOWLEDGED}
    platform.stop()


def test_who_collects_files_has_what_is_complete_and_nothing_that_was_changed(
    world: people.Place, tmp_path: Path
) -> None:
    agreed = actions.Connection("files", Outward.DROP, CITY, f"file://{tmp_path}")
    partner, _ = actions.connect(agreed=agreed, by=0, at=clock.now())
    rated(2)
    queued()
    while uploading.send_round(partner):
        pass
    taker = Collector(tmp_path)
    (file,) = tmp_path.glob("*.jsonl")
    whole = file.read_bytes()
    file.write_bytes(whole[:-9])
    taker.look()
    assert (taker.broken, taker.kept) == (1, {})
    file.write_bytes(whole)
    taker.look()
    assert Counter(family for family, _ in taker.kept.values()) == {"service": 1, "evaluation": 1}
    assert not list(tmp_path.iterdir())


def test_a_simulator_whose_clock_is_wrong_takes_nothing_and_says_so(
    world: people.Place, simulated: Simulated
) -> None:
    if simulated.dialect == "zhejiang":
        pytest.skip("its forms prove nothing but their address")
    simulated.skew = timedelta(minutes=10)
    partner = connected(Outward(simulated.dialect), simulated.url, simulated.secret)
    service = given_record(project_no=f"JS{next(_numbers)}")
    register(service)
    submit(given_rating(service, 5))
    queued()
    while uploading.send_round(partner):
        pass
    assert not simulated.kept
    assert simulated.badly_signed
