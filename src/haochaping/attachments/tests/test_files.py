"""Attachments.

Known by their bytes, drawn anew, capped, and shown only once the scanner found them clean.
"""

import io
import socket
import threading
import zipfile
from collections.abc import Callable

import people
import pytest
from people import NOON
from PIL import Image

from haochaping.attachments import detectors, models, queries, rules, tasks
from haochaping.audit import queries as audit
from haochaping.kernel.errors import NotAllowed
from haochaping.orders import actions
from haochaping.orders.tests.test_orders import go
from haochaping.orders.tests.test_tracks import dispatched

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
PDF = b"%PDF-1.7\n%%EOF\n"


def picture(kind: str = "JPEG", size: tuple[int, int] = (60, 40), **how: object) -> bytes:
    """Return a picture; `exif` may say where it was taken."""
    made = io.BytesIO()
    Image.new("RGB", size, "navy").save(made, kind, **how)
    return made.getvalue()


def packed(*names: str, data: bytes = b"x") -> bytes:
    """Return a zip file with these parts."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, data)
    return made.getvalue()


def test_a_picture_loses_what_it_came_with_and_its_name_is_harmless() -> None:
    exif = Image.Exif()
    exif[0x9286] = "secret place"
    file = rules.accept_file("../../etc/现场 照片.PNG", picture(exif=exif))
    assert (file.name, file.kind) == ("现场_照片.jpg", "jpg")
    assert b"secret" not in file.data
    assert not Image.open(io.BytesIO(file.data)).getexif()


BAD: dict[str, Callable[[], bytes]] = {
    "empty": lambda: b"",
    "svg": lambda: b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
    "gif": lambda: b"GIF89a" + bytes(50),
    "exe": lambda: b"MZ" + bytes(200),
    "zip": lambda: packed("evil.exe"),
    "macro": lambda: packed("word/document.xml", "word/vbaProject.bin"),
    "both": lambda: packed("word/document.xml", "xl/workbook.xml"),
    "cut": lambda: packed("word/document.xml")[:40],
    "bomb": lambda: packed("word/document.xml", "word/media/big", data=bytes(110 * 1024 * 1024)),
    "large": lambda: PDF + bytes(10 * 1024 * 1024),
    "pixels": lambda: picture(size=(9000, 6000)),
}


@pytest.mark.parametrize("kind", BAD)
def test_what_is_no_attachment_is_refused(kind: str) -> None:
    data = BAD[kind]()
    with pytest.raises(rules.BadFile):
        rules.accept_file("x.jpg", data)


def test_documents_are_taken_and_the_same_file_is_kept_once(world: people.Place) -> None:
    order, handler = dispatched(world), world.users["handler"]
    first = actions.attach(order_id=order, name="说明.pdf", data=PDF, by=handler, at=NOON)
    assert actions.attach(order_id=order, name="again.pdf", data=PDF, by=handler, at=NOON) == first
    actions.attach(
        order_id=order, name="表.xlsx", data=packed("xl/workbook.xml"), by=handler, at=NOON
    )
    assert [file.name for file in queries.of_order(order)] == ["说明.pdf", "表.xlsx"]
    with pytest.raises(NotAllowed):
        actions.attach(
            order_id=order, name="x.pdf", data=PDF + b" ", by=world.users["foreign"], at=NOON
        )
    go(order, "dismiss", handler, finding="x")
    assert "attach" in [entry.verb for entry in audit.of("order", order)]


class Clamd:
    """A scanner that speaks clamd's protocol and knows one virus."""

    def __init__(self) -> None:
        self.door = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self.door.getsockname()[1]}"
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self) -> None:
        """Answer until the door is closed."""
        while True:
            try:
                visitor, _ = self.door.accept()
            except OSError:
                return
            with visitor, visitor.makefile("rb") as stream:
                assert stream.read(10) == b"zINSTREAM\0"
                data = b""
                while length := int.from_bytes(stream.read(4), "big"):
                    data += stream.read(length)
                visitor.sendall(
                    b"stream: Eicar-Signature FOUND\0" if EICAR in data else b"stream: OK\0"
                )


def test_with_a_scanner_a_file_waits_and_an_infected_one_is_shown_to_nobody(
    world: people.Place, settings: object
) -> None:
    scanner, order, handler = Clamd(), dispatched(world), world.users["handler"]
    settings.VIRUS_SCANNER = scanner.address  # type: ignore[attr-defined]
    good = actions.attach(order_id=order, name="good.pdf", data=PDF, by=handler, at=NOON)
    bad = actions.attach(
        order_id=order, name="bad.pdf", data=PDF + EICAR * 3000, by=handler, at=NOON
    )
    assert queries.shown(order, good) is None
    tasks.scan(NOON)
    assert queries.shown(order, good) is not None
    assert queries.shown(order, bad) is None
    assert models.Attachment.objects.get(pk=bad).verdict == "infected"
    assert "quarantine" in [entry.verb for entry in audit.of("order", order)]
    scanner.door.close()
    assert detectors.scan("127.0.0.1:1", PDF) is None
    assert detectors.scan("nonsense", PDF) is None
