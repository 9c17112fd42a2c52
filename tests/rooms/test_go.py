"""Go's own transparency log (Debian: golang-go, golang-golang-x-mod-dev) believes what we publish and
prove, and nothing that was touched.
"""

import base64
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from haochaping.kernel import clock
from haochaping.ledger import actions, queries, rules

SOURCE = Path(__file__).parent / "go" / "main.go"
LIBRARY = Path("/usr/share/gocode/src/golang.org/x/mod/sumdb/tlog")
pytestmark = [
    pytest.mark.nightly,
    pytest.mark.skipif(
        shutil.which("go") is None or not LIBRARY.exists(), reason="Go's library is not here"
    ),
]


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program, built with the library that Debian has."""
    made = tmp_path_factory.mktemp("go") / "check"
    env = {**os.environ, "GO111MODULE": "off", "GOPATH": "/usr/share/gocode", "GOFLAGS": ""}
    env["GOCACHE"] = str(made.parent / "cache")
    subprocess.run(["go", "build", "-o", str(made), str(SOURCE)], env=env, check=True)
    return made


@pytest.mark.django_db
@pytest.mark.parametrize("size", [1, 255, 256, 257, 65_535, 65_536, 65_537, 70_000])
def test_go_reads_a_published_log_of_every_size(
    program: Path, size: int, tmp_path: Path, settings: Any
) -> None:
    settings.HOME = tmp_path
    log = actions.open_log(name="2026", at=clock.now())
    for begin in range(0, size, 20_000):
        numbers = range(begin, min(size, begin + 20_000))
        entries = [rules.leaf(rules.Leaf.DAYBOOK, no.to_bytes(32)) for no in numbers]
        actions.append(log_id=log.pk, entries=entries)
        actions.publish(log_id=log.pk, at=clock.now())
    folder = queries.folder(log.name)
    words = [str(program), "folder", str(folder), queries.vkeys(log)[0]]
    held = json.loads(subprocess.run(words, capture_output=True, check=True).stdout)
    assert held == {"entries": size, "proofs": -(-size // 97)}
    paths = {str(one.relative_to(folder)) for one in folder.rglob("*") if one.is_file()}
    assert {tile.path for tile in rules.tiles(0, size)} <= paths
    bundle = next(folder.glob("tile/entries/**/*0*"))
    bundle = bundle if bundle.is_file() else next(one for one in bundle.rglob("*") if one.is_file())
    data = bytearray(bundle.read_bytes())
    data[9] ^= 1
    bundle.write_bytes(data)
    assert subprocess.run(words, capture_output=True, check=False).returncode == 1


def claims(most: int) -> Iterator[dict[str, Any]]:
    """Yield a proof of every leaf and of every beginning of every tree up to a size."""
    hashes = [rules.leaf_hash(str(no).encode()) for no in range(most)]
    at = cache(lambda level, index: rules.root(hashes[index << level : (index + 1) << level]))
    roots = [rules.root(hashes[:size]) for size in range(most + 1)]

    def told(**facts: Any) -> dict[str, Any]:
        facts["Proof"] = [base64.b64encode(node).decode() for node in facts["Proof"]]
        facts["Part"] = base64.b64encode(facts["Part"]).decode()
        return facts

    for size in range(1, most + 1):
        root = base64.b64encode(roots[size]).decode()
        for index in range(size):
            path = rules.inclusion(index, size, at)
            yield told(Size=size, Index=index, Root=root, Part=hashes[index], Proof=path)
            path = rules.consistency(index + 1, size, at)
            beginning = {"Index": index + 1, "Old": True, "Part": roots[index + 1]}
            yield told(Size=size, Root=root, Proof=path, **beginning)


def test_go_believes_every_proof_of_every_tree_up_to_six_hundred_leaves(program: Path) -> None:
    text = "\n".join(json.dumps(one) for one in claims(600))
    done = subprocess.run(
        [str(program), "proofs"], input=text, capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == {"inclusion": 180_300, "consistency": 180_300}
