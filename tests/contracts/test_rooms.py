"""Manners between rooms. Each failure says what to do."""

import ast
import importlib
import os
import re
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path

import grimp
import pytest

from haochaping.audit.rules import DETAILS
from haochaping.console.views.audit_trail import TRAIL
from haochaping.directory.rules import LABELS

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "haochaping"
OPEN = {"queries", "actions", "events", "rules"}
ROOMS = {path.parent.name for path in PACKAGE.glob("*/__init__.py")} - {"kernel"}
# what the rooms above the trade may reach besides: they connect doors, tasks and partners
WIDER = {
    "intake": {"api"},
    "config": {"tasks"},
    "demo": {"tasks", "partners"},  # it plays the other side of those
    "site": {"tasks", "partners", "senders", "measures"},
}
ABOVE = {"site", "demo", "config", "intake"}  # they have no shelves
SOURCES = [
    path
    for path in PACKAGE.rglob("*.py")
    if "migrations" not in path.parts and "tests" not in path.parts
]
WRITES = {
    "save",
    "create",
    "bulk_create",
    "bulk_update",
    "update",
    "update_or_create",
    "get_or_create",
    "delete",
}


@cache
def parsed(path: Path) -> ast.Module:
    """Return the tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def nodes(path: Path) -> list[ast.AST]:
    """Return every node of a file: each manner looks through them."""
    return list(ast.walk(parsed(path)))


def crossings() -> Iterator[tuple[str, str, str]]:
    """Yield every import from one room into another.

    Importer, imported, and the shelf that is reached.
    """
    graph = grimp.build_graph("haochaping", exclude_type_checking_imports=True)
    for importer in graph.modules:
        for imported in graph.find_modules_directly_imported_by(importer):
            here, there = importer.split("."), [*imported.split("."), "", ""]
            if (
                len(here) > 1
                and here[1] != there[1]
                and {here[1], there[1]} <= ROOMS
                and there[1] not in ABOVE
                and there[2] not in WIDER.get(here[1], ())
                and "tests" not in here
            ):
                yield importer, imported, there[2]


def test_only_open_shelves_cross_walls() -> None:
    """Ask the other room's queries, call its actions, or announce an event.

    Its tables and pages are its own.
    """
    assert [(i, o) for i, o, shelf in crossings() if shelf not in OPEN] == []


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Yield the functions of a file."""
    yield from (
        node for node in nodes(path) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )


def test_an_action_names_its_arguments() -> None:
    """Write `def verb(*, …)`: callers name every argument, `by` and `at` where they are recorded."""
    bad = [
        f"{path.parent.name}.{function.name}"
        # a file of helpers is named with an underscore
        for path in [*PACKAGE.glob("*/actions.py"), *PACKAGE.glob("*/actions/[!_]*.py")]
        for function in parsed(path).body
        if isinstance(function, ast.FunctionDef) and not function.name.startswith("_")
        if function.args.args
    ]
    assert bad == []


def calls(path: Path) -> Iterator[ast.Call]:
    """Yield the method calls of a file."""
    yield from (
        node
        for node in nodes(path)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    )


def statements(path: Path) -> Iterator[tuple[int, str]]:
    """Yield line and text of every string of a file that is SQL."""
    inner = {
        id(part) for node in nodes(path) if isinstance(node, ast.JoinedStr) for part in node.values
    }
    for node in nodes(path):
        if isinstance(node, ast.JoinedStr):
            parts = [
                part.value if isinstance(part, ast.Constant) else " _ " for part in node.values
            ]
            text = "".join(map(str, parts))
        elif (
            isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inner
        ):
            text = node.value
        else:
            continue
        if re.search(r"\b(SELECT|INSERT INTO|UPDATE|DELETE FROM|TRUNCATE|FROM|JOIN)\b", text):
            yield node.lineno, text


TABLE = re.compile(rf"\b({'|'.join(sorted(ROOMS | {'kernel'}))})_[a-z]+\b")


def test_sql_names_only_the_tables_of_its_own_room() -> None:
    """Have the owner export a function or a named fragment, as `feed.queries.uncovered` does.

    Whatever SQL in another room names a table directly is an arrow that no contract sees.
    """
    strangers = [
        f"{path.relative_to(PACKAGE)}:{line} {table.group(0)}"
        for path in SOURCES
        for line, text in statements(path)
        for table in TABLE.finditer(text)
        if table.group(1) != path.relative_to(PACKAGE).parts[0]
    ]
    assert strangers == []


def writes(path: Path) -> Iterator[int]:
    """Yield the lines of a file on which rows are written, by the ORM or by SQL."""
    for call in calls(path):
        if not isinstance(call.func, ast.Attribute) or call.func.attr not in WRITES:
            continue
        of = ast.unparse(call.func.value)
        if "objects" in of or call.func.attr in ("save", "delete", "update"):
            yield call.lineno
    for line, text in statements(path):
        if re.search(r"\b(INSERT INTO|UPDATE \w+ SET|DELETE FROM|TRUNCATE)\b", text):
            yield line


def test_only_actions_write() -> None:
    """Move the write into actions.py; views, tasks and queries call it there."""
    bad = [
        f"{path.relative_to(PACKAGE)}:{line}"
        for path in SOURCES
        if path.relative_to(PACKAGE).parts[0] in ROOMS - {"demo"}
        # rules know no database: what they save are pictures
        and not {"actions", "rules"} & {path.stem, path.parent.name}
        for line in writes(path)
    ]
    assert bad == []


def test_saving_names_its_fields() -> None:
    """Whole-row save() loses updates of others: pass update_fields."""
    bad = [
        f"{path.relative_to(PACKAGE)}:{call.lineno}"
        for path in [*PACKAGE.rglob("actions.py"), *PACKAGE.rglob("actions/*.py")]
        for call in calls(path)
        if isinstance(call.func, ast.Attribute)
        and call.func.attr == "save"
        and "update_fields" not in {keyword.arg for keyword in call.keywords}
    ]
    assert bad == []


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_files_and_functions_stay_small(path: Path) -> None:
    """Split a file over 400 lines into a package of the same name.

    Split a function over 40 lines, its signature included, by what it says.
    """
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400
    sizes = [(f.name, (f.end_lineno or 0) - f.lineno + 1) for f in functions(path)]
    assert [(name, lines) for name, lines in sizes if lines > 40] == []


def test_no_room_is_a_house_of_its_own() -> None:
    """Find the second noun in the room and give it a room: none holds more than 12 % of the lines."""
    lines: Counter[str] = Counter()
    for path in SOURCES:
        room = path.relative_to(PACKAGE).parts[0]
        lines[room] += len(path.read_text(encoding="utf-8").splitlines())
    whole = lines.total()
    assert {room: n / whole for room, n in lines.items() if n > 0.12 * whole} == {}


def test_every_dependency_says_why_it_is_there() -> None:
    """Add a sentence behind the dependency in pyproject.toml."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    project = tomllib.loads(text)
    names = [
        *project["project"]["dependencies"],
        *project["project"]["optional-dependencies"]["embedded"],
        *project["dependency-groups"]["dev"],
    ]
    silent = [
        name for name in names if not re.search(re.escape(f'"{name}"') + r",\s+# \w.{8,}", text)
    ]
    assert silent == []


def test_nothing_names_a_registry_or_this_machine() -> None:
    """Lock files carry hashes, not addresses."""
    for name in ("requirements.lock", "requirements-dev.lock", "frontend/package-lock.json"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert "--index-url" not in text
        assert '"resolved"' not in text
        assert "sha256:" in text or "sha512-" in text


def recorded(path: Path) -> Iterator[tuple[int, str, str]]:
    """Yield line, subject and verb of what a file records in the audit trail, where both are said."""
    for call in calls(path):
        if ast.unparse(call.func) != "audit.record":
            continue
        said = {keyword.arg: keyword.value for keyword in call.keywords}
        subject, verb = said["subject"], said["verb"]
        if isinstance(subject, ast.Constant) and isinstance(verb, ast.Constant):
            yield call.lineno, subject.value, verb.value


@pytest.mark.parametrize("room", sorted(ROOMS - ABOVE - {"audit"}))
def test_what_is_recorded_has_words(room: str) -> None:
    """Add the verb to TRAIL in the room's rules: the audit page shows it in both languages."""
    trail = getattr(importlib.import_module(f"haochaping.{room}"), "rules", None)
    with suppress(ModuleNotFoundError):
        trail = importlib.import_module(f"haochaping.{room}.rules")
    known = getattr(trail, "TRAIL", {})
    silent = [
        f"{path.relative_to(PACKAGE)}:{line} {subject}.{verb}"
        for path in SOURCES
        if path.relative_to(PACKAGE).parts[0] == room
        for line, subject, verb in recorded(path)
        if subject not in known or verb not in known[subject].verbs
    ]
    assert silent == []


def test_every_detail_that_is_recorded_has_words() -> None:
    """Name it in DETAILS of audit/rules.py, or in the details of its Subject in the room's TRAIL."""
    known = {*DETAILS, *LABELS, *(name for one in TRAIL.values() for name in one.details)}
    silent = [
        f"{path.relative_to(PACKAGE)}:{call.lineno} {key.value}"
        for path in SOURCES
        if "actions" in {path.stem, path.parent.name}
        for call in calls(path)
        if ast.unparse(call.func) == "audit.record"
        for keyword in call.keywords
        if keyword.arg == "details" and isinstance(keyword.value, ast.Dict)
        for key in keyword.value.keys
        if isinstance(key, ast.Constant) and key.value not in known
    ]
    assert silent == []


# a bookmark of one's own: nothing is done to anything
NOTHING_DONE = {("notifications", "see")}


def test_every_action_that_a_person_takes_leaves_an_audit_row() -> None:
    """Call audit.record in the action, or in the action of this room that it calls."""
    bodies: dict[tuple[str, str], str] = {}
    for path in [*PACKAGE.glob("*/actions.py"), *PACKAGE.glob("*/actions/*.py")]:
        room = path.relative_to(PACKAGE).parts[0]
        for function in parsed(path).body:
            if isinstance(function, ast.FunctionDef):
                bodies[room, function.name] = ast.unparse(function)

    def records(room: str, name: str, seen: frozenset[str] = frozenset()) -> bool:
        body = bodies[room, name]
        called = set(re.findall(r"\b(?:\w+\.)?(\w+)\(", body)) - seen - {name}
        return "audit.record" in body or any(
            records(*other, seen | {name}) for other in bodies if other[1] in called
        )

    taken = {
        (room, call.func.attr)
        for path in SOURCES
        for call in calls(path)
        if isinstance(call.func, ast.Attribute)
        for keyword in call.keywords
        if keyword.arg == "by" and ast.unparse(keyword.value) == "person.id"
        for room in ROOMS - {"audit"}
        if (room, call.func.attr) in bodies
        and (room == path.relative_to(PACKAGE).parts[0] or room in path.read_text(encoding="utf-8"))
    }
    assert len(taken) > 20  # they are found at all
    assert sorted(one for one in taken - NOTHING_DONE if not records(*one)) == []


def test_two_tests_never_share_a_module_name() -> None:
    """Rename one: the folders of tests are no packages, so pytest could import only the first."""
    names = Counter(path.name for path in (ROOT / "tests").rglob("test_*.py"))
    assert [name for name, times in names.items() if times > 1] == []


SLOW_TO_LOAD = ("numpy", "scipy", "sklearn", "pyarrow", "duckdb", "paramiko", "httpx", "xlsxwriter")


def test_a_process_loads_only_what_it_needs() -> None:
    """Import it where it is used: these take seconds, and a dozen processes start each time."""
    script = "import django, sys; django.setup(); print(*sys.modules)"
    env = os.environ | {"DJANGO_SETTINGS_MODULE": "haochaping.config.settings"}
    done = subprocess.run(
        [sys.executable, "-c", script], env=env, capture_output=True, text=True, check=True
    )
    assert set(SLOW_TO_LOAD) & set(done.stdout.split()) == set()
