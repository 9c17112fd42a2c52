"""Programs that share no code with us come to the same: our standalone verifier, and a witness that
runs as its own process.
"""

import base64
import contextlib
import hashlib
import importlib.util
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import msgspec
import people
import pytest
import stack
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from people import given_rating, given_record, register, submit
from tlog_scales.signing import Vkey
from tlog_scales.tlog import Checkpoint

from haochaping.audit import queries as audit
from haochaping.evaluations import actions as evaluations
from haochaping.feed import actions as feed
from haochaping.feed import queries as readers
from haochaping.feed.rules import Kind
from haochaping.kernel import clock, crypto
from haochaping.kernel.addresses import networks
from haochaping.kernel.db import rows
from haochaping.kernel.ids import receipt_number
from haochaping.ledger import actions as ledger
from haochaping.ledger import partners, tasks
from haochaping.ledger import queries as logs
from haochaping.ledger import rules as notes
from haochaping.proofs import actions, queries, rules

pytestmark = pytest.mark.slow

CLIENTS = Path(__file__).resolve().parents[2] / "clients/verify"


def load(name: str) -> ModuleType:
    """Import a program of `clients/`."""
    spec = importlib.util.spec_from_file_location(name, CLIENTS / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


verify = load("hcp_verify")
witness = load("hcp_witness")


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=80))
def test_the_short_signatures_of_the_verifier_are_those_of_the_library(
    seed: bytes, message: bytes
) -> None:
    public = crypto.ed25519_public(seed)
    assert verify.ed25519_public(seed) == public
    signed = verify.ed25519_sign(seed, message)
    assert signed == crypto.ed25519_sign(seed, message)
    assert verify.ed25519_holds(public, signed, message)
    assert not verify.ed25519_holds(public, signed, message + b"x")
    assert not verify.ed25519_holds(public, signed[:-1] + bytes([signed[-1] ^ 1]), message)


@pytest.fixture
def home(tmp_path: Path, settings: Any, world: people.Place) -> Path:
    """A log with a closed day of twenty-six ratings, published and proved."""
    settings.HOME = tmp_path / "home"
    return closed_day()


def rated(times: int, back: int = 1) -> None:
    """Rate services, of which the first two are unhappy, so many days ago."""
    then = clock.now() - timedelta(days=back)
    services = [given_record() for _ in range(times)]
    register(*services)
    submit(*(given_rating(one, 1 if n < 2 else 5) for n, one in enumerate(services)))
    while feed.sequence(at=then) or actions.follow(at=then):
        pass


def closed_day(times: int = 26) -> Path:
    """Rate, close the day, publish and prove it; return where the log lies."""
    rated(times)
    return closed()


def closed() -> Path:
    """Close the days that are over, publish and prove them; return where the log lies."""
    actions.close_days(at=clock.now())
    ledger.publish(log_id=logs.logs()[0].pk, at=clock.now())
    actions.prove_days(at=clock.now())
    return logs.folder(logs.logs()[0].name)


def key() -> str:
    return logs.vkeys(logs.logs()[0])[0]


def receipt(tmp_path: Path) -> Path:
    (opening, *_) = [one for one in queries.opened(logs.logs()[0].pk, 0, 99) if one.what == 2]
    path = tmp_path / "mine.tlog-proof"
    path.write_text(queries.proof_of(opening.ref) or "")
    return path


def run(*words: str) -> subprocess.CompletedProcess[str]:
    """Run the verifier as anybody does."""
    return subprocess.run(
        [sys.executable, str(CLIENTS / "hcp_verify.py"), *words],
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_citizen_checks_a_receipt_offline_and_finds_it_in_the_day_book(
    home: Path, tmp_path: Path
) -> None:
    done = run("receipt", str(receipt(tmp_path)), "--key", key(), "--book", str(home))
    assert done.returncode == 0, done.stderr
    assert "评价已入账" in done.stdout
    said = json.loads(done.stdout[: done.stdout.rindex("}") + 1])
    assert said["row"]["day"]
    assert "level" not in said["record"]  # nobody sees it over a shoulder


def test_a_rating_is_promised_its_leaf_before_it_has_one(
    world: people.Place, tmp_path: Path, settings: Any
) -> None:
    settings.HOME = tmp_path / "home"
    first = people.rated(5)
    while feed.sequence(at=clock.now()) or actions.follow(at=clock.now()):
        pass  # there is a log
    bad, good = people.rated(1), people.rated(5)
    assert queries.standing(bad).no is None
    text = queries.promise_of(bad, clock.now())
    assert text is not None
    path = tmp_path / "mine.promise"
    path.write_text(text)
    done = run("promise", str(path), "--key", key())
    assert done.returncode == 0, done.stderr
    assert receipt_number(bad) in done.stdout
    other = queries.promise_of(good, clock.now()) or ""
    shape = [len(line) for line in text.split("\n")[:5]]
    assert shape == [len(line) for line in other.split("\n")[:5]]  # says nothing of how it was
    for change in (lambda t: t.replace("promise v1", "promise v2"), lambda t: t[:-20] + t[-19:]):
        path.write_text(change(text))
        assert run("promise", str(path), "--key", key()).returncode == 1
    path.write_text((logs.folder(logs.logs()[0].name) / "checkpoint").name)
    assert run("promise", str(path), "--key", key()).returncode == 1
    later = clock.now() + timedelta(days=400)  # another log goes on, and this rating stands here
    ledger.open_log(name=str(later.year + 1), at=later)
    assert logs.logs()[0].origin in (queries.promise_of(first, later) or "")
    assert str(later.year + 1) in (queries.promise_of(bad, later) or "")
    actions.forget(evaluation_ids=[first], kinds=(2,), at=clock.now())
    assert queries.promise_of(first, later) is None  # it will never have a proof
    for log in logs.logs():
        ledger.freeze(log_id=log.pk, reason="x", at=clock.now())
    assert queries.promise_of(bad, clock.now()) is None  # then nothing is signed


def test_a_follow_up_and_what_replaced_a_rating_have_receipts_of_their_own(
    home: Path, tmp_path: Path
) -> None:
    services = [given_record() for _ in range(2)]
    register(*services)
    first, second = submit(*(given_rating(one, 5) for one in services))
    submit(given_rating(services[0], 1, kind=2, words="后来发现办错了。"))
    assert second.key is not None
    assert first.key is not None
    change = given_rating(services[1], 1)
    evaluations.replace(given=change, record_id=second.key, by=0, at=clock.now())
    while feed.sequence(at=clock.now()) or actions.follow(at=clock.now()):
        pass
    ledger.publish(log_id=logs.logs()[0].pk, at=clock.now())
    path = tmp_path / "more.tlog-proof"
    for ref, what in ((first.key, Kind.FOLLOW_UP), (second.key, Kind.REPLACED)):
        path.write_text(queries.proof_of(ref, what) or "")
        done = run("--show", "receipt", str(path), "--key", key())
        assert done.returncode == 0, done.stderr
        assert '"level": 1' in done.stdout
        proof = notes.parse_proof(path.read_text())
        opening = json.loads(proof.extra)
        opening["leaf"] = 3 - opening.get("leaf", 1)
        extra = json.dumps(opening).encode()
        path.write_text(notes.Proof(proof.index, proof.path, proof.checkpoint, extra).text)
        assert run("receipt", str(path), "--key", key()).returncode == 1
    assert queries.proof_of(first.key, Kind.REPLACED) is None


def test_a_book_that_is_not_the_one_of_the_log_proves_nothing(home: Path, tmp_path: Path) -> None:
    words = ["receipt", str(receipt(tmp_path)), "--key", key(), "--book", str(home)]
    (day,) = [one.day for one in queries.days()]
    for kind, change in (
        ("rows", lambda data: data + b"\xff" * 40 + b"\5\0"),  # a row more, in its place
        ("json", lambda data: data.replace(b'"rows":26', b'"rows":27')),
        ("tlog-proof", lambda data: data.replace(b"index 2", b"index 1")),
    ):
        path = home / "daybook" / f"{day}.{kind}"
        before = path.read_bytes()
        assert change(before) != before
        path.write_bytes(change(before))
        assert run(*words).returncode == 1, kind
        path.write_bytes(before)
    assert run(*words).returncode == 0


def test_a_rating_that_is_counted_somewhere_else_is_found(
    tmp_path: Path, settings: Any, world: people.Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.HOME = tmp_path / "home"
    elsewhere = (rules.DEPARTMENT + world.other, 320500000000, 320000000000)
    monkeypatch.setattr(queries, "path_to", lambda *_: elsewhere)  # an insider's change
    home = closed_day()
    (day,) = [one.day for one in queries.days()]
    assert run("day", str(day), "--from", str(home), "--key", key()).returncode == 0  # it adds up
    done = run("receipt", str(receipt(tmp_path)), "--key", key(), "--book", str(home))
    assert "somewhere else" in done.stderr


def test_whom_to_trust_stands_in_a_policy(home: Path, tmp_path: Path, settings: Any) -> None:
    settings.OUTBOUND_ALLOW = networks("127.0.0.0/8")
    mine = str(receipt(tmp_path))
    seed = notes.vkey("another.example/hcp/2025", notes.ED25519, bytes(32))
    assert run("receipt", mine, "--key", seed, "--key", key()).returncode == 0  # a log a year
    assert run("receipt", mine).returncode == 1
    policy = tmp_path / "policy"

    def says(quorum: str) -> int:
        keys = [f"witness w{n} {one}" for n, one in enumerate(told)]
        lines = ["# of the gazette", f"log {key()} https://hcp.example/ledger", *keys]
        groups = ["group offices any w0 w1", "group all 2 offices w2", f"quorum {quorum}"]
        policy.write_text("\n".join([*lines, *groups]))
        return run("receipt", mine, "--policy", str(policy)).returncode

    with (
        serving(tmp_path / "w1") as (one, url),
        serving(tmp_path / "w2", "paper/w2") as (two, _),
        serving(tmp_path / "w3", "school/w3") as (three, other),
    ):
        told = [witness_.vkey for witness_ in (one, two, three)]
        settings.LEDGER_WITNESSES = f"{url} {one.vkey}"
        tasks.witness(clock.now())
        receipt(tmp_path)
        assert [says(name) for name in ("none", "offices", "all", "w2", "nobody")] == [
            0,
            0,
            1,
            1,
            1,
        ]
        settings.LEDGER_WITNESSES = f"{url} {one.vkey}, {other} {three.vkey}"
        tasks.witness(clock.now())
        receipt(tmp_path)
        assert [says(name) for name in ("all", "w2", "w1")] == [0, 0, 1]


@pytest.mark.parametrize(
    "lines",
    [
        "group g 2 w w",
        "group g 2 w none",
        "group a any w v\ngroup b any w v\ngroup g 2 a b",
        "witness again {w}\ngroup g 2 w again",
    ],
)
def test_a_policy_counts_no_witness_twice(lines: str) -> None:
    seeds = ("audit/w", bytes(32)), ("paper/v", bytes(31) + b"\1")
    w, v = (notes.vkey(name, notes.COSIGNATURE, seed) for name, seed in seeds)
    good = f"log {w}\nwitness w {w}\nwitness v {v}\n"
    assert verify.read_policy(f"{good}group g 2 w v\nquorum g\n")[2]({w, v})
    assert not verify.read_policy(f"{good}group g 2 w v\nquorum g\n")[2]({w})
    with pytest.raises(verify.Wrong):
        verify.read_policy(good + lines.format(w=w) + "\nquorum g\n")


@pytest.mark.parametrize("what", ["level", "salt", "index", "checkpoint", "another log"])
def test_a_receipt_that_was_altered_does_not_hold(home: Path, tmp_path: Path, what: str) -> None:
    path = receipt(tmp_path)
    proof = notes.parse_proof(path.read_text())
    opening, checkpoint, index, vkey = json.loads(proof.extra), proof.checkpoint, proof.index, key()
    if what == "level":
        opening["record"]["level"] = 5 - opening["record"]["level"]
    elif what == "salt":
        opening["salt"] = "00" * 32
    elif what == "index":
        index += 1
    elif what == "checkpoint":
        size = checkpoint.split("\n")[1]
        checkpoint = checkpoint.replace(f"\n{size}\n", f"\n{int(size) + 1}\n")
    else:
        vkey = notes.vkey("localhost:8000/hcp/2026", notes.ED25519, bytes(32))
    extra = json.dumps(opening).encode()
    path.write_text(notes.Proof(index, proof.path, checkpoint, extra).text)
    done = run("receipt", str(path), "--key", vkey)
    assert done.returncode == 1
    assert "核验不通过" in done.stderr


def test_anybody_counts_a_day_again_from_its_files_alone(home: Path) -> None:
    (day,) = [one.day for one in queries.days()]
    done = run("day", str(day), "--from", str(home), "--key", key())
    assert done.returncode == 0, done.stderr
    assert "26" in done.stdout
    assert run("log", "--from", str(home), "--key", key()).returncode == 0


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("rows", lambda data: data[:-42]),
        ("rows", lambda data: data + b"\xff" * 40 + b"\5\0"),
        ("rows", lambda data: data[:40] + bytes([data[40] ^ 4]) + data[41:]),
        ("rows", lambda data: data[:32] + bytes(8) + data[40:]),
        ("csv", lambda data: data.replace(b"24", b"25")),
        ("json", lambda data: data.replace(b'"rows":26', b'"rows":25')),
        ("json", lambda data: data.replace(b'"services":26', b'"services":99')),
        ("tlog-proof", lambda data: data.replace(b"index 2", b"index 1")),
        ("said", lambda data: data.replace(b'services\\":26', b'services\\":99')),
        ("said", lambda data: data.partition(b"\n")[2]),
    ],
)
def test_a_day_that_was_altered_says_which_check_fails(home: Path, kind: str, change: Any) -> None:
    (day,) = [one.day for one in queries.days()]
    path = home / "daybook" / f"{day}.{kind}"
    data = path.read_bytes()
    assert change(data) != data
    path.write_bytes(change(data))
    done = run("day", str(day), "--from", str(home), "--key", key())
    assert done.returncode == 1
    assert "does not hold: " in done.stderr


def test_leaves_that_are_not_those_of_the_log_open_nothing(home: Path, tmp_path: Path) -> None:
    (day,) = [one.day for one in queries.days()]
    words = ["day", str(day), "--from", str(home), "--key", key()]
    for bundle in home.glob("tile/entries/**/*"):
        if bundle.is_file():
            data = bytearray(bundle.read_bytes())
            data[10] ^= 1  # of the same kind and length, and another rating
            bundle.write_bytes(data)
    done = run(*words)
    assert "are not those of the log" in done.stderr
    asked = str(tmp_path / "request.json")
    done = run(*["draw", *words[1:], "--number", "3", "--seed", "word", "--to", asked])
    assert "are not those of the log" in done.stderr


def test_a_book_that_is_withheld_is_missed_and_one_that_is_not_due_is_not(
    tmp_path: Path, settings: Any, world: people.Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.HOME = tmp_path / "home"
    rated(12, back=2)
    rated(14, back=1)
    home = closed()
    first, second = sorted(str(one.day) for one in queries.days())
    mine = receipt(tmp_path)
    text, trust = mine.read_text(), ([key()], (), 0)
    assert verify.check_receipt(text, *trust, book=str(home))["row"]["day"] == first
    index = home / "daybook/index.json"
    index.write_text(json.dumps([second]))
    with pytest.raises(verify.Wrong, match="no book holds the rating"):
        verify.check_receipt(text, *trust, book=str(home))
    with pytest.raises(verify.Wrong):  # nor does the second follow the first
        verify.check_day(str(home), second, *trust)
    index.write_text("[]")
    assert "not closed" in verify.check_receipt(text, *trust, book=str(home))["row"]["why"]
    later = clock.now() + timedelta(days=3)
    monkeypatch.setattr(verify.time, "time", later.timestamp)
    with pytest.raises(verify.Wrong, match="older than 2 days"):
        verify.check_receipt(text, *trust, book=str(home))


def test_a_rating_of_a_day_with_few_is_not_missing(
    tmp_path: Path, settings: Any, world: people.Place
) -> None:
    settings.HOME = tmp_path / "home"
    home = closed_day(3)
    done = run("receipt", str(receipt(tmp_path)), "--key", key(), "--book", str(home))
    assert done.returncode == 0, done.stderr
    assert "fewer ratings that day" in done.stdout
    (day,) = [one.day for one in queries.days()]
    assert run("day", str(day), "--from", str(home), "--key", key()).returncode == 0


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ("UPDATE proofs_opening SET salts = NULL WHERE no = 3", "left out as erased"),
        ("DELETE FROM proofs_opening WHERE no = 3", "left out as lost"),
    ],
)
def test_an_insider_who_drops_a_rating_with_a_reason_must_have_said_it_in_the_log(
    tmp_path: Path,
    settings: Any,
    world: people.Place,
    monkeypatch: pytest.MonkeyPatch,
    sql: str,
    says: str,
) -> None:
    settings.HOME = tmp_path / "home"
    rated(26)
    rows(sql)
    monkeypatch.setattr(import_module("haochaping.proofs.actions.days"), "_holds", lambda *_: True)
    home = closed()
    (day,) = [one.day for one in queries.days()]
    done = run("day", str(day), "--from", str(home), "--key", key())
    assert says in done.stderr


def test_leaves_that_lie_between_two_days_are_missed(
    tmp_path: Path, settings: Any, world: people.Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.HOME = tmp_path / "home"
    rated(26, back=3)
    actions.close_days(at=clock.now() - timedelta(days=2))
    rated(13, back=1)
    # of an operator whose own program does not look
    monkeypatch.setattr("haochaping.proofs.queries.row_holds", lambda _log, _day: True)
    rows('UPDATE proofs_day SET "end" = "end" + 2')
    home = closed()
    last = max(str(one.day) for one in queries.days())
    done = run("day", last, "--from", str(home), "--key", key())
    assert "lie between two days" in done.stderr


@given(st.data())
def test_the_leaves_of_a_day_are_proved_below_any_root_above_them(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 700))
    bodies = [notes.leaf(notes.Leaf.DAYBOOK, no.to_bytes(32)) for no in range(size)]
    begin = data.draw(st.integers(0, size))
    end = data.draw(st.integers(begin, size))
    over = data.draw(st.integers(end, size))
    hashes = [notes.leaf_hash(body) for body in bodies]
    there = {}
    for bundle in notes.bundles(0, size):
        some = bodies[bundle.number * 256 : bundle.number * 256 + bundle.width]
        there[bundle.path] = notes.packed(some)
        there[bundle._replace(level=0).path] = b"".join(map(notes.leaf_hash, some))
    whole = [hashes[at : at + 256] for at in range(0, size // 256 * 256, 256)]
    if whole:
        above = b"".join(notes.root(some) for some in whole)
        there[notes.tile_of(1, 0, size).path] = above
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(verify, "fetch", lambda _, place: there[place])
        root = notes.root(hashes[:over])
        found = verify.proved("", begin, end, size, (over, root), (size, notes.root(hashes)))
        assert found == dict(enumerate(bodies[begin:end], begin))
        if over:
            with pytest.raises(verify.Wrong):
                verify.proved("", begin, end, size, (over, bytes(32)))


VECTORS = Path(__file__).resolve().parents[3] / "shared/data/merkle-vectors/inclusion"


@pytest.mark.skipif(not VECTORS.exists(), reason="the vectors of transparency-dev are not here")
def test_the_program_accepts_and_refuses_every_vector_of_others() -> None:
    paths = sorted(VECTORS.rglob("*.json"))
    assert len(paths) == 98
    for path in paths:
        case = json.loads(path.read_text())
        leaf, root = (base64.b64decode(case[name] or "") for name in ("leafHash", "root"))
        proof = [base64.b64decode(node) for node in case["proof"] or ()]
        wanted = case["wantErr"] or len(root) != 32
        try:
            verify.included(leaf, case["leafIdx"], case["treeSize"], proof, root)
        except verify.Wrong:
            assert wanted, path
        else:
            assert not wanted, path


def test_invented_ratings_show_in_the_denominators(home: Path) -> None:
    (day,) = queries.days()
    said = json.loads(day.statement)
    verify._check_invitations(said, None)
    told = said["invitations"]
    following = {"invitations": {**told, "cities": [{**told["cities"][0], "rated": 30}]}}
    sums = following["invitations"]
    sums["services_so_far"], sums["rated_so_far"] = 52, 56
    with pytest.raises(verify.Wrong, match="invented"):
        verify._check_invitations(following, said)
    data = (home / "daybook" / f"{day.day}.rows").read_bytes()
    verify._check_rated(said, data)
    with pytest.raises(verify.Wrong, match="other ratings"):
        verify._check_rated({**said, **following}, data)
    sums["rated_so_far"] = 52  # what would fit
    with pytest.raises(verify.Wrong, match="go on"):
        verify._check_invitations(following, said)


def asked_for(home: Path, tmp_path: Path, number: int = 8, seed: str = "审计厅十一月") -> Path:
    """Draw as an auditor does; return the request."""
    (day,) = [one.day for one in queries.days()]
    path = tmp_path / f"{number}-{seed}.json"
    more = ["--number", str(number), "--seed", seed, "--to", str(path)]
    done = run("draw", str(day), "--from", str(home), "--key", key(), *more)
    assert done.returncode == 0, done.stderr
    return path


def opened(request: Path) -> dict[str, Any]:
    """Return what the platform gives an auditor for a request."""
    draw = msgspec.json.decode(request.read_bytes(), type=rules.Draw)
    log = logs.logs()[0]
    return actions.open_sample(log=log, draw=draw, reason="审计", by=1, at=clock.now())


def sampled(request: Path, answer: dict[str, Any], home: Path) -> str:
    """Check an answer as an auditor does; return what is wrong."""
    path = request.with_suffix(".answer")
    path.write_text(json.dumps(answer))
    done = run("sample", str(request), str(path), "--from", str(home), "--key", key())
    assert done.returncode == bool(done.stderr)
    return done.stderr


def test_an_auditor_draws_leaves_of_a_day_and_the_platform_must_open_them(
    home: Path, tmp_path: Path
) -> None:
    request = asked_for(home, tmp_path)
    numbers = json.loads(request.read_text())["numbers"]
    answer = opened(request)
    assert sampled(request, answer, home) == ""
    gone = next(one for one in queries.opened(logs.logs()[0].pk, 0, 99) if one.no == numbers[0])
    actions.forget(evaluation_ids=[gone.ref], kinds=(2,), at=clock.now())
    ledger.publish(log_id=logs.logs()[0].pk, at=clock.now())
    # erased after the draw: it proves nothing, and is no fault
    assert sampled(request, opened(request), home) == ""
    both = json.loads(request.read_text()), opened(request)
    assert verify.check_sample(str(home), *both, ([key()], (), 0))[2] == 1
    other = asked_for(home, tmp_path, number=9, seed="别的词")
    assert json.loads(other.read_text())["numbers"][:8] != numbers
    told = json.dumps(answer, ensure_ascii=False)
    for person in ("张芳华", "13812345678"):
        assert person not in told
    assert audit.of("ledger", logs.logs()[0].pk)[0].verb == "open_sample"
    # somebody whom the day and the word do not draw is opened to nobody
    others = sorted(set(range(1, 27)) - set(numbers))[:8]
    draw = rules.Draw(answer["day"], answer["seed"], tuple(others))
    with pytest.raises(rules.BadDraw):
        actions.open_sample(log=logs.logs()[0], draw=draw, reason="", by=1, at=clock.now())


@pytest.mark.parametrize(
    "what", ["level", "another leaf", "fewer", "another word", "erased", "orphan", "book"]
)
def test_an_answer_to_a_draw_that_is_not_what_was_entered_is_found(
    home: Path, tmp_path: Path, what: str
) -> None:
    request = asked_for(home, tmp_path)
    answer = opened(request)
    first = answer["opened"][0]
    if what == "level":
        first["record"]["level"] = 6 - first["record"]["level"] or 3
    elif what == "another leaf":
        first["record"], first["salt"] = (answer["opened"][1][name] for name in ("record", "salt"))
    elif what == "fewer":  # the ones that would be drawn first, of fewer
        answer = opened(asked_for(home, tmp_path, number=7))
    elif what == "another word":  # one that suits the platform
        answer = opened(asked_for(home, tmp_path, number=6, seed="换一个词"))
    elif what in ("erased", "orphan"):
        answer["opened"][0] = {"no": first["no"], what: True}
    else:
        (day,) = [one.day for one in queries.days()]
        path = home / "daybook" / f"{day}.rows"
        data = path.read_bytes()
        path.write_bytes(data[:40] + bytes([6 - data[40]]) + data[41:])
    assert "does not hold" in sampled(request, answer, home)


def test_mystery_ratings_are_on_a_list_that_was_sealed_before_anybody_here_saw_it(
    world: people.Place, tmp_path: Path, settings: Any
) -> None:
    settings.HOME = tmp_path / "home"
    services = [given_record() for _ in range(5)]
    register(*services)
    plan = (1, 1, 2, 5, 5)
    path = tmp_path / "list.csv"
    lines = [f"{one.project_no},1,{level}" for one, level in zip(services, plan, strict=True)]
    path.write_text("\ufeff" + "\n".join(["project_no,service_number,level", *lines]))
    digest = run("seal", str(path)).stdout.split(" / ")[0].split()[-1]
    assert digest == run("seal", str(path)).stdout.split(" / ")[0].split()[-1]  # salted once
    data = path.read_bytes()
    with pytest.raises(rules.BadCanaries):
        actions.reveal_canaries(data=data, by=0, at=clock.now())  # never announced
    with pytest.raises(rules.BadCanaries):
        actions.announce_canaries(auditor="审计厅", sha256="x", by=0, at=clock.now())
    actions.announce_canaries(auditor="审计厅", sha256=digest, by=0, at=clock.now())
    assert "尚未揭晓" in Client().get("/open/ledger").text
    submit(*(given_rating(one, level) for one, level in list(zip(services, plan, strict=True))[1:]))
    for wrong in ("project_no,level\n1,1", "project_no,service_number,level\n1,1,6", "\n"):
        (tmp_path / "bad.csv").write_text(wrong)
        assert run("seal", str(tmp_path / "bad.csv")).returncode == 1  # now, and not weeks later
    for changed in (data.replace(b",1,5", b",1,4"), b"# salt 00\n", data + b"x,1,9\n"):
        with pytest.raises(rules.BadCanaries):
            actions.reveal_canaries(data=changed, by=0, at=clock.now())
    rows("UPDATE evaluations_evaluation SET level = 4 WHERE level = 2")
    found = actions.reveal_canaries(data=data, by=0, at=clock.now())
    assert found.planned == {1: 2, 2: 1, 5: 2}
    assert (found.missing, found.altered) == ({1: 1}, {2: 1})
    with pytest.raises(rules.BadCanaries):
        actions.reveal_canaries(data=data, by=0, at=clock.now())  # what it found stays found
    page = Client().get("/open/ledger").text
    assert "审计厅" in page
    assert "被改" in page
    assert services[0].project_no not in page


def test_a_list_that_is_sealed_after_its_ratings_proves_nothing(
    world: people.Place, tmp_path: Path, settings: Any
) -> None:
    settings.HOME = tmp_path / "home"
    service = given_record()
    register(service)
    submit(given_rating(service, 5))
    data = (
        f"# salt {'0' * 64}\nproject_no,service_number,level\n{service.project_no},1,5\n".encode()
    )
    later = clock.now() + timedelta(minutes=1)
    actions.announce_canaries(auditor="自己", sha256=rules.digest(data), by=0, at=later)
    with pytest.raises(rules.BadCanaries):
        actions.reveal_canaries(data=data, by=0, at=later)


def test_a_mirror_copies_what_continues_it_and_refuses_another_history(
    home: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    assert run("mirror", str(home), str(copy), "--key", key()).returncode == 0
    assert run("log", "--from", str(copy), "--key", key()).returncode == 0
    (day,) = [one.day for one in queries.days()]
    assert run("day", str(day), "--from", str(copy), "--key", key()).returncode == 0
    old = (copy / "checkpoint").read_text()
    log = logs.logs()[0]
    ledger.append(log_id=log.pk, entries=[b"\1\1" + bytes(32)] * 300)
    ledger.publish(log_id=log.pk, at=clock.now())
    assert run("mirror", str(home), str(copy), "--key", key()).returncode == 0
    assert run("log", "--from", str(copy), "--key", key()).returncode == 0
    since = tmp_path / "old"
    since.write_text(old)
    assert run("log", "--from", str(home), "--key", key(), "--since", str(since)).returncode == 0
    # the log signs another history for the same numbers
    note = notes.parse(old)
    size = notes.parse_checkpoint(note.text).size
    forged = notes.Checkpoint(log.origin, size, b"\7" * 32).text
    lines = tuple(one.sign(log.origin, forged) for one in logs.secrets_of(log.name))
    since.write_text(notes.Note(forged, lines).whole)
    done = run("log", "--from", str(home), "--key", key(), "--since", str(since))
    assert "history was changed" in done.stderr


@contextlib.contextmanager
def serving(path: Path, name: str = "audit.example/w1") -> Iterator[tuple[Any, str]]:
    """Run a witness of our log."""
    seen = witness.Witness(str(path), name, [key()])

    class Handler(witness.Handler):  # type: ignore[name-defined, misc]
        pass

    Handler.witness = seen
    try:
        with stack.serving(Handler) as url:
            yield seen, url
    finally:
        seen.store.close()


def test_witnesses_sign_below_the_checkpoint_and_another_program_believes_them(
    home: Path, tmp_path: Path, settings: Any
) -> None:
    settings.OUTBOUND_ALLOW = networks("127.0.0.0/8")
    with (
        serving(tmp_path / "w1") as (one, url),
        serving(tmp_path / "w2", "paper/w2") as (two, other),
    ):
        settings.LEDGER_WITNESSES = f"{url} {one.vkey}, {other} {two.vkey}"
        settings.LEDGER_ENOUGH = 2
        tasks.witness(clock.now())
        text = (home / "checkpoint").read_text()
        for vkey in (key(), one.vkey, two.vkey):
            Checkpoint.from_text(text).verify(Vkey.from_string(vkey))  # raises where it is wrong
        both = ["--witness", one.vkey, "--witness", two.vkey, "--enough", "2"]
        assert run("receipt", str(receipt(tmp_path)), "--key", key(), *both).returncode == 0
        log = logs.logs()[0]
        cover = logs.covering(log.pk, 0)
        assert cover
        assert cover.cosigned_at
        ledger.append(log_id=log.pk, entries=[b"\1\1" + bytes(32)] * 40)
        ledger.publish(log_id=log.pk, at=clock.now())
        # a proof keeps to the last checkpoint that enough have signed, though the log has grown
        assert run("receipt", str(receipt(tmp_path)), "--key", key(), *both).returncode == 0
        unsigned = logs.prove(log.pk, log.size + 1)
        assert unsigned
        assert one.vkey.partition("+")[0] not in unsigned
        tasks.witness(clock.now())  # from where they stood
        assert one.vkey.partition("+")[0] in (logs.prove(log.pk, log.size + 1) or "")
        assert run("receipt", str(receipt(tmp_path)), "--key", key(), *both).returncode == 0
        told = hashlib.sha256(log.origin.encode()).hexdigest()
        assert httpx.get(f"{url}/{told}/checkpoint").status_code == 200


def test_a_witness_that_knows_both_keys_goes_on_when_a_log_changes_its_key(
    home: Path, tmp_path: Path
) -> None:
    log = logs.logs()[0]
    old = key()
    (new, *_) = [one for one in ledger.rotate(log_id=log.pk, by=0, at=clock.now()) if "+" in one]
    knows_both = witness.Witness(tmp_path / "w", "audit/w", [old, new])
    knows_one = witness.Witness(tmp_path / "v", "audit/v", [new])
    for number, at in enumerate((clock.now(), clock.now() + timedelta(days=91))):
        actions.state(said={"v": 1, "kind": "test", "n": number}, kind=notes.Leaf.KEY, at=at)
        ledger.publish(log_id=log.pk, at=at)
        note = (home / "checkpoint").read_text()
        size = knows_both.seen(log.origin)[0]
        path = notes.consistency(size, logs.logs()[0].size, logs.in_files(log.name, log.size + 2))
        proof = "".join(f"{base64.b64encode(node).decode()}\n" for node in path if size)
        assert knows_both.add(f"old {size}\n{proof}\n{note}".encode()).startswith("— audit/w ")
        if not number:
            assert knows_one.add(f"old 0\n\n{note}".encode())
    (verify_key,) = [one for one in knows_both.logs.values() if len(one) == 2]
    assert set(verify_key) == {old, new}


def test_a_witness_never_signs_another_history_nor_goes_back(home: Path, tmp_path: Path) -> None:
    log = logs.logs()[0]
    ledger.append(log_id=log.pk, entries=[b"\1\1" + bytes(32)] * 40)
    ledger.publish(log_id=log.pk, at=clock.now())
    note = (home / "checkpoint").read_text()
    size = notes.parse_checkpoint(notes.parse(note).text).size
    at = logs.in_files(log.name, size)
    with serving(tmp_path / "w1") as (_, url):

        def send(old: int, path: list[bytes], text: str) -> httpx.Response:
            body = notes.add_checkpoint(old, path, text).encode()
            return httpx.post(f"{url}/add-checkpoint", content=body)

        def signed(number: int, root: bytes, origin: str = log.origin) -> str:
            text = notes.Checkpoint(origin, number, root).text
            lines = tuple(one.sign(origin, text) for one in logs.secrets_of(log.name))
            return notes.Note(text, lines).whole

        smaller = signed(20, logs.root_at(log.pk, 20))
        assert send(0, [], smaller).status_code == 200
        answer = send(0, [], note)
        assert (answer.status_code, answer.text) == (409, "20\n")
        assert answer.headers["Content-Type"] == "text/x.tlog.size"
        assert send(20, [bytes(32)], note).status_code == 422
        assert send(20, notes.consistency(20, size, at), note).status_code == 200
        assert send(size, [], note).status_code == 200  # the same again
        junk = "".join(
            f"— somebody/{n} {base64.b64encode(bytes([n] * 40)).decode()}\n" for n in range(9)
        )
        assert send(size, [], note + junk).status_code == 200
        held = httpx.get(f"{url}/{hashlib.sha256(log.origin.encode()).hexdigest()}/checkpoint").text
        assert "somebody" not in held  # whoever adds lines keeps nobody from reading it
        assert send(size, [], signed(size, b"\7" * 32)).status_code == 409  # a fork
        assert send(20, notes.consistency(20, size, at), note).status_code == 409
        assert send(size + 1, [], note).status_code == 400
        assert send(0, [], signed(5, bytes(32), "another/log")).status_code == 404
        root = base64.b64encode(logs.root_at(log.pk, 7)).decode()
        for text in (
            *(
                f"{log.origin}\n{number}\n{root}\n"
                for number in ("007", "+7", "1_0", "７", " 7", "")
            ),
            *(
                f"{log.origin}\n7\n{short}"
                for short in ("AAAA\n", f"{root}AA==\n", f"{root[:-1]}\n")
            ),
            f"{log.origin}\n0\n{root}\n",
        ):
            lines = tuple(one.sign(log.origin, text) for one in logs.secrets_of(log.name))
            assert send(size, [], notes.Note(text, lines).whole).status_code == 400, text
        assert send(0, [], note.replace("— ", "— x", 1)).status_code in (400, 403)
        for body in (b"", b"old x\n\n", b"\xff", b"old 01\n\n" + note.encode()):
            assert httpx.post(f"{url}/add-checkpoint", content=body).status_code == 400, body
        assert httpx.get(f"{url}/anything").status_code == 404


def test_of_many_who_ask_a_witness_at_once_none_turns_it_back(home: Path, tmp_path: Path) -> None:
    """Each says from where it believes the witness to go on, and learns better from its answer."""
    log = logs.logs()[0]
    ledger.append(log_id=log.pk, entries=[b"\1\1" + bytes(32)] * 64)
    ledger.publish(log_id=log.pk, at=clock.now())
    size = notes.parse_checkpoint(notes.parse((home / "checkpoint").read_text()).text).size
    sizes = list(range(8, size, 3))
    at = logs.in_files(log.name, size)
    secrets_ = logs.secrets_of(log.name)
    roots = {number: logs.root_at(log.pk, number) for number in sizes}
    paths = {
        (old, new): notes.consistency(old, new, at) for old in sizes for new in sizes if old < new
    }
    held = f"{hashlib.sha256(log.origin.encode()).hexdigest()}/checkpoint"
    with serving(tmp_path / "w1") as (_, url):

        def insist(number: int) -> bool:
            text = notes.Checkpoint(log.origin, number, roots[number]).text
            note = notes.Note(text, tuple(one.sign(log.origin, text) for one in secrets_)).whole
            old = 0
            while old <= number:
                path = paths.get((old, number), [])
                body = notes.add_checkpoint(old, path, note).encode()
                answer = httpx.post(f"{url}/add-checkpoint", content=body)
                if answer.status_code == 200:
                    text = httpx.get(f"{url}/{held}").text
                    seen = notes.parse_checkpoint(notes.parse(text).text).size
                    assert seen >= number  # somebody may have gone on since, nobody back
                    return True
                assert answer.status_code == 409, answer.text
                old = int(answer.text)
            return False  # it saw more meanwhile: what is smaller is refused for good

        with ThreadPoolExecutor(8) as many:
            taken = [
                number for number, done in zip(sizes, many.map(insist, sizes), strict=True) if done
            ]
        last = notes.parse_checkpoint(notes.parse(httpx.get(f"{url}/{held}").text).text).size
    assert last == max(taken) == max(sizes)


def test_a_witness_that_lost_what_it_saw_does_not_start_as_if_nothing_was(tmp_path: Path) -> None:
    path = tmp_path / "w.sqlite"
    key_ = notes.vkey("a/log", notes.ED25519, bytes(32))
    with pytest.raises(SystemExit):
        witness.Witness(path, "audit/w", [key_], False)
    made = witness.Witness(path, "audit/w", [key_], True)
    again = witness.Witness(path, "audit/w", [key_], False)
    assert again.vkey == made.vkey
    path.write_bytes(b"")
    with pytest.raises(SystemExit):
        witness.Witness(path, "audit/w", [key_], False)


def test_a_witness_that_saw_more_than_we_hold_freezes_the_log(
    home: Path, tmp_path: Path, settings: Any
) -> None:
    settings.OUTBOUND_ALLOW, settings.LEDGER_ENOUGH = networks("127.0.0.0/8"), 1
    log = logs.logs()[0]
    with serving(tmp_path / "w1") as (one, url):
        settings.LEDGER_WITNESSES = f"{url} {one.vkey}"
        tasks.publish(clock.now())  # this process has asked it
        shutil.copytree(home, tmp_path / "older")
        before = {column: getattr(log, column) for column in ("size", "frontier", "published")}
        ledger.append(log_id=log.pk, entries=[b"\1\1" + bytes(32)] * 40)
        tasks.publish(clock.now())
        tasks.publish(clock.now())  # what it saw of this it remembers
        tasks.witness(clock.now())
        # database and folder of before are put in their place, under a worker that goes on
        rows("DELETE FROM ledger_entry WHERE log_id = $1 AND no >= $2", log.pk, before["size"])
        rows("DELETE FROM ledger_checkpoint WHERE size > $1", before["size"])
        type(log).objects.filter(pk=log.pk).update(**before)
        shutil.rmtree(home)
        shutil.copytree(tmp_path / "older", home)
        ledger.append(log_id=log.pk, entries=[b"\1\1" + bytes(32)])
        tasks.publish(clock.now())
        frozen = logs.logs()[0].frozen
    assert "has seen" in frozen


@contextlib.contextmanager
def answering(status: int, body: bytes) -> Iterator[str]:
    """Run what answers everything alike; give its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, *_: object) -> None: ...

    with stack.serving(Handler) as url:
        yield url


def test_what_stands_before_a_witness_does_not_answer_for_it(home: Path, settings: Any) -> None:
    settings.OUTBOUND_ALLOW = networks("127.0.0.0/8")
    log = logs.logs()[0]
    with answering(502, b"") as url, pytest.raises(partners.Unreachable):
        partners.seen(partners.Witness(url, key()), log)
    with answering(404, b"") as url:
        assert partners.seen(partners.Witness(url, key()), log) is None


@pytest.mark.parametrize("since", [0, 2, 60])
def test_what_a_witness_saw_is_asked_before_a_restored_machine_signs(
    home: Path, tmp_path: Path, settings: Any, since: int
) -> None:
    settings.OUTBOUND_ALLOW, settings.LEDGER_ENOUGH = networks("127.0.0.0/8"), 1
    tasks._guarded.clear()
    backup, files = logs.logs()[0], tmp_path / "backup"
    shutil.copytree(home, files)
    with serving(tmp_path / "w.sqlite") as (seen, url):
        settings.LEDGER_WITNESSES = f"{url} {seen.vkey}"
        ledger.append(log_id=backup.pk, entries=[b"\1\1" + bytes(32)] * 30)
        tasks.publish(clock.now())
        tasks.witness(clock.now())
        assert logs.logs()[0].frozen == ""
        # the machine is lost; database and folder come back from the night before
        rows("DELETE FROM ledger_entry WHERE no >= $1", backup.size)
        rows("DELETE FROM ledger_checkpoint WHERE size > $1", backup.size)
        backup.save()
        shutil.rmtree(home)
        shutil.copytree(files, home)
        ledger.append(log_id=backup.pk, entries=[b"\1\1" + b"\7" * 32] * since)
        tasks._guarded.clear()  # as a worker that starts
        before = (home / "checkpoint").read_text()
        settings.LEDGER_WITNESSES = f"http://127.0.0.1:1 {seen.vkey}"
        if not since:  # it is away at first, and nothing is to be signed
            tasks.publish(clock.now())
            assert logs.logs()[0].frozen == ""
        settings.LEDGER_WITNESSES = f"{url} {seen.vkey}"
        tasks.publish(clock.now())
    assert "has seen" in logs.logs()[0].frozen
    assert (home / "checkpoint").read_text() == before


def test_a_witness_that_signs_all_night_while_another_is_away_freezes_nothing(
    home: Path, tmp_path: Path, settings: Any
) -> None:
    settings.OUTBOUND_ALLOW, settings.LEDGER_ENOUGH = networks("127.0.0.0/8"), 2
    log = logs.logs()[0]
    with serving(tmp_path / "w.sqlite") as (seen, url):
        settings.LEDGER_WITNESSES = f"{url} {seen.vkey}"
        size = logs.logs()[0].published
        (asked,) = partners.witnesses(settings.LEDGER_WITNESSES)
        line = partners.cosign(asked, log, size, (home / "checkpoint").read_text())
        data = base64.b64decode(line.split(" ")[2])
    facts = {"log_id": log.pk, "size": size, "at": clock.now()}
    for minute in range(110):  # another time, and so another line of the same witness
        later = data[:4] + (int.from_bytes(data[4:12]) + minute).to_bytes(8) + data[12:]
        told = f"— {seen.name} {base64.b64encode(later).decode()}\n"
        ledger.add_cosignatures(lines=told, enough=False, **facts)
    text = (home / "checkpoint").read_text()
    assert text.count(seen.name) == 1
    assert ledger.look(log_id=log.pk, at=clock.now())


def test_witnesses_that_are_away_for_long_raise_an_alarm(home: Path, settings: Any) -> None:
    settings.LEDGER_WITNESSES = f"http://127.0.0.1:1 {notes.vkey('w/1', 4, bytes(32))}"
    settings.OUTBOUND_ALLOW = networks("127.0.0.0/8")
    now = clock.now()
    tasks.witness(now)
    assert readers.alarms(now) == []
    tasks.witness(now + timedelta(hours=2))
    assert "witness 2026" in readers.alarms(now)
    with serving(home / "w") as (one, url):
        settings.LEDGER_WITNESSES, settings.LEDGER_ENOUGH = f"{url} {one.vkey}", 1
        tasks.witness(now + timedelta(hours=2))
        tasks.witness(now + timedelta(hours=3))
    assert "witness 2026" not in readers.alarms(now)


def test_a_witness_that_is_away_or_talks_nonsense_stops_nothing(home: Path, settings: Any) -> None:
    settings.OUTBOUND_ALLOW = networks("127.0.0.0/8")
    vkey = notes.vkey("away/w", notes.COSIGNATURE, bytes(32))
    settings.LEDGER_WITNESSES = f"http://127.0.0.1:1 {vkey}"
    before = (home / "checkpoint").read_text()
    tasks.witness(clock.now())
    answers = (
        (200, b""),
        (200, b"\xff"),
        (200, b"\xe2\x80\x94 away/w AAAA\n"),
        (404, b""),
        (422, b""),
    )
    for status, body in (*answers, (409, b"x"), (409, b"99999999\n"), (500, b"")):
        with answering(status, body) as url:
            settings.LEDGER_WITNESSES = f"{url} {vkey}"
            tasks.witness(clock.now())
            tasks.publish(clock.now())
        assert (home / "checkpoint").read_text() == before
        assert not logs.logs()[0].frozen
    assert partners.witnesses("") == []
