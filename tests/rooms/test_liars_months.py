"""An operator that lies about a month: its signed book against what its days told."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from test_liars import (
    COUNTY,
    DAY,
    DEPARTMENT,
    ORIGIN,
    PROVINCE,
    Change,
    Liar,
    Row,
    _set,
    digest,
    liar,
    looked_up,
    root,
    row,
)
from test_verifiers import verify

__all__ = ["liar"]  # the fixture
MONTH, ELSEWHERE = DAY[:7], 320700000000
type Lie = Callable[[list[Row], list[Row]], list[bytes]]


def again(rated: Row, cell: int = DEPARTMENT, came: int = COUNTY, level: int = 0) -> bytes:
    """Return the row of a rating in its month's book."""
    no, record, _ = rated
    salted = bytes.fromhex(record["row_salt"]) + no.to_bytes(8, "big")
    tag = hashlib.sha256(b"hcp/v1/month-row\0" + salted).digest()
    places = cell.to_bytes(8, "big") + came.to_bytes(8, "big")
    return tag + places + bytes([level or record["level"], 0])


def close_month(
    liar: Liar, rows: list[bytes], change: Change = lambda _: None, **told: Any
) -> None:
    """Close the month of the liar's day with these rows, and publish all there is."""
    rows = sorted(rows)
    data, table = b"".join(rows), verify._table([one[:40] + one[48:] for one in rows])
    cells = verify.canonical(
        {str(DEPARTMENT): {"name": "x", "above": str(told.get("above", COUNTY))}}
    )
    statement = {
        "kind": "monthbook",
        "month": MONTH,
        "log": {"origin": ORIGIN, "from": 0, "to": told["end"]},
        "days": {day: digest((liar.folder / f"daybook/{day}.json").read_bytes()) for day in [DAY]},
        "book": {
            "rows": len(rows),
            "root": root([verify.leaf_hash(one) for one in rows]).hex(),
            "sha256": digest(data),
        },
        "table_sha256": digest(table),
        "cells_sha256": digest(cells),
        "rules": {"id": "monthbook/1", "sha256": digest(b"rules"), "smallest_cell": 10},
        "missing": told.get("missing", []),
        "withheld": told.get("withheld", []),
        "excluded": told.get("excluded", {}),
    }
    change(statement)
    no = liar.public(7, statement)
    files = {"rows": data, "csv": table, "json": liar.texts[no].encode()}
    for kind, file in files.items():
        liar.put(f"daybook/{MONTH}.{kind}", file)
    liar.put(f"daybook/cells-{digest(cells)[:16]}.json", cells)
    liar.put("daybook/months.json", json.dumps([MONTH]).encode())
    liar.publish()
    liar.put(f"daybook/{MONTH}.tlog-proof", liar.proof(no).encode())


def told(liar: Liar) -> str:
    """Return why the month does not hold, "" where it does."""
    try:
        verify.check_month(str(liar.folder), MONTH, liar.key)
    except verify.Wrong as wrong:
        return str(wrong)
    return ""


def rated(liar: Liar) -> tuple[list[Row], list[Row], int]:
    """Have a day of fourteen good ratings and twelve bad ones, which its book tells of the county;
    return them, and where the day ends.
    """
    good, bad = liar.rate(5, 14), liar.rate(1, 12)
    end = len(liar.leaves)
    liar.close([row(one, COUNTY) for one in good + bad])
    return good, bad, end


def erase(liar: Liar, some: list[Row]) -> None:
    """Enter that ratings were erased."""
    for no, _, _ in some:
        liar.leaves.append(b"\1\4" + bytes(32) + no.to_bytes(8, "big") + b"\0")


def missing(rows: int, *, withheld: bool) -> dict[str, list[dict[str, Any]]]:
    """Return what a statement says of rows that are missing."""
    place = {"cell": str(COUNTY), "flags": 0}
    return {"withheld": [place]} if withheld else {"missing": [{**place, "rows": rows}]}


def test_an_honest_month_holds_and_so_does_a_receipt_of_it(liar: Liar) -> None:
    good, bad, end = rated(liar)
    close_month(liar, [again(one) for one in good + bad], end=end)
    assert told(liar) == looked_up(liar, bad[0]) == ""
    found = verify.check_receipt(liar.receipt(bad[0]), liar.key, book=str(liar.folder))
    assert found["row"] == {"day": DAY, "cell": COUNTY, "month": MONTH, "month_cell": DEPARTMENT}


LIES: dict[str, tuple[Lie, str]] = {
    "bad ones dropped": (lambda good, _: [again(one) for one in good], "missing from the month"),
    "bad ones told as good": (
        lambda good, bad: [again(one, level=5) for one in good + bad],
        "did not tell",
    ),
    "from another cell": (
        lambda good, bad: [again(one, came=PROVINCE) for one in good + bad],
        "missing from the month",
    ),
    "in another city": (
        lambda good, bad: [again(one) for one in good] + [again(one, ELSEWHERE) for one in bad],
        "outside the cell",
    ),
    "a few by themselves": (
        lambda good, bad: (
            [again(one, COUNTY) for one in bad[:3]] + [again(one) for one in good + bad[3:]]
        ),
        "point at a person",
    ),
    "more than there were": (
        lambda good, bad: (
            [again(one) for one in good + bad]
            + [again((900 + no, one[1], one[2])) for no, one in enumerate(good)]
        ),
        "did not tell",
    ),
    "out of nothing": (
        lambda good, bad: (
            [again(one) for one in good + bad]
            + [again((900 + no, one[1], one[2]), came=0) for no, one in enumerate(good)]
        ),
        "did not tell",
    ),
    "none of a rating": (
        lambda good, bad: [again(one) for one in good] + [again(one, level=7) for one in bad],
        "none of a rating",
    ),
}


@pytest.mark.parametrize(("lie", "why"), LIES.values(), ids=LIES)
def test_a_month_says_what_its_days_said(liar: Liar, lie: Lie, why: str) -> None:
    good, bad, end = rated(liar)
    close_month(liar, lie(good, bad), end=end)
    assert why in told(liar)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (_set(days={}), "other days"),
        (_set(log__to=5), "other days"),
        (_set(log__from=1), "other days"),
        (_set(month="2026-10"), "another month"),
        (_set(rules__id="mine/1"), "rules"),
        (_set(table_sha256="00" * 32), "table"),
        (_set(book__rows=3), "not the one of the statement"),
        (_set(**missing(12, withheld=False)), "missing from the month"),
        (_set(**missing(12, withheld=True)), "need not be"),
        (_set(missing=[{"cell": "1", "flags": 0, "rows": 10}]), "did not tell"),
        (_set(withheld=[{"cell": "1", "flags": 0}]), "did not tell"),
        (_set(excluded={"too_few": 10}), "too few"),
        (_set(excluded={"too_few": 3}), "did not tell"),
    ],
)
def test_a_statement_of_a_month_says_nothing_that_its_days_do_not_bear_out(
    liar: Liar, change: Change, why: str
) -> None:
    good, bad, end = rated(liar)
    close_month(liar, [again(one) for one in good + bad], change, end=end)
    assert why in told(liar)


@pytest.mark.parametrize(
    ("gone", "shown", "withheld", "why"),
    [
        (12, 14, False, ""),  # ten and more were erased: the others are told
        (12, 0, True, ""),  # it says less than it might, and no more than it may
        (3, 0, True, ""),  # a few were erased: nothing is told
        (3, 23, False, "point at a person"),
        (0, 0, True, "erased"),
    ],
)
def test_what_was_erased_is_missing_and_a_few_take_the_rest_along(
    liar: Liar, gone: int, shown: int, withheld: bool, why: str
) -> None:
    good, bad, end = rated(liar)
    erase(liar, bad[:gone])
    rows = [again(one) for one in good + bad[gone:]][:shown]
    close_month(liar, rows, end=end, **missing(gone, withheld=withheld))
    assert (why in told(liar)) if why else told(liar) == ""


def test_nothing_is_missing_that_was_not_erased(liar: Liar) -> None:
    good, bad, end = rated(liar)
    erase(liar, bad[:11])
    liar.leaves.append(b"\1\4" + bytes(32) + bytes(8) + b"\0")  # of a batch of services
    close_month(liar, [again(one) for one in good], end=end, **missing(12, withheld=False))
    assert "erased" in told(liar)


def test_what_a_day_did_not_tell_is_not_lost_to_the_month(liar: Liar) -> None:
    liar.rate(1, 9)
    end = len(liar.leaves)
    liar.close([], excluded={"too_few": 9}, sums=(0, 0))
    close_month(liar, [], end=end)
    assert "erased" in told(liar)
    close_month(liar, [], end=end, excluded={"too_few": 9})
    assert told(liar) == ""


def test_a_month_that_should_be_there_is_missed(liar: Liar) -> None:
    good, bad, _ = rated(liar)
    begin = len(liar.leaves)
    for day in ("2026-11-27", "2026-12-09"):
        liar.close([], begin=begin - 1, sums=(100, 26), day=day)
        begin = len(liar.leaves)
        assert looked_up(liar, bad[0]) == ""  # it may come yet
    liar.close([], begin=begin - 1, sums=(100, 26), day="2026-12-10")
    assert "no book of 2026-11" in looked_up(liar, bad[0])
    liar.public(11, {"kind": "recovered", "from": 3, "to": 4})  # something was lost: so it says
    assert looked_up(liar, good[0]) == ""


def test_a_list_of_months_hides_none_that_was_closed(liar: Liar) -> None:
    good, bad, end = rated(liar)
    begin = len(liar.leaves) - 1
    close_month(liar, [again(one) for one in good + bad], end=end)
    liar.close([], begin=begin, sums=(100, 26), day="2026-12-01")
    liar.put("daybook/months.json", b"[]")
    liar.publish()
    with pytest.raises(verify.Wrong, match="hides it"):
        verify.check_day(str(liar.folder), "2026-12-01", liar.key)


def test_a_receipt_is_looked_up_in_the_month_of_its_day(liar: Liar) -> None:
    good, bad, end = rated(liar)
    rows = [again(one) for one in good + bad]
    close_month(liar, rows, _set(month="2026-10"), end=end)
    assert "another month" in looked_up(liar, bad[0])
    close_month(liar, rows, _set(days={DAY: "00" * 32}), end=end)
    assert "other days" in looked_up(liar, bad[0])


def test_an_office_that_is_said_to_have_moved_is_told_so(liar: Liar) -> None:
    good, bad, end = rated(liar)
    close_month(liar, [again(one, COUNTY) for one in good + bad], end=end, above=ELSEWHERE)
    found = verify.check_receipt(liar.receipt(bad[0]), liar.key, book=str(liar.folder))
    assert found["row"]["moved"]
    assert verify.moved(str(liar.folder), MONTH) == [DEPARTMENT]


def test_a_receipt_finds_out_that_its_rating_was_kept_out_of_its_own_office(liar: Liar) -> None:
    good, bad, end = rated(liar)
    rows = [again(one) for one in good] + [again(one, COUNTY) for one in bad]
    close_month(liar, rows, end=end)
    assert told(liar) == ""  # nobody else can know where they were given
    assert "somewhere else" in looked_up(liar, bad[0])
    assert looked_up(liar, good[0]) == ""


def test_a_receipt_finds_out_that_another_stands_in_its_place(liar: Liar) -> None:
    good, bad, end = rated(liar)
    stranger = (900, bad[0][1], bad[0][2])
    close_month(liar, [again(one) for one in [*good, *bad[1:], stranger]], end=end)
    assert told(liar) == ""
    assert "not in the month book" in looked_up(liar, bad[0])


def test_a_month_has_one_statement(liar: Liar) -> None:
    good, bad, end = rated(liar)
    begin, after = len(liar.leaves) - 1, liar.before
    close_month(liar, [again(one) for one in good + bad], end=end)
    close_month(liar, [again(one) for one in good], end=end)
    liar.before = after
    liar.close([], begin=begin, sums=(100, 26), day="2026-12-01")
    liar.publish()
    with pytest.raises(verify.Wrong, match="two statements of 2026-11"):
        verify.check_day(str(liar.folder), "2026-12-01", liar.key)
