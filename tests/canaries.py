"""An identity that is put in at every door, and how it may stand in what comes out."""

import base64
import hashlib
import json
from pathlib import Path
from urllib.parse import quote

from pyarrow import parquet

NAME, PHONE, CERTIFICATE = "欧阳金丝雀", "13977776666", "320102198801017777"
SECRETS = (NAME, PHONE, CERTIFICATE, CERTIFICATE[6:14] + CERTIFICATE[14:])
WORDS = f"我是{NAME}，电话{PHONE}，身份证{CERTIFICATE}，排了两个小时的队"


def spellings(word: str) -> set[bytes]:
    """Return how a word may stand in a file: plain, escaped, coded, or as a digest that anybody can
    make who guesses it.
    """
    plain = word.encode()
    digests = [hashlib.new(name, plain) for name in ("md5", "sha1", "sha256", "sm3")]
    return {
        plain,
        word.encode("gb18030"),
        json.dumps(word)[1:-1].encode(),
        quote(word).encode(),
        base64.b64encode(plain).rstrip(b"="),
        *(one.digest() for one in digests),
        *(one.hexdigest().encode() for one in digests),
    }


def found_in(folder: Path) -> list[tuple[str, bytes]]:
    """Return where in the files of a folder the identity stands, and how."""
    hidden = {form for word in SECRETS for form in spellings(word)}
    found = []
    for one in folder.rglob("*"):
        if one.is_file():
            data = one.read_bytes()
            if one.suffix == ".parquet":
                data = str(parquet.read_table(one).to_pylist()).encode()
            found += [(one.name, form) for form in hidden if form in data]
    return found
