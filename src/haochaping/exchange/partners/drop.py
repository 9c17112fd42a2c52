"""Files in a folder, on this machine or over SFTP: one file of JSON lines for each batch, named by
its content so that a second try writes the same file again, and beside it a file that says how many
lines it has and their SHA-256. What lies in the folder, complete, has arrived.
"""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from haochaping.exchange.partners.sending import Failed, Letter, Link, Outcome
from haochaping.exchange.rules import Status, Told
from haochaping.kernel.files import put_all


def drop(letters: Sequence[Letter], link: Link) -> Outcome:
    """Write a batch; the manifest last, for whoever watches the folder takes what has one."""
    lines = "".join(
        json.dumps(
            {"id": one.message, "family": one.family, "document": one.document},
            ensure_ascii=False,
            sort_keys=True,
        )
        + "\n"
        for one in letters
    ).encode()
    digest = hashlib.sha256(lines).hexdigest()
    name = f"haochaping-{link.at:%Y%m%d}-{digest[:16]}"
    manifest = json.dumps({"file": f"{name}.jsonl", "lines": len(letters), "sha256": digest})
    files = {f"{name}.jsonl": lines, f"{name}.ok": f"{manifest}\n".encode()}
    outcome = Outcome()
    try:
        _put(files, link)
    except (OSError, Failed) as away:
        outcome.broken, outcome.unreachable = f"{type(away).__name__}: {away}"[:200], True
        return outcome
    outcome.told = {one.message: Told(one.message, Status.ACKNOWLEDGED) for one in letters}
    return outcome


def _put(files: dict[str, bytes], link: Link) -> None:
    where = urlsplit(link.url)
    if where.scheme == "sftp":
        # its library takes half a second to load, in every process that knows of partners
        from haochaping.exchange.partners import sftp  # noqa: PLC0415

        sftp.put(link, PurePosixPath(unquote(where.path)), files)
        return
    folder = Path(unquote(where.path))
    if where.scheme != "file" or not folder.is_dir():
        raise Failed("no such folder")
    for name, data in files.items():
        put_all({folder / name: data})
