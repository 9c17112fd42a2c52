"""Asking witnesses to cosign (C2SP tlog-witness): a witness remembers the largest tree it saw, and
signs only what that is the beginning of.
"""

import hashlib
from dataclasses import dataclass

from haochaping.kernel import crypto, outbound
from haochaping.ledger import queries, rules
from haochaping.ledger.rules import BadNote, Key

_OK, _NOT_FOUND, _CONFLICT, _UNPROVED = 200, 404, 409, 422
Unreachable = outbound.Unreachable


class Disagrees(BadNote):
    """A witness saw another tree than ours."""


@dataclass(frozen=True)
class Witness:
    """Somebody else's machine that watches the log."""

    url: str
    vkey: str

    @property
    def key(self) -> Key:
        """Return the key by which its lines are checked; raises BadNote."""
        name, kind, public = rules.parse_vkey(self.vkey)
        if kind != rules.COSIGNATURE:
            raise BadNote("not a witness's key")

        def check(signature: bytes, message: bytes) -> bool:
            return crypto.ed25519_signed(public, signature, message)

        return Key(name, rules.key_id(name, kind, public), kind, check)


def witnesses(text: str) -> list[Witness]:
    """Return the witnesses of a setting: `address key`, separated by commas; raises ValueError."""
    found = []
    for part in filter(None, (one.strip() for one in text.split(","))):
        url, vkey = part.split(" ")
        found.append(Witness(url.rstrip("/"), vkey))
    return found


def cosign(witness: Witness, log: queries.Log, size: int, note: str) -> str:
    """Return the signature lines of a witness for a checkpoint.

    It is told where it stood last and how the tree grew from there; where we do not know, it says
    so and is asked once more. Raises Unreachable, or BadNote where what comes back is none of its
    own lines.
    """
    old = 0
    for _ in range(2):
        path = rules.consistency(old, size, queries.in_files(log.name, size))
        body = rules.add_checkpoint(old, path, note).encode()
        answer = outbound.post(f"{witness.url}/add-checkpoint", headers={}, content=body)
        told = answer.body.decode("utf-8", "replace")
        if answer.status == _OK:
            return _own_lines(witness, note, told)
        if answer.status != _CONFLICT or not told.strip().isdigit():
            break
        old = int(told)
        if old > size:
            raise Disagrees("the witness has seen a larger tree than ours")
    if answer.status == _UNPROVED:
        raise Disagrees("the tree that the witness has seen is no beginning of ours")
    raise Unreachable(f"{witness.url} answered {answer.status}")


def seen(witness: Witness, log: queries.Log) -> rules.Checkpoint | None:
    """Return the checkpoint of a log that a witness signed last, by our own signature below it;
    None where it holds none. Raises Unreachable, or BadNote where the signature is not ours.
    """
    place = hashlib.sha256(log.origin.encode()).hexdigest()
    answer = outbound.get(f"{witness.url}/{place}/checkpoint", headers={}, params={})
    if answer.status == _NOT_FOUND:
        return None
    if answer.status != _OK:  # what stands before it answered: it may hold one all the same
        raise Unreachable(f"{witness.url} answered {answer.status}")
    note = queries.signed_by_us(log, answer.body.decode("utf-8", "replace"))
    return rules.parse_checkpoint(note.text)


def _own_lines(witness: Witness, note: str, lines: str) -> str:
    """Return those of the lines that are the witness's own and right; raises BadNote."""
    text = rules.parse(note).text
    signed = rules.parse(f"{text}\n{lines}")
    if not rules.signed_by(signed, [witness.key]):
        raise BadNote("no line of the witness")
    key = witness.key
    return "".join(
        one.line for one in signed.signatures if (one.name, one.id) == (key.name, key.id)
    )
