"""Devices at windows: pairing, state, calls, and what the keys of a box mean."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import people
import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from people import CITY, NOON, given_record, register, signed_in

from haochaping.audit import queries as audit
from haochaping.devices import actions, models, queries, rules
from haochaping.devices.rules import DeviceKind
from haochaping.directory import models as directory
from haochaping.identity.rules import SignedRequest, signed
from haochaping.kernel import clock
from haochaping.kernel.errors import NotAllowed, NotFound, TooOften
from haochaping.records import queries as records

SECOND = timedelta(seconds=1)


def offered(world: people.Place) -> str:
    """Offer a pairing at the window of the small world."""
    window = directory.Window.objects.get(code=world.window)
    return actions.offer_pairing(
        window_id=window.pk, region=CITY, kind=DeviceKind.BOX, by=world.users["city"], at=NOON
    )


def paired(world: people.Place) -> models.Device:
    """Pair a box with the window of the small world."""
    return actions.pair(digits=offered(world), address=None, by=0, at=NOON)[0]


def test_a_pairing_code_is_good_once_within_ten_minutes(world: people.Place) -> None:
    digits = offered(world)
    for moment in (NOON + timedelta(minutes=10), NOON + timedelta(hours=1)):
        with pytest.raises(rules.WrongPairing):
            actions.pair(digits=digits, address=None, by=0, at=moment)
    device, secret = actions.pair(
        digits=digits, address=None, by=0, at=NOON + timedelta(minutes=10) - SECOND
    )
    assert (device.kind, device.region) == ("box", CITY)
    assert len(secret) == 64
    assert secret.encode() not in bytes(device.secret)
    key = queries.device(device.kid)
    assert key is not None
    assert key.key.secret == secret.encode()
    assert key.key.reach.scope == (CITY, CITY)
    with pytest.raises(rules.WrongPairing):
        actions.pair(digits=digits, address=None, by=0, at=NOON)
    assert [entry.verb for entry in audit.of("device", device.pk)] == ["pair"]


def wrong(count: int, address: str, at: datetime) -> None:
    """Try wrong codes from an address, all at one moment."""
    rows = [models.PairingFailure(address=address, at=at) for _ in range(count)]
    models.PairingFailure.objects.bulk_create(rows)


def test_after_ten_wrong_codes_an_address_waits_a_quarter_minute_and_is_never_shut_out(
    world: people.Place,
) -> None:
    good = offered(world)
    for number in range(10):
        with pytest.raises(rules.WrongPairing):
            actions.pair(digits="no", address="10.0.0.9", by=0, at=NOON + number * SECOND)
    with pytest.raises(TooOften) as refused:
        actions.pair(digits=good, address="10.0.0.9", by=0, at=NOON + 10 * SECOND)
    assert refused.value.seconds == 14
    actions.pair(digits=good, address="10.0.0.8", by=0, at=NOON + 10 * SECOND)
    with pytest.raises(rules.WrongPairing):  # used, and open again
        actions.pair(digits=good, address="10.0.0.9", by=0, at=NOON + 24 * SECOND)
    with pytest.raises(TooOften):
        actions.pair(digits=good, address="10.0.0.9", by=0, at=NOON + 25 * SECOND)
    with pytest.raises(rules.WrongPairing):
        actions.pair(digits="no", address="10.0.0.9", by=0, at=NOON + timedelta(minutes=11))


def test_guessing_from_everywhere_slows_everybody_by_two_seconds(world: people.Place) -> None:
    good = offered(world)
    wrong(299, "10.0.0.1", NOON)
    with pytest.raises(rules.WrongPairing):
        actions.pair(digits="no", address="10.0.0.2", by=0, at=NOON + SECOND)
    with pytest.raises(TooOften):
        actions.pair(digits=good, address="10.0.0.3", by=0, at=NOON + 2 * SECOND)
    actions.pair(digits=good, address="10.0.0.3", by=0, at=NOON + 3 * SECOND)


@pytest.mark.parametrize("who", ["foreign", "handler", "agent", "auditor"])
def test_a_device_is_paired_and_disabled_only_by_who_keeps_its_region(
    world: people.Place, who: str
) -> None:
    device = paired(world)
    with pytest.raises(NotAllowed):
        actions.disable(device_id=device.pk, by=world.users[who], at=NOON)
    with pytest.raises(NotAllowed):
        actions.offer_pairing(
            window_id=1, region=CITY, kind=DeviceKind.BOX, by=world.users[who], at=NOON
        )
    assert queries.device(device.kid) is not None


def test_what_a_device_has_signed_is_good_once(world: people.Place) -> None:
    device = paired(world)
    key = queries.device(device.kid)
    assert key is not None
    request = SignedRequest("POST", "/k/state", "", b"{}", {})

    def send(heads: Mapping[str, str]) -> int:
        told = {"content_type": "application/json", "headers": heads}
        return Client().post("/k/state", b"{}", **told).status_code

    heads = signed(request, key.key, clock.now())
    assert [send(heads), send(heads)] == [200, 409]
    assert send(signed(request, key.key, clock.now())) == 200


def test_a_disabled_device_is_no_device(world: people.Place) -> None:
    device = paired(world)
    ticket = queries.ticket(device.kid)
    assert queries.device_of_ticket(ticket) is not None
    assert queries.device_of_ticket(ticket[:-2]) is None
    actions.disable(device_id=device.pk, by=world.users["city"], at=NOON)
    assert queries.device(device.kid) is None
    assert queries.device_of_ticket(ticket) is None
    with pytest.raises(NotFound):
        actions.disable(device_id=device.pk, by=world.users["city"], at=NOON)
    assert [entry.verb for entry in audit.of("device", device.pk)] == ["pair", "disable_device"]


def test_a_heartbeat_shows_how_a_device_is_and_a_number_that_never_came(
    world: people.Place,
) -> None:
    device = paired(world)
    actions.note_heartbeat(
        device_id=device.pk,
        version="9" * 60,
        waiting=-3,
        dead=10**9,
        clock_at=NOON + timedelta(seconds=90),
        at=NOON,
    )
    for seq in (1, 2, 5):
        noted = rules.Noted(f"k{seq}", 1, NOON, "A")
        number = queries.free_number(device.pk, seq)
        actions.note_rating(device_id=device.pk, number=number, given=noted, at=NOON)
    assert queries.free_number(device.pk, 2) == rules.Number(1, 2)
    assert queries.free_number(device.pk, 3) == rules.Number(0, 3)
    (line,) = queries.devices((CITY, CITY), NOON + timedelta(minutes=3))
    assert (line.gap, line.waiting, line.dead, line.skew_seconds) == (2, 0, 10**6, 90)
    assert (len(line.version), line.health.name, line.window) == (40, "alive", "A03")
    (line,) = queries.devices((CITY, CITY), NOON + timedelta(minutes=3, seconds=1))
    assert line.health.name == "quiet"
    assert queries.devices((1, 2), NOON) == []
    assert rules.health(None, NOON).name == "never"
    assert queries.answer_of_tracking("k5") is None
    (answer,) = queries.answers(device.pk, 2, current=True)
    assert answer.answer == "A"
    assert queries.counted() == {"devices": 1, "received": 3, "missing": 2, "restarts": 0}


def test_devices_are_narrowed_and_one_that_was_disabled_is_used_again(world: people.Place) -> None:
    device = paired(world)
    city = people.signed_in(world.users["city"])

    def shown(**asked: object) -> bool:
        page = city.get("/admin/devices/", asked).content.decode()
        return device.kid in page

    assert shown(state="quiet")
    assert shown(kind=device.kind, city=320700, search=device.kid)
    assert not shown(state="alive")
    assert not shown(city=320500)
    address = f"/admin/devices/{device.pk}/"
    assert city.post(f"{address}enable").status_code == 404
    assert city.post(f"{address}disable").status_code == 302
    assert shown(state="disabled")
    assert not shown(state="quiet")
    assert people.signed_in(world.users["foreign"]).post(f"{address}enable").status_code in (
        403,
        404,
    )
    assert city.post(f"{address}enable").status_code == 302
    device.refresh_from_db()
    assert device.disabled_at is None


def test_what_a_series_lacked_is_not_forgotten_when_the_counter_begins_again(
    world: people.Place,
) -> None:
    device = paired(world)

    def came(series: int, seq: int) -> dict[str, int]:
        noted = rules.Noted(f"k{series}-{seq}", 1, NOON, "A")
        number = rules.Number(series, seq)
        actions.note_rating(device_id=device.pk, number=number, given=noted, at=NOON)
        return queries.counted()

    for seq in (1, 2, 5):
        came(0, seq)
    assert came(1, 1) == {"devices": 1, "received": 4, "missing": 2, "restarts": 1}
    assert came(1, 3)["missing"] == 3
    assert came(0, 4)["missing"] == 2  # late, from before the restart
    assert came(1, 2) == {"devices": 1, "received": 7, "missing": 1, "restarts": 1}
    (line,) = queries.devices((CITY, CITY), NOON)
    assert line.gap == 1


def test_a_call_stands_for_three_minutes_and_lapses_as_not_rated(world: people.Place) -> None:
    (first,), (second,) = register(given_record()), register(given_record())
    window = directory.Window.objects.get(code=world.window).pk
    by = {"window_id": window, "region": CITY, "by": world.users["city"]}
    one = actions.call(service=records.services({first.key})[first.key], at=NOON, **by)
    assert queries.open_call(window, NOON + timedelta(seconds=179)) == one
    assert queries.open_call(window, NOON + timedelta(seconds=180)) is None
    two = actions.call(service=records.services({second.key})[second.key], at=NOON + SECOND, **by)
    assert queries.open_call(window, NOON + SECOND) == two
    actions.answer_call(record_id=second.key, outcome="rated", at=NOON + 2 * SECOND)
    actions.answer_call(record_id=second.key, outcome="not_rated", at=NOON + 3 * SECOND)
    assert [call.outcome for call in queries.recent_calls(window, NOON)] == ["rated", "not_rated"]
    assert queries.recent_calls(window, NOON + timedelta(minutes=1)) == []
    assert queries.record_number(two)


@pytest.mark.parametrize(
    ("model", "levels"),
    [
        ("standard", {5: 5, 4: 4, 3: 3, 2: 2, 1: 1, -2: None}),
        ("keypad-0", {3: 5, 2: 4, 1: 3, 0: 2, 5: 1, -2: None}),
        ("keypad-4", {1: 4, 2: 3, 3: 2, 4: 1, -2: None}),
        ("gwq", {1: 5, 2: 4, 3: 3, 4: 2, 5: 1, -2: None}),
    ],
)
def test_each_key_means_what_domain_1_5_5_says(model: str, levels: dict[int, int | None]) -> None:
    for key in range(-3, 10):
        if key in levels:
            assert rules.level_of_key(model, key) == levels[key]
        else:
            with pytest.raises(rules.KeyUnknown):
                rules.level_of_key(model, key)
    with pytest.raises(rules.KeyUnknown):
        rules.level_of_key("another", 5)


def test_what_a_box_sends_is_read_or_refused() -> None:
    press = rules.read_press({"seq": "7", "key": 2, "codes": "207| 208,", "age": 10**9})
    assert press == rules.Press(7, 2, (207, 208), 86400 * 30)
    assert rules.read_press({"seq": 1, "key": -2, "age": -5}) == rules.Press(1, None, (), 0)
    assert rules.read_press({"seq": 1, "key": 5}).seconds_ago == 0
    press = {"seq": 1, "key": 5}
    for bad in (
        {},
        {"seq": 1},
        press | {"seq": "x"},
        press | {"codes": "a"},
        press | {"isDefault": 1},
        *(press | {"seq": seq} for seq in (-1, 10**30, float("inf"))),
        press | {"age": float("inf")},
    ):
        with pytest.raises(rules.KeyUnknown):
            rules.read_press(bad)
    assert rules.read_message('{"code": 40100, "data": {"key": 5}}') == (40100, {"key": 5})
    assert rules.read_message('{"code": "40000", "data": 3}') == (40000, {})
    for text in (None, "", "[]", "{}", '{"code": "x"}', "[" * 100_000):
        assert rules.read_message(text) == (rules.Said.BAD_FORMAT, {})
    assert [int(said) for said in rules.Said] == [40000, 40001, 40002, 40100, 50000, 50100]


def test_a_window_calls_only_what_was_served_there_or_by_its_department(
    world: people.Place,
) -> None:
    elsewhere = given_record(department_code=people.OTHER, item_code=people.item_of(people.OTHER))
    same_office = given_record(window_code="")
    (other,), (ours,) = register(replace(elsewhere, window_code="")), register(same_office)
    window = directory.Window.objects.get(code=world.window).pk
    by = {"window_id": window, "region": CITY, "by": world.users["city"], "at": NOON}
    found = records.services({other.key, ours.key})
    with pytest.raises(rules.NotOfThisWindow):
        actions.call(service=found[other.key], **by)
    assert queries.open_call(window, NOON) is None
    actions.call(service=found[ours.key], **by)
    assert queries.was_called(window, ours.key)
    assert not queries.was_called(window, other.key)


@given(
    st.text("0123456789ABCDEFGHJKMNPQRSTVWXYZ", min_size=8, max_size=8),
    st.binary(min_size=16, max_size=16),
)
def test_the_four_digits_come_from_the_secret_part_of_a_key(shown: str, secret: bytes) -> None:
    digits = rules.digits_of(f"{shown}-{secret.hex()}")
    assert digits == f"{int.from_bytes(secret[:3]) % 10_000:04d}"
    assert rules.digits_of(shown) == rules.digits_of(f"{shown}-zz") == ""


def test_devices_are_found_counted_and_exported_whole(world: people.Place) -> None:
    paired(world)
    city = signed_in(world.users["city"])
    page = city.get("/admin/devices/?search=A03").content.decode()
    assert "共 1 台" in " ".join(page.split())
    assert "共 0 台" in " ".join(city.get("/admin/devices/?search=没有").content.decode().split())
    lines = city.get("/admin/devices/?as=csv").content.decode("utf-8-sig").splitlines()
    assert len(lines) == 2
    foreign = signed_in(world.users["foreign"]).get("/admin/devices/?as=csv")
    assert len(foreign.content.decode("utf-8-sig").splitlines()) == 1


def test_a_device_is_moved_from_the_page(world: people.Place) -> None:
    device = paired(world)
    first = directory.Window.objects.get(code=world.window)
    facts = {"department": first.department, "opens": first.opens, "closes": first.closes}
    other = directory.Window.objects.create(code="W2", hall=first.hall, number="A09", **facts)
    city = signed_in(world.users["city"])
    form = {"kid": f" {device.kid} ", "window": str(other.pk)}
    page = city.post("/admin/devices/move", form)
    assert page.status_code == 200
    assert f"{device.kid} 已移到" in page.content.decode()
    assert [entry.verb for entry in audit.of("device", device.pk)] == ["pair", "move_device"]
    again = city.post("/admin/devices/move", form)
    assert again.status_code == rules.NoSuchDevice.status
    assert "它已在该窗口" in again.content.decode()
    back = {"kid": device.kid, "window": str(first.pk)}
    assert signed_in(world.users["foreign"]).post("/admin/devices/move", back).status_code == 403
    assert signed_in(world.users["handler"]).post("/admin/devices/move", back).status_code == 403
    assert models.Device.objects.get().window_id == other.pk
