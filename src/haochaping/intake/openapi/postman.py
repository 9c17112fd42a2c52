"""The interface as a Postman collection, which signs each request by itself. Served at
GET /api/v1/postman.json.
"""

import json
from functools import cache
from typing import Any

import msgspec

from haochaping.intake.openapi.calls import CALLS, Call

PATH = "/api/v1/postman.json"
_SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
# runs in Postman before each request; docs/integrate/signing.md says the same in words
_SIGN = """
const crypto = require('crypto-js');
const body = pm.variables.replaceIn(pm.request.body ? pm.request.body.raw || '' : '');
pm.request.body.update({mode: 'raw', raw: body});
const time = Math.floor(Date.now() / 1000).toString();
const nonce = crypto.lib.WordArray.random(12).toString();
const kid = pm.variables.get('key'), digest = crypto.SHA256(body).toString();
const path = '/' + pm.request.url.path.join('/');
const lines = ['HCP1', pm.request.method, path, '', digest, time, nonce, kid];
const signature = crypto.HmacSHA256(lines.join('\\n'), pm.variables.get('secret')).toString();
pm.request.headers.upsert({key: 'X-HCP-Key', value: kid});
pm.request.headers.upsert({key: 'X-HCP-Time', value: time});
pm.request.headers.upsert({key: 'X-HCP-Nonce', value: nonce});
pm.request.headers.upsert({key: 'X-HCP-Signature', value: signature});
pm.request.headers.upsert({key: 'Content-Type', value: 'application/json'});
"""


def collection(server: str = "") -> dict[str, Any]:
    """Return the collection (Postman Collection v2.1); `server` is the collector's address."""
    values = {"server": server or "http://localhost:8001", "key": "", "secret": ""}
    return {
        "info": {"name": "好差评 haochaping", "schema": _SCHEMA},
        "variable": [{"key": name, "value": value} for name, value in values.items()],
        "event": [
            {
                "listen": "prerequest",
                "script": {"type": "text/javascript", "exec": _SIGN.strip().splitlines()},
            }
        ],
        "item": [_item(call) for call in CALLS],
    }


def _item(call: Call) -> dict[str, Any]:
    body = json.dumps(call.example, ensure_ascii=False, indent=2)
    return {
        "name": f"{call.says.zh} {call.says.en}",
        "request": {
            "method": "POST",
            "url": {
                "raw": "{{server}}" + call.path,
                "host": ["{{server}}"],
                "path": call.path.strip("/").split("/"),
            },
            "body": {"mode": "raw", "raw": body, "options": {"raw": {"language": "json"}}},
        },
    }


@cache
def served(server: str) -> bytes:
    """Return the collection as the collector serves it."""
    return msgspec.json.encode(collection(server))
