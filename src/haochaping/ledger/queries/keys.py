"""The keys of a log: secret ones in a file beside the logs, public ones as everybody may pin them.

A line of the file is a key, the newest last: `ed25519 <seed> - <since>` or
`sm2 <private> <public> <since>`. Production may keep them elsewhere and mount the file.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from haochaping.kernel import crypto
from haochaping.ledger import models, rules
from haochaping.ledger.queries.files import folder, home

OVERLAP = timedelta(days=90)  # in which an old key signs beside its successor


@dataclass(frozen=True)
class Secret:
    """A key that signs for a log."""

    kind: str  # "ed25519" or "sm2"
    private: bytes
    public: bytes
    since: datetime

    @property
    def line(self) -> str:
        """Return it as a line of the file."""
        public = self.public.hex() if self.kind == "sm2" else "-"
        return f"{self.kind} {self.private.hex()} {public} {self.since.isoformat()}\n"

    @property
    def told(self) -> tuple[int, bytes]:
        """Return kind and public key as a note tells them."""
        if self.kind == "ed25519":
            return rules.ED25519, self.public
        # the point uncompressed, as everybody writes it: with its 04 (trust design §1.5)
        return rules.OTHER, rules.SM2_KIND + b"\0\x04" + self.public

    def key(self, origin: str) -> rules.Key:
        """Return the public key under the name of a log."""
        kind, public = self.told
        check = crypto.ed25519_signed if self.kind == "ed25519" else crypto.sm2_signed
        return rules.Key(
            origin, rules.key_id(origin, kind, public), kind, partial(check, self.public)
        )

    def sign(self, origin: str, text: str) -> rules.Signature:
        """Sign the text of a checkpoint."""
        message = text.encode()
        signed = (
            crypto.ed25519_sign(self.private, message)
            if self.kind == "ed25519"
            else crypto.sm2_sign(self.private, self.public, message)
        )
        return rules.Signature(origin, self.key(origin).id, signed)


def secrets_of(name: str) -> list[Secret]:
    """Return every key a log ever had, the newest of each kind last."""
    path = home() / f"{name}.keys"
    found = []
    for line in path.read_text().splitlines() if path.exists() else ():
        kind, private, public, since = line.split(" ")
        seed = bytes.fromhex(private)
        known = crypto.ed25519_public(seed) if kind == "ed25519" else bytes.fromhex(public)
        found.append(Secret(kind, seed, known, datetime.fromisoformat(since)))
    return found


def keys_of(log: models.Log) -> list[rules.Key]:
    """Return the public keys by which a log's notes are checked."""
    return [secret.key(log.origin) for secret in secrets_of(log.name)]


def sign(log: models.Log, text: str, at: datetime) -> rules.Note:
    """Sign a text with the keys of a log that sign now: the newest, and old ones for a while."""
    secrets = secrets_of(log.name)
    newest = max(secret.since for secret in secrets)
    signers = [one for one in secrets if one.since == newest or newest + OVERLAP > at]
    return rules.Note(text, tuple(secret.sign(log.origin, text) for secret in signers))


def signed_by_us(log: models.Log, text: str) -> rules.Note:
    """Read a signed checkpoint of a log; raises BadNote where it is not signed by our keys."""
    note = rules.parse(text)
    if not rules.signed_by(note, keys_of(log)):
        raise rules.BadNote("not signed by this log")
    return note


def vkeys(log: models.Log) -> list[str]:
    """Return the verifier keys of a log as one prints them, the newest last."""
    return [rules.vkey(log.origin, *secret.told) for secret in secrets_of(log.name)]


def published_keys(log: models.Log) -> bytes:
    """Return the file of a log's verifier keys, as it is published."""
    return "\n".join([*vkeys(log), ""]).encode()


def keys_hold(log: models.Log) -> bool:
    """Say whether the published file of a log's keys holds ours and no other; new ones come into it
    with the next signature.
    """
    try:
        lines = (folder(log.name) / "keys").read_text(errors="replace").splitlines()
    except FileNotFoundError:
        return not log.published
    return bool(lines) and set(lines) <= set(vkeys(log))
