"""Mutants: small faults put into rules, actions and identity, and whether a fast test notices.

cosmic-ray makes the faults. Of all places where one can be made a seeded sample is tried, one fault
a place; each runs the tests of its own room first and then every other fast test, until one fails.
Annotations are left out: a fault there breaks the import and says nothing about tests. Two copies
of the tree are worked on at once, so the tree itself is never touched.

The last line is one JSON object; survivors are listed with their change before it.
usage: bench/mutants.py [--sample 150] [--seed 1] [--rooms orders,policies]
"""

import argparse
import ast
import json
import os
import queue
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ROOT / "src" / "haochaping"
_LONGEST = 600  # seconds of one run of tests; a fault that hangs is noticed
_WORKERS = 2
_NOT_COPIED = (".git", ".venv", ".tools", "var", "node_modules", "__pycache__")


@dataclass(frozen=True)
class Place:
    """Where a fault can be made: the variants are `(operator, occurrence)`."""

    path: Path
    line: int
    column: int


def targets(rooms: set[str]) -> list[Path]:
    """Return the modules with rules and actions, and all of identity."""
    found = [
        path
        for path in ROOMS.rglob("*.py")
        if "tests" not in path.parts
        and "migrations" not in path.parts
        and (
            path.name in ("rules.py", "actions.py")
            or path.parent.name in ("rules", "actions", "identity")
        )
    ]
    return sorted(path for path in found if not rooms or path.relative_to(ROOMS).parts[0] in rooms)


def annotations(source: str) -> list[tuple[int, int, int, int]]:
    """Return where annotations begin and end."""
    found = []
    for node in ast.walk(ast.parse(source)):
        for name in ("annotation", "returns"):
            part = getattr(node, name, None)
            if isinstance(part, ast.expr):
                end = (part.end_lineno or part.lineno, part.end_col_offset or 0)
                found.append((part.lineno, part.col_offset, *end))
        if isinstance(node, ast.TypeAlias):
            found.append((node.lineno, 0, node.end_lineno or node.lineno, 1000))
    return found


def places(path: Path) -> Iterator[tuple[Place, str, int]]:
    """Yield each fault that can be made in a module."""
    source = path.read_text(encoding="utf-8")
    spans, tree = annotations(source), get_ast(source)
    for name in operator_names():
        kind = get_operator(name)
        if kind.arguments():
            continue
        operator, occurrence = kind(), -1
        for node in ast_nodes(tree):
            for start, _ in operator.mutation_positions(node):
                occurrence += 1
                inside = any((a, b) <= tuple(start) < (c, d) for a, b, c, d in spans)
                if not inside:
                    yield Place(path, *start), name, occurrence


class Copy:
    """A copy of the tree in which faults are made and tests run."""

    def __init__(self) -> None:
        self.root = Path(tempfile.mkdtemp(prefix="hcp-mutants-"))
        ignored = shutil.ignore_patterns(*_NOT_COPIED)
        shutil.copytree(ROOT, self.root, ignore=ignored, dirs_exist_ok=True)

    def drop(self) -> None:
        """Remove the copy."""
        shutil.rmtree(self.root, ignore_errors=True)

    def noticed(self, path: Path, code: str) -> bool:
        """Put a fault in and say whether a test fails."""
        inside = self.root / path.relative_to(ROOT)
        room = inside.relative_to(self.root / "src" / "haochaping").parts[0]
        original = inside.read_text(encoding="utf-8")
        inside.write_text(code, encoding="utf-8")
        try:
            own = f"src/haochaping/{room}"
            return self.fails(own) or self.fails("src", "tests")
        finally:
            inside.write_text(original, encoding="utf-8")

    def fails(self, *what: str) -> bool:
        """Run fast tests until one fails."""
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-m", "not slow", *what]
        env = os.environ | {"PYTHONPATH": str(self.root / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
        try:
            done = subprocess.run(
                command, cwd=self.root, env=env, capture_output=True, timeout=_LONGEST, check=False
            )
        except subprocess.TimeoutExpired:
            return True
        return done.returncode not in (0, 5)  # 5: a room without tests


class Trial:
    """Faults that wait to be tried, and what became of those that were."""

    def __init__(self, chosen: list[tuple[Place, str, int]]) -> None:
        self.work: queue.Queue[tuple[Place, str, int]] = queue.Queue()
        for one in chosen:
            self.work.put(one)
        self.killed, self.survivors = list[Place](), list[str]()

    def run(self) -> None:
        """Try faults in a copy of the tree until none waits."""
        copy = Copy()
        while True:
            try:
                place, name, occurrence = self.work.get_nowait()
            except queue.Empty:
                copy.drop()
                return
            source = place.path.read_text(encoding="utf-8")
            try:
                code = mutate_code(source, get_operator(name)(), occurrence)
            except AttributeError:  # the library takes `except (one, two):` for one name
                continue
            if code is None or code == source:
                continue
            if copy.noticed(place.path, code):
                self.killed.append(place)
                print(f"{len(self.killed)} noticed", flush=True)
            else:
                self.survivors.append(f"{place.path.relative_to(ROOMS)}:{changed(source, code)}")
                print(self.survivors[-1], flush=True)


def changed(source: str, code: str) -> str:
    """Return the number of the first line that differs, as it was and as it is."""
    pairs = zip(source.splitlines(), code.splitlines(), strict=False)
    line, (was, now) = next(found for found in enumerate(pairs, 1) if found[1][0] != found[1][1])
    return f"{line}  {was.strip()}  ->  {now.strip()}"


def main() -> None:
    """Try the sample and print what survived."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sample", type=int, default=150)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rooms", default="")
    asked = parser.parse_args()
    variants: dict[Place, list[tuple[str, int]]] = defaultdict(list)
    for path in targets({room for room in asked.rooms.split(",") if room}):
        for place, name, occurrence in places(path):
            variants[place].append((name, occurrence))
    dice, began = random.Random(asked.seed), time.monotonic()
    chosen = dice.sample(sorted(variants, key=str), min(asked.sample, len(variants)))
    sound = Copy()
    if sound.fails("src", "tests"):
        sys.exit("the tests fail without a fault already: every fault would count as noticed")
    sound.drop()
    trial = Trial([(place, *dice.choice(variants[place])) for place in chosen])
    threads = [threading.Thread(target=trial.run) for _ in range(_WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    tried = len(trial.killed) + len(trial.survivors)
    facts = {
        "places": len(variants),
        "tried": tried,
        "killed": len(trial.killed),
        "score": round(len(trial.killed) / tried, 3) if tried else None,
        "seconds": round(time.monotonic() - began),
    }
    print(json.dumps(facts))


if __name__ == "__main__":
    main()
