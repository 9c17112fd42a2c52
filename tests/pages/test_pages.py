"""Pages through Django's client.

How many statements each costs, who may open it, and what it must not show.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

import people
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, get_resolver, reverse
from people import NOON, given_rating, given_record, rated, register, signed_in, submit

from haochaping.audit import queries as trail
from haochaping.config.permissions import ROUTES, Door
from haochaping.evaluations import rules as rating
from haochaping.exchange import actions as hotlines
from haochaping.identity.models import User
from haochaping.identity.rules import ROLES, Right
from haochaping.invitations import actions as invitations
from haochaping.kernel import clock, pages
from haochaping.kernel.db import rows
from haochaping.orders import actions as orders

CANARIES = ("张芳华", "13812345678")
# what each page may ask the database: a list at most twelve things, the desk of a role more
PAGES = {
    "/admin/": ("console:desk", 29),
    "/admin/orders/": ("orders:list", 12),
    "/admin/orders/board": ("supervision:board", 10),
    "/admin/orders/policies": ("policies:list", 11),
    "/admin/orders/calendar": ("calendar:year", 8),
    "/admin/orders/rules": ("routing:list", 7),
    "/admin/orders/texts": ("texts:list", 6),
    "/admin/notices/": ("notifications:notices", 8),
    "/admin/messages/templates": ("notifications:templates", 7),
    "/admin/ratings": ("console:ratings", 8),
    "/admin/unrated": ("console:unrated", 6),
    "/admin/dictionaries": ("console:dictionaries", 5),
    "/insight/": ("insight:overview", 8),
    "/insight/places": ("insight:places", 6),
    "/insight/departments": ("insight:departments", 6),
    "/insight/loop": ("insight:loop", 7),
    "/insight/trust": ("insight:trust", 7),
    "/insight/problems": ("problems:list", 8),
    "/insight/problems/reasons": ("problems:reasons", 10),
    "/insight/campaigns": ("problems:campaigns", 6),
    "/insight/themes": ("insight:themes", 6),
    "/insight/lake": ("lake:ask", 6),
    "/insight/screen": ("insight:screen", 5),
    "/insight/measures": ("insight:measures", 5),
    "/admin/holds/": ("screening:holds", 6),
    "/admin/privacy": ("privacy:list", 7),
    "/admin/directory/windows": ("directory:table", 9),
    "/admin/upstream/": ("upstream:list", 6),
    "/admin/indicators/": ("indicators:catalogue", 7),
    "/admin/publication": ("publication:board", 10),
    "/admin/interface/calls": ("calls:log", 10),
    "/admin/interface/checklists": ("calls:board", 8),
    "/admin/rosters/": ("rosters:week", 9),
    "/admin/announcements/": ("announcements:list", 7),
    "/admin/exports/": ("exports:list", 7),
    "/admin/people": ("accounts:people", 10),
    "/admin/find?q=cpgd": ("console:find", 12),
    "/admin/partners/": ("exchange:partners", 9),
    "/admin/partners/conventions": ("exchange:conventions", 9),
    "/admin/partners/tracking": ("exchange:tracking", 6),
    "/admin/coverage": ("exchange:coverage", 9),
    "/admin/selfcheck": ("exchange:selfcheck", 6),
    "/admin/coverage?kind=items": ("exchange:coverage", 8),
    "/admin/audit": ("console:audit", 9),
}


pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def office(shared_world: people.Place) -> people.Place:
    """The world with thirty bad ratings and their orders."""
    for _ in range(30):
        orders.open_for(evaluation_id=rated(2), at=NOON)
    return shared_world


@pytest.fixture
def world(office: people.Place) -> people.Place:
    """The same: there is one world in a module."""
    return office


@pytest.mark.parametrize(
    ("address", "cost"), [(address, cost) for address, (_, cost) in PAGES.items()]
)
def test_a_page_costs_a_fixed_number_of_statements_however_long_its_list(
    office: people.Place, address: str, cost: int
) -> None:
    client = signed_in(office.users["handler" if address.endswith("texts") else "province"])
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        response = client.get(address)
    assert response.status_code == 200
    frame = ("SAVEPOINT", "RELEASE")  # what BEGIN and COMMIT are outside a test
    asked = [query["sql"] for query in captured if not query["sql"].startswith(frame)]
    assert len(asked) <= cost, [sql[:90] for sql in asked]


@pytest.mark.parametrize("who", ["province", "city", "agent", "handler", "auditor", "foreign"])
def test_each_role_opens_its_pages_and_no_other_and_sees_no_rater(
    office: people.Place, who: str
) -> None:
    from haochaping.identity import queries as identity

    service = given_record()
    (stored,) = register(service)
    submit(
        given_rating(
            service,
            1,
            words="联系我13812345678",
            rater=rating.Rater(name="张芳华", phone="13812345678"),
        )
    )
    order = orders.open_for(evaluation_id=stored.key, at=NOON)
    client, rights = signed_in(office.users[who]), identity.person(office.users[who]).rights
    for address, (route, _) in {**PAGES, f"/admin/orders/{order}": ("orders:one", 0)}.items():
        needed = ROUTES[route]
        response = client.get(address)
        if isinstance(needed, Right) and needed not in rights:
            assert response.status_code == 403, address
        elif route == "orders:one" and who == "foreign":
            assert response.status_code == 404
        else:
            # who works for a department is led to its portrait
            led = who == "handler" and address.startswith("/insight/")
            whole = address == "/insight/lake" and who not in {"province", "auditor"}
            assert response.status_code in ((200, 302, 403) if led or whole else (200,)), address
        text = response.content.decode()
        assert [canary for canary in CANARIES if canary in text] == [], address


def test_a_handlers_desk_has_the_figures_of_their_department_alone(office: people.Place) -> None:
    second, now = people.uscc("11320700MB07070A1"), clock.now()
    away = {"department_code": second, "department_name": "连云港市公安局", "window_code": ""}
    away |= {"item_code": people.item_of(second), "staff_number": ""}
    lately = {"served_at": (now - timedelta(hours=1)).isoformat()}
    for more in ({}, away, away, away):
        service = given_record(**lately, **more)
        register(service)
        submit(given_rating(service, 5, rated_at=now.isoformat()))
    desks = [signed_in(office.users[who]).get("/admin/").text for who in ("handler", "city")]
    tile = re.compile(r"近 7 天评价</small\s*><b>(\d+)</b>")
    assert [tile.findall(page) for page in desks] == [["1"], ["4"]]


def plain_pages() -> list[str]:
    """Return the addresses of every page of the back-office that stands for itself."""
    found = []
    for route, access in ROUTES.items():
        if isinstance(access, Right):
            with suppress(NoReverseMatch):
                found.append(reverse(route))
    return found


@pytest.mark.parametrize("who", ["province", "city", "agent", "handler", "auditor"])
def test_no_page_reads_a_column_that_the_office_may_not_see(office: people.Place, who: str) -> None:
    hotlines.connect_hotline(region=people.CITY, url="https://12345.example/", by=0, at=NOON)
    client = signed_in(office.users[who])
    addresses = plain_pages()
    assert len(addresses) > 20
    for address in addresses:
        assert client.get(address).status_code in (200, 302, 403, 404, 405, 422), address


def every_route() -> list[tuple[str, str, Right]]:
    """Return every route that needs a right, an address of it, and the right."""
    named = {"kind": "windows", "move": "sign"}
    return [
        (route, reverse(route, kwargs={name: named.get(name, 1) for name in arguments}), access)
        for route, arguments in _routes(get_resolver())
        if isinstance(access := ROUTES.get(route), Right)
    ]


def _routes(resolver: Any, space: str = "") -> Iterator[tuple[str, list[str]]]:
    for one in resolver.url_patterns:
        if hasattr(one, "url_patterns"):
            yield from _routes(one, f"{one.namespace}:" if one.namespace else space)
        else:
            yield f"{space}{one.name}", list(one.pattern.converters)


@pytest.mark.slow
@pytest.mark.parametrize("role", sorted(set(ROLES) - {"hotline"}))
def test_every_route_refuses_each_role_that_lacks_its_right(
    office: people.Place, role: str
) -> None:
    """All routes, read and written, times all roles: what the table does not give is refused."""
    user = people.appointed(
        f"walk-{role}",
        role,
        name=role,
        region=people.CITY if role not in {"province", "leader"} else 320000000000,
        department_id=office.bureau if role in {"handler", "clerk"} else None,
    )
    client, rights, refused = signed_in(user), ROLES[role].rights, 0
    for route, address, needed in every_route():
        if needed in rights:
            continue
        for answer in (client.get(address), client.post(address)):
            assert answer.status_code == 403, (route, answer.status_code)
        refused += 1
    assert refused > 15 or role == "province"


def test_an_agent_looks_for_a_phone_in_no_address_and_leaves_a_trace(office: people.Place) -> None:
    register(given_record())
    client = signed_in(office.users["agent"])
    assert "企业设立登记" not in client.get("/admin/phone/?search=13812345678").content.decode()
    found = client.post("/admin/phone/", {"search": "138 1234 5678"})
    assert "企业设立登记" in found.content.decode()
    (entry,) = trail.of("evaluation", 0)
    assert (entry.verb, entry.details["by"]) == ("search", "phone")
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client.cookies
    assert strict.post("/admin/phone/", {"search": "13812345678"}).status_code == 403


def test_nobody_opens_the_back_office_without_signing_in(office: people.Place) -> None:
    for address in PAGES:
        assert Client().get(address).url.startswith("/admin/sign-in")


def test_another_citys_office_finds_nothing_here(office: people.Place) -> None:
    client = signed_in(office.users["foreign"])
    assert "CP2026" not in client.get("/admin/orders/").content.decode()
    assert "0 " in client.get("/insight/").content.decode()


def test_row_level_security_hides_other_regions_even_from_a_query_that_forgets_its_scope(
    office: people.Place,
) -> None:
    from haochaping.kernel.db import rows

    for low, high, seen in (
        (people.CITY, people.CITY + 10**8 - 1, 30),
        (people.ELSEWHERE, people.ELSEWHERE + 10**8 - 1, 0),
    ):
        rows(
            "SELECT set_config('app.low', $1, true), set_config('app.high', $2, true), "
            "set_config('role', 'hcp_office', true)",
            str(low),
            str(high),
        )
        assert rows("SELECT count(*) AS n FROM evaluations_evaluation")[0]["n"] == seen
        assert rows("SELECT count(*) AS n FROM orders_order")[0]["n"] == seen
        rows("SELECT set_config('role', 'postgres', true)")


def test_the_application_cannot_change_or_delete_facts(office: people.Place) -> None:
    from haochaping.kernel.db import rows

    for table in (
        "evaluations_evaluation",
        "records_record",
        "orders_step",
        "audit_entry",
        "feed_batch",
    ):
        for right in ("UPDATE", "DELETE", "TRUNCATE"):
            assert not rows("SELECT has_table_privilege('hcp_app', $1, $2) AS may", table, right)[
                0
            ]["may"], (table, right)
        assert rows("SELECT has_table_privilege('hcp_app', $1, 'INSERT') AS may", table)[0]["may"]


@pytest.fixture
def link(world: people.Place) -> str:
    """A link to rate a service."""
    (stored,) = register(given_record(served_at=clock.now().isoformat()))
    return f"/e/{invitations.invite(record_id=stored.key, at=clock.now())}"


def test_opening_a_link_spends_nothing_and_a_rating_can_be_sent_twice_without_counting_twice(
    link: str,
) -> None:
    client = Client()
    for _ in range(3):
        assert client.get(link).status_code == 200
    for _ in range(2):
        assert client.post(link, {"level": "5"}).url == f"{link}/done"
    assert client.get(link).url == f"{link}/done"
    assert client.get(f"{link}/done").status_code == 200


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({}, "请先选择"),
        ({"level": "2"}, "至少一个问题"),
        ({"level": "9"}, "评价等级"),
        ({"level": "5", "phone": "abc"}, "联系电话"),
        ({"level": "1", "words": "a\0b"}, "不允许的字符"),
        ({"level": "5", "codes5": "207"}, "不一致"),
    ],
)
def test_a_bad_form_comes_back_with_a_sentence_and_what_was_typed(
    link: str, form: dict[str, str], says: str
) -> None:
    response = Client().post(link, form)
    assert response.status_code == 422
    assert says in response.content.decode()


def test_codes_ticked_for_another_level_are_not_sent_along(link: str) -> None:
    from haochaping.evaluations.models import Evaluation

    Client().post(link, {"level": "4", "codes5": "510", "codes4": "406"})
    assert Evaluation.objects.latest("pk").codes == [406]


@pytest.mark.parametrize(
    "address",
    [
        "/e/nonsense",
        "/e/nonsense/done",
        "/nowhere",
        "/find?number=xyz",
        "/admin/orders/999999",
        "/open/nothing",
    ],
)
def test_what_does_not_exist_is_said_politely_in_both_languages(
    world: people.Place, address: str
) -> None:
    client = signed_in(world.users["province"])
    for language in ("zh-hans", "en"):
        client.cookies["django_language"] = language
        response = client.get(address)
        assert response.status_code in (302, 404)
        assert "Traceback" not in response.content.decode()


def test_five_wrong_passwords_close_the_door_for_a_while(world: people.Place) -> None:
    user = User.objects.get(username="city")
    user.set_password("right-password")
    user.save()
    client = Client()
    for _ in range(5):
        assert (
            "不正确"
            in client.post(
                "/admin/sign-in", {"account": "city", "password": "wrong"}
            ).content.decode()
        )
    assert (
        "分钟后再试"
        in client.post(
            "/admin/sign-in", {"account": "city", "password": "right-password"}
        ).content.decode()
    )


@pytest.mark.parametrize(
    "address",
    [
        "/admin/orders/?search=%00",
        "/admin/ratings?search=%00",
        "/admin/directory/windows?search=%00",
        "/admin/codes/?search=%00",
        "/admin/orders/?after=99999999999999999999&sort=x",
        "/admin/orders/?page=-1&department=abc&level=9",
        "/admin/audit?before=99999999999999999999&verb=%27",
        "/admin/messages/?after=abc&state=nothing&since=x",
        "/language?next=abc&to=en",
        "/language?next=//elsewhere&to=xx",
        "/try",
        "/find?number=%00",
        "/p/nothing",
        "/s/nothing",
    ],
)
def test_odd_addresses_are_answered_never_with_a_500(office: people.Place, address: str) -> None:
    response = signed_in(office.users["province"]).get(address)
    assert response.status_code < 500
    assert "//elsewhere" not in response.get("Location", "")


def test_odd_forms_are_answered_never_with_a_500(office: people.Place) -> None:
    client = signed_in(office.users["province"])
    assert client.post("/admin/holds/1", {"note": "a\0b"}).status_code in (404, 422)
    assert Client().post("/admin/sign-in", {"account": "a\0b", "password": "x"}).status_code == 422
    assert (
        Client()
        .post(
            "/admin/sign-in",
            data="x=" + "y" * 3_000_000,
            content_type="application/x-www-form-urlencoded",
        )
        .status_code
        == 400
    )
    assert (
        Client().post("/admin/sign-in", data=b"x", content_type="multipart/form-data").status_code
        == 400
    )
    assert (
        "DEBUG"
        not in Client(enforce_csrf_checks=True)
        .post("/admin/sign-in", {"account": "a"})
        .content.decode()
    )


def test_a_receipt_number_tells_nobody_whether_a_rating_was_bad(world: people.Place) -> None:
    from haochaping.kernel.ids import receipt_number

    pages = []
    for level in (5, 1):
        key = rated(level)
        if level == 1:
            orders.open_for(evaluation_id=key, at=NOON)
        text = Client().get(f"/find?number={receipt_number(key)}").content.decode()
        pages.append(text.replace(receipt_number(key), "").split("<main>")[1])
    assert pages[0] == pages[1]


def test_no_route_is_public_by_accident() -> None:
    public = {route for route, access in ROUTES.items() if access in (Door.PUBLIC, Door.TOKEN)}
    assert {route.split(":")[0] for route in public} <= {
        "portal",
        "publication",
        "evaluations",
        "devices",
        "console",
        "notifications",
        "exchange",
        "ledger",
        "sandbox",
        "privacy",
        "announcements",
    }
    assert {route for route in public if route.startswith("console")} == {
        "console:sign_in",
        "console:sign_in_code",
        "console:by_certificate",
        "console:leave",
        "console:come_back",
    }


def test_a_countys_bureau_works_on_what_the_city_gave_it_and_sees_nothing_else(
    office: people.Place,
) -> None:
    from haochaping.directory import models as directory

    county = directory.Department.objects.create(
        uscc=people.uscc("11320706MB01070A1"), name="海州区行政审批局", region=320706000000
    )
    handler = people.appointed("county", "handler", region=320706000000, department_id=county.pk)
    order = orders.open_for(evaluation_id=rated(2), at=NOON)
    client = signed_in(handler)
    assert client.get(f"/admin/orders/{order}").status_code == 404
    orders.advance(
        order_id=order,
        move="dispatch",
        given={"department": str(county.pk)},
        by=office.users["agent"],
        at=NOON,
    )
    assert client.get(f"/admin/orders/{order}").status_code == 200
    listed = client.get("/admin/orders/").content.decode()
    assert listed.count("data-drawer\n") == 1
    assert orders.advance(order_id=order, move="sign", given={}, by=handler, at=NOON) == "verifying"


def _upload(client: Client, address: str, size: int) -> int:
    """Post a form with one file of so many zeros; return the status."""
    file = SimpleUploadedFile("a.xlsx", bytes(size), "application/octet-stream")
    return client.post(address, {"file": file}).status_code


@pytest.mark.django_db
def test_a_form_with_files_is_refused_by_its_length_before_it_is_spooled(
    office: people.Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    spooled = list[int]()
    receive = TemporaryFileUploadHandler.receive_data_chunk

    def seen(self: TemporaryFileUploadHandler, raw: bytes, start: int) -> None:
        spooled.append(len(raw))
        receive(self, raw, start)

    monkeypatch.setattr(TemporaryFileUploadHandler, "receive_data_chunk", seen)
    stranger, clerk = Client(), signed_in(office.users["city"])
    mebibyte = 1024 * 1024
    assert _upload(stranger, "/try", 2 * mebibyte) == 413
    assert _upload(stranger, "/admin/directory/windows/import", 2 * mebibyte) == 413
    assert _upload(clerk, "/admin/directory/windows/import", 33 * mebibyte) == 413
    assert spooled == []
    assert _upload(clerk, "/admin/directory/windows/import", 2 * mebibyte) in (200, 422)
    assert sum(spooled) == 2 * mebibyte


@pytest.mark.django_db
def test_a_page_that_answers_a_form_is_read_within_the_scope_too(
    office: people.Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    roles = list[str]()
    render = pages.render_to_string

    def seen(*args: object, **kwargs: object) -> str:
        roles.append(rows("SELECT current_user AS me")[0]["me"])
        return render(*args, **kwargs)

    monkeypatch.setattr(pages, "render_to_string", seen)
    order = orders.open_for(evaluation_id=rated(1), at=NOON)
    client = signed_in(office.users["agent"])
    refused = client.post(f"/admin/orders/{order}/dispatch", {"department": ""})
    assert refused.status_code == 422
    client.post("/admin/orders/bulk", {"move": "dispatch", "order": [order]})
    handler = signed_in(office.users["handler"])
    handler.post("/admin/orders/texts/change", {"title": "", "text": ""})
    assert roles
    assert set(roles) == {"hcp_office"}


@pytest.mark.django_db
def test_a_page_that_would_be_read_outside_the_scope_is_not_rendered(world: people.Place) -> None:
    request = RequestFactory().post("/admin/")
    request.scoped = False  # type: ignore[attr-defined]
    with pytest.raises(RuntimeError, match="outside its scope"):
        pages.render(request, "console/desk.html")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "leads"),
    [
        ("/admin/holds/decide?state=released&page=2", "/admin/holds/?state=released&page=2"),
        ("/admin/findings/judge?city=3207", "/admin/findings?city=3207"),
        ("/admin/directory/windows/imports/1/undo?sort=name", "/admin/directory/windows?sort=name"),
        ("/admin/codes/make?kind=hall", "/admin/codes/?kind=hall"),
    ],
)
def test_the_links_of_a_page_that_answers_a_form_lead_to_the_page(
    world: people.Place, address: str, leads: str
) -> None:
    answer = signed_in(world.users["city"]).get(address)
    assert (answer.status_code, answer["Location"]) == (302, leads)
