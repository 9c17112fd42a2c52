"""Tables that leave the platform."""

from collections.abc import Iterator
from datetime import UTC, datetime

from haochaping.kernel.tables import Column, Line, Table, as_csv
from haochaping.kernel.words import Words


def test_rows_are_written_as_they_come_and_not_gathered_first() -> None:
    taken = []

    def lines() -> Iterator[Line]:
        for number in range(1000):
            taken.append(number)
            yield Line((number,))

    written = as_csv(Table("t", Words("", ""), [Column(Words("数", "n"))], lines()))
    assert [next(written) for _ in range(4)] == [
        "\ufeff".encode(),
        "数\r\n".encode(),
        b"0\r\n",
        b"1\r\n",
    ]
    assert taken == [0, 1]


def test_a_moment_is_written_by_the_clock_of_china() -> None:
    at = datetime(2026, 11, 28, 16, 30, 5, tzinfo=UTC)
    table = Table("t", Words("", ""), [Column(Words("时", "t"))], [Line((at,)), Line((None,))])
    assert b"".join(as_csv(table)).decode().splitlines()[1:] == ["2026-11-29 00:30:05", '""']
