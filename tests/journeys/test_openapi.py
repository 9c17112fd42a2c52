"""The interface is what its OpenAPI document says: its examples are taken, and Schemathesis finds no
request that it allows, or nearly, which is answered as it does not say.
"""

import json
import time
from typing import Any

import httpx
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import load_all_checks
from stack import Stack

load_all_checks()
CHECKS = [
    schemathesis.checks.CHECKS.get_one(name)
    for name in (
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_schema_conformance",
        "negative_data_rejection",
    )
]
EXAMPLES = 8  # requests of each call and kind


class Signed(requests.auth.AuthBase):
    """Signs what Schemathesis sends, as a client of the platform or as a partner."""

    def __init__(self, stack: Stack, **how: Any) -> None:
        self.stack, self.how = stack, how

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Sign the request."""
        body = request.body or b""
        content = body if isinstance(body, bytes) else body.encode()
        path, _, query = (request.path_url or "").partition("?")
        signed = self.stack.headers(path, content, query=query, **self.how)
        kind = request.headers.get("Content-Type", "application/json")
        request.headers.update(signed | {"Content-Type": kind})
        return request


@pytest.fixture(scope="module")
def document(bureau: Stack) -> dict[str, Any]:
    """What the platform serves."""
    answer = httpx.get(f"{bureau.api}/api/v1/openapi.json")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    assert found["servers"] == [{"url": bureau.api}]
    return found


def test_its_examples_are_taken_in_their_order(bureau: Stack, document: dict[str, Any]) -> None:
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 60))
    said = {}
    for path, calls in document["paths"].items():
        (content,) = calls["post"]["requestBody"]["content"].values()
        if "example" not in content or path.startswith("/exchange/"):
            continue
        example = json.dumps(content["example"]).replace("2026-11-24 09:30:00", now)
        if path == "/api/v1/calls":
            said[path] = 0
            continue  # there is no tablet
        answer = bureau.post(path, json.loads(example))
        said[path] = answer.status_code
        assert str(answer.status_code) in calls["post"]["responses"], (path, answer.text)
        if path.endswith("batch"):
            assert {item["outcome"] for item in answer.json()["items"]} == {"accepted"}
    assert len(said) == 12
    assert {status for status in said.values() if status > 299} == set(), said


CALLS = (
    "/records",
    "/records/batch",
    "/records/amendments",
    "/links",
    "/calls",
    "/evaluations",
    "/evaluations/batch",
    "/status",
    "/outcomes",
    "/changes",
    "/key",
    "/records/file",
    "/evaluations/file",
)


@pytest.mark.parametrize("path", CALLS)
def test_schemathesis_finds_no_answer_that_the_document_does_not_tell(
    bureau: Stack, document: dict[str, Any], path: str
) -> None:
    unsigned = {key: value for key, value in document.items() if key != "security"}  # we sign all
    operation = schemathesis.openapi.from_dict(unsigned)[f"/api/v1{path}"]["POST"]
    for mode in (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE):
        _sent(operation, mode, bureau, bureau.api)


@pytest.mark.parametrize("path", ["messages", "reconcile"])
def test_partners_find_no_answer_that_the_document_does_not_tell(
    bureau: Stack, document: dict[str, Any], path: str
) -> None:
    said = bureau.hcp("connect-partner", f"partner {path}", "https://partner.example/v1")
    told = dict(line.split(maxsplit=1) for line in said.stdout.splitlines())
    how = {"key": (told["kid"], told["secret"]), "digest": "sm3"}
    calls = document["paths"][f"/exchange/v1/{path}"]
    assert calls["servers"] == [{"url": bureau.page}]
    body = json.dumps(calls["post"]["requestBody"]["content"]["application/json"]["example"])
    address = f"/exchange/v1/{path}"
    headers = bureau.headers(address, body.encode(), **how)
    answer = httpx.post(f"{bureau.page}{address}", content=body, headers=headers)
    assert answer.status_code == 200
    if path == "messages":
        assert [one["code"] for one in answer.json()["results"]] == ["taken"]
    unsigned = {key: value for key, value in document.items() if key != "security"}
    operation = schemathesis.openapi.from_dict(unsigned)[address]["POST"]
    for mode in (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE):
        _sent(operation, mode, bureau, bureau.page, **how)


def _sent(operation: Any, mode: Any, stack: Stack, server: str, **how: Any) -> None:
    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def send(case: Any) -> None:
        response = case.call(base_url=server, auth=Signed(stack, **how))
        assert response.status_code != 401 or case.query, response.text  # not all can be signed
        # what is refused within a batch stands in its items
        batch = case.path.endswith("batch")
        checks = CHECKS[:-1] if batch or response.status_code == 413 else CHECKS
        case.validate_response(response, checks=checks)

    send()


def test_the_postman_collection_calls_what_the_document_names(
    bureau: Stack, document: dict[str, Any]
) -> None:
    collection = httpx.get(f"{bureau.api}/api/v1/postman.json").json()
    named = {"/" + "/".join(item["request"]["url"]["path"]) for item in collection["item"]}
    assert named == {
        path
        for path in document["paths"]
        if path.startswith("/api/") and not path.endswith("/file")
    }
    assert {"key": "server", "value": bureau.api} in collection["variable"]
