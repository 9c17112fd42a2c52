"""Check receipts, day books and the whole log of a haochaping platform 好差评存证核验.

Standard library only, one file, Python 3.9 or later: read it, and trust nobody. What it checks is
described in docs/publish/verify.md; it shares no code with the platform.

    python3 hcp_verify.py receipt my.tlog-proof --key VKEY [--book FOLDER-OR-URL]
    python3 hcp_verify.py day 2026-11-27 --from FOLDER-OR-URL --key VKEY
    python3 hcp_verify.py log --from FOLDER-OR-URL --key VKEY [--since OLD-CHECKPOINT]
    python3 hcp_verify.py mirror URL FOLDER --key VKEY

VKEY is the verifier key of the log, as it was printed in the gazette: `name+id+key`; --key may be
given once for each year's log. Witnesses are named with --witness VKEY; --enough says how many of
them must have signed. Or all of it stands in a file: --policy FILE (C2SP tlog-policy: lines `log`,
`witness`, `group` and `quorum`).
"""

import argparse
import base64
import csv
import datetime as dt
import hashlib
import http.client
import io
import json
import os
import re
import shutil
import sys
import time
import urllib.error
import urllib.request
from collections import Counter

ROW, WIDTH, HASH = 42, 256, 32
RULES, SMALLEST = "daybook/2", 10  # by which days are closed, and rows of a cell by these rules
MONTHS, MONTH_ROW, UNTOLD = "monthbook/1", 50, 0  # of months; of rows that no day told
OFFICES = 10**15  # a cell from here on is an office's own, any other a region
REASONS = ("erased", "probe", "too_few", "too_few_follow_ups", "orphan")  # for having no row
LONGEST = 1 << 30  # bytes of a file
PROBE = 3  # origin of a rating that only tests a channel
ELSEWHERE = 2**64 - 1  # an entry that is changed stands in another log
INVITED, STATEMENT, RESTATED = 6, 7, 11  # kinds of entries
PUBLIC = range(6, 12)  # those that everybody may read
LATEST = 2**63 - 1  # seconds since 1970 that a witness may name
DAYS = 2  # after which the book of a rating's day is published


class Wrong(Exception):
    """Something does not hold; the message says what."""


class Unread(Exception):
    """Something could not be read: that proves nothing."""


# --- Ed25519 (RFC 8032 §5.1), slow and short

_P = 2**255 - 19
_L = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, _P - 2, _P) % _P
_SQRT = pow(2, (_P - 1) // 4, _P)


def _x_of(y, sign):
    if y >= _P:
        return None
    square = (y * y - 1) * pow(_D * y * y + 1, _P - 2, _P)
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * _SQRT % _P
    if (x * x - square) % _P or (x == 0 and sign):
        return None
    return _P - x if x & 1 != sign else x


_BY = 4 * pow(5, _P - 2, _P) % _P
_BX = _x_of(_BY, 0)
_BASE = (_BX, _BY, 1, _BX * _BY % _P)


def _add(left, right):
    a = (left[1] - left[0]) * (right[1] - right[0]) % _P
    b = (left[1] + left[0]) * (right[1] + right[0]) % _P
    c, d = 2 * left[3] * right[3] * _D % _P, 2 * left[2] * right[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _times(number, point):
    found = (0, 1, 1, 0)
    while number:
        if number & 1:
            found = _add(found, point)
        point, number = _add(point, point), number >> 1
    return found


def _packed(point):
    z = pow(point[2], _P - 2, _P)
    x, y = point[0] * z % _P, point[1] * z % _P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def _point(data):
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    x = _x_of(y, sign)
    return None if x is None else (x, y, 1, x * y % _P)


def _scalar(*parts):
    return int.from_bytes(hashlib.sha512(b"".join(parts)).digest(), "little") % _L


def ed25519_public(seed):
    """Return the public key of a seed of 32 bytes."""
    secret = bytearray(hashlib.sha512(seed).digest()[:32])
    secret[0] &= 248
    secret[31] = secret[31] & 127 | 64
    return _packed(_times(int.from_bytes(secret, "little"), _BASE))


def ed25519_sign(seed, message):
    """Return the signature of a message."""
    digest = hashlib.sha512(seed).digest()
    secret = bytearray(digest[:32])
    secret[0] &= 248
    secret[31] = secret[31] & 127 | 64
    key, public = int.from_bytes(secret, "little"), ed25519_public(seed)
    nonce = _scalar(digest[32:], message)
    first = _packed(_times(nonce, _BASE))
    return first + ((nonce + _scalar(first, public, message) * key) % _L).to_bytes(32, "little")


def ed25519_holds(public, signature, message):
    """Say whether a signature is right."""
    if len(public) != 32 or len(signature) != 64:
        return False
    key, first = _point(public), _point(signature[:32])
    number = int.from_bytes(signature[32:], "little")
    if key is None or first is None or number >= _L:
        return False
    told = _scalar(signature[:32], public, message)
    left, right = _times(number, _BASE), _add(first, _times(told, key))
    return not (
        (left[0] * right[2] - right[0] * left[2]) % _P
        or (left[1] * right[2] - right[1] * left[2]) % _P
    )


# --- notes and checkpoints (C2SP signed-note, tlog-checkpoint, tlog-cosignature)


def vkey(text):
    """Return name, id, kind and public key of a verifier key."""
    name, told, data = text.strip().split("+", 2)
    raw = base64.b64decode(data, validate=True)
    if hashlib.sha256(f"{name}\n".encode() + raw).hexdigest()[:8] != told:
        raise Wrong("the parts of the key do not fit together")
    return name, bytes.fromhex(told), raw[0], raw[1:]


def signatures(note):
    """Return the text of a note and its signature lines as (name, id, data)."""
    body, _, lines = note.rpartition("\n\n")
    if not body or not note.endswith("\n"):
        raise Wrong("no signed note")
    found = []
    for line in lines.splitlines():
        name, _, data = line[2:].partition(" ")
        if not line.startswith("— ") or not name or not data:
            raise Wrong("no signature line")
        raw = base64.b64decode(data, validate=True)
        if len(raw) < 5:
            raise Wrong("no signature line")
        found.append((name, raw[:4], raw[4:]))
    return body + "\n", found


def read_checkpoint(text):
    """Return origin, size and root of the text of a checkpoint, which has one way to be written
    (C2SP tlog-checkpoint).
    """
    lines = text.split("\n")
    origin, size, root = (*lines, "", "", "")[:3]
    plain = size.isascii() and size.isdigit() and str(int(size)) == size
    data = base64.b64decode(root, validate=True) if root else b""
    if not origin or not plain or len(data) != HASH or base64.b64encode(data).decode() != root:
        raise Wrong("no checkpoint")
    if size == "0" and data != hashlib.sha256(b"").digest():
        raise Wrong("the root of an empty tree is another")
    return origin, int(size), data


def checkpoint(note, keys, witnesses=(), enough=0):
    """Return origin, size, root and the times of the witnesses of a signed checkpoint, which must
    be signed by its log, of whose keys one is given, and by enough witnesses: a number, or the
    quorum of a policy.
    """
    text, lines = signatures(note)
    _by_log(text.split("\n")[0], text, lines, keys)
    seen = {}
    for each in witnesses:
        name, told, kind, public = vkey(each)
        for who, tag, data in lines:
            if (who, tag) == (name, told) and kind == 4:
                at = int.from_bytes(data[:8], "big")
                if at > LATEST:
                    raise Wrong(f"the line of the witness {name} is of no time")
                message = f"cosignature/v1\ntime {at}\n{text}".encode()
                if not ed25519_holds(public, data[8:], message):
                    raise Wrong(f"the line of the witness {name} is wrong")
                seen[each] = at
    if callable(enough):
        if not enough(set(seen)):
            raise Wrong("the witnesses that the policy asks for have not signed")
    elif len(names := {vkey(one)[0] for one in seen}) < enough:
        raise Wrong(f"{len(names)} of {enough} witnesses have signed")
    return (*read_checkpoint(text), {vkey(each)[0]: at for each, at in seen.items()})


def _by_log(origin, text, lines, keys):
    """Check that a log has signed a text with a key that is given, and that no line of its is
    wrong.
    """
    good = [
        ed25519_holds(public, data, text.encode())
        for name, told, kind, public in map(vkey, [keys] if isinstance(keys, str) else keys)
        for who, tag, data in lines
        if kind == 1 and name == origin and (who, tag) == (name, told)
    ]  # keys of other kinds stand beside it: whoever does not know them passes them over
    if not good or not all(good):
        raise Wrong("it is not signed by this log")


def read_policy(text):
    """Return keys of logs, keys of witnesses and the quorum of a policy file (C2SP tlog-policy).

    The quorum takes the keys that have signed and says whether they are enough. No witness counts
    twice: a key stands in one line, and a name in one group at most.
    """
    logs, witnesses, parts, quorums = [], [], {"none": (0, [])}, []
    grouped = set()
    for number, line in enumerate(text.splitlines(), 1):
        kind, *told = line.split() or ["#"]
        if kind.startswith("#"):
            continue
        if kind == "log" and told:
            logs.append(told[0])
        elif kind == "witness" and len(told) >= 2 and told[0] not in parts:
            if vkey(told[1])[0] in {vkey(one)[0] for one in witnesses}:
                raise Wrong(f"line {number} of the policy names a witness twice")
            witnesses.append(told[1])
            parts[told[0]] = told[1]
        elif kind == "group" and len(told) >= 3 and told[0] not in parts:
            if len(set(told[2:])) < len(told[2:]) or grouped.intersection(told[2:]):
                raise Wrong(f"line {number} of the policy counts a member twice")
            grouped.update(told[2:])
            parts[told[0]] = _group(told[1], told[2:], parts)
        elif kind == "quorum" and len(told) == 1 and told[0] in parts:
            quorums.append(told[0])
        else:
            raise Wrong(f"line {number} of the policy cannot be read")
    if not logs or len(quorums) != 1:
        raise Wrong("the policy must name a log and one quorum")
    return logs, witnesses, lambda signed: _met(parts, quorums[0], signed)


def _group(least, members, parts):
    number = {"any": 1, "all": len(members)}.get(least) or int(least)
    known = all(one in parts and one != "none" for one in members)
    if not 1 <= number <= len(members) or not known:
        raise Wrong("a group of the policy asks for more than it has")
    return number, members


def _met(parts, name, signed):
    part = parts[name]
    if isinstance(part, str):
        return part in signed
    return sum(_met(parts, one, signed) for one in part[1]) >= part[0]


# --- the tree (RFC 6962, RFC 9162)


def leaf_hash(entry):
    """Return the hash of a leaf."""
    return hashlib.sha256(b"\0" + entry).digest()


def node_hash(left, right):
    """Return the hash of an inner node."""
    return hashlib.sha256(b"\1" + left + right).digest()


def fold(stack, size, leaf):
    """Add a leaf hash to a stack of whole subtrees of a tree of a size."""
    while size & 1:
        leaf, size = node_hash(stack.pop(), leaf), size >> 1
    stack.append(leaf)


def root_of(stack):
    """Return the root over a stack of whole subtrees."""
    if not stack:
        return hashlib.sha256(b"").digest()
    found = stack[-1]
    for node in reversed(stack[:-1]):
        found = node_hash(node, found)
    return found


def included(leaf, index, size, path, root):
    """Check that a leaf hash is in the tree with this root."""
    if any(len(one) != HASH for one in (leaf, root, *path)):
        raise Wrong("a hash is none")
    place, last = index, size - 1
    for node in path:
        if place & 1 or place == last:
            leaf = node_hash(node, leaf)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            leaf = node_hash(leaf, node)
        place, last = place >> 1, last >> 1
    if last or leaf != root or not 0 <= index < size:
        raise Wrong("the leaf is not in the log")


def read_proof(text):
    """Return the extra data, index, path and checkpoint of a .tlog-proof file."""
    head, _, note = text.partition("\n\n")
    lines = head.split("\n")
    if lines.pop(0) != "c2sp.org/tlog-proof@v1":
        raise Wrong("no .tlog-proof file")
    extra = b""
    if lines and lines[0].startswith("extra "):
        extra = base64.b64decode(lines.pop(0)[6:], validate=True)
    told = lines.pop(0) if lines else ""
    index = told[6:]
    if not told.startswith("index ") or not index.isdigit() or str(int(index)) != index:
        raise Wrong("no .tlog-proof file")
    return extra, int(index), [base64.b64decode(line, validate=True) for line in lines], note


# --- where files come from


def fetch(source, place):
    """Return a file of a mirror: a folder, or an address. A log that grows takes the part of a tile
    away once the whole one is there: then it is the beginning of that.
    """
    try:
        return _fetch(source, place)
    except OSError:
        whole, _, width = place.partition(".p/")
        if not width:
            raise
        data = _fetch(source, whole)
    if not whole.startswith("tile/entries/"):
        return data[: int(width) * HASH]
    end = 0
    for _ in range(int(width)):
        end += 2 + int.from_bytes(data[end : end + 2], "big")
    return data[:end]


def _fetch(source, place):
    if isinstance(source, tuple):  # folders, one above the other
        there = [one for one in source if os.path.exists(os.path.join(one, place))]
        return _fetch((there or source)[0], place)
    if "://" not in source:
        with open(os.path.join(source, place), "rb") as file:
            return file.read()
    with urllib.request.urlopen(f"{source.rstrip('/')}/{place}", timeout=60) as answer:
        data = answer.read(LONGEST + 1)
        if len(data) > LONGEST or answer.length:
            raise urllib.error.URLError(f"{place} did not come whole")
        return data


def _numbered(number):
    groups = [f"{number % 1000:03d}"]
    while number >= 1000:
        number //= 1000
        groups.append(f"x{number % 1000:03d}")
    return "/".join(reversed(groups))


def bundles(begin, end, size):
    """Yield number and place of the bundles that hold the leaves from `begin` to before `end`."""
    for number in range(begin // WIDTH, -(-end // WIDTH)):
        width = min(WIDTH, size - number * WIDTH)
        part = "" if width == WIDTH else f".p/{width}"
        yield number, f"tile/entries/{_numbered(number)}{part}"


def entries(source, begin, end, size):
    """Yield the leaves from `begin` to before `end` of a log of a size."""
    for number, place in bundles(begin, end, size):
        data, at, no = fetch(source, place), 0, number * WIDTH
        while at < len(data):
            length = int.from_bytes(data[at : at + 2], "big")
            if begin <= no < end:
                yield data[at + 2 : at + 2 + length]
            at, no = at + 2 + length, no + 1


def proved(source, begin, end, size, *roots):
    """Return the leaves from `begin` to before `end` of a log of a size, once they are those below
    every root that is given, as (size, root): the rest of the tree is read from its tiles.
    """
    leaves = dict(enumerate(entries(source, begin, end, size), begin))
    if len(leaves) != end - begin:
        raise Wrong("leaves of the log are missing")
    tiles = {}

    def tile_node(level, number):
        place = level // 8, number >> (8 - level % 8)
        if place not in tiles:
            width = min(WIDTH, (size >> 8 * place[0]) - place[1] * WIDTH)
            part = "" if width == WIDTH else f".p/{width}"
            tiles[place] = fetch(source, f"tile/{place[0]}/{_numbered(place[1])}{part}")
        first = (number << level % 8) % WIDTH
        found = [
            tiles[place][HASH * at : HASH * (at + 1)]
            for at in range(first, first + (1 << level % 8))
        ]
        while len(found) > 1:
            found = [node_hash(*found[at : at + 2]) for at in range(0, len(found), 2)]
        return found[0]

    def tree(start, number):
        if number == 1 and start in leaves:
            return leaf_hash(leaves[start])
        whole = number & (number - 1) == 0
        if whole and (start + number <= begin or start >= end):
            return tile_node(number.bit_length() - 1, start // number)
        left = 1 << (number - 1).bit_length() - 1
        return node_hash(tree(start, left), tree(start + left, number - left))

    for number, root in roots:
        if (tree(0, number) if number else root_of([])) != root:
            raise Wrong("the leaves are not those of the log")
    return leaves


# --- what is checked


def canonical(record):
    """Return a record as RFC 8785 writes it: texts, whole numbers, lists and objects."""
    return json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def check_receipt(text, key, witnesses=(), enough=0, book=None):
    """Check a receipt; return what it says. With a day book, find the rating's row in it."""
    extra, index, path, note = read_proof(text)
    origin, size, root, seen = checkpoint(note, key, witnesses, enough)
    opening = _object(extra)
    record, salt = opening["record"], bytes.fromhex(opening["salt"])
    told = hashlib.sha256(canonical(record)).digest()
    commitment = hashlib.sha256(b"hcp/v1/leaf\0" + salt + told).digest()
    kind = opening.get("leaf", 1)  # 2: what replaced a rating, which changes another leaf
    entry = bytes([1, kind]) + commitment + bytes.fromhex(opening.get("changes", ""))
    if (kind, len(entry)) not in ((1, 34), (2, 43)):
        raise Wrong("the leaf is none of a rating")
    included(leaf_hash(entry), index, size, path, root)
    found = {"origin": origin, "index": index, "size": size, "witnesses": seen, "record": record}
    if kind == 2:
        found["changes"] = int.from_bytes(entry[34:42], "big")
    if record.get("origin") == PROBE:
        raise Wrong("it is a test of a channel by the platform, and no rating of yours")
    if book is not None:
        _same_log(book, origin, index, entry, (key, witnesses, enough))
        if kind == 1:
            found["row"] = _find_row(book, record, index, (key, witnesses, enough))
    return found


def _object(data):
    found = json.loads(data or b"0")
    if not isinstance(found, dict):
        raise Wrong("what should be an object is none")
    return found


def _same_log(book, origin, index, entry, trust):
    """Check that the copy in which the day book is looked up is of the receipt's own log, and holds
    its leaf: two histories with one name are a fork, and proof of it.
    """
    other, size, root, _ = checkpoint(fetch(book, "checkpoint").decode(), *trust)
    if other != origin:
        raise Wrong(f"the copy is of another log: {other}")
    if index >= size:
        raise Unread("this copy of the log is older than the receipt")
    if proved(book, index, index + 1, size, (size, root))[index] != entry:
        raise Wrong("the copy holds another leaf in its place: the log shows two histories")


def check_release(data, text, key, witnesses=(), enough=0):
    """Check that the results of a month, as the JSON that was published, are what the log holds;
    return what it says of them.
    """
    extra, index, path, note = read_proof(text)
    _, size, root, _ = checkpoint(note, key, witnesses, enough)
    said = _object(extra)
    entry = b"\1\7" + hashlib.sha256(b"hcp/v1/public\0" + canonical(said)).digest()
    included(leaf_hash(entry), index, size, path, root)
    if said["kind"] != "release" or said["sha256"] != hashlib.sha256(data).hexdigest():
        raise Wrong("these are not the results that the log holds")
    if json.loads(data)["period"] != said["period"]:
        raise Wrong("these are the results of another month")
    return said


def check_promise(text, keys):
    """Check a promise; return its log, receipt number, and the moments when the rating was received
    and by when its leaf stands in the log.
    """
    body, lines = signatures(text)
    title, origin, receipt, received, until, end = body.split("\n")
    if title != "haochaping promise v1" or end:
        raise Wrong("no promise")
    _by_log(origin, body, lines, keys)
    return {"origin": origin, "receipt": receipt, "received": received, "until": until}


def _find_row(book, record, index, trust):
    """Return the day and the cell of a rating in a book that its statement in the log commits to:
    it must say the same level, and lie where the rating was given or above. Without a cell, `why`:
    the day is not closed yet, or had too few ratings to show any.
    """
    days = json.loads(fetch(book, "daybook/index.json"))
    later = None
    for day in reversed(days):
        if json.loads(fetch(book, f"daybook/{day}.json"))["log"]["from"] > index:
            later = day
            continue
        said = _statement(book, day, trust)
        if said["log"]["from"] <= index < said["log"]["to"]:
            return _row_of(book, said, record, index, trust)
        break
    if later is not None:
        raise Wrong(f"no book holds the rating, though that of {later} comes after it")
    received = dt.datetime.fromisoformat(record["received_at"]).timestamp()
    if abs(time.time() - received) > DAYS * 86400:
        raise Wrong(f"the rating is older than {DAYS} days, and no book of this copy holds it")
    return {"day": None, "cell": None, "why": "the day is not closed yet"}


def _row_of(book, said, record, index, trust):
    """Return it of a day that covers the rating's leaf."""
    day, data = said["day"], fetch(book, f"daybook/{said['day']}.rows")
    _check_book(said, data)
    salt = bytes.fromhex(record["row_salt"])
    tag = hashlib.sha256(b"hcp/v1/row\0" + salt + index.to_bytes(8, "big")).digest()
    again = int(record["kind"] == "follow_up")
    cells = {data[at + 32 : at + 40] for at in range(0, len(data), ROW) if data[at + 41] == again}
    for at in range(0, len(data), ROW):
        if data[at : at + 32] == tag:
            if (data[at + 40], data[at + 41]) != (record["level"], again):
                raise Wrong(f"the day book of {day} shows another level")
            cell = int.from_bytes(data[at + 32 : at + 40], "big")
            # the first that is published on the way from the department to the province
            path = (one.to_bytes(8, "big") for one in _cells(book, said, record["department"]))
            if data[at + 32 : at + 40] != next((one for one in path if one in cells), None):
                raise Wrong(f"the day book of {day} shows the rating somewhere else")
            found = {"day": day, "cell": cell}
            again = _again(book, said, record, index, trust, cell) if cell < OFFICES else {}
            return {**found, **again}
    if not cells and said["excluded"].get(REASONS[2 + again]):
        found = {"day": day, "cell": None, "why": "fewer ratings that day than may be shown"}
        return {**found, **_again(book, said, record, index, trust, UNTOLD)}
    raise Wrong(f"the rating is not in the day book of {day}")


def _again(book, of_day, record, index, trust, came):
    """Return month and cell of a rating in the book of its month, which must show what its day told
    of a region or of nothing; nothing while that month is not closed.
    """
    month, flags = of_day["day"][:7], int(record["kind"] == "follow_up")
    if month not in _months(book):
        return _no_month(book, of_day, trust)
    said, _ = _month_stated(book, month, trust)
    if said["days"].get(of_day["day"]) != _sha256(canonical(of_day)):
        raise Wrong("the month has other days than the log")
    salt = bytes.fromhex(record["row_salt"]) + index.to_bytes(8, "big")
    tag = hashlib.sha256(b"hcp/v1/month-row\0" + salt).digest()
    rows, origin = _month_rows(book, said), came.to_bytes(8, "big")
    alike = [row for row in rows if (row[40:48], row[49]) == (origin, flags)]
    row = next((row for row in rows if row[:32] == tag), None)
    if row is None:
        withheld = {"cell": str(came), "flags": flags} in said["withheld"]
        few = came == UNTOLD and not alike and said["excluded"].get(REASONS[2 + flags])
        if withheld or few:
            return {"month": month, "month_cell": None}
        raise Wrong(f"the rating is not in the month book of {month}")
    if (row[40:48], row[48], row[49]) != (origin, record["level"], flags):
        raise Wrong(f"the month book of {month} shows another level")
    path = _cells(book, said, record["department"])
    moved = path != _cells(book, of_day, record["department"])
    if came != UNTOLD:  # up to what its day told, or that alone where the office has moved since
        path = [*path[: path.index(came)], came] if came in path else [came]
    cells = {int.from_bytes(one[32:40], "big") for one in alike}
    cell = int.from_bytes(row[32:40], "big")
    if cell != next((one for one in path if one in cells), None):
        raise Wrong(f"the month book of {month} shows the rating somewhere else")
    return {"month": month, "month_cell": cell, **({"moved": True} if moved else {})}


_MONTH_AFTER = 10  # the day of the next month from which on a month's book must be there


def _no_month(book, of_day, trust):
    """Return nothing, for the book of a day's month is not there yet; where it should be, something
    must have been lost, and an entry say so.
    """
    year, month = map(int, of_day["day"].split("-")[:2])
    over = dt.date(year + month // 12, month % 12 + 1, _MONTH_AFTER).isoformat()
    if any(day >= over for day in _days(book)):
        _, size, root, _ = checkpoint(fetch(book, "checkpoint").decode(), *trust)
        leaves = proved(book, of_day["log"]["from"], size, size, (size, root)).values()
        if not any(one[1] == RESTATED for one in leaves):
            raise Wrong(f"no book of {of_day['day'][:7]} is there, though later days are closed")
    return {}


def _cells(book, said, department):
    """Return the cells of a department and of every place that it lay in that day, the nearest
    first, which codes tell: a village, a town, a county, a city and a province are 0, 3, 6, 8 and
    10 digits short.
    """
    return _way(_names(book, said), OFFICES + department)


def _names(book, said):
    """Return the names of the cells by number, to which a statement commits."""
    data = fetch(book, f"daybook/{_shared_name('cells', said['cells_sha256'])}")
    if hashlib.sha256(data).hexdigest() != said["cells_sha256"]:
        raise Wrong("the names of the cells are not those of the statement")
    return json.loads(data)


def _way(names, cell):
    """Return a cell and every place that it lies in, the nearest first."""
    place = int(names[str(cell)]["above"]) if cell >= OFFICES else cell
    above = [place - place % 10**digits for digits in (0, 3, 6, 8, 10)]
    return list(dict.fromkeys([cell, *above]))


def _statement(source, day, trust):
    """Return the statement of a day, which must be a leaf of the log."""
    return _stated(source, day, trust)[0]


def _stated(source, day, trust):
    """Return the statement of a day and the number of its leaf."""
    said, index = _entered(source, day, RULES, trust)
    if said["day"] != day or dt.date.fromisoformat(day).isoformat() != day:
        raise Wrong(f"the statement is of another day: {said['day']}")
    _check_reasons(said)
    return said, index


def _entered(source, name, rules, trust):
    """Return the statement of a day or month, which must be a leaf, and that leaf's number."""
    text = fetch(source, f"daybook/{name}.json")
    said = _object(text)
    if canonical(said) != text:
        raise Wrong("the statement is not written as the standard says")
    _, index, path, note = read_proof(fetch(source, f"daybook/{name}.tlog-proof").decode())
    origin, size, root, _ = checkpoint(note, *trust)
    entry = b"\1\7" + hashlib.sha256(b"hcp/v1/public\0" + text).digest()
    included(leaf_hash(entry), index, size, path, root)
    if said["log"]["origin"] != origin:
        raise Wrong("the statement is of another log")
    if said["rules"]["id"] != rules or said["rules"]["smallest_cell"] != SMALLEST:
        raise Wrong("it was closed by rules that this program does not know")
    begin, end = said["log"]["from"], said["log"]["to"]
    if not 0 <= begin <= end <= index:
        raise Wrong("the statement covers what comes after it")
    return said, index


def check_day(source, day, key, witnesses=(), enough=0, before=None):
    """Count a day again from its public files alone; return the statement. `before` is where the
    log of the year before lies, which the first day of a log goes on from.
    """
    if day not in json.loads(fetch(source, "daybook/index.json")):
        raise Unread(f"no book of {day} is there (yet)")
    said, index = _stated(source, day, (key, witnesses, enough))
    data = fetch(source, f"daybook/{day}.rows")
    _check_book(said, data)
    _check_rated(said, data)
    table = _table(_rows(data, ROW))
    if table != fetch(source, f"daybook/{day}.csv") or said["table_sha256"] != _sha256(table):
        raise Wrong("the table is not what the rows add up to")
    begin, end = said["log"]["from"], said["log"]["to"]
    _, size, root, _ = checkpoint(fetch(source, "checkpoint").decode(), key, witnesses, enough)
    of_day = end, bytes.fromhex(said["log"]["root"])
    leaves = proved(source, begin, index + 1, size, of_day, (size, root))
    kinds = Counter(f"{leaves[no][1]:02x}" for no in range(begin, end))
    if dict(kinds) != said["leaves"]:
        raise Wrong("the log holds other leaves than the statement counts")
    missing = sum(said["excluded"].values())
    if kinds["01"] != len(data) // ROW + missing:
        raise Wrong("ratings are missing: not every leaf is a row or left out with a reason")
    _check_rules(source, said)
    _check_excluded(source, said, leaves, (size, root), data)
    _check_said(source, said, leaves)
    _check_chain(source, said, (key, witnesses, enough), before)
    return said


def check_month(source, month, key, witnesses=(), enough=0):
    """Count a month's book again from its public files and those of its days; return the
    statement. What its rows say came from a cell must be what the days told of it.
    """
    trust = key, witnesses, enough
    if month not in _months(source):
        raise Unread(f"no book of {month} is there (yet)")
    said, index = _month_stated(source, month, trust)
    rows = _month_rows(source, said)
    table = _table([row[:40] + row[48:] for row in rows])
    if table != fetch(source, f"daybook/{month}.csv") or said["table_sha256"] != _sha256(table):
        raise Wrong("the table is not what the rows add up to")
    _check_rules(source, said)
    told, untold, erased = _told_by_days(source, said, trust)
    gone = _check_again(said, rows, told, untold)
    names = _names(source, said)
    both = {row[32:48] for row in rows}
    for cell, came in (
        (int.from_bytes(at[:8], "big"), int.from_bytes(at[8:], "big")) for at in both
    ):
        if came not in (UNTOLD, *_way(names, cell)) or came >= OFFICES:
            raise Wrong("a row of the month lies outside the cell that its day told")
    if gone:
        _check_gone(source, said, index, trust, gone + erased)
    return said


def moved(source, month):
    """Return the offices that lie elsewhere by the names of a month than by those of its last day:
    what was told of the place where they lay then is not told of them.
    """
    said = json.loads(fetch(source, f"daybook/{month}.json"))
    of_day = json.loads(fetch(source, f"daybook/{max(said['days'])}.json"))
    then, now = _names(source, of_day), _names(source, said)
    offices = (cell for cell in now if int(cell) >= OFFICES and cell in then)
    return sorted(int(cell) for cell in offices if then[cell]["above"] != now[cell]["above"])


def _month_stated(source, month, trust):
    """Return the statement of a month, which must be a leaf of the log, and that leaf's number."""
    said, index = _entered(source, month, MONTHS, trust)
    if said["kind"] != "monthbook" or said["month"] != month:
        raise Wrong(f"the statement is of another month: {said['month']}")
    return said, index


def _month_rows(source, said):
    """Return the rows of a month's book, which must be the one of its statement."""
    data = fetch(source, f"daybook/{said['month']}.rows")
    rows = _rows(data, MONTH_ROW)
    if not _in_order(rows, MONTH_ROW):
        raise Wrong("the month book is no list of rows in order")
    book = said["book"]
    told = {"rows": len(rows), "root": _root_over(rows), "sha256": _sha256(data)}
    if told != {name: book[name] for name in told}:
        raise Wrong("the month book is not the one of the statement")
    if any(row[48] not in range(1, 6) or row[49] not in (0, 1) for row in rows):
        raise Wrong("a row of the month book is none of a rating")
    cells = Counter((row[32:48], row[49]) for row in rows)
    if any(number < SMALLEST for number in cells.values()):
        raise Wrong("a cell is so small that it could point at a person")
    return rows


def _told_by_days(source, said, trust):
    """Return how many rows the days of a month told of each region and level; of how many ratings
    they told nothing, as too few, by flags; and how many they left out as erased.
    """
    days = _days(source)
    named = [day for day in days if day.startswith(said["month"])]
    if not named or sorted(said["days"]) != named:
        raise Wrong("the month has other days than the log")
    earlier = [day for day in days if day < named[0]]
    last = _statement(source, earlier[-1], trust)["log"]["to"] if earlier else 0
    told, untold, erased = Counter(), Counter(), 0
    if said["log"]["from"] != last:
        raise Wrong("the month has other days than the log")
    for day in named:
        of_day = _statement(source, day, trust)
        if _sha256(canonical(of_day)) != said["days"][day] or of_day["log"]["from"] != last:
            raise Wrong("the month has other days than the log")
        data, last = fetch(source, f"daybook/{day}.rows"), of_day["log"]["to"]
        _check_book(of_day, data)
        for at in range(0, len(data), ROW):
            cell = int.from_bytes(data[at + 32 : at + 40], "big")
            if cell < OFFICES:
                told[cell, data[at + 41], data[at + 40]] += 1
        for flags in (0, 1):
            untold[flags] += of_day["excluded"].get(REASONS[2 + flags], 0)
        erased += of_day["excluded"].get("erased", 0)
    if last != said["log"]["to"]:
        raise Wrong("the month has other days than the log")
    return told, untold, erased


def _check_again(said, rows, told, untold):
    """Check that the rows from each cell add up to what the days told of it, level by level, but
    for what is missing; and that nothing is told where a few are. Return how many ratings must have
    been erased since.
    """
    shown = Counter((int.from_bytes(row[40:48], "big"), row[49], row[48]) for row in rows)
    missing = {(int(one["cell"]), one["flags"]): one["rows"] for one in said["missing"]}
    withheld = {(int(one["cell"]), one["flags"]) for one in said["withheld"]}
    gone = sum(missing.values()) + len(withheld)
    for place in {key[:2] for key in (*told, *shown)} - {(UNTOLD, 0), (UNTOLD, 1)}:
        days, here = ({at: of[(*place, at)] for at in range(1, 6)} for of in (told, shown))
        if place not in withheld:
            _check_cell(days, here, missing.pop(place, 0))
        elif sum(here.values()) or not sum(days.values()):
            raise Wrong("a cell of the month is withheld, and need not be")
        withheld.discard(place)
    if missing or withheld:
        raise Wrong("the month misses rows of a cell that its days did not tell")
    for flags in (0, 1):
        few = said["excluded"].get(REASONS[2 + flags], 0)
        if few >= SMALLEST:
            raise Wrong("ratings are left out as too few, and they are not")
        left = untold[flags] - few - sum(shown[UNTOLD, flags, at] for at in range(1, 6))
        if left < 0:
            raise Wrong("the month shows ratings that its days did not tell")
        gone += left
    return gone


def _check_cell(days, here, missing):
    """Check what the rows from one cell add up to, by level, beside what the days told of it."""
    if any(here[at] > days[at] for at in days):
        raise Wrong("the month shows ratings that its days did not tell")
    if sum(days.values()) - sum(here.values()) != missing:
        raise Wrong("ratings that the days told are missing from the month")
    if 0 < missing < SMALLEST:
        raise Wrong("what is missing is so little that it could point at a person")


def _check_gone(source, said, index, trust, gone):
    """Check that so many ratings of the month were erased, those that the days left out as such
    among them.
    """
    begin, end = said["log"]["from"], said["log"]["to"]
    _, size, root, _ = checkpoint(fetch(source, "checkpoint").decode(), *trust)
    leaves = proved(source, begin, index + 1, size, (size, root))
    named = {int.from_bytes(one[34:42], "big") for one in leaves.values() if one[1] == 4}
    if sum(begin <= no < end and leaves[no][1] == 1 for no in named) < gone:
        raise Wrong("more is left out as erased than the log says was erased")


def _sha256(data):
    return hashlib.sha256(data).hexdigest()


def _shared_name(name, sha256):
    return f"{name}-{int(sha256[:16], 16):016x}.{'json' if name == 'cells' else 'txt'}"


def _shared(said):
    """Return the names and digests of the files that days share and a statement commits to."""
    digests = {"cells": said["cells_sha256"], "rules": said["rules"]["sha256"]}
    return {_shared_name(name, sha256): sha256 for name, sha256 in digests.items()}


def _check_rules(source, said):
    """Check that the rules by which the day was closed can be read, and are those it names."""
    for name, sha256 in _shared(said).items():
        if hashlib.sha256(fetch(source, f"daybook/{name}")).hexdigest() != sha256:
            raise Wrong(f"{name} is not the file that the statement names")


def _check_reasons(said):
    """Check that leaves have no row for reasons that the rules know, and as few as they allow."""
    for reason, number in said["excluded"].items():
        if reason not in REASONS or type(number) is not int or number < 1:
            raise Wrong(f"leaves are left out for a reason that the rules do not know: {reason}")
        if reason.startswith("too_few") and number >= SMALLEST:
            raise Wrong("ratings are left out as too few, and they are not")


def _check_excluded(source, said, leaves, tree, data):
    """Check the reasons for which leaves have no row: what was erased has an entry that says so,
    and too few to show are a whole day of fewer than the smallest cell.
    """
    begin, end, told = said["log"]["from"], said["log"]["to"], said["excluded"]
    named = [int.from_bytes(one[34:42], "big") for one in leaves.values() if one[1] == 4]
    gone = sum(begin <= no < end and leaves[no][1] == 1 for no in set(named))
    if elsewhere := named.count(ELSEWHERE):  # of the log that this one goes on from
        first = proved(source, 0, 1, tree[0], tree)[0]
        gone += elsewhere if first[1] == RESTATED else 0
    if told.get("erased", 0) > gone:
        raise Wrong("more is left out as erased than the log says was erased")
    shown = {data[at + 41] for at in range(0, len(data), ROW)}
    if any(flags in shown and told.get(REASONS[2 + flags], 0) for flags in (0, 1)):
        raise Wrong("ratings are left out as too few, and they are not")


def _check_said(source, said, leaves):
    """Check what the leaves that everybody may read say: their texts lie beside the book, the
    services that could be rated are those of its batches, and what is left out as lost was said
    in public to be.
    """
    data = fetch(source, f"daybook/{said['day']}.said")
    if hashlib.sha256(data).hexdigest() != said["said_sha256"]:
        raise Wrong("the public texts of the day are not those of the statement")
    texts = {one["no"]: one["said"] for one in map(json.loads, data.decode().split("\n")[:-1])}
    for no, text in texts.items():
        entered = hashlib.sha256(b"hcp/v1/public\0" + text.encode()).digest()
        if no not in leaves or leaves[no][2:34] != entered:
            raise Wrong(f"the text of the public leaf {no} is not what was entered")
    _check_stated(source, [text for no, text in texts.items() if leaves[no][1] == STATEMENT])
    restated = [json.loads(text) for no, text in texts.items() if leaves[no][1] == RESTATED]
    ranges = [range(one.get("from", 0), one.get("to", 0)) for one in restated]
    named = {no for one in restated for no in one.get("leaves", ())}
    of_day = range(said["log"]["from"], said["log"]["to"])
    lost = {no for no in of_day if no in named or any(no in one for one in ranges)}
    bare = [no for no in of_day if leaves[no][1] in PUBLIC and no not in texts and no not in lost]
    if bare:
        raise Wrong(f"the text of the public leaf {bare[0]} is missing")
    if said["excluded"].get("orphan", 0) > sum(leaves[no][1] == 1 for no in lost):
        raise Wrong("leaves are left out as lost, and nobody said in public that they were")
    batches = [texts[no] for no in of_day if leaves[no][1] == INVITED and no in texts]
    if sum(json.loads(one)["services"] for one in batches) != said["invitations"]["services"]:
        raise Wrong("the services that could be rated are not those of the day's batches")


def _check_stated(source, texts):
    """Check that what lies of days and months is what statements in the log say of them."""
    for text in texts:
        one = json.loads(text)
        month = one["month"] if one.get("kind") == "monthbook" else None
        if month and month not in _months(source):
            raise Wrong(f"the log has a statement of {month}, and the list of months hides it")
        name = month or (one["day"] if "daybook" in one else None)
        if name and fetch(source, f"daybook/{name}.json") != text.encode():
            raise Wrong(f"the log holds two statements of {name}: two histories are shown")


def _leaves(source, log, end, trust, request=None):
    """Return the leaves from a day on, to before a number or the end of the log; where there is a
    request, the tree that it was drawn from is the beginning of that.
    """
    _, size, root, _ = checkpoint(fetch(source, "checkpoint").decode(), *trust)
    drawn = [(request["size"], bytes.fromhex(request["root"]))] if request else []
    return proved(source, log["from"], end or size, size, (size, root), *drawn)


def _rows(data, width):
    """Return the rows of a book; the last one may be too short."""
    return [data[at : at + width] for at in range(0, len(data), width)]


def _in_order(rows, width):
    return rows == sorted(set(rows)) and all(len(row) == width for row in rows)


def _root_over(rows):
    stack = []
    for number, row in enumerate(rows):
        fold(stack, number, leaf_hash(row))
    return root_of(stack).hex()


def _check_book(said, data):
    rows, book = _rows(data, ROW), said["daybook"]
    if not _in_order(rows, ROW):
        raise Wrong("the day book is no list of rows in order")
    if len(rows) != book["rows"] or _root_over(rows) != book["root"]:
        raise Wrong("the day book is not the one of the statement")
    if hashlib.sha256(data).hexdigest() != book["sha256"]:
        raise Wrong("the day book has other bytes")
    if any(row[40] not in range(1, 6) or row[41] not in (0, 1) for row in rows):
        raise Wrong("a row of the day book is none of a rating")
    cells = Counter((row[32:40], row[41]) for row in rows)
    if any(number < SMALLEST for number in cells.values()):
        raise Wrong("a cell is so small that it could point at a person")


def _table(rows):
    counts = {}
    for row in rows:
        cell = int.from_bytes(row[32:40], "big")
        counts.setdefault(cell, (Counter(), Counter()))[row[41]][row[40]] += 1
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    places = 5, 4, 3, 2, 1
    names = "ratings", "level", "follow_ups", "follow_up"
    head = [names[0], *(f"{names[1]}{at}" for at in places)]
    writer.writerow(["cell", *head, names[2], *(f"{names[3]}{at}" for at in places)])
    for cell, both in sorted(counts.items()):
        told = [[sum(levels.values()), *(levels[at] for at in places)] for levels in both]
        writer.writerow([cell, *told[0], *told[1]])
    return file.getvalue().encode()


def _check_rated(said, data):
    """Check that as many services were rated, by city, as the book has rows of first ratings, and
    no more than those that were left out as too few besides.
    """
    told = said["invitations"]
    first = sum(data[at + 41] == 0 for at in range(0, len(data), ROW))
    rated = sum(one["rated"] for one in told["cities"])
    most = first + said["excluded"].get("too_few", 0)
    if told["ratings"] != len(data) // ROW or not first <= rated <= most:
        raise Wrong("the denominators count other ratings than the day book has")


def _check_invitations(said, before):
    """Check that the sums of services and ratings go on from the day before, and that no more
    services were rated than there were.
    """
    told = said["invitations"]
    # the first day of a log goes on from the last one of the log before it
    if before:
        was = before["invitations"]
        services = was["services_so_far"] + told["services"]
        rated = was["rated_so_far"] + sum(one["rated"] for one in told["cities"])
        if (told["services_so_far"], told["rated_so_far"]) != (services, rated):
            raise Wrong("the sums of services and ratings do not go on from the day before")
    if told["rated_so_far"] > told["services_so_far"]:
        raise Wrong("more services were rated than could be: ratings were invented")


def _check_chain(source, said, trust, before):
    """Check that the statement names the one before it, that no leaf lies between them, and that
    its sums go on from there.
    """
    days = json.loads(fetch(source, "daybook/index.json"))
    place = days.index(said["day"])
    if place:
        where, day = source, days[place - 1]
    elif before:
        where, day = before, json.loads(fetch(before, "daybook/index.json"))[-1]
    else:
        if said["log"]["from"]:
            raise Wrong("leaves lie before the first day: no book holds them")
        return _check_invitations(said, None)
    expected = hashlib.sha256(fetch(where, f"daybook/{day}.json")).hexdigest()
    if said["previous_sha256"] != expected:
        raise Wrong("the statement does not follow the one before it")
    earlier = _statement(where, day, trust)
    if said["log"]["from"] != (earlier["log"]["to"] if place else 0):
        raise Wrong("leaves lie between two days: no book holds them")
    return _check_invitations(said, earlier)


def check_log(source, trust, since=None, each=None):
    """Hash every leaf of a log again; return its size. With an older checkpoint, check that it is
    the beginning of this one. `each`, if any, is given the hash of every leaf.
    """
    _, size, root, _ = checkpoint(fetch(source, "checkpoint").decode(), *trust)
    old = checkpoint(since, trust[0]) if since else None
    if old and old[1] > size:
        raise Unread("the older checkpoint is newer than this copy of the log")
    stack, number, before = [], 0, None
    for entry in entries(source, 0, size, size):
        if old and number == old[1]:
            before = root_of(stack)
        leaf = leaf_hash(entry)
        if each:
            each(leaf)
        fold(stack, number, leaf)
        number += 1
    if old and number == old[1]:
        before = root_of(stack)
    if number != size or root_of(stack) != root:
        raise Wrong("the leaves are not those of the checkpoint")
    if old and before != old[2]:
        raise Wrong("the older checkpoint is not the beginning of this log: history was changed")
    return size


def draw(source, day, number, seed, trust):
    """Draw leaves of ratings of a closed day: its root and a word decide, so that the platform
    cannot choose. Return the request to hand to the platform.
    """
    log = check_day(source, day, *trust)["log"]
    _, size, root, _ = checkpoint(fetch(source, "checkpoint").decode(), *trust)
    leaves = _leaves(source, log, log["to"], trust).items()
    begin = b"hcp/v1/draw\0" + bytes.fromhex(log["root"]) + seed.encode() + b"\0"
    placed = sorted(
        (hashlib.sha256(begin + no.to_bytes(8, "big")).digest(), no)
        for no, entry in leaves
        if entry[1] == 1
    )
    numbers = sorted(no for _, no in placed[:number])
    request = {"day": day, "seed": seed, "numbers": numbers, "origin": log["origin"]}
    return {**request, "size": size, "root": root.hex()}


def check_sample(source, request, answer, trust):
    """Check what the platform opened of a draw against the log and the day book; return how many
    leaves hold, how many of them have no row for a reason that the log or the statement gives, and
    how many say nothing because they were erased after the draw.
    """
    drawn = draw(source, request["day"], len(request["numbers"]), request["seed"], trust)
    if request["numbers"] != drawn["numbers"] or not drawn["numbers"]:
        raise Wrong("the request is not what the day's root and the word draw")
    opened = answer["opened"]
    if answer["day"] != request["day"] or [one["no"] for one in opened] != drawn["numbers"]:
        raise Wrong("other leaves were opened than were drawn")
    said = _statement(source, request["day"], trust)
    leaves = _leaves(source, said["log"], None, trust, request)
    erased = {int.from_bytes(one[34:42], "big"): no for no, one in leaves.items() if one[1] == 4}
    data = fetch(source, f"daybook/{request['day']}.rows")
    levels = {data[at : at + 32]: data[at + 40] for at in range(0, len(data), ROW)}
    missing = Counter()
    for one in opened:
        if one.get("erased"):  # the log says so itself
            if one["no"] not in erased:
                raise Wrong(f"leaf {one['no']} is said to be erased, and the log has no such entry")
            # what was erased once the draw was known proves nothing
            missing["late" if erased[one["no"]] >= request["size"] else "erased"] += 1
        elif reason := _opened(one, leaves[one["no"]], levels):
            missing[reason] += 1
            if missing[reason] > said["excluded"].get(reason, 0):
                raise Wrong(f"more leaves have no row ({reason}) than the statement says")
    late = missing.pop("late", 0)
    if late == len(opened):
        raise Wrong("all that was drawn was erased after the draw")
    return len(opened) - late, sum(missing.values()), late


def _opened(one, entry, levels):
    """Check one opened leaf; return why it has no row in the book, "" where it has one."""
    if one.get("orphan"):
        return "orphan"
    record = one["record"]
    told = hashlib.sha256(canonical(record)).digest()
    commitment = hashlib.sha256(b"hcp/v1/leaf\0" + bytes.fromhex(one["salt"]) + told).digest()
    if entry != b"\1\1" + commitment:
        raise Wrong(f"leaf {one['no']} was opened as something else than was entered")
    tag = bytes.fromhex(record["row_salt"]) + one["no"].to_bytes(8, "big")
    level = levels.get(hashlib.sha256(b"hcp/v1/row\0" + tag).digest())
    if level is None:
        return "probe" if record["origin"] == PROBE else "too_few"
    if level != record["level"]:
        raise Wrong(f"the day book shows another level for leaf {one['no']}")
    return ""


def seal(path):
    """Put a line of salt above a list of mystery ratings, once; return the digest to announce."""
    text = _read(path).lstrip("\ufeff")  # as Excel begins a file
    lines = [line for line in text.splitlines() if line and not line.startswith("# salt ")]
    rows = list(csv.reader(lines[1:]))
    good = all(len(row) == 3 and row[1].isdigit() and row[2] in "12345" and row[2] for row in rows)
    if not rows or not good or lines[0] != "project_no,service_number,level":
        raise Wrong("the list must be project_no,service_number,level and a line for each rating")
    if not text.startswith("# salt "):
        text = f"# salt {os.urandom(32).hex()}\n{text}"
        with open(path, "w", encoding="utf-8", newline="") as file:
            file.write(text)
    return hashlib.sha256(text.encode()).hexdigest()


def mirror(source, folder, trust):
    """Copy a log, and only what continues the copy that is there; return its size. What is kept is
    what was checked: it is fetched once, beside the copy, and joins that when all of it holds.
    """
    new = os.path.join(folder, ".new")
    shutil.rmtree(new, ignore_errors=True)
    both, stage = (new, folder), lambda place, data: _put(os.path.join(new, place), data)
    stage("checkpoint", fetch(source, "checkpoint"))
    _, size, _, _ = checkpoint(fetch(both, "checkpoint").decode(), *trust)
    mine = os.path.join(folder, "checkpoint")
    since = _read(mine) if os.path.exists(mine) else None
    held = checkpoint(since, trust[0])[1] if since else 0
    for _, place in bundles(held // WIDTH * WIDTH, size, size):
        stage(place, fetch(source, place))
    tiles = _Tiles(stage)
    check_log(both, trust, since, tiles.add)
    tiles.end()
    stage("keys", fetch(source, "keys"))
    _mirror_days(source, both, trust, stage)
    for here, _, names in os.walk(new):
        for name in names:
            place = os.path.relpath(os.path.join(here, name), new)
            if place != "checkpoint":
                _put(os.path.join(folder, place), fetch(new, place))
    _put(mine, fetch(new, "checkpoint"))  # last: whoever reads meanwhile finds what it covers
    shutil.rmtree(new)
    return size


def _mirror_days(source, both, trust, stage):
    """Copy the closed days that are proved; each must add up."""
    names = ("rows", "csv", "json", "said", "tlog-proof")
    months = _mirror_months(source, both, trust, stage)
    index, held = _days(source), _days(both[1])
    if index:
        stage("daybook/cells.json", fetch(source, "daybook/cells.json"))
    for day in index:
        if day in held[:-7]:
            continue  # of the last ones a proof may have more witnesses now
        try:
            stage(f"daybook/{day}.tlog-proof", fetch(source, f"daybook/{day}.tlog-proof"))
        except OSError as gone:
            if not isinstance(gone, FileNotFoundError) and getattr(gone, "code", 0) != 404:
                raise
            break  # it is not proved yet
        if day in held:
            _statement(both, day, trust)
            continue
        for name in names[:-1]:
            stage(f"daybook/{day}.{name}", fetch(source, f"daybook/{day}.{name}"))
        for name in _shared(json.loads(fetch(both, f"daybook/{day}.json"))):
            stage(f"daybook/{name}", fetch(source, f"daybook/{name}"))
        held.append(day)
        stage("daybook/index.json", json.dumps(sorted(held)).encode())
        check_day(both, day, *trust)
    for month in months:
        check_month(both, month, *trust)


def _mirror_months(source, both, trust, stage):
    """Copy the closed months, which the days after them name; return those that are new. Of the
    last ones that are held a proof may have more witnesses now.
    """
    held = _months(both[1])
    new = sorted(set(_months(source)) - set(held))
    for month in new:
        for name in ("rows", "csv", "json", "tlog-proof"):
            stage(f"daybook/{month}.{name}", fetch(source, f"daybook/{month}.{name}"))
        for name in _shared(json.loads(fetch(both, f"daybook/{month}.json"))):
            stage(f"daybook/{name}", fetch(source, f"daybook/{name}"))
    for month in held[-2:]:
        stage(f"daybook/{month}.tlog-proof", fetch(source, f"daybook/{month}.tlog-proof"))
        _month_stated(both, month, trust)
    if held or new:
        stage("daybook/months.json", json.dumps(sorted({*held, *new})).encode())
    return new


class _Tiles:
    """The tiles above leaves, made from their hashes."""

    def __init__(self, put):
        self.put, self.open, self.done = put, {}, Counter()

    def add(self, found, level=0):
        """Add a hash of a level."""
        some = self.open.setdefault(level, [])
        some.append(found)
        if len(some) == WIDTH:
            self.put(f"tile/{level}/{_numbered(self.done[level])}", b"".join(some))
            self.done[level], self.open[level] = self.done[level] + 1, []
            while len(some) > 1:
                some = [node_hash(*some[at : at + 2]) for at in range(0, len(some), 2)]
            self.add(some[0], level + 1)

    def end(self):
        """Write the parts of tiles."""
        for level, some in self.open.items():
            if some:
                place = f"tile/{level}/{_numbered(self.done[level])}.p/{len(some)}"
                self.put(place, b"".join(some))


def _days(source):
    """Return the closed days of a log; raises ValueError where one is no date, for their names
    become names of files here.
    """
    return [dt.date.fromisoformat(day).isoformat() for day in _listed(source, "index")]


def _months(source):
    """Return the closed months of a log, as `_days`."""
    listed = _listed(source, "months")
    return [dt.date.fromisoformat(f"{month}-01").isoformat()[:7] for month in listed]


def _listed(source, name):
    """Return what a list of books names; nothing where there is none."""
    try:
        return json.loads(fetch(source, f"daybook/{name}.json"))
    except OSError as gone:
        if not isinstance(gone, FileNotFoundError) and getattr(gone, "code", 0) != 404:
            raise
        return []


def _put(path, data):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path + ".tmp", "wb") as file:
        file.write(data)
    os.replace(path + ".tmp", path)


def _arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--show", action="store_true", help="show the level of a receipt, too")
    verbs = parser.add_subparsers(dest="verb", required=True)
    for verb, names in (
        ("receipt", ["file"]),
        ("day", ["day"]),
        ("month", ["month"]),
        ("log", []),
        ("mirror", ["url", "folder"]),
        ("draw", ["day"]),
        ("sample", ["request", "answer"]),
        ("seal", ["list"]),
        ("promise", ["file"]),
        ("release", ["file", "proof"]),
    ):
        one = verbs.add_parser(verb)
        for name in names:
            one.add_argument(name)
        one.add_argument("--key", action="append", default=[], help="verifier key of a log")
        one.add_argument("--policy", help="file with keys and quorum instead")
        one.add_argument("--witness", action="append", default=[], help="verifier key of a witness")
        one.add_argument("--enough", type=int, help="witnesses that must have signed; all of them")
        needed = verb in ("day", "month", "log", "draw", "sample")
        one.add_argument(
            "--from", dest="source", required=needed, help="folder or address of the log"
        )
        one.add_argument("--book", help="folder or address of the log, for its day books")
        one.add_argument("--before", help="folder or address of the log of the year before")
        one.add_argument("--since", help="file of an older checkpoint")
        if verb == "draw":
            one.add_argument("--number", type=int, default=300, help="how many leaves")
            one.add_argument("--seed", required=True, help="a word that the auditor makes up now")
            one.add_argument("--to", required=True, help="file of the request")
    return parser.parse_args()


def _read(path):
    with open(path, encoding="utf-8", newline="") as file:
        return file.read()


def _note(path):
    """Return a text as it was made: an editor may have begun its lines its own way."""
    return _read(path).lstrip("\ufeff").replace("\r\n", "\n").rstrip("\n") + "\n"


def _receipt(given, trust):
    found = check_receipt(_note(given.file), *trust, book=given.book)
    shown = found["record"] if given.show else {"receipt": found["record"]["receipt"]}
    print(json.dumps({**found, "record": shown}, ensure_ascii=False, indent=2))
    return "评价已入账，未被改动", "the rating is in the log, unaltered"


def _promise(given, trust):
    told = check_promise(_note(given.file), trust[0])
    print(json.dumps(told, ensure_ascii=False, indent=2))
    zh = f"承诺有效：{told['until']} 以后仍取不到凭证，即为证据"
    return zh, f"the promise holds: without a proof after {told['until']} it is evidence"


def _release(given, trust):
    with open(given.file, "rb") as file:
        said = check_release(file.read(), _note(given.proof), *trust)
    number, month = said["version"], said["period"]
    zh = f"{month} 第 {number} 版就是账本里的那一份"
    return zh, f"version {number} of {month} is the one in the log"


def _day(given, trust):
    said = check_day(given.source, given.day, *trust, before=given.before)
    rows, zh, en = said["daybook"]["rows"], "", ""
    if said["previous_sha256"] and not (said["log"]["from"] or given.before):
        zh = "；这是本账本的第一天，加 --before 可核对它接续上一年的账本"
        en = "; it is the first day of its log: --before checks what it goes on from"
    return f"{given.day} 重算一致：{rows} 条{zh}", f"{given.day} adds up: {rows} ratings{en}"


def _month(given, trust):
    said = check_month(given.source, given.month, *trust)
    rows, zh, en = said["book"]["rows"], "", ""
    if kept := len(said["withheld"]):
        zh = f"；{kept} 个来处因有评价被依法删除而整体不列"
        en = f"; {kept} cells are withheld, for ratings of theirs were erased"
    if offices := len(moved(given.source, given.month)):
        zh += f"；{offices} 个部门的所属地区与月末不同，请核对"
        en += f"; {offices} offices are said to lie elsewhere than on its last day: compare"
    return f"{given.month} 重算一致：{rows} 条{zh}", f"{given.month} adds up: {rows} ratings{en}"


def _log(given, trust):
    origin, _, _, seen = checkpoint(fetch(given.source, "checkpoint").decode(), *trust)
    size = check_log(given.source, trust, _note(given.since) if given.since else None)
    days = _days(given.source)
    print(json.dumps({"origin": origin, "last_day": days[-1] if days else None, "witnesses": seen}))
    return f"账本一致：{size} 个叶子", f"the log holds: {size} leaves"


def _draw(given, trust):
    asked = draw(given.source, given.day, given.number, given.seed, trust)
    with open(given.to, "w", encoding="utf-8") as file:
        json.dump(asked, file)
    number = len(asked["numbers"])
    return f"已抽 {number} 条，请交平台打开", f"{number} leaves drawn: hand the file over"


def _sample(given, trust):
    request, answer = (json.loads(_read(path)) for path in (given.request, given.answer))
    number, without, late = check_sample(given.source, request, answer, trust)
    share = f"{100 * (1 - 0.05 ** (1 / number)):.2f}%"
    zh = f"{number} 条全部相符（{without} 条按声明不列入日账）；"
    zh += f"被改动的超过 {share} 时，有 95% 的把握抽到"
    en = f"all {number} hold ({without} without a row, as stated); with more than {share} "
    en += "altered, 95 samples of 100 would have met one"
    if late:
        zh += f"；另有 {late} 条在抽取后才删除，未能核对，请查明原因"
        en += f"; {late} more were erased after the draw and show nothing: ask why"
    return zh, en


def _mirror(given, trust):
    size = mirror(given.url, given.folder, trust)
    return f"镜像完成：{size} 个叶子", f"mirrored: {size} leaves"


_DONE = {
    "receipt": _receipt,
    "promise": _promise,
    "release": _release,
    "day": _day,
    "month": _month,
    "log": _log,
    "draw": _draw,
    "sample": _sample,
    "mirror": _mirror,
}


def _run(given):
    """Do what was asked; return what to say in Chinese and English."""
    enough = len(given.witness) if given.enough is None else given.enough
    trust = (given.key, given.witness, enough)
    if given.policy:
        trust = read_policy(_note(given.policy))
    if given.verb == "seal":
        digest = seal(given.list)
        return f"请平台公布这份名单的摘要 {digest}", "have this digest announced, then rate"
    if not trust[0]:
        raise Wrong("give --key or --policy: whose signature is to be trusted?")
    return _DONE[given.verb](given, trust)


def _unread(wrong):
    """Say whether something is not there for us: no network, no such file here, a server in
    trouble. A server that answers and has not what it should holds it back.
    """
    if isinstance(wrong, urllib.error.HTTPError):
        return wrong.code >= 500
    return isinstance(wrong, (Unread, OSError, http.client.HTTPException))


# each reason with its Chinese below it; {} stands for what it names
_ZH = """\
the parts of the key do not fit together
密钥各部分不相符
no signed note
不是带签名的文书
no signature line
没有签名行
no checkpoint
不是检查点
the root of an empty tree is another
空账本的根不是这个值
the line of the witness {} is of no time
见证方 {} 的签名没有有效时间
the line of the witness {} is wrong
见证方 {} 的签名有误
the witnesses that the policy asks for have not signed
策略要求的见证方尚未签名
{} of {} witnesses have signed
见证方签名 {} 个，需要 {} 个
it is not signed by this log
不是由这本账签名的
line {} of the policy names a witness twice
策略第 {} 行重复列出见证方
line {} of the policy counts a member twice
策略第 {} 行重复计数
line {} of the policy cannot be read
策略第 {} 行无法读取
the policy must name a log and one quorum
策略须写明一本账和一条法定数规则
a group of the policy asks for more than it has
策略中某组要求的数量超过其成员数
a hash is none
有一个哈希值格式不对
the leaf is not in the log
这条记录不在账本中
no .tlog-proof file
不是 .tlog-proof 凭证文件
leaves of the log are missing
账本缺少记录
the leaves are not those of the log
记录与账本不符
the leaf is none of a rating
这条记录不是评价
it is a test of a channel by the platform, and no rating of yours
这是平台自己的渠道测试，不是您的评价
what should be an object is none
内容格式不对，应为对象
the copy is of another log: {}
这份副本属于另一本账：{}
this copy of the log is older than the receipt
这份副本早于凭证，请换新的副本
the copy holds another leaf in its place: the log shows two histories
副本同一位置是另一条记录：账本给出了两套历史
these are not the results that the log holds
这些结果与账本中登记的不符
these are the results of another month
这些是另一个月的结果
no promise
不是入账承诺
no book holds the rating, though that of {} comes after it
{} 的日账已在其后，却没有一本日账记有这条评价
the rating is older than {} days, and no book of this copy holds it
评价已超过 {} 天，这份副本中没有日账记有它
the day book of {} shows another level
{} 的日账中评价等级不同
the day book of {} shows the rating somewhere else
{} 的日账把这条评价记在了别处
the rating is not in the day book of {}
{} 的日账中没有这条评价
the rating is not in the month book of {}
{} 的月账中没有这条评价
the month book of {} shows another level
{} 的月账中评价等级不同
the month book of {} shows the rating somewhere else
{} 的月账把这条评价记在了别处
the statement is of another month: {}
这是另一个月的声明：{}
a row of the month lies outside the cell that its day told
月账有一行不在日账所列单元之内
the month book is no list of rows in order
月账不是按顺序排列的行
the month book is not the one of the statement
月账不是声明所指的那一份
a row of the month book is none of a rating
月账中有一行不是评价
the month has other days than the log
月账所列各日与账本不符
no book of {} is there, though later days are closed
没有 {} 的月账，而其后的日账已结
the log has a statement of {}, and the list of months hides it
账本有 {} 的月账声明，月账清单却没有列出
a cell of the month is withheld, and need not be
月账有来处整体不列，而并无理由
the month shows ratings that its days did not tell
月账列有日账没有的评价
ratings that the days told are missing from the month
日账所列的评价在月账中缺失
what is missing is so little that it could point at a person
缺少的行过少，可能指向个人
the month misses rows of a cell that its days did not tell
月账称缺少的行，日账并未列过
the names of the cells are not those of the statement
单元名称与声明不符
the statement is not written as the standard says
声明的写法不合标准
the statement is of another day: {}
这是另一天的声明：{}
the statement is of another log
这是另一本账的声明
it was closed by rules that this program does not know
按本程序不认识的规则结账，请更新本程序
the statement covers what comes after it
声明涵盖了它之后的内容
no book of {} is there (yet)
（还）没有 {} 的账
the table is not what the rows add up to
汇总表与逐行相加的结果不符
the log holds other leaves than the statement counts
账本中的记录与声明的计数不符
ratings are missing: not every leaf is a row or left out with a reason
缺少评价：并非每条记录都在日账中或有未列入的理由
{} is not the file that the statement names
{} 不是声明所指的文件
leaves are left out for a reason that the rules do not know: {}
以规则没有的理由未列入：{}
ratings are left out as too few, and they are not
以“数量过少”未列入，而数量并不少
more is left out as erased than the log says was erased
以“已删除”未列入的多于账本登记的删除
the public texts of the day are not those of the statement
当日公开文本与声明不符
the text of the public leaf {} is not what was entered
公开记录 {} 的文本与入账时不同
the log holds two statements of {}: two histories are shown
账本中有 {} 的两份声明：给出了两套历史
the text of the public leaf {} is missing
缺少公开记录 {} 的文本
leaves are left out as lost, and nobody said in public that they were
以“丢失”未列入，却没有公开说明
the services that could be rated are not those of the day's batches
可评价的办件数与当日批次不符
the day book is no list of rows in order
日账不是按顺序排列的行
the day book is not the one of the statement
日账不是声明所指的那一份
the day book has other bytes
日账内容与声明不符
a row of the day book is none of a rating
日账中有一行不是评价
a cell is so small that it could point at a person
有单元数量过少，可能指向个人
the denominators count other ratings than the day book has
分母所计评价与日账不符
the sums of services and ratings do not go on from the day before
办件与评价累计数与前一日不衔接
more services were rated than could be: ratings were invented
已评价办件多于可评价办件：有评价是编造的
leaves lie before the first day: no book holds them
首日之前有记录，没有日账记载
the statement does not follow the one before it
声明与前一份不衔接
leaves lie between two days: no book holds them
两日之间有记录，没有日账记载
the older checkpoint is newer than this copy of the log
旧检查点比这份账本副本还新
the leaves are not those of the checkpoint
记录与检查点不符
the older checkpoint is not the beginning of this log: history was changed
旧检查点不是这本账的开头：历史被改动过
the request is not what the day's root and the word draw
抽查名单不是由当日根和口令抽出的
other leaves were opened than were drawn
公开的记录不是抽中的记录
leaf {} is said to be erased, and the log has no such entry
称记录 {} 已删除，而账本没有该登记
more leaves have no row ({}) than the statement says
没有日账行的记录（{}）多于声明所说
all that was drawn was erased after the draw
抽中的记录在抽取后全部被删除
leaf {} was opened as something else than was entered
记录 {} 公开的内容与入账时不同
the day book shows another level for leaf {}
记录 {} 在日账中等级不同
the list must be project_no,service_number,level and a line for each rating
名单的表头须为 project_no,service_number,level，每条评价一行
give --key or --policy: whose signature is to be trusted?
请用 --key 或 --policy 指明信任谁的签名
"""


def _in_chinese(reason):
    """Return a reason of this program in Chinese; empty for what is none of its own."""
    lines = _ZH.splitlines()
    for place in range(0, len(lines), 2):
        pattern = "(.+)".join(map(re.escape, lines[place].split("{}")))
        found = re.fullmatch(pattern, reason, re.DOTALL)
        if found:
            return lines[place + 1].format(*found.groups())
    return ""


def main():
    """Check what was asked; leave with 1 where something is wrong, with 2 where it could not be
    read: then nothing is said about it.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # where no sign for it is known
    try:
        zh, en = _run(_arguments())
    except Exception as wrong:  # noqa: BLE001 - whatever a hostile file does, it is told in words
        if _unread(wrong):
            zh = _in_chinese(str(wrong))
            print(f"！未能读取，没有核验 {zh} / not reached, not checked: {wrong}", file=sys.stderr)
            sys.exit(2)
        told = str(wrong) if isinstance(wrong, Wrong) else f"it cannot be read ({wrong!r:.200})"
        zh = _in_chinese(told) or "文件无法读取"
        print(f"✗ 核验不通过：{zh} / does not hold: {told}", file=sys.stderr)
        sys.exit(1)
    print(f"✓ {zh} / {en}")


if __name__ == "__main__":
    main()
