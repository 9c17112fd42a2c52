"""What one office, system or insider must not do to another, driven over HTTP against the whole
platform; each attempt that matters leaves its trace.
"""

import time
from typing import Any

import httpx
import pytest
from office import PASSWORD, signed_in
from people import BUREAU, item_of, uscc
from stack import Stack, wait_for

FOREIGN = uscc("11320500MB02050A1")


@pytest.fixture(scope="module")
def platform(bureau: Stack) -> Stack:
    """A platform with one bureau and its people."""
    return bureau


@pytest.fixture(scope="module")
def intruder(platform: Stack) -> tuple[str, str]:
    """The key of another office's system in the same province."""
    said = platform.hcp("issue-key", "intruder").stdout.split()
    return said[said.index("id") + 1], said[said.index("secret") + 1]


def as_intruder(platform: Stack, key: tuple[str, str], path: str, content: Any) -> httpx.Response:
    """Send a request with the other system's key."""
    own, platform.key = platform.key, key
    try:
        return platform.post(path, content)
    finally:
        platform.key = own


def one(platform: Stack, sql: str, *values: Any) -> Any:
    """Return the first column of the first row, None without one."""
    with platform.database() as database:
        row = database.execute(sql, values).fetchone()
    return row[0] if row else None


def rated_badly(platform: Stack) -> tuple[str, str, str]:
    """Have a service rated badly under its link; return its number, the link that the system got,
    and the one with which the citizen goes on.
    """
    number, link = platform.service()
    answer = httpx.post(link, data={"level": "1", "codes1": "108"}, follow_redirects=False)
    assert answer.headers["location"].endswith("/done")
    return number, link, platform.page + answer.headers["location"].removesuffix("/done")


def test_who_can_make_links_learns_no_level_and_changes_no_rating(platform: Stack) -> None:
    number, systems, own = rated_badly(platform)
    assert "非常不满意" in httpx.get(f"{own}/done").text  # hidden until it is opened
    body = {"project_no": number, "service_number": 1}
    again = platform.post("/api/v1/links", body).json()["url"]
    for link in (again, systems):
        for path in ("", "/done", "/more", "/change", "/data"):
            page = httpx.get(f"{link}{path}", follow_redirects=True)
            assert page.status_code == 409, (link, path)
            assert "非常不满意" not in page.text
        for path, sent in (("/change", {"level": "5"}), ("/judge", {"verdict": "satisfied"})):
            answer = httpx.post(f"{link}{path}", data=sent, follow_redirects=True)
            assert answer.status_code == 409, (link, path)
    sql = "SELECT level FROM evaluations_evaluation JOIN records_key ON id = record_id WHERE project_no = %s"
    assert one(platform, sql, number) == 1
    assert one(platform, "SELECT count(*) FROM evaluations_replacement") == 0
    status = platform.post("/api/v1/status", body).json()
    assert set(status) == {"record", "status", "amendments", "promise", "rated", "followed_up"}


def trail(platform: Stack, subject: str, verb: str, region: int) -> int:
    """Return how often the audit trail of a region tells of something."""
    counted = "SELECT count(*) FROM audit_entry WHERE subject = %s AND verb = %s AND region = %s"
    return int(one(platform, counted, subject, verb, region))


def test_another_citys_office_renames_moves_and_closes_nothing(platform: Stack) -> None:
    account = ["appoint", "suzhou", "--role", "city", "--region", "320500000000", "--name", "顾某"]
    platform.hcp(*account, "--password", PASSWORD)
    suzhou = signed_in(platform, "suzhou")
    tables = {
        "departments": f"uscc,name,region\n{BUREAU},改名局,320500000000\n",
        "halls": "code,name,region,address\nH1,改名大厅,320500000000,\n",
        "items": f"code,name,department,task_type\n{item_of(BUREAU)},改名事项,{BUREAU},01\n",
    }
    for kind, text in tables.items():
        before = one(
            platform, f"SELECT string_agg(t::text, ';' ORDER BY id) FROM directory_{kind[:-1]} t"
        )
        address = f"/admin/directory/{kind}/import"
        page = suzhou.post(address, files={"file": ("a.csv", text.encode())})
        assert "其他地区" in page.text or "不在您的管理范围" in page.text, kind
        parcel = page.text.split('name="parcel" value="')[1].split('"')[0]
        suzhou.post(address, data={"parcel": parcel, "confirm": "1"})
        row = one(platform, f"SELECT min(id) FROM directory_{kind[:-1]}")
        entered = dict(zip(*(line.split(",") for line in text.splitlines()), strict=True))
        written = suzhou.post(f"/admin/directory/{kind}/{row}", data=entered)
        assert written.status_code == 404, kind
        after = one(
            platform, f"SELECT string_agg(t::text, ';' ORDER BY id) FROM directory_{kind[:-1]} t"
        )
        assert after == before
    window = one(platform, "SELECT id FROM directory_window WHERE code = 'W1'")
    closed = suzhou.post(f"/admin/directory/windows/{window}/in-use", data={"in_use": "0"})
    assert closed.status_code in {403, 404}
    assert one(platform, "SELECT in_use FROM directory_window WHERE id = %s", window)
    assert trail(platform, "directory", "change", 320700000000) == 0


def test_a_hall_manager_changes_no_hours_alone_and_a_clerk_calls_no_case_of_others(
    platform: Stack,
) -> None:
    hall, clerk = signed_in(platform, "hall"), signed_in(platform, "clerk")
    window = one(platform, "SELECT id FROM directory_window WHERE code = 'W1'")
    hours = "SELECT opens::text || closes::text FROM directory_window WHERE id = %s"
    before = one(platform, hours, window)
    row = {"hall": "H1", "number": "A03", "department": BUREAU, "opens": "00:00", "closes": "00:01"}
    assert hall.post(f"/admin/directory/windows/{window}", data=row).status_code == 200
    change = one(platform, "SELECT max(id) FROM directory_hourschange WHERE window_id = %s", window)
    decide = f"/admin/directory/windows/hours/{change}"
    assert hall.post(decide, data={"verdict": "approve"}).status_code == 409
    assert one(platform, hours, window) == before
    assert trail(platform, "window", "propose_hours", 320700000000) == 1
    hall.post(decide, data={"verdict": "reject"})  # to take back what one proposed is no change
    assert one(platform, hours, window) == before
    number, _ = platform.service(
        department_code=FOREIGN, item_code=item_of(FOREIGN), window_code=""
    )
    called = clerk.post("/admin/clerk/call", data={"number": number})
    assert called.status_code in {403, 404}
    calls = (
        "SELECT count(*) FROM devices_call JOIN records_key USING (record_id) WHERE project_no = %s"
    )
    assert one(platform, calls, number) == 0


def test_who_signs_in_reads_a_case_or_looks_for_a_phone_stands_in_the_trail(
    platform: Stack,
) -> None:
    number, _, _ = rated_badly(platform)
    region = 320700000000
    order = wait_for(
        lambda: one(
            platform,
            "SELECT orders_order.id FROM orders_order JOIN records_key ON record_id = evaluation_id"
            " WHERE project_no = %s",
            number,
        )
    )
    before = {
        (subject, verb): trail(platform, subject, verb, region)
        for subject, verb in (
            ("user", "fail_sign_in"),
            ("user", "sign_in"),
            ("order", "read"),
            ("evaluation", "search"),
        )
    }
    with pytest.raises(AssertionError):
        signed_in(platform, "agent", "wrong")
    agent = signed_in(platform, "agent")
    assert agent.get(f"/admin/orders/{order}").status_code == 200
    agent.post("/admin/phone/", data={"search": "138 0001 2001"})
    for (subject, verb), there in before.items():
        assert trail(platform, subject, verb, region) == there + 1, verb


def test_a_key_does_nothing_to_a_service_that_another_registered(
    platform: Stack, intruder: tuple[str, str]
) -> None:
    number, _ = platform.service()
    body = {"project_no": number, "service_number": 1}
    rating = body | {"level": 5, "channel": 9}
    record = {
        "region": "320700000000",
        "department_code": BUREAU,
        "item_code": item_of(BUREAU),
        "served_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 60)),
        "reason": "x",
        **body,
    }
    for path, content in (
        ("/api/v1/evaluations", rating),
        ("/api/v1/links", body),
        ("/api/v1/status", body),
        ("/api/v1/calls", body | {"window_code": "W1"}),
        ("/api/v1/records/amendments", record),
    ):
        answer = as_intruder(platform, intruder, path, content)
        assert answer.json()["code"] == "not_yours", path
    batch = as_intruder(platform, intruder, "/api/v1/evaluations/batch", [rating])
    assert batch.json()["items"][0]["code"] == "not_yours"
    mine = "SELECT count(*) FROM records_amendment JOIN records_key USING (record_id)"
    assert one(platform, f"{mine} WHERE project_no = %s", number) == 0
    assert platform.post("/api/v1/evaluations", rating).status_code == 201
    refused = "SELECT count(*) FROM audit_entry WHERE verb = 'refuse' AND region = 320700000000"
    wait_for(lambda: one(platform, refused) >= 1)


def test_a_row_that_the_database_refuses_fails_alone(platform: Stack) -> None:
    def record(number: str) -> dict[str, Any]:
        return {
            "project_no": number,
            "service_number": 1,
            "region": "320700",
            "department_code": BUREAU,
            "item_code": item_of(BUREAU),
            "served_at": "2026-11-18T02:00:00Z",
        }

    numbers = [f"32ONE{time.time_ns()}{place}" for place in range(7)]
    with platform.database() as database:
        database.execute(
            "ALTER TABLE records_key ADD CONSTRAINT poison "
            f"CHECK (project_no <> '{numbers[3]}') NOT VALID"
        )
        answer = platform.post("/api/v1/records/batch", [record(number) for number in numbers])
        database.execute("ALTER TABLE records_key DROP CONSTRAINT poison")
    items = answer.json()["items"]
    assert [item.get("outcome", item.get("code")) for item in items] == [
        "unstorable" if place == 3 else "accepted" for place in range(7)
    ]
    assert one(platform, "SELECT count(*) FROM records_key WHERE project_no LIKE '32ONE%%'") == 6


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'{"project_no": "P", "service_number": 1, "isDefault": 1}', "unknown_field"),
        (b'{"project_no": "\\ud83d", "service_number": 1, "level": 5, "channel": 1}', "bad_json"),
        (b'{"project_no": "a\\u0000", "service_number": 1, "level": 5, "channel": 1}', None),
        (b"\xff\xfe", "bad_json"),
    ],
)
def test_what_is_malformed_gets_a_problem_and_never_a_500(
    platform: Stack, body: bytes, code: str | None
) -> None:
    answer = platform.post("/api/v1/evaluations", body)
    assert 400 <= answer.status_code < 500
    assert code is None or answer.json()["code"] == code


def test_keys_are_listed_rotated_with_overlap_and_revoked_at_the_command_line(
    platform: Stack,
) -> None:
    said = platform.hcp("issue-key", "of-the-command-line").stdout.split()
    old = said[said.index("id") + 1], said[said.index("secret") + 1]
    assert old[0] in platform.hcp("keys").stdout
    body = {"project_no": "x", "service_number": 1}
    known = as_intruder(platform, old, "/api/v1/status", body)
    assert known.status_code != 401
    rotated = platform.hcp("rotate-key", old[0], "--overlap", "1").stdout.split()
    new = rotated[rotated.index("id") + 1], rotated[rotated.index("secret") + 1]
    for key in (old, new):  # both are good for an hour
        assert as_intruder(platform, key, "/api/v1/status", body).status_code != 401
    platform.hcp("revoke-key", old[0])
    wait_for(lambda: as_intruder(platform, old, "/api/v1/status", body).status_code == 401)
    assert as_intruder(platform, new, "/api/v1/status", body).status_code != 401
