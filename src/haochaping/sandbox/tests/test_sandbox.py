"""A sandbox answers as production does, keeps apart what it holds, and names common mistakes."""

import base64
import hashlib
import hmac
import io
import json
import zipfile
from dataclasses import replace
from datetime import timedelta
from typing import Any

import people
import pytest
from django.test import Client

from haochaping.evaluations.models import Evaluation
from haochaping.identity.rules import BadSignature, ClientKey, SignedRequest, signed
from haochaping.identity.rules.rights import EVERYWHERE
from haochaping.indicators.rules import Indicator
from haochaping.intake import rehearsal
from haochaping.kernel import clock
from haochaping.regions import queries as regions
from haochaping.sandbox import actions, models, queries, rules
from haochaping.sandbox.actions import Made

pytestmark = pytest.mark.django_db
RECORD = {
    "project_no": "T1",
    "service_number": 1,
    "region": "320700",
    "department_code": people.BUREAU,
    "item_code": people.item_of(people.BUREAU),
    "served_at": "2026-11-17 10:00:00",
}
RATING = {"project_no": "T1", "service_number": 1, "level": 5, "channel": 9}


@pytest.fixture
def made(world: people.Place) -> Made:
    """A sandbox."""
    return actions.make(name="审批系统", address="192.0.2.7", at=clock.now())


def request(made: Made, path: str, content: object) -> SignedRequest:
    """Return a signed request of a sandbox."""
    body = json.dumps(content).encode()
    asked = SignedRequest("POST", f"/api/v1/{path}", "", body, {})
    key = ClientKey(made.kid, 0, made.secret.encode(), "sha256", EVERYWHERE)
    headers = {name.lower(): text for name, text in signed(asked, key, clock.now()).items()}
    return replace(asked, headers=headers)


def play(asked: SignedRequest) -> tuple[int, Any]:
    """Send it."""
    return rehearsal.answer(asked, regions.tree(), dict[int, Indicator](), clock.now())


def call(made: Made, path: str, content: object) -> tuple[int, Any]:
    """Sign and send."""
    return play(request(made, path, content))


def test_it_answers_as_production_does_and_nothing_is_counted(made: Made) -> None:
    assert call(made, "evaluations", RATING)[1]["code"] == "record_unknown"
    assert call(made, "evaluations", RATING | {"wait": True}) == (202, {"outcome": "waiting"})
    status, first = call(made, "records", RECORD)
    assert (status, first["outcome"]) == (201, "accepted")
    assert call(made, "records", RECORD) == (
        200,
        {"outcome": "duplicate", "record": first["record"]},
    )
    assert call(made, "records", RECORD | {"online": True})[1]["code"] == "already_registered"
    (settled,) = call(made, "outcomes", {})[1]["items"]
    assert (settled["project_no"], settled["outcome"]) == ("T1", "accepted")
    assert call(made, "evaluations", RATING | {"wait": True})[0] == 200
    assert call(made, "evaluations", RATING | {"level": 4})[1]["code"] == "already_rated"
    assert call(made, "evaluations", RATING | {"kind": 2})[0] == 201
    assert call(made, "status", {"project_no": "T1", "service_number": 1})[1]["rated"] is True
    assert call(made, "links", {"project_no": "T1", "service_number": 1})[1]["rated"] is True
    assert call(made, "links", {"project_no": "T2", "service_number": 1})[0] == 404
    items = call(made, "records/batch", [RECORD, {"nonsense": 1}])[1]["items"]
    assert [one.get("outcome") or one["code"] for one in items] == ["duplicate", "unknown_field"]
    told = call(made, "changes", {})[1]
    assert [one["kind"] for one in told["items"]] == ["rating", "service", "follow_up"]
    assert call(made, "changes", {"cursor": told["cursor"]})[1]["items"] == []
    assert Evaluation.objects.count() == 0


def test_the_steps_are_those_that_were_made_and_a_rotated_key_signs(made: Made) -> None:
    call(made, "records", RECORD)
    call(made, "evaluations", RATING)
    call(made, "evaluations", RATING)
    call(made, "status", {"project_no": "T1", "service_number": 1})
    system = models.System.objects.get()
    assert set(system.done) == set(rules.STEPS) - {"batch", "rotated"}
    told = call(made, "key/rotate", {"overlap_hours": 1})[1]
    later = replace(made, kid=told["key"], secret=told["secret"])
    assert call(later, "key", {})[0] == 200
    assert call(made, "key", {})[0] == 200  # within the overlap
    call(later, "records/batch", [RECORD])
    system.refresh_from_db()
    assert set(system.done) == set(rules.STEPS)


def test_a_replayed_nonce_and_an_ended_key_are_refused(made: Made) -> None:
    asked = request(made, "records", RECORD)
    assert [play(asked)[0], play(asked)[0]] == [201, 409]
    models.Key.objects.update(ends_at=clock.now() - timedelta(seconds=1))
    with pytest.raises(BadSignature):
        call(made, "records", RECORD)


def mistaken(made: Made, name: str) -> SignedRequest:
    """Return a request that is signed in a wrong way."""
    asked = request(made, "records", RECORD)
    secret, headers = made.secret.encode(), dict(asked.headers)
    digest = hashlib.sha256(asked.body).hexdigest()
    stamp = [headers["x-hcp-time"], headers["x-hcp-nonce"], made.kid]
    lines = ["HCP1", "POST", asked.path, "", digest, *stamp]
    text = "\n".join(lines).encode()

    def sign(of: bytes) -> str:
        return hmac.new(secret, of, "sha256").hexdigest()

    wrong = {
        "base64": base64.b64encode(hmac.digest(secret, text, "sha256")).decode(),
        "plain_hash": hashlib.sha256(secret + text).hexdigest(),
        "crlf": sign("\r\n".join(lines).encode()),
        "last_newline": sign(text + b"\n"),
        "short_path": sign(text.replace(b"/api/v1", b"")),
        "body_itself": sign(text.replace(digest.encode(), asked.body)),
        "no_version": sign(b"\n".join(text.split(b"\n")[1:])),
        "": sign(text + b"?"),
    }
    return replace(asked, headers=headers | {"x-hcp-signature": wrong[name]})


@pytest.mark.parametrize(
    "name",
    ["base64", "plain_hash", "crlf", "last_newline", "short_path", "body_itself", "no_version", ""],
)
def test_a_wrong_signature_is_explained(made: Made, client: Client, name: str) -> None:
    status, told = play(mistaken(made, name))
    assert (status, told["code"]) == (401, "bad_signature")
    page = client.get(f"/dev/sandbox/{made.token}")
    number = models.Call.objects.get().pk
    assert f"/dev/sandbox/{made.token}/{number}" in page.text
    shown = client.get(f"/dev/sandbox/{made.token}/{number}").text
    assert "HCP1\nPOST\n/api/v1/records" in shown
    hint = rules.MISTAKES[name][0].zh if name else "逐行比对"
    assert hint.replace("\\", "\\") in shown


def test_a_query_without_end_is_shown_as_far_as_it_is_kept(made: Made, client: Client) -> None:
    asked = replace(request(made, "records", RECORD), query="q=" + "x" * 50_000)
    assert play(asked)[0] == 401
    number = models.Call.objects.get().pk
    assert client.get(f"/dev/sandbox/{made.token}").status_code == 200
    assert client.get(f"/dev/sandbox/{made.token}/{number}").status_code == 200


def test_a_clock_in_milliseconds_is_named(made: Made, client: Client) -> None:
    asked = request(made, "records", RECORD)
    headers = dict(asked.headers) | {"x-hcp-time": asked.headers["x-hcp-time"] + "000"}
    play(replace(asked, headers=headers))
    shown = client.get(f"/dev/sandbox/{made.token}/{models.Call.objects.get().pk}").text
    assert "毫秒" in shown


def test_anybody_makes_a_sandbox_and_nobody_makes_many(client: Client, world: object) -> None:
    page = client.post("/dev/", {"name": "<b>审批系统</b>"})
    assert page.status_code == 201
    key = models.Key.objects.get()
    assert key.kid in page.text
    assert "<b>审批" not in page.text
    for _ in range(rules.AN_HOUR - 1):
        client.post("/dev/", {"name": "x"})
    refused = client.post("/dev/", {"name": "x"})
    assert (refused.status_code, models.System.objects.count()) == (429, rules.AN_HOUR)


def test_a_strangers_address_shows_nothing(made: Made, client: Client) -> None:
    call(made, "records", RECORD)
    other = actions.make(name="x", address=None, at=clock.now())
    number = models.Call.objects.get().pk
    assert client.get(f"/dev/sandbox/{other.token}/{number}").status_code == 404
    assert client.get("/dev/sandbox/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").status_code == 404


def test_the_last_calls_stay_and_an_ended_sandbox_goes(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "CALLS", 3)
    for _ in range(6):
        call(made, "key", {})
    assert models.Call.objects.count() == 3
    actions.forget(at=clock.now() + rules.DAYS + timedelta(days=1))
    assert (models.System.objects.count(), models.Call.objects.count()) == (0, 0)


def test_a_sandbox_that_nobody_uses_makes_room(made: Made) -> None:
    actions.make(name="unused", address=None, at=clock.now())
    call(made, "key", {})
    actions.forget(at=clock.now() + rules.UNUSED + timedelta(hours=1))
    assert [system.name for system in models.System.objects.all()] == ["审批系统"]


def test_the_clients_of_this_release_are_handed_out_and_nothing_else() -> None:
    page = Client().get("/dev/").content.decode()
    assert {"haochaping_client.zip", "Haochaping.java", "haochaping.go"} <= set(queries.samples())
    for name in queries.samples():
        assert f"/dev/clients/{name}" in page
        answer = Client().get(f"/dev/clients/{name}")
        assert (answer.status_code, bool(answer.content)) == (200, True)
    packed = Client().get("/dev/clients/haochaping_client.zip").content
    with zipfile.ZipFile(io.BytesIO(packed)) as found:
        assert {"pyproject.toml", "haochaping_client/__init__.py"} <= set(found.namelist())
        assert not [name for name in found.namelist() if "__pycache__" in name]
    for name in ("verify", "README.md", "..%2Fpyproject.toml", "nothing"):
        assert Client().get(f"/dev/clients/{name}").status_code == 404


def test_the_guides_of_this_release_can_be_read_where_keys_are_given() -> None:
    page = Client().get("/dev/").content.decode()
    guides = queries.guides()
    assert {"README.md", "signing.md", "national.md", "webhooks.asyncapi.yaml"} <= set(guides)
    for name, (title, _) in guides.items():
        assert f"/dev/guides/{name}" in page
        answer = Client().get(f"/dev/guides/{name}")
        assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
        assert title.split()[0] in answer.content.decode() or name.endswith(".yaml")
    for name in ("nothing.md", "..%2F..%2Fpyproject.toml", "%2Fetc%2Fpasswd"):
        assert Client().get(f"/dev/guides/{name}").status_code == 404
