"""An operator that lies: signed logs whose public files say what is not so. Each lie is found by the
program that anybody runs, which is asked here as a library.
"""

import base64
import hashlib
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from test_verifiers import verify

from haochaping.kernel import clock

DAY, DEPARTMENT, COUNTY, PROVINCE = "2026-11-26", 10**15 + 7, 320102000000, 320000000000
ORIGIN, SEED = "hcp.example.gov.cn/hcp/2026", bytes(range(32))
type Row = tuple[int, dict[str, Any], bytes]  # number, record and salt of a rating
type Change = Callable[[dict[str, Any]], None]


def encoded(data: bytes) -> str:
    """Return bytes as notes have them."""
    return base64.b64encode(data).decode()


def digest(data: bytes) -> str:
    """Return a SHA-256 as statements have it."""
    return hashlib.sha256(data).hexdigest()


def root(hashes: list[bytes]) -> bytes:
    """Return the root over leaf hashes."""
    stack: list[bytes] = []
    for number, one in enumerate(hashes):
        verify.fold(stack, number, one)
    found: bytes = verify.root_of(stack)
    return found


def inclusion(no: int, hashes: list[bytes]) -> list[bytes]:
    """Return the path from a leaf to the root."""
    if len(hashes) == 1:
        return []
    left = 1 << (len(hashes) - 1).bit_length() - 1
    if no < left:
        return [*inclusion(no, hashes[:left]), root(hashes[left:])]
    return [*inclusion(no - left, hashes[left:]), root(hashes[:left])]


class Liar:
    """A log as its operator likes it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.leaves, self.texts = folder, list[bytes](), dict[int, str]()
        self.days, self.before = list[str](), b""
        public = verify.ed25519_public(SEED)
        self.id = bytes.fromhex(digest(f"{ORIGIN}\n".encode() + b"\1" + public)[:8])
        self.key = f"{ORIGIN}+{self.id.hex()}+{encoded(b'\1' + public)}"

    @property
    def hashes(self) -> list[bytes]:
        """The hashes of all leaves."""
        return [verify.leaf_hash(one) for one in self.leaves]

    def public(self, kind: int, said: dict[str, Any]) -> int:
        """Enter what everybody may read."""
        text = verify.canonical(said)
        hashed = hashlib.sha256(b"hcp/v1/public\0" + text).digest()
        self.leaves.append(bytes([1, kind]) + hashed)
        self.texts[len(self.leaves) - 1] = text.decode()
        return len(self.leaves) - 1

    def rate(self, level: int, times: int = 1, **more: object) -> list[Row]:
        """Enter ratings."""
        made = list[Row]()
        for _ in range(times):
            no = len(self.leaves)
            at = clock.now().isoformat()
            record = {"kind": "rating", "receipt": f"R{no}", "level": level, "department": 7}
            record |= {"origin": 1, "received_at": at, "row_salt": f"{no:064x}", **more}
            told = hashlib.sha256(verify.canonical(record)).digest()
            hashed = hashlib.sha256(b"hcp/v1/leaf\0" + bytes(32) + told).digest()
            self.leaves.append(b"\1\1" + hashed)
            made.append((no, record, bytes(32)))
        return made

    def close(
        self, rows: list[bytes], change: Change = lambda _: None, **told: Any
    ) -> dict[str, Any]:
        """Close a day with these rows, write its files and enter its statement."""
        begin, end = told.get("begin", 0), told.get("end", len(self.leaves))
        data, day = b"".join(sorted(rows)), told.get("day", DAY)
        table = verify._table(sorted(rows))
        cells = verify.canonical({str(DEPARTMENT): {"name": "x", "above": str(COUNTY)}})
        texts = {no: text for no, text in sorted(self.texts.items()) if begin <= no < end}
        said = b"".join(
            verify.canonical({"no": no, "said": it}) + b"\n" for no, it in texts.items()
        )
        batches = [json.loads(it) for no, it in texts.items() if self.leaves[no][1] == 6]
        services = sum(one["services"] for one in batches)
        rated = sum(row[41] == 0 for row in rows)
        sums = told.get("sums", (0, 0))
        invitations = {"services": services, "ratings": len(rows)}
        invitations |= {"services_so_far": sums[0] + services, "rated_so_far": sums[1] + rated}
        kinds = Counter(f"{one[1]:02x}" for one in self.leaves[begin:end])
        hashed = root([verify.leaf_hash(row) for row in sorted(rows)]).hex()
        statement = {
            "day": day,
            "log": {
                "origin": ORIGIN,
                "from": begin,
                "to": end,
                "root": root(self.hashes[:end]).hex(),
            },
            "leaves": dict(kinds),
            "daybook": {"rows": len(rows), "root": hashed, "sha256": digest(data)},
            "table_sha256": digest(table),
            "cells_sha256": digest(cells),
            "said_sha256": digest(said),
            "rules": {"id": "daybook/2", "sha256": digest(b"rules"), "smallest_cell": 10},
            "excluded": told.get("excluded", {}),
            "invitations": {**invitations, "cities": [{"city": "3201", "rated": rated}]},
            "previous_sha256": digest(self.before) if self.before else "",
        }
        change(statement)
        no = self.public(7, statement)
        self.before = self.texts[no].encode()
        self.days.append(day)
        files = {"rows": data, "csv": table, "json": self.before, "said": said}
        for kind, file in files.items():
            self.put(f"daybook/{day}.{kind}", file)
        self.put(f"daybook/cells-{digest(cells)[:16]}.json", cells)
        self.put(f"daybook/rules-{digest(b'rules')[:16]}.txt", b"rules")
        self.put(f"daybook/{day}.no", str(no).encode())
        return statement

    def put(self, place: str, data: bytes) -> None:
        """Write a file."""
        (self.folder / place).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / place).write_bytes(data)

    def proof(self, no: int, extra: dict[str, Any] | None = None) -> str:
        """Return the proof of a leaf."""
        path = "".join(f"{encoded(one)}\n" for one in inclusion(no, self.hashes))
        more = f"extra {encoded(verify.canonical(extra))}\n" if extra else ""
        return f"c2sp.org/tlog-proof@v1\n{more}index {no}\n{path}\n{self.note()}"

    def receipt(self, rated: Row) -> str:
        """Return the receipt of a rating."""
        no, record, salt = rated
        return self.proof(no, {"salt": salt.hex(), "record": record})

    def note(self) -> str:
        """Return the signed checkpoint."""
        text = f"{ORIGIN}\n{len(self.leaves)}\n{encoded(root(self.hashes))}\n"
        signed = verify.ed25519_sign(SEED, text.encode())
        return f"{text}\n— {ORIGIN} {encoded(self.id + signed)}\n"

    def publish(self) -> None:
        """Write the files of the log, and the proofs of its days."""
        size = len(self.leaves)
        bundle = b"".join(len(one).to_bytes(2, "big") + one for one in self.leaves)
        self.put(f"tile/entries/000.p/{size}", bundle)
        self.put(f"tile/0/000.p/{size}", b"".join(self.hashes))
        self.put("checkpoint", self.note().encode())
        self.put("keys", self.key.encode())
        self.put("daybook/index.json", json.dumps(self.days).encode())
        self.put("daybook/cells.json", b"{}")
        for day in set(self.days):
            no = int((self.folder / f"daybook/{day}.no").read_text())
            self.put(f"daybook/{day}.tlog-proof", self.proof(no).encode())


def row(rated: Row, cell: int = DEPARTMENT, level: int | None = None, flags: int = 0) -> bytes:
    """Return the row of a rating."""
    no, record, _ = rated
    salted = bytes.fromhex(record["row_salt"]) + no.to_bytes(8, "big")
    tag = hashlib.sha256(b"hcp/v1/row\0" + salted).digest()
    return tag + cell.to_bytes(8, "big") + bytes([level or record["level"], flags])


@pytest.fixture
def liar(tmp_path: Path) -> Liar:
    """Return a log with a batch of services."""
    made = Liar(tmp_path / "log")
    made.public(6, {"kind": "invited", "services": 100})
    return made


def told(liar: Liar, day: str = DAY) -> str:
    """Return why a day does not hold, "" where it does."""
    liar.publish()
    try:
        verify.check_day(str(liar.folder), day, liar.key)
    except verify.Wrong as wrong:
        return str(wrong)
    return ""


def looked_up(liar: Liar, rated: Row) -> str:
    """Return why a receipt does not hold together with its day book, "" where it does."""
    liar.publish()
    try:
        verify.check_receipt(liar.receipt(rated), liar.key, book=str(liar.folder))
    except verify.Wrong as wrong:
        return str(wrong)
    return ""


def test_an_honest_day_holds(liar: Liar) -> None:
    good, bad = liar.rate(5, 12), liar.rate(1, 3)
    liar.close([row(one) for one in good + bad])
    assert told(liar) == looked_up(liar, bad[0]) == ""


def _set(**values: Any) -> Change:
    def change(statement: dict[str, Any]) -> None:
        for path, value in values.items():
            *names, last = path.split("__")
            inside = statement
            for name in names:
                inside = inside[name]
            if value is None:
                del inside[last]
            else:
                inside[last] = value

    return change


@pytest.mark.parametrize(
    ("excluded", "change", "why"),
    [
        ({"too_few": 20}, _set(rules__smallest_cell=10**9), "rules"),
        ({"too_few": 20}, _set(rules__id="mine/1"), "rules"),
        ({"too_few": 20}, _set(), "too few"),
        ({"orphan": 20}, _set(), "lost"),
        ({"erased": 20}, _set(), "erased"),
        ({"a machine was broken": 20}, _set(), "reason"),
        ({"probe": 21, "too_few": -1}, _set(), "reason"),
        ({"probe": True}, _set(), "reason"),
        ({"probe": 20}, _set(table_sha256="00" * 32), "table"),
        ({"probe": 20}, _set(log__to=2), "not those of the log"),
        ({"probe": 20}, _set(log__to=999), "comes after"),
        ({"probe": 20}, _set(invitations__services=999), "services"),
    ],
)
def test_ratings_are_not_left_out_for_reasons_that_nobody_can_check(
    liar: Liar, excluded: dict[str, int], change: Change, why: str
) -> None:
    good = liar.rate(5, 12)
    liar.rate(1, 20)
    liar.close([row(one) for one in good], change, excluded=excluded)
    assert why in told(liar)


def test_what_a_receipt_opens_as_a_test_of_a_channel_is_no_rating(liar: Liar) -> None:
    good, bad = liar.rate(5, 12), liar.rate(1, 1, origin=verify.PROBE)
    liar.close([row(one) for one in good], excluded={"probe": 1})
    assert "test of a channel" in looked_up(liar, bad[0])


@pytest.mark.parametrize("field", ["said_sha256", "cells_sha256", "table_sha256"])
def test_a_statement_does_not_leave_out_what_it_commits_to(liar: Liar, field: str) -> None:
    liar.close([row(one) for one in liar.rate(5, 12)], _set(**{field: None}))
    with pytest.raises(KeyError):
        told(liar)


def test_bad_ratings_are_not_moved_to_another_cell(liar: Liar) -> None:
    good, bad = liar.rate(5, 30), liar.rate(1, 10)
    liar.close([row(one) for one in good] + [row(one, PROVINCE) for one in bad])
    assert "somewhere else" in looked_up(liar, bad[0])


def test_a_row_has_a_level(liar: Liar) -> None:
    good, bad = liar.rate(5, 12), liar.rate(1, 10)
    liar.close([row(one) for one in good] + [row(one, level=6) for one in bad])
    assert "none of a rating" in told(liar)


def test_a_first_rating_is_not_told_as_a_follow_up(liar: Liar) -> None:
    good, bad = liar.rate(5, 12), liar.rate(1, 10)
    liar.close([row(one) for one in good] + [row(one, flags=1) for one in bad])
    assert "another level" in looked_up(liar, bad[0])


def test_a_day_has_one_statement(liar: Liar) -> None:
    good, bad = liar.rate(5, 12), liar.rate(1, 10)
    end = len(liar.leaves)
    liar.close([row(one) for one in good + bad])
    before, liar.before = liar.before, b""
    liar.days.pop()
    liar.close([row(one) for one in good], end=end, excluded={"probe": 10})
    assert told(liar) == ""  # nothing of this day alone tells
    liar.close([], begin=end, sums=(100, 12), day="2026-11-27")
    assert before != liar.before
    assert "two statements" in told(liar, "2026-11-27")


def test_a_day_is_not_another_one(liar: Liar) -> None:
    liar.close([row(one) for one in liar.rate(5, 12)])
    for file in (liar.folder / "daybook").glob(f"{DAY}.*"):
        liar.put(f"daybook/2026-11-27{file.suffix}", file.read_bytes())
    liar.days = ["2026-11-27"]
    assert "another day" in told(liar, "2026-11-27")


def test_what_replaced_a_rating_is_not_erased_in_its_place(liar: Liar) -> None:
    good = liar.rate(5, 12)
    liar.rate(1, 10)
    first = len(liar.leaves)
    liar.leaves += [b"\1\2" + bytes(32) + bytes(9)] * 10
    liar.leaves += [
        b"\1\4" + bytes(32) + no.to_bytes(8, "big") + b"\0" for no in range(first, first + 10)
    ]
    liar.close([row(one) for one in good], excluded={"erased": 10})
    assert "erased" in told(liar)


def test_what_was_erased_elsewhere_excuses_nothing_in_a_first_log(liar: Liar) -> None:
    good = liar.rate(5, 12)
    liar.rate(1, 10)
    liar.leaves += [b"\1\4" + bytes(32) + b"\xff" * 8 + b"\0"] * 10
    liar.close([row(one) for one in good], excluded={"erased": 10})
    assert "erased" in told(liar)


def test_a_receipt_of_one_history_is_not_looked_up_in_another(liar: Liar, tmp_path: Path) -> None:
    other = Liar(tmp_path / "other")
    other.public(6, {"kind": "invited", "services": 100})
    mine = liar.rate(1, 12)
    other.close([row(one) for one in other.rate(5, 12)])
    other.publish()
    with pytest.raises(verify.Wrong, match="two histories"):
        verify.check_receipt(liar.receipt(mine[0]), liar.key, book=str(other.folder))


def test_a_mirror_keeps_what_it_checked_and_no_day_without_its_files(
    liar: Liar, tmp_path: Path
) -> None:
    liar.close([row(one) for one in liar.rate(5, 12)])
    liar.publish()
    mine, trust = tmp_path / "mirror", ([liar.key], (), 0)
    table = liar.folder / f"daybook/{DAY}.csv"
    table.rename(tmp_path / "table")
    with pytest.raises(OSError, match="csv"):
        verify.mirror(str(liar.folder), str(mine), trust)
    assert not (mine / "checkpoint").exists()
    (tmp_path / "table").rename(table)
    size = len(liar.leaves)
    (liar.folder / f"tile/0/000.p/{size}").write_bytes(bytes(32 * size))  # a lie that is not kept
    assert verify.mirror(str(liar.folder), str(mine), trust) == size
    assert verify.check_day(str(mine), DAY, liar.key)["daybook"]["rows"] == 12
    assert (mine / f"tile/0/000.p/{size}").read_bytes() == b"".join(liar.hashes)
    rated = liar.rate(1, 12)
    liar.close([row(one) for one in rated], begin=size - 1, sums=(100, 12), day="2026-11-27")
    liar.publish()
    book = liar.folder / "daybook/2026-11-27.rows"
    book.write_bytes(book.read_bytes()[:-42])
    with pytest.raises(verify.Wrong):
        verify.mirror(str(liar.folder), str(mine), trust)
    assert verify.check_log(str(mine), trust) == size  # as it was
