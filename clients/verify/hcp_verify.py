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
import io
import json
import os
import sys
import time
import urllib.error
import urllib.request
from collections import Counter

ROW, WIDTH, HASH = 42, 256, 32
PROBE = 3  # origin of a rating that only tests a channel
ELSEWHERE = 2**64 - 1  # an entry that is changed stands in another log
INVITED, RESTATED, PUBLIC = 6, 11, (6, 7, 8, 9, 10, 11)  # kinds of entries that everybody may read
LATEST = 2**63 - 1  # seconds since 1970 that a witness may name
DAYS = 2  # after which the book of a rating's day is published


class Wrong(Exception):
    """Something does not hold; the message says what."""


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
        kind == 1 and ed25519_holds(public, data, text.encode())
        for name, told, kind, public in map(vkey, [keys] if isinstance(keys, str) else keys)
        for who, tag, data in lines
        if name == origin and (who, tag) == (name, told)
    ]
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
    if lines[0].startswith("extra "):
        extra = base64.b64decode(lines.pop(0)[6:])
    index = int(lines.pop(0).replace("index ", "", 1))
    return extra, index, [base64.b64decode(line) for line in lines], note


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
    if "://" not in source:
        with open(os.path.join(source, place), "rb") as file:
            return file.read()
    with urllib.request.urlopen(f"{source.rstrip('/')}/{place}", timeout=60) as answer:
        return answer.read()


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
    opening = json.loads(extra)
    record, salt = opening["record"], bytes.fromhex(opening["salt"])
    told = hashlib.sha256(canonical(record)).digest()
    commitment = hashlib.sha256(b"hcp/v1/leaf\0" + salt + told).digest()
    kind = opening.get("leaf", 1)  # 2: what replaced a rating, which changes another leaf
    entry = bytes([1, kind]) + commitment + bytes.fromhex(opening.get("changes", ""))
    if (kind, len(entry)) not in ((1, 34), (2, 43)):
        raise Wrong("the leaf is none of a rating")
    included(leaf_hash(entry), index, size, path, root)
    found = {"origin": origin, "index": index, "size": size, "witnesses": seen, "record": record}
    if book is not None and kind == 1:
        found["row"] = _find_row(book, record, index, (key, witnesses, enough))
    return found


def check_release(data, text, key, witnesses=(), enough=0):
    """Check that the results of a month, as the JSON that was published, are what the log holds;
    return what it says of them.
    """
    extra, index, path, note = read_proof(text)
    _, size, root, _ = checkpoint(note, key, witnesses, enough)
    said = json.loads(extra)
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
            return _row_of(book, said, record, index)
        break
    if later is not None:
        raise Wrong(f"no book holds the rating, though that of {later} comes after it")
    received = dt.datetime.fromisoformat(record["received_at"]).timestamp()
    if time.time() - received > DAYS * 86400:
        raise Wrong(f"the rating is older than {DAYS} days, and no book of this copy holds it")
    return {"day": None, "cell": None, "why": "the day is not closed yet"}


def _row_of(book, said, record, index):
    """Return it of a day that covers the rating's leaf."""
    day, data = said["day"], fetch(book, f"daybook/{said['day']}.rows")
    _check_book(said, data)
    salt = bytes.fromhex(record["row_salt"])
    tag = hashlib.sha256(b"hcp/v1/row\0" + salt + index.to_bytes(8, "big")).digest()
    for at in range(0, len(data), ROW):
        if data[at : at + 32] == tag:
            if data[at + 40] != record["level"]:
                raise Wrong(f"the day book of {day} shows another level")
            cell = int.from_bytes(data[at + 32 : at + 40], "big")
            if cell not in _cells(book, said, record["department"]):
                raise Wrong(f"the day book of {day} shows the rating somewhere else")
            return {"day": day, "cell": cell}
    few = said["excluded"].get("too_few", 0)
    if not data and 0 < few < said["rules"]["smallest_cell"]:
        return {"day": day, "cell": None, "why": "fewer ratings that day than may be shown"}
    if record["origin"] == PROBE:
        return {"day": day, "cell": None, "why": "a test of the channel"}
    raise Wrong(f"the rating is not in the day book of {day}")


def _cells(book, said, department):
    """Return the cells of a department and of every place that it lay in that day, which codes
    tell: a village, a town, a county, a city and a province are 0, 3, 6, 8 and 10 digits short.
    """
    cell, sha256 = 10**15 + department, said.get("cells_sha256")
    data = fetch(book, f"daybook/cells-{sha256[:16]}.json" if sha256 else "daybook/cells.json")
    if sha256 and hashlib.sha256(data).hexdigest() != sha256:
        raise Wrong("the names of the cells are not those of the statement")
    place = int(json.loads(data)[str(cell)]["above"])
    return {cell} | {place - place % 10**digits for digits in (0, 3, 6, 8, 10)}


def _statement(source, day, trust):
    """Return the statement of a day, which must be a leaf of the log."""
    return _stated(source, day, trust)[0]


def _stated(source, day, trust):
    """Return the statement of a day and the number of its leaf."""
    text = fetch(source, f"daybook/{day}.json")
    said = json.loads(text)
    if canonical(said) != text:
        raise Wrong("the statement is not written as the standard says")
    _, index, path, note = read_proof(fetch(source, f"daybook/{day}.tlog-proof").decode())
    origin, size, root, _ = checkpoint(note, *trust)
    entry = b"\1\7" + hashlib.sha256(b"hcp/v1/public\0" + text).digest()
    included(leaf_hash(entry), index, size, path, root)
    if said["log"]["origin"] != origin:
        raise Wrong("the statement is of another log")
    return said, index


def check_day(source, day, key, witnesses=(), enough=0, before=None):
    """Count a day again from its public files alone; return the statement. `before` is where the
    log of the year before lies, which the first day of a log goes on from.
    """
    said, index = _stated(source, day, (key, witnesses, enough))
    data = fetch(source, f"daybook/{day}.rows")
    _check_book(said, data)
    _check_rated(said, data)
    if _table(data) != fetch(source, f"daybook/{day}.csv"):
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
    _check_excluded(said, leaves)
    _check_said(source, said, leaves)
    _check_chain(source, said, (key, witnesses, enough), before)
    return said


def _shared(said):
    """Return the names and digests of the files that days share and a statement commits to."""
    named = {
        "cells-{:016x}.json": said.get("cells_sha256"),
        "rules-{:016x}.txt": said["rules"].get("sha256"),
    }
    return {name.format(int(sha256[:16], 16)): sha256 for name, sha256 in named.items() if sha256}


def _check_rules(source, said):
    """Check that the rules by which the day was closed can be read, and are those it names."""
    for name, sha256 in _shared(said).items():
        if hashlib.sha256(fetch(source, f"daybook/{name}")).hexdigest() != sha256:
            raise Wrong(f"{name} is not the file that the statement names")


def _check_excluded(said, leaves):
    """Check the reasons for which leaves have no row: what was erased has an entry that says so,
    and too few to show are a whole day of fewer than the smallest cell.
    """
    begin, end, told = said["log"]["from"], said["log"]["to"], said["excluded"]
    named = [int.from_bytes(one[34:42], "big") for one in leaves.values() if one[1] == 4]
    gone = {no for no in named if begin <= no < end}
    if told.get("erased", 0) > len(gone) + named.count(ELSEWHERE):
        raise Wrong("more is left out as erased than the log says was erased")
    few = told.get("too_few", 0)
    if few and (said["daybook"]["rows"] or few >= said["rules"]["smallest_cell"]):
        raise Wrong("ratings are left out as too few, and they are not")


def _check_said(source, said, leaves):
    """Check what the leaves that everybody may read say: their texts lie beside the book, the
    services that could be rated are those of its batches, and what is left out as lost was said
    in public to be.
    """
    if "said_sha256" not in said:
        return  # a statement from before the texts were published
    data = fetch(source, f"daybook/{said['day']}.said")
    if hashlib.sha256(data).hexdigest() != said["said_sha256"]:
        raise Wrong("the public texts of the day are not those of the statement")
    texts = {one["no"]: one["said"] for one in map(json.loads, data.decode().splitlines())}
    for no, text in texts.items():
        entered = hashlib.sha256(b"hcp/v1/public\0" + text.encode()).digest()
        if no not in leaves or leaves[no][2:34] != entered:
            raise Wrong(f"the text of the public leaf {no} is not what was entered")
    restated = [json.loads(text) for no, text in texts.items() if leaves[no][1] == RESTATED]
    lost = {no for one in restated for no in range(one.get("from", 0), one.get("to", 0))}
    of_day = range(said["log"]["from"], said["log"]["to"])
    bare = [no for no in of_day if leaves[no][1] in PUBLIC and no not in texts and no not in lost]
    if bare:
        raise Wrong(f"the text of the public leaf {bare[0]} is missing")
    if said["excluded"].get("orphan", 0) > sum(leaves[no][1] == 1 for no in lost & set(of_day)):
        raise Wrong("leaves are left out as lost, and nobody said in public that they were")
    batches = [texts[no] for no in of_day if leaves[no][1] == INVITED and no in texts]
    if sum(json.loads(one)["services"] for one in batches) != said["invitations"]["services"]:
        raise Wrong("the services that could be rated are not those of the day's batches")


def _leaves(source, log, end, trust):
    """Return the leaves from a day on, to before a number or to the end of the log."""
    _, size, root, _ = checkpoint(fetch(source, "checkpoint").decode(), *trust)
    return proved(source, log["from"], end or size, size, (size, root))


def _check_book(said, data):
    rows = [data[at : at + ROW] for at in range(0, len(data), ROW)]
    if len(data) % ROW or rows != sorted(set(rows)):
        raise Wrong("the day book is no list of rows in order")
    stack = []
    for number, row in enumerate(rows):
        fold(stack, number, leaf_hash(row))
    book = said["daybook"]
    if len(rows) != book["rows"] or root_of(stack).hex() != book["root"]:
        raise Wrong("the day book is not the one of the statement")
    if hashlib.sha256(data).hexdigest() != book["sha256"]:
        raise Wrong("the day book has other bytes")
    small = said["rules"]["smallest_cell"]
    cells = Counter(row[32:40] for row in rows)
    if any(number < small for number in cells.values()):
        raise Wrong("a cell is so small that it could point at a person")


def _table(data):
    counts = {}
    for at in range(0, len(data), ROW):
        cell = int.from_bytes(data[at + 32 : at + 40], "big")
        counts.setdefault(cell, Counter())[data[at + 40]] += 1
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["cell", "ratings", *(f"level{level}" for level in (5, 4, 3, 2, 1))])
    for cell, levels in sorted(counts.items()):
        writer.writerow([cell, sum(levels.values()), *(levels[n] for n in (5, 4, 3, 2, 1))])
    return file.getvalue().encode()


def _check_rated(said, data):
    """Check that as many services were rated, by city, as the book has rows of first ratings, and
    no more than those that were left out as too few besides.
    """
    told = said["invitations"]
    first = sum(data[at + 41] == 0 for at in range(0, len(data), ROW))
    rated = sum(one["rated"] for one in told.get("cities", ()))
    most = first + said["excluded"].get("too_few", 0)
    if told["ratings"] != len(data) // ROW or ("cities" in told and not first <= rated <= most):
        raise Wrong("the denominators count other ratings than the day book has")


def _check_invitations(said, before):
    """Check that the sums of services and ratings go on from the day before, and that no more
    services were rated than there were.
    """
    told = said["invitations"]
    if "services_so_far" not in told:
        return  # a statement from before there were sums
    # the first day of a log goes on from the last one of the log before it
    was = before["invitations"] if before else {}
    if "services_so_far" in was:
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


def check_log(source, trust, since=None):
    """Hash every leaf of a log again; return its size. With an older checkpoint, check that it is
    the beginning of this one.
    """
    _, size, root, _ = checkpoint(fetch(source, "checkpoint").decode(), *trust)
    old = checkpoint(since, trust[0]) if since else None
    stack, number, before = [], 0, None
    for entry in entries(source, 0, size, size):
        if old and number == old[1]:
            before = root_of(stack)
        fold(stack, number, leaf_hash(entry))
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
    leaves = _leaves(source, log, log["to"], trust).items()
    begin = b"hcp/v1/draw\0" + bytes.fromhex(log["root"]) + seed.encode() + b"\0"
    placed = sorted(
        (hashlib.sha256(begin + no.to_bytes(8, "big")).digest(), no)
        for no, entry in leaves
        if entry[1] == 1
    )
    numbers = sorted(no for _, no in placed[:number])
    return {"day": day, "seed": seed, "numbers": numbers, "origin": log["origin"]}


def check_sample(source, request, answer, trust):
    """Check what the platform opened of a draw against the log and the day book; return how many
    leaves hold, and how many of them have no row for a reason that the log or the statement gives.
    """
    drawn = draw(source, request["day"], len(request["numbers"]), request["seed"], trust)
    if request["numbers"] != drawn["numbers"] or not drawn["numbers"]:
        raise Wrong("the request is not what the day's root and the word draw")
    opened = answer["opened"]
    if answer["day"] != request["day"] or [one["no"] for one in opened] != drawn["numbers"]:
        raise Wrong("other leaves were opened than were drawn")
    said = _statement(source, request["day"], trust)
    leaves = _leaves(source, said["log"], None, trust)
    gone = {int.from_bytes(one[34:42], "big") for one in leaves.values() if one[1] == 4}
    data = fetch(source, f"daybook/{request['day']}.rows")
    levels = {data[at : at + 32]: data[at + 40] for at in range(0, len(data), ROW)}
    missing = Counter()
    for one in opened:
        if one.get("erased"):  # the log says so itself, whenever it was
            if one["no"] not in gone:
                raise Wrong(f"leaf {one['no']} is said to be erased, and the log has no such entry")
            missing["erased"] += 1
        elif reason := _opened(one, leaves[one["no"]], levels):
            missing[reason] += 1
            if missing[reason] > said["excluded"].get(reason, 0):
                raise Wrong(f"more leaves have no row ({reason}) than the statement says")
    return len(opened), sum(missing.values())


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
    """Copy a log, and only what continues the copy that is there; return its size."""
    note = fetch(source, "checkpoint")
    _, size, _, _ = checkpoint(note.decode(), *trust)
    mine = os.path.join(folder, "checkpoint")
    since = open(mine, encoding="utf-8").read() if os.path.exists(mine) else None
    held = checkpoint(since, trust[0])[1] if since else 0
    check_log(source, trust, since)
    places = [place for _, place in bundles(held // WIDTH * WIDTH, size, size)]
    level, below, above = 0, held, size
    while above:
        for number in range(below // WIDTH, -(-above // WIDTH)):
            width = min(WIDTH, above - number * WIDTH)
            part = "" if width == WIDTH else f".p/{width}"
            places.append(f"tile/{level}/{_numbered(number)}{part}")
        level, below, above = level + 1, below >> 8, above >> 8
    places += ["keys", "daybook/index.json", "daybook/cells.json"]
    days = _days(source)
    for day in days:
        there = os.path.join(folder, "daybook", f"{day}.tlog-proof")
        if not os.path.exists(there):
            kinds = ("rows", "csv", "json", "said", "tlog-proof")
            places += [f"daybook/{day}.{kind}" for kind in kinds]
            said = json.loads(fetch(source, f"daybook/{day}.json"))
            places += [f"daybook/{name}" for name in _shared(said)]
    places += [f"daybook/{day}.tlog-proof" for day in days[-7:]]  # witnesses may have signed since
    for place in dict.fromkeys(places):
        try:
            data = fetch(source, place)
        except (OSError, urllib.error.URLError):
            if place.startswith("tile"):
                raise
            continue  # a day whose proof is not there yet
        _put(os.path.join(folder, place), data)
    _put(mine, note)
    return size


def _days(source):
    """Return the closed days of a log; raises ValueError where one is no date, for their names
    become names of files here.
    """
    try:
        days = json.loads(fetch(source, "daybook/index.json"))
    except (OSError, urllib.error.URLError):
        return []
    return [dt.date.fromisoformat(day).isoformat() for day in days]


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
        one.add_argument("--enough", type=int, default=0, help="witnesses that must have signed")
        one.add_argument("--from", dest="source", help="folder or address of the log")
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


def _receipt(given, trust):
    found = check_receipt(_read(given.file), *trust, book=given.book)
    shown = found["record"] if given.show else {"receipt": found["record"]["receipt"]}
    print(json.dumps({**found, "record": shown}, ensure_ascii=False, indent=2))
    return "评价已入账，未被改动", "the rating is in the log, unaltered"


def _promise(given, trust):
    told = check_promise(_read(given.file), trust[0])
    print(json.dumps(told, ensure_ascii=False, indent=2))
    zh = f"承诺有效：{told['until']} 以后仍取不到凭证，即为证据"
    return zh, f"the promise holds: without a proof after {told['until']} it is evidence"


def _release(given, trust):
    with open(given.file, "rb") as file:
        said = check_release(file.read(), _read(given.proof), *trust)
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


def _log(given, trust):
    size = check_log(given.source, trust, _read(given.since) if given.since else None)
    return f"账本一致：{size} 个叶子", f"the log holds: {size} leaves"


def _draw(given, trust):
    asked = draw(given.source, given.day, given.number, given.seed, trust)
    with open(given.to, "w", encoding="utf-8") as file:
        json.dump(asked, file)
    number = len(asked["numbers"])
    return f"已抽 {number} 条，请交平台打开", f"{number} leaves drawn: hand the file over"


def _sample(given, trust):
    request, answer = (json.loads(_read(path)) for path in (given.request, given.answer))
    number, without = check_sample(given.source, request, answer, trust)
    share = f"{100 * (1 - 0.05 ** (1 / number)):.2f}%"
    zh = f"{number} 条全部相符（{without} 条按声明不列入日账）；"
    zh += f"被改动的超过 {share} 时，有 95% 的把握抽到"
    en = f"all {number} hold ({without} without a row, as stated); with more than {share} "
    return zh, en + "altered, 95 samples of 100 would have met one"


def _mirror(given, trust):
    size = mirror(given.url, given.folder, trust)
    return f"镜像完成：{size} 个叶子", f"mirrored: {size} leaves"


_DONE = {
    "receipt": _receipt,
    "promise": _promise,
    "release": _release,
    "day": _day,
    "log": _log,
    "draw": _draw,
    "sample": _sample,
    "mirror": _mirror,
}


def _run(given):
    """Do what was asked; return what to say in Chinese and English."""
    trust = (given.key, given.witness, given.enough)
    if given.policy:
        trust = read_policy(_read(given.policy))
    if given.verb == "seal":
        digest = seal(given.list)
        return f"请平台公布这份名单的摘要 {digest}", "have this digest announced, then rate"
    if not trust[0]:
        raise Wrong("give --key or --policy: whose signature is to be trusted?")
    return _DONE[given.verb](given, trust)


def main():
    """Check what was asked; leave with 1 where something is wrong, with 2 where it could not be
    read: then nothing is said about it.
    """
    try:
        zh, en = _run(_arguments())
    except (Wrong, ValueError, KeyError, OSError) as wrong:
        answered = isinstance(wrong, urllib.error.HTTPError)  # and holds back what is asked for
        if isinstance(wrong, urllib.error.URLError) and not answered:
            print(f"！未能读取，没有核验 / not reached, not checked: {wrong}", file=sys.stderr)
            sys.exit(2)
        print(f"✗ 核验不通过 / does not hold: {wrong}", file=sys.stderr)
        sys.exit(1)
    print(f"✓ {zh} / {en}")


if __name__ == "__main__":
    main()
