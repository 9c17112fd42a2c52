"""What the doors answer, as types: OpenAPI shows them, and tests compare real answers with them."""

import msgspec

from haochaping.evaluations.rules import Outcome


class Problem(msgspec.Struct, kw_only=True):
    """What was refused and why (RFC 9457)."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    detail_zh: str
    field: str = ""


class RecordStored(msgspec.Struct, forbid_unknown_fields=True):
    """A service that is registered."""

    outcome: str
    record: str


class RatingStored(msgspec.Struct, forbid_unknown_fields=True):
    """A rating that is stored, or kept until its service is registered."""

    outcome: Outcome
    receipt: str = ""


class Link(msgspec.Struct, forbid_unknown_fields=True):
    """An address for a citizen."""

    url: str
    rated: bool
    days: int


class Called(msgspec.Struct, forbid_unknown_fields=True):
    """A window's tablet asks."""

    until: str


class Known(msgspec.Struct, forbid_unknown_fields=True):
    """What is known of a service."""

    record: str
    status: int
    amendments: int
    rated: bool
    followed_up: bool
    promise: str | None


class Settled(msgspec.Struct, forbid_unknown_fields=True):
    """How the waiting of a rating ended."""

    no: int
    project_no: str
    service_number: int
    kind: int
    outcome: str
    code: str | None
    receipt: str | None
    at: str


class Outcomes(msgspec.Struct, forbid_unknown_fields=True):
    """What became of ratings that waited."""

    items: list[Settled]
    last: int


class Change(msgspec.Struct):
    """What happened to a service; more fields with the grant for everybody's services."""

    kind: str
    receipt: str
    project_no: str
    service_number: int
    department_code: str


class Changes(msgspec.Struct, forbid_unknown_fields=True):
    """A page of changes."""

    items: list[Change]
    cursor: str
    more: bool


class KeyInForce(msgspec.Struct, forbid_unknown_fields=True):
    """A key, without its secret."""

    key: str
    ends_at: str | None


class KeyFacts(msgspec.Struct, forbid_unknown_fields=True):
    """A client's keys and how far they reach."""

    key: str
    algorithm: str
    region: str
    departments: list[str]
    everybodys: bool
    keys: list[KeyInForce]


class Rotated(msgspec.Struct, forbid_unknown_fields=True):
    """A new key."""

    key: str
    secret: str
    old_key_ends_in_hours: int
    known_everywhere_in_seconds: int


class RefusedRow(msgspec.Struct, forbid_unknown_fields=True):
    """A row of a file that was not stored."""

    line: int
    names: str
    code: str
    detail: str
    detail_zh: str


class FileReport(msgspec.Struct, forbid_unknown_fields=True):
    """What became of a file's rows."""

    accepted: int
    duplicate: int
    refused: int
    rows: list[RefusedRow]
    unknown_fields: list[str]


class Message(msgspec.Struct, forbid_unknown_fields=True):
    """What became of a message of a partner."""

    id: str
    code: str
    message: str = ""
    was: str = ""


class Messages(msgspec.Struct, forbid_unknown_fields=True):
    """What became of a batch of messages."""

    code: str
    results: list[Message]


class Node(msgspec.Struct, forbid_unknown_fields=True):
    """Messages below a prefix: how many, and their digest."""

    count: int
    digest: str


class Compared(msgspec.Struct, forbid_unknown_fields=True):
    """What we told a partner of a day: nodes, or the messages themselves."""

    nodes: dict[str, Node] = {}
    entries: dict[str, str] = {}
