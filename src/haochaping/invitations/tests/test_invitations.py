"""Links, codes that people type, and QR codes: who may use them, and until when."""

from datetime import timedelta

import people
import pytest
from people import CITY, ELSEWHERE, NOON, given_record, register

from haochaping.audit import queries as audit
from haochaping.directory import models as directory
from haochaping.invitations import actions, models, queries, rules
from haochaping.invitations.rules import Place
from haochaping.kernel import clock
from haochaping.kernel.errors import NotAllowed, NotFound, TooOften
from haochaping.notifications import models as messages

SECOND = timedelta(seconds=1)
PHONE = "13812345678"
HERE = "198.51.100.7"


def service() -> int:
    """Register a service and return its key."""
    (stored,) = register(given_record())
    assert stored.key is not None
    return stored.key


def test_a_link_is_good_for_ninety_days_and_leads_to_its_service(world: people.Place) -> None:
    record = service()
    token = actions.invite(record_id=record, back_url="https://a.cn/x", at=NOON)
    found = queries.opened(token, NOON + timedelta(days=90))
    assert (found.record_id, found.channel, found.back_url) == (record, 8, "https://a.cn/x")
    with pytest.raises(queries.LinkExpired):
        queries.opened(token, NOON + timedelta(days=90) + SECOND)
    with pytest.raises(queries.LinkUnknown):
        queries.opened(token[:-1] + ("a" if token[-1] != "a" else "b"), NOON)


def test_a_link_may_be_shorter_and_what_was_rated_stays_readable(world: people.Place) -> None:
    token = actions.invite(record_id=service(), days=1, at=NOON)
    with pytest.raises(queries.LinkExpired):
        queries.opened(token, NOON + timedelta(days=1) + SECOND)
    other = actions.invite(record_id=service(), at=NOON)
    actions.finish(token=other, at=NOON + SECOND)
    actions.finish(token=other, at=NOON + timedelta(days=5))  # the first time is kept
    late = queries.opened(other, NOON + timedelta(days=900))
    assert late.finished_at == NOON + SECOND


def test_links_are_stored_as_what_cannot_be_turned_back(world: people.Place) -> None:
    token = actions.invite(record_id=service(), at=NOON)
    (row,) = models.Link.objects.all()
    assert token.encode() not in bytes(row.token_hash)
    assert len(token) >= 20


def test_a_phone_code_is_good_once_within_five_minutes(world: people.Place) -> None:
    digits = actions.send_check(phone=PHONE, address=HERE, region=CITY, at=NOON)
    assert len(digits) == 6
    assert digits.isdigit()
    with pytest.raises(rules.WrongCode):
        actions.confirm_check(phone="13800000000", digits=digits, at=NOON)
    with pytest.raises(rules.WrongCode):
        actions.confirm_check(phone=PHONE, digits=digits, at=NOON + timedelta(minutes=5))
    actions.confirm_check(
        phone=PHONE, digits=f" {digits} ", at=NOON + timedelta(minutes=5) - SECOND
    )
    with pytest.raises(rules.WrongCode):
        actions.confirm_check(phone=PHONE, digits=digits, at=NOON + SECOND)


def test_a_phone_code_may_be_guessed_five_times(world: people.Place) -> None:
    digits = actions.send_check(phone=PHONE, address=HERE, region=CITY, at=NOON)
    wrong = f"{(int(digits) + 1) % 10**6:06d}"
    for _ in range(4):
        with pytest.raises(rules.WrongCode):
            actions.confirm_check(phone=PHONE, digits=wrong, at=NOON)
    actions.confirm_check(phone=PHONE, digits=digits, at=NOON)  # the fifth try is one
    later = NOON + timedelta(minutes=2)
    digits = actions.send_check(phone=PHONE, address=HERE, region=CITY, at=later)
    wrong = f"{(int(digits) + 1) % 10**6:06d}"
    for _ in range(5):
        with pytest.raises(rules.WrongCode):
            actions.confirm_check(phone=PHONE, digits=wrong, at=later)
    with pytest.raises(rules.WrongCode):  # the right one comes too late
        actions.confirm_check(phone=PHONE, digits=digits, at=later)
    assert models.PhoneCheck.objects.latest("pk").tries == 6


@pytest.mark.parametrize(
    ("ago", "wait"),
    [
        ([], None),
        ([60], None),  # seconds
        ([59], 1),
        ([0], 60),
        ([100, 200, 300, 400], None),
        ([100, 200, 300, 400, 3599], 1),
        ([100, 200, 300, 400, 3600], None),
        ([4000 + n for n in range(9)], None),
        ([4000 + n for n in range(10)], 86400 - 4009),
        ([86400 + n for n in range(20)], None),
    ],
)
def test_one_code_a_minute_five_an_hour_ten_a_day(ago: list[int], wait: int | None) -> None:
    sent = [NOON - timedelta(seconds=n) for n in ago]
    found = rules.wait_before_check(sent, NOON)
    assert (found.total_seconds() if found else None) == wait


def test_two_codes_in_a_minute_are_refused_and_say_how_long_to_wait(world: people.Place) -> None:
    actions.send_check(phone=PHONE, address=HERE, region=CITY, at=NOON)
    with pytest.raises(TooOften) as refused:
        actions.send_check(phone=PHONE, address=HERE, region=CITY, at=NOON + timedelta(seconds=20))
    assert "40" in refused.value.says.zh
    actions.send_check(phone="13900000000", address=HERE, region=CITY, at=NOON)
    assert messages.Message.objects.filter(template="check", urgent=True).count() == 2


def test_an_address_cannot_have_codes_sent_to_any_number_of_strangers(world: people.Place) -> None:
    limit, span = rules.CODES_OF_AN_ADDRESS
    for number in range(limit):
        actions.send_check(phone=f"139{number:08d}", address=HERE, region=CITY, at=NOON)
    with pytest.raises(TooOften) as refused:
        actions.send_check(phone=PHONE, address=HERE, region=CITY, at=NOON + SECOND)
    assert refused.value.seconds == span.total_seconds() - 1
    actions.send_check(phone=PHONE, address="198.51.100.8", region=CITY, at=NOON + SECOND)
    actions.send_check(phone="13700000000", address=HERE, region=CITY, at=NOON + span)


def test_many_addresses_together_have_a_limit_too() -> None:
    limit, _ = rules.CODES_OF_ALL
    assert rules.wait_before_more([], limit - 1, NOON) is None
    assert rules.wait_before_more([], limit, NOON) == timedelta(minutes=1)


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("https://a.gov.cn/x?y=1", "https://a.gov.cn"),
        ("https://a.gov.cn:8443/", "https://a.gov.cn:8443"),
        ("http://localhost:3000/x", "http://localhost:3000"),
        ("http://127.0.0.1/", "http://127.0.0.1"),
        ("http://a.gov.cn/", None),
        ("https://u@a.gov.cn/", None),
        ("https:///x", None),
        ("ftp://localhost/", None),
        ("javascript:alert(1)", None),
        ("https://a.gov.cn/;x", None),
        ("https://a.gov.cn/ x", None),
        ("https://a.gov.cn/\n", None),
        ("https://例.cn/", None),
        ("", None),
    ],
)
def test_only_plain_https_addresses_are_gone_back_to(address: str, origin: str | None) -> None:
    if origin is None:
        with pytest.raises(rules.BadAddress):
            rules.origin_of(address)
    else:
        assert rules.origin_of(address) == origin


def test_codes_are_made_once_and_an_old_poster_leads_on(world: people.Place) -> None:
    at_hall = {"kind": Place.HALL, "by": world.users["city"], "at": NOON}
    (code,) = actions.make_codes(targets=[(1, CITY)], **at_hall)
    (again, other) = actions.make_codes(targets=[(1, CITY), (2, CITY)], **at_hall)
    assert again.pk == code.pk
    assert len(code.short) == 8
    assert {entry.verb for entry in audit.of("qr_code", code.pk)} == {"make_codes"}
    fresh = actions.disable_code(code_id=code.pk, replace=True, by=world.users["city"], at=NOON)
    assert fresh is not None
    assert queries.scanned(code.short.lower()).pk == fresh.pk
    assert (
        actions.disable_code(code_id=fresh.pk, replace=False, by=world.users["city"], at=NOON)
        is None
    )
    with pytest.raises(rules.CodeDisabled):
        queries.scanned(code.short)
    with pytest.raises(NotFound):
        queries.scanned("NOTHERE2")
    with pytest.raises(NotFound):
        actions.disable_code(code_id=code.pk, replace=True, by=world.users["city"], at=NOON)
    assert queries.scanned(other.short).pk == other.pk
    verbs = [entry.verb for entry in audit.of("qr_code", code.pk)]
    assert verbs == ["make_codes", "replace_code"]
    assert [entry.verb for entry in audit.of("qr_code", fresh.pk)] == ["disable_code"]


def test_codes_of_another_city_are_not_ours_to_make_or_disable(world: people.Place) -> None:
    with pytest.raises(NotAllowed):
        actions.make_codes(
            kind=Place.HALL, targets=[(1, CITY), (2, ELSEWHERE)], by=world.users["city"], at=NOON
        )
    (code,) = actions.make_codes(
        kind=Place.HALL, targets=[(1, CITY)], by=world.users["province"], at=NOON
    )
    for who in ("foreign", "handler", "agent"):
        with pytest.raises(NotAllowed):
            actions.disable_code(code_id=code.pk, replace=False, by=world.users[who], at=NOON)
    assert queries.scanned(code.short).pk == code.pk


def test_scans_count_by_day_and_code(world: people.Place) -> None:
    (code,) = actions.make_codes(
        kind=Place.HALL, targets=[(1, CITY)], by=world.users["city"], at=NOON
    )
    for opened in (False, False, True):
        actions.note_scan(code_id=code.pk, opened=opened, at=NOON)
    actions.note_scan(code_id=code.pk, at=NOON - timedelta(days=40))
    assert queries.scans([code.pk], (NOON - timedelta(days=30)).date()) == {code.pk: (2, 1, 0)}


def test_a_codes_page_shows_its_scans_day_by_day(
    world: people.Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    (code,) = actions.make_codes(
        kind=Place.WINDOW,
        targets=[(directory.Window.objects.get(code="W1").pk, CITY)],
        by=world.users["city"],
        at=NOON,
    )
    for opened in (False, False, True):
        actions.note_scan(code_id=code.pk, opened=opened, at=NOON)
    monkeypatch.setattr(clock, "now", lambda: NOON + timedelta(days=2))
    office = people.signed_in(world.users["city"])
    address = f"/admin/codes/{code.pk}"
    page = office.get(address).content.decode()
    assert "A03" in page
    assert "<title>2026-11-18　2 / 1 / 0</title>" in page
    assert page.count("<title>2026") == 60
    rows = office.get(f"{address}?as=csv").content.decode().splitlines()
    assert rows[-3:] == ["2026-11-18,2,1,0", "2026-11-19,0,0,0", "2026-11-20,0,0,0"]
    assert people.signed_in(world.users["foreign"]).get(address).status_code == 404


def test_a_reply_counts_for_seven_days_and_by_the_number_it_was_sent_to() -> None:
    assert (rules.REPLY_DAYS, rules.LINK_DAYS, rules.CHECK_MINUTES, rules.MAX_TRIES) == (
        7,
        90,
        5,
        5,
    )
    assert timedelta(days=3) == rules.ASK_WITHIN


def test_a_rating_counts_for_the_code_that_led_to_it_once(world: people.Place) -> None:
    (code,) = actions.make_codes(
        kind=Place.HALL, targets=[(1, CITY)], by=world.users["city"], at=NOON
    )
    record = service()
    token = actions.invite(record_id=record, code_id=code.pk, at=NOON)
    other = actions.invite(record_id=record, at=NOON)
    for one in (token, token, other):
        actions.finish(token=one, at=NOON)
    assert queries.scans([code.pk], NOON.date()) == {code.pk: (0, 0, 1)}


def test_a_code_that_was_disabled_can_be_taken_back_unless_another_is_in_force(
    world: people.Place,
) -> None:
    (code,) = actions.make_codes(
        kind=Place.HALL, targets=[(1, CITY)], by=world.users["city"], at=NOON
    )
    keep = {"code_id": code.pk, "by": world.users["city"], "at": NOON}
    actions.disable_code(replace=False, **keep)
    with pytest.raises(rules.CodeDisabled):
        queries.scanned(code.short)
    assert queries.out_of_use(Place.HALL, [1]) == {1: code.pk}
    with pytest.raises(NotAllowed):
        actions.restore_code(**{**keep, "by": world.users["foreign"]})
    actions.restore_code(**keep)
    assert queries.scanned(code.short).pk == code.pk
    actions.disable_code(replace=True, **keep)
    with pytest.raises(rules.InUse):
        actions.restore_code(**keep)
