"""A client of the haochaping interface: register services, hand in ratings, ask for rating
addresses. Standard library only.

    client = Client("https://hcp.example.gov.cn", "k0123", "the secret")
    client.register(project_no="3207…", service_number=1, region="320700", department_code="1132…",
    item_code="1132…", served_at="2026-11-24 10:00")
    client.link(project_no="3207…", service_number=1)["url"] # the page on which the citizen rates
    client.rate(project_no="3207…", service_number=1, level=5, channel=9)

Every call may be repeated: nothing is ever stored twice. What passes by itself (no answer, 429,
500, 503) is tried again with a new nonce, no sooner than the platform's `Retry-After` says.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import http.client
import json
import random
import secrets
import sqlite3
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

if TYPE_CHECKING:
    from typing_extensions import Unpack  # noqa: UP035 - every type checker brings it, for 3.9 too

    from .typed import (
        Called,
        CallWanted,
        Change,
        Known,
        Link,
        LinkWanted,
        Outcomes,
        Problem,
        Rating,
        RatingStored,
        Record,
        RecordStored,
        Rotated,
        Service,
    )

BATCH = 1000
_RATINGS = "/api/v1/evaluations"
_AGAIN = (429, 500, 502, 503, 504)
_NOBODYS_FAULT = (401, 407, 426)  # of the client, not of what it sends


class Refused(Exception):
    """The platform will not take it.

    `code` is stable; `detail` and `detail_zh` say what to mend.
    """

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        self.status, self.problem, self.code = status, problem, str(problem.get("code", ""))
        said = f"{status} {self.code}: {problem.get('detail', '')} {problem.get('detail_zh', '')}"
        if signed := problem.get("signed_text"):  # what the platform signed, to compare with
            said = f"{said}\n{signed}"
        super().__init__(said)


class Unreachable(Exception):
    """No answer in all tries; send the same again later."""


def signing_text(
    method: str,
    path: str,
    query: str,
    body: bytes,
    *,
    moment: str,
    nonce: str,
    kid: str,
    algorithm: str = "sha256",
) -> str:
    """Return what is signed, as docs/integrate/signing.md has it."""
    ordered = "&".join(
        f"{name}={value}" for name, value in sorted(parse_qsl(query, keep_blank_values=True))
    )
    return "\n".join(
        (
            "HCP1",
            method,
            path,
            ordered,
            hashlib.new(algorithm, body).hexdigest(),
            moment,
            nonce,
            kid,
        )
    )


def sign(secret: str, text: str, algorithm: str = "sha256") -> str:
    """Return the signature in hexadecimal."""
    return hmac.new(secret.encode(), text.encode(), algorithm).hexdigest()


class Client:
    """Speaks to one platform with one key. Safe to use from several threads."""

    def __init__(
        self,
        address: str,
        kid: str,
        secret: str,
        *,
        algorithm: str = "sha256",
        timeout: float = 10,
        tries: int = 5,
    ) -> None:
        self.address, self.kid, self.secret = address.rstrip("/"), kid, secret
        self.algorithm, self.timeout, self.tries = algorithm, timeout, tries

    def register(self, **record: Unpack[Record]) -> RecordStored:
        """Register a service 办件; raises Refused. What each call takes and gives: `typed`."""
        answer: RecordStored = self.post("/api/v1/records", record)
        return answer

    def amend(self, reason: str, **record: Unpack[Record]) -> RecordStored:
        """Write what became of a service; give all its fields as they are now. Raises Refused."""
        answer: RecordStored = self.post("/api/v1/records/amendments", {**record, "reason": reason})
        return answer

    def rate(self, **rating: Unpack[Rating]) -> RatingStored:
        """Hand in a rating 评价; raises Refused."""
        answer: RatingStored = self.post("/api/v1/evaluations", rating)
        return answer

    def link(self, **wanted: Unpack[LinkWanted]) -> Link:
        """Ask for an address at which the citizen rates; raises Refused."""
        answer: Link = self.post("/api/v1/links", wanted)
        return answer

    def call(self, **wanted: Unpack[CallWanted]) -> Called:
        """Have the tablet of a window ask for a rating; raises Refused."""
        answer: Called = self.post("/api/v1/calls", wanted)
        return answer

    def status(self, **service: Unpack[Service]) -> Known:
        """Ask what is known of a service; raises Refused."""
        answer: Known = self.post("/api/v1/status", service)
        return answer

    def outcomes(self, since: int = 0) -> Outcomes:
        """Ask what became of ratings that waited, from a number on; raises Refused."""
        answer: Outcomes = self.post("/api/v1/outcomes", {"since": since})
        return answer

    def rotate_key(self, overlap_hours: int = 72) -> Rotated:
        """Take a new key; the old one is good for so long. Keep both until all of yours use the new
        one: `Client(address, answer["key"], answer["secret"])`. Raises Refused.
        """
        answer: Rotated = self.post("/api/v1/key/rotate", {"overlap_hours": overlap_hours})
        return answer

    def register_all(self, records: Sequence[Record]) -> Iterator[RecordStored | Problem]:
        """Register any number of services in batches; yields an answer for each in order."""
        yield from self._batches("/api/v1/records/batch", records)

    def rate_all(self, ratings: Sequence[Rating]) -> Iterator[RatingStored | Problem]:
        """Hand in any number of ratings in batches; yields an answer for each in order."""
        yield from self._batches("/api/v1/evaluations/batch", ratings)

    def _batches(self, path: str, items: Sequence[Any]) -> Iterator[Any]:
        for start in range(0, len(items), BATCH):
            yield from self.post(path, items[start : start + BATCH])["items"]

    def changes(self, cursor: str = "") -> Iterator[tuple[list[Change], str]]:
        """Yield pages of what happened to your services since a cursor (empty: from the
        beginning), each with the cursor behind it.

        Keep a page and its cursor in one transaction: killed at any moment, go on from the last
        cursor you kept, and nothing is missed or taken twice. It ends when there is no more; ask
        again after a minute.
        """
        more = True
        while more:
            page = self.post("/api/v1/changes", {"cursor": cursor})
            cursor, more = page["cursor"], page["more"]
            yield page["items"], cursor

    def post(self, path: str, content: Any) -> Any:
        """Send a signed request and return the answer; raises Refused or Unreachable."""
        body, trouble, wait = json.dumps(content, ensure_ascii=False).encode(), "", 0.0
        for attempt in range(self.tries):
            if attempt:
                time.sleep(max(wait, min(30, 2**attempt * random.uniform(0.5, 1))))
                wait = 0.0
            try:
                with urllib.request.urlopen(
                    self._request(path, body), timeout=self.timeout
                ) as answer:
                    return json.loads(answer.read())
            except urllib.error.HTTPError as error:
                problem = _problem(error)
                if error.code not in _AGAIN:
                    raise Refused(error.code, problem) from None
                trouble, wait = f"{error.code} {problem.get('code', '')}", _retry_after(error)
            except (OSError, http.client.HTTPException, ValueError) as error:
                # no line, an answer that was cut off, or the page of something in between
                trouble = f"{type(error).__name__}: {error}"
        raise Unreachable(trouble)

    def _request(self, path: str, body: bytes) -> urllib.request.Request:
        moment, nonce = str(int(time.time())), secrets.token_hex(12)
        text = signing_text(
            "POST",
            path,
            "",
            body,
            moment=moment,
            nonce=nonce,
            kid=self.kid,
            algorithm=self.algorithm,
        )
        headers = {
            "Content-Type": "application/json",
            "X-HCP-Key": self.kid,
            "X-HCP-Time": moment,
            "X-HCP-Nonce": nonce,
            "X-HCP-Signature": sign(self.secret, text, self.algorithm),
        }
        return urllib.request.Request(
            self.address + path, data=body, headers=headers, method="POST"
        )


class Queue:
    """Keeps what is to be sent in a file until the platform has it: hand in what happens at once,
    send it when there is a line.

        queue = Queue("haochaping.sqlite")
        queue.put("/api/v1/records", {...}) # on the disk when it returns
        queue.send(client)                  # now and then, from one thread

    What is sent is sent in the order in which it came, and stored once however often it is sent.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        with contextlib.closing(self._open()) as file, file:
            file.execute(
                "CREATE TABLE IF NOT EXISTS waiting (no INTEGER PRIMARY KEY AUTOINCREMENT, "
                "path TEXT NOT NULL, content TEXT NOT NULL, refused TEXT)"
            )

    def _open(self) -> sqlite3.Connection:
        file = sqlite3.connect(self.path, timeout=30)
        file.execute("PRAGMA synchronous = FULL")
        return file

    def put(self, path: str, content: Mapping[str, Any]) -> int:
        """Keep a request; return its number in the file. A rating that does not say when it was
        given was given now, and not when there is a line again.
        """
        if path == _RATINGS and not content.get("rated_at"):
            now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
            content = {**content, "rated_at": now}
        with contextlib.closing(self._open()) as file, file:
            text = json.dumps(content, ensure_ascii=False)
            row = file.execute("INSERT INTO waiting (path, content) VALUES (?, ?)", (path, text))
            return row.lastrowid or 0

    def send(self, client: Client) -> int:
        """Send what waits, in order; return how many the platform has taken.

        What it refuses stays in the file with the reason (`refused`) and holds nothing up. Raises
        Unreachable where the platform does not answer, and Refused where it does not let this
        client in (a wrong clock, a key that has ended): no item is at fault, and all of them wait.
        """
        taken = 0
        with contextlib.closing(self._open()) as file:
            while row := file.execute(_NEXT).fetchone():
                number, path, content = row
                try:
                    client.post(path, json.loads(content))
                except Refused as refused:
                    if refused.status in _NOBODYS_FAULT:
                        raise
                    file.execute(_ASIDE, (str(refused), number))
                else:
                    file.execute("DELETE FROM waiting WHERE no = ?", (number,))
                    taken += 1
                file.commit()
        return taken

    def refused(self) -> list[tuple[int, str, dict[str, Any], str]]:
        """Return number, path, content and reason of what the platform refused."""
        with contextlib.closing(self._open()) as file:
            rows = file.execute(_REFUSED).fetchall()
        return [(number, path, json.loads(content), why) for number, path, content, why in rows]

    def again(self, number: int | None = None) -> int:
        """Send one that was refused again, or all of them; return how many wait once more."""
        with contextlib.closing(self._open()) as file, file:
            return file.execute(_ONCE_MORE, (number, number)).rowcount

    def drop(self, number: int) -> None:
        """Forget one that was refused, once somebody has looked."""
        with contextlib.closing(self._open()) as file, file:
            file.execute("DELETE FROM waiting WHERE no = ?", (number,))


_ASIDE = "UPDATE waiting SET refused = ? WHERE no = ?"
_ONCE_MORE = "UPDATE waiting SET refused = NULL WHERE refused > '' AND (? IS NULL OR no = ?)"
_REFUSED = "SELECT no, path, content, refused FROM waiting WHERE refused > '' ORDER BY no"
_NEXT = "SELECT no, path, content FROM waiting WHERE refused IS NULL ORDER BY no LIMIT 1"


def _retry_after(error: urllib.error.HTTPError) -> float:
    """Return for how many seconds the platform wants to be left alone, ten minutes at most."""
    said = error.headers.get("Retry-After", "")
    return min(600.0, float(said)) if said.isdigit() else 0.0


def _problem(error: urllib.error.HTTPError) -> dict[str, Any]:
    try:
        found = json.loads(error.read())
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
