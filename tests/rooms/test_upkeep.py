"""What a site is told before it starts, and what each role of the database may touch."""

import asyncio
import os
import re
import socket
from typing import Any

import people
import pytest
from django.contrib.auth import authenticate
from django.db import ProgrammingError, connection, transaction
from django.test import Client
from people import given_record, register

from haochaping.feed import actions as feed
from haochaping.feed.rules import Kind
from haochaping.identity import actions as identity
from haochaping.identity import queries as clients
from haochaping.identity.rules import DEMO_PASSWORD
from haochaping.intake.collect import Collector
from haochaping.kernel import crypto
from haochaping.kernel.addresses import networks
from haochaping.kernel.db import rows, talk
from haochaping.records.rules import Applicant
from haochaping.site import ports, running, upkeep

pytestmark = pytest.mark.django_db


def said(severity: int) -> str:
    """Return what the doctor says at a severity."""
    return "\n".join(check.says.en for check in upkeep.examine() if check.severity == severity)


def as_role(name: str) -> None:
    """Go on as a role of the database, until the test is taken back."""
    rows(f"SET LOCAL ROLE {name}")


def test_whoever_owns_the_tables_may_not_run_the_platform(
    world: people.Place, settings: object
) -> None:
    settings.AS_OWNER = False  # type: ignore[attr-defined]
    assert "connects as the owner of its tables" in said(2)
    as_role("hcp_app")
    assert "connects as the owner of its tables" not in said(2)


def test_a_secret_that_does_not_fit_the_data_stops_the_start(
    world: people.Place, settings: object
) -> None:
    register(given_record(applicant=Applicant(name="张三", kind=1, phone="13812345678")))
    assert "does not fit the data" not in said(2)
    settings.KEYRING = crypto.Keyring(os.urandom(32))  # type: ignore[attr-defined]
    assert "does not fit the data" in said(2)


def test_accounts_of_a_demonstration_are_named_and_open_nothing_without_it(
    world: people.Place, settings: object
) -> None:
    from haochaping.identity.models import User

    user = User.objects.get(pk=world.users["city"])
    user.set_password(DEMO_PASSWORD)
    user.save(update_fields=["password"])
    told = {"account": user.username, "password": DEMO_PASSWORD}
    for demo in (True, False):
        settings.DEMO = demo  # type: ignore[attr-defined]
        assert authenticate(None, username=user.username, password=DEMO_PASSWORD) is not None
        assert (user.username in said(1)) is not demo
        answer = Client().post("/admin/sign-in", told)
        assert (answer.status_code == 302) is demo


def test_a_fact_that_was_set_aside_is_an_alarm() -> None:
    def effect(facts: object) -> None:
        raise ValueError(facts)

    def taken(facts: list[tuple[int, int]]) -> None:
        if any(ref == 7 for _, ref in facts):
            effect(facts)

    assert not [check for check in running.examine() if "set aside" in check.says.en]
    feed.announce(kind=Kind.RATING, refs=list(range(10)))
    feed.sequence(at=people.NOON)
    feed.follow(name="poisoned", effect=taken)
    (alarm,) = [check for check in running.examine() if "set aside" in check.says.en]
    assert alarm.severity == 2
    assert "poisoned" in alarm.says.zh


# names of columns that hold what nobody of the back-office may read
_SECRET = re.compile(
    "password|secret|salt|token|session_data|nonce|recovery|private|opening", re.ASCII
)
_SHOWN = {
    "invitations_link.token_hash",  # says nothing of the token
    "notifications_contact.secret",  # sealed, and shown to its own office
    "notifications_contact.earlier_secret",
}
# what everybody works by, or what asks for the right itself, as it is read
_EVERYBODYS = {
    *("calendar_calendarday", "calendar_calendarhours", "policies_policy", "routing_rule"),
    *("texts_text", "themes_theme", "publication_case", "announcements_announcement"),
    *("exchange_hotline", "exports_export", "identity_apiclient", "identity_grant"),
}


def test_the_back_office_reads_no_secret() -> None:
    columns = rows(
        "SELECT relname || '.' || attname AS name FROM pg_class JOIN pg_attribute ON attrelid = "
        "pg_class.oid WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v') "
        "AND attnum > 0 AND NOT attisdropped AND "
        "has_column_privilege('hcp_office', pg_class.oid, attnum, 'SELECT')"
    )
    readable = {row["name"] for row in columns}
    assert "orders_order.id" in readable
    assert {name for name in readable if _SECRET.search(name.split(".")[1])} <= _SHOWN


@pytest.mark.parametrize(
    "what",
    [
        "password FROM identity_user",
        "secret FROM identity_apikey",
        "session_data FROM django_session",
        "* FROM invitations_phonecheck",
        "body FROM exchange_outgoing",
        "* FROM proofs_opening",
    ],
)
def test_the_back_office_is_refused_what_it_may_not_read(world: people.Place, what: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"):
        attempt("hcp_office", f"SELECT {what}")


def test_the_platform_changes_no_fact_and_the_back_office_writes_nothing(
    world: people.Place,
) -> None:
    register(given_record())
    refused = {
        "hcp_app": [
            "UPDATE records_record SET region = 0",
            "DELETE FROM evaluations_evaluation",
            "UPDATE audit_entry SET verb = ''",
            "DELETE FROM ledger_entry",
            "TRUNCATE feed_batch",
            "DROP TABLE records_record",
        ],
        "hcp_office": ["UPDATE orders_order SET state = ''", "DELETE FROM directory_window"],
    }
    for role, statements in refused.items():
        for statement in statements:
            with pytest.raises(ProgrammingError):
                attempt(role, statement)


def attempt(role: str, statement: str) -> None:
    """Execute a statement as a role of the database; nothing of it stays."""
    with transaction.atomic():
        as_role(role)
        connection.cursor().execute(statement)


def test_every_table_with_a_region_that_the_back_office_reads_is_behind_its_scope() -> None:
    scoped = rows(
        "SELECT relname AS name FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid "
        "WHERE relkind IN ('r', 'p') AND attname = 'region' AND NOT relrowsecurity AND "
        "relnamespace = 'public'::regnamespace AND has_table_privilege('hcp_office', pg_class.oid, 'SELECT')"
    )
    assert {row["name"] for row in scoped} == _EVERYBODYS


@pytest.mark.parametrize(
    ("trusted", "https", "severity", "says"),
    [
        ("0.0.0.0/0", True, 2, "too wide"),
        ("8.0.0.0/8", True, 2, "too wide"),
        ("10.0.0.0/8", True, 2, ""),
        ("", True, 1, "everybody is one"),
        ("203.0.113.7", True, 1, ""),
    ],
)
def test_the_doctor_looks_at_whom_we_believe_addresses(
    settings: Any, trusted: str, https: bool, severity: int, says: str
) -> None:
    settings.TRUSTED_PROXIES, settings.HTTPS = networks(trusted), https
    told = [(check.severity, check.says.en) for check in upkeep.proxies()]
    assert [one for one, _ in told] == ([severity] if says else [])
    assert all(says in text for _, text in told)


def test_answers_of_a_socket_that_is_handed_on_leave_at_once() -> None:
    door = socket.socket(fileno=ports.listen("127.0.0.1", 0))
    with door, socket.create_connection(door.getsockname()):
        taken, _ = door.accept()
        with taken:
            assert taken.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_one_key_that_cannot_be_read_stops_no_other(world: people.Place) -> None:
    kids = [
        identity.issue_key(client=name, region=people.CITY, by=0, at=people.NOON)[0]
        for name in ("one", "other")
    ]
    rows("UPDATE identity_apikey SET secret = $1 WHERE kid = $2", b"\x03" + bytes(40), kids[0])
    found = talk(clients.load_keys())
    assert kids[1] in found
    assert kids[0] not in found


def test_what_breaks_a_look_at_the_keys_ends_no_look_after_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    collector, looks = Collector(), list[int]()

    async def refresh() -> None:
        looks.append(len(looks))
        if len(looks) == 1:
            raise ZeroDivisionError

    async def at_once(_: float) -> None:
        if len(looks) == 3:
            raise asyncio.CancelledError
        collector.asked = True

    monkeypatch.setattr(collector, "refresh", refresh)
    monkeypatch.setattr(asyncio, "sleep", at_once)
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(collector.refresh_for_ever())
    assert looks == [0, 1, 2]
