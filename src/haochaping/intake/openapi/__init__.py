"""The interface in OpenAPI 3.1, made from the types that the doors decode, so that it cannot say
anything else than they take. Served at GET /api/v1/openapi.json and kept in
docs/integrate/openapi.json.
"""

from functools import cache
from typing import Any

import msgspec

from haochaping.evaluations import api as rating_api
from haochaping.intake.bodies import BATCH
from haochaping.intake.openapi.answers import FileReport, Problem
from haochaping.intake.openapi.calls import CALLS, EXCHANGE, Call
from haochaping.intake.openapi.fields import FIELDS
from haochaping.intake.sunsets import SUNSETS
from haochaping.kernel.words import Words
from haochaping.records import api as record_api

PATH = "/api/v1/openapi.json"
_REF = "#/components/schemas/{name}"
_HEADERS = {
    "X-HCP-Key": Words("密钥编号", "Id of the key"),
    "X-HCP-Time": Words("Unix 时间，秒，误差 300 秒内", "Seconds since 1970, at most 300 off"),
    "X-HCP-Nonce": Words("每次请求不同的随机串", "Another random text for each request"),
    "X-HCP-Signature": Words(
        "HCP1 签名，见 docs/integrate/signing.md", "HMAC as docs/integrate/signing.md says"
    ),
}
_EVERY = {
    400: Words("不是规定的 JSON", "Not the JSON that is documented"),
    401: Words(
        "签名无效；signed_text 是平台签名的原文",
        "The signature is wrong; signed_text is what we signed",
    ),
    413: Words("请求体过大", "The body is too large"),
    429: Words("过于频繁，按 Retry-After 再来", "Too often; Retry-After says when to come again"),
    503: Words("繁忙，请重试", "Busy; try again"),
}
_REFUSES = {
    403: Words("不在本系统范围内", "Outside the client's grant"),
    404: Words("没有这条记录", "There is no such thing"),
    409: Words("已存在且内容不同", "Stored before with other content"),
    422: Words(
        "不符合规则，code 与 detail_zh 说明原因", "It breaks a rule; code and detail say which"
    ),
}
_DONE = {
    200: Words("已受理，或此前已受理", "Done, or done before with the same content"),
    201: Words("已保存", "Stored"),
    202: Words("已保存，等待办件登记", "Kept until its service is registered"),
}


def document(server: str = "", pages: str = "") -> dict[str, Any]:
    """Return the interface as an OpenAPI 3.1 document; `server` is the collector's address, `pages`
    that of everything else.
    """
    every = (*CALLS, *EXCHANGE)
    kinds = [_one(call.given) for call in every]
    kinds += [answer for call in every for answer in call.answers.values()]
    kinds += [Problem, FileReport]
    _, schemas = msgspec.json.schema_components(kinds, ref_template=_REF)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "好差评 haochaping",
            "version": "1",
            "description": _both(
                Words(
                    "办件服务登记与评价上报。签名、重试与示例见 docs/integrate/。",
                    "Registering services and handing in ratings; see docs/integrate/.",
                )
            ),
        },
        "servers": [{"url": server or "http://localhost:8001"}],
        "security": [{name: [] for name in _HEADERS}],
        "paths": _paths(pages or "http://localhost:8000"),
        "components": {
            "schemas": {
                _short(name): _described(_short(name), schema) for name, schema in schemas.items()
            },
            "securitySchemes": {
                name: {"type": "apiKey", "in": "header", "name": name, "description": _both(says)}
                for name, says in _HEADERS.items()
            },
        },
    }


def _paths(pages: str) -> dict[str, Any]:
    """Return the calls by address; partners' are at the address of the pages."""
    files = {f"/api/v1/{what}/file": {"post": _file(what)} for what in ("records", "evaluations")}
    return {
        **{call.path: {"post": _operation(call)} for call in CALLS},
        **files,
        **{call.path: {"servers": [{"url": pages}], "post": _operation(call)} for call in EXCHANGE},
    }


@cache
def served(server: str, pages: str) -> bytes:
    """Return the document as the collector serves it."""
    return msgspec.json.encode(document(server, pages))


def _one(given: Any) -> Any:
    """Return the type of one item of a call."""
    return given.__args__[0] if hasattr(given, "__args__") else given


def _both(says: Words) -> str:
    return f"{says.zh} — {says.en}"


def _short(name: str) -> str:
    """Return a schema's name: the two rooms' `Given` are told apart by their room."""
    parts = name.split(".")
    return name if len(parts) == 1 else {"records": "Record", "evaluations": "Rating"}[parts[1]]


def _ref(kind: Any) -> dict[str, str]:
    names = {record_api.Given: "Record", rating_api.Given: "Rating"}
    return {"$ref": _REF.format(name=names.get(kind, kind.__name__))}


def _described(kind: str, schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema with what its fields mean; an inner docstring is for programmers of ours."""
    schema = {key: value for key, value in schema.items() if key not in ("description", "title")}
    properties = {
        name: _field(kind, name, shape) for name, shape in schema.get("properties", {}).items()
    }
    return schema | ({"properties": properties} if properties else {})


def _field(kind: str, name: str, shape: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in shape:  # its default is what stands there
        shape = {"$ref": shape["$ref"]}
    meaning = FIELDS.get(f"{kind}.{name}") or FIELDS.get(name)
    if meaning is None:
        return shape
    return {**shape, **meaning.limits, "description": _both(meaning.says)}


def _content(schema: Any, example: Any = None, kind: str = "application/json") -> dict[str, Any]:
    return {kind: {"schema": schema} | ({} if example is None else {"example": example})}


def _problem(says: Words) -> dict[str, Any]:
    content = _content(_ref(Problem), kind="application/problem+json")
    return {"description": _both(says), "content": content}


def _refusals(refuses: tuple[int, ...]) -> dict[str, Any]:
    said = {status: _REFUSES[status] for status in refuses}
    return {str(status): _problem(says) for status, says in sorted((said | _EVERY).items())}


def _operation(call: Call) -> dict[str, Any]:
    many, kind = isinstance(call.example, list), _one(call.given)
    given: Any = {"type": "array", "items": _ref(kind), "maxItems": BATCH} if many else _ref(kind)
    answers = {}
    for status, answer in call.answers.items():
        told: Any = _ref(answer)
        if many:  # each item has an answer of its own
            items = {"anyOf": [told, _ref(Problem)]}
            told = {
                "type": "object",
                "properties": {"items": {"type": "array", "items": items}},
                "required": ["items"],
            }
        answers[str(status)] = {"description": _both(_DONE[status]), "content": _content(told)}
    return {
        "operationId": _operation_id(call.path),
        "summary": _both(call.says),
        "requestBody": {"required": True, "content": _content(given, call.example)},
        "responses": answers | _refusals(call.refuses),
        **({"deprecated": True} if call.path in SUNSETS else {}),
    }


def _operation_id(path: str) -> str:
    return path.removeprefix("/api/v1/").strip("/").replace("/", "_")


def _file(what: str) -> dict[str, Any]:
    says = Words(
        "国标字段名的文件，8 MB 以内，全部入库后逐行答复",
        "A file in the national field names, up to 8 MB; answered row by row when all is stored",
    )
    shape = {"name": "format", "in": "query", "schema": {"enum": ["csv", "xlsx", "jsonl"]}}
    return {
        "operationId": f"{what}_file",
        "summary": _both(says),
        "parameters": [shape],
        "requestBody": {"required": True, "content": {"application/octet-stream": {"schema": {}}}},
        "responses": {
            "200": {"description": _both(_DONE[200]), "content": _content(_ref(FileReport))}
        }
        | _refusals((422,)),
    }
