"""Codes and tables of the directory."""

import io

import openpyxl
import people
import pytest
from hypothesis import given
from hypothesis import strategies as st

from haochaping.directory import rules
from haochaping.kernel.sheets import rows_of

KNOWN = rules.Known(
    regions=lambda code: code if code == people.CITY else None,
    covers=lambda region: region == people.CITY,
    departments={people.BUREAU: people.CITY},
)


def test_a_real_code_passes_and_any_changed_character_fails() -> None:
    real = "11310000MB2F30661Y"
    assert rules.is_uscc(real)
    for place in range(18):
        changed = real[:place] + ("0" if real[place] != "0" else "1") + real[place + 1 :]
        assert not rules.is_uscc(changed)


@given(st.text(alphabet="0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=17, max_size=17))
def test_the_check_character_makes_any_seventeen_a_code(first: str) -> None:
    assert rules.is_uscc(first + rules.uscc_check_character(first))


def test_thirty_three_characters_split_into_item_and_handling_item() -> None:
    code = rules.parse_item("11310000MB2F30661Y" + "2" + "312003564000" + "01")
    assert code is not None
    assert (len(code.task), code.handling and code.handling[31:], code.level) == (
        31,
        "01",
        rules.ItemLevel.PROVINCE,
    )
    assert rules.parse_item("11310000MB2F30661Y" + "7" + "312003564000") is None
    assert rules.parse_item("11310000MB2F30661X" + "2" + "312003564000") is None


def test_an_xlsx_gives_good_rows_and_a_sentence_for_each_bad_one() -> None:
    book = openpyxl.Workbook()
    for row in (
        ["uscc", "name", "region"],
        [people.BUREAU, "审批局", "320700"],
        [people.BUREAU[:-1] + "Z", "错码", "320700"],
        [people.OTHER, "外地", "320500"],
        [people.BUREAU, "", "320700"],
        [people.BUREAU, "又一个审批局", "320700"],  # the second of its code
    ):
        book.active.append(row)
    data = io.BytesIO()
    book.save(data)
    good, errors = rules.read_table(
        rules.TABLES["departments"],
        rows_of("d.xlsx", data.getvalue(), rules.TABLES["departments"].heading),
        KNOWN,
    )
    assert good == [rules.DepartmentRow(people.BUREAU, "审批局", people.CITY)]
    assert [error.number for error in errors] == [3, 4, 5, 6]
    assert all(error.says.zh and error.says.en for error in errors)


@pytest.mark.parametrize(
    ("kind", "row"),
    [
        ("windows", {"code": "W", "hall": "none", "number": "1", "department": people.BUREAU}),
        ("staff", {"number": "1", "name": "a\0b", "department": people.BUREAU}),
        ("items", {"code": "123", "name": "x", "department": people.BUREAU}),
        ("departments", {}),
    ],
)
def test_a_bad_row_is_refused_with_its_reason(kind: str, row: dict[str, str]) -> None:
    good, errors = rules.read_table(rules.TABLES[kind], [row], KNOWN)
    assert not good
    assert len(errors) == 1


def picture(kind: str, size: tuple[int, int] = (900, 1200), **options: object) -> bytes:
    """Return a picture as a file."""
    import io

    from PIL import Image

    made = io.BytesIO()
    Image.new("RGB", size, "#3366aa").save(made, kind, **options)
    return made.getvalue()


def test_a_portrait_is_small_square_and_free_of_what_the_camera_wrote() -> None:
    import io

    from PIL import Image

    from haochaping.directory.rules import portrait

    exif = Image.Exif()
    exif[0x010F] = "secret camera"
    for kind in ("JPEG", "PNG", "WEBP"):
        kept = portrait(picture(kind, exif=exif.tobytes()))
        made = Image.open(io.BytesIO(kept))
        assert (made.format, made.size) == ("JPEG", (360, 360))
        assert b"secret" not in kept


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GIF89a" + b"x" * 50,
        b"<svg onload='x'/>",
        b"\x89PNG\r\n\x1a\nrubbish",
        b"x" * 9_000_000,
    ],
)
def test_what_is_no_photo_is_refused_with_a_sentence(data: bytes) -> None:
    from haochaping.directory.rules import BadPhoto, portrait

    with pytest.raises(BadPhoto):
        portrait(data)


def test_a_picture_that_would_unpack_to_gigabytes_is_refused() -> None:
    import struct
    import zlib

    from haochaping.directory.rules import BadPhoto, portrait

    def chunk(name: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        )

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0))
    with pytest.raises(BadPhoto):
        portrait(
            b"\x89PNG\r\n\x1a\n"
            + header
            + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
            + chunk(b"IEND", b"")
        )
