"""The types of the interface for the Python client: what it sends and gets, from the document."""

import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

_SIMPLE = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}
_HEAD = '''\
"""What the interface takes and gives, for type checkers.

Written from docs/integrate/openapi.json by `hcp docs`: do not edit.
"""

from typing import Any, Optional, TypedDict

__all__ = [
{names}
]
'''


def module(document: Mapping[str, Any]) -> str:
    """Return the Python module with a TypedDict of each object of the document that systems send or
    get; fields that may be left out are not required. Good for Python 3.9 and later.
    """
    schemas = document["components"]["schemas"]
    kept = sorted(name for name in _reached(document) if "properties" in schemas[name])
    names = "\n".join(f'    "{name}",' for name in kept)
    classes = [_class(name, schemas) for name in _in_order(kept, schemas)]
    return "\n\n".join([_HEAD.format(names=names), *classes])


def _reached(document: Mapping[str, Any]) -> set[str]:
    """Return the names of what calls of systems send and get, and of what is inside it."""
    schemas, found = document["components"]["schemas"], set[str]()
    waiting = [
        name
        for path, calls in document["paths"].items()
        if path.startswith("/api/")
        for name in _named(calls)
    ]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += _named(schemas[name])
    return found


def _named(part: Any) -> Iterator[str]:
    """Yield the names of the schemas to which a part of the document points."""
    if isinstance(part, Mapping):
        if "$ref" in part:
            yield part["$ref"].rsplit("/", 1)[-1]
        for inner in part.values():
            yield from _named(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _named(inner)


def _in_order(names: list[str], schemas: Mapping[str, Any]) -> list[str]:
    """Return names so that each stands behind those of which it is made."""
    found: list[str] = []

    def add(name: str) -> None:
        for inner in _named(schemas[name]):
            if inner in names and inner not in found:
                add(inner)
        if name not in found:
            found.append(name)

    for name in names:
        add(name)
    return found


def _class(name: str, schemas: Mapping[str, Any]) -> str:
    """Return the source of a type: what every one has, and below it what may be left out."""
    schema = schemas[name]
    required = [field for field in schema["properties"] if field in schema.get("required", ())]
    rest = [field for field in schema["properties"] if field not in required]
    fields = {field: _field(field, told, schemas) for field, told in schema["properties"].items()}
    if not required or not rest:
        total = "" if required else ", total=False"
        return _source(f"class {name}(TypedDict{total}):", [fields[one] for one in required + rest])
    always = _source(f"class _{name}(TypedDict):", [fields[one] for one in required])
    return (
        always
        + "\n\n"
        + _source(f"class {name}(_{name}, total=False):", [fields[one] for one in rest])
    )


def _source(head: str, fields: list[str]) -> str:
    return "\n".join([head, *(fields or ["    pass"])]) + "\n"


def _field(name: str, told: Mapping[str, Any], schemas: Mapping[str, Any]) -> str:
    says = textwrap.wrap(told.get("description", ""), 90)
    return "\n".join([*(f"    # {line}" for line in says), f"    {name}: {_type(told, schemas)}"])


def _type(told: Mapping[str, Any], schemas: Mapping[str, Any]) -> str:
    """Return the annotation of a schema."""
    if "$ref" in told:
        name = told["$ref"].rsplit("/", 1)[-1]
        return name if "properties" in schemas[name] else "str"  # else a list of words
    if "anyOf" in told:
        kinds = [_type(one, schemas) for one in told["anyOf"]]
        given = [kind for kind in kinds if kind != "None"]
        one = given[0] if len(given) == 1 else "Any"
        return one if len(given) == len(kinds) else f"Optional[{one}]"
    if told.get("type") == "array":
        return f"list[{_type(told['items'], schemas)}]"
    if told.get("type") == "object":
        inside = told.get("additionalProperties")
        return f"dict[str, {_type(inside, schemas) if isinstance(inside, Mapping) else 'Any'}]"
    return _SIMPLE.get(told.get("type", ""), "Any")
