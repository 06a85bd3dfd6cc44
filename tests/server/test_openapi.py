"""The description of the interface is true: whatever is sent, the service keeps to it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import hypothesis
import jsonschema_rs
import pytest
import schemathesis
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks

from server.app import create_app
from server.bootstrap import opened_on
from server.openapi_examples import BODIES, RESPONSES
from server.serving import address, bound, server
from server.settings import Settings
from tests.conftest import Database
from tests.server.stand_in import house

DESCRIBED: dict[str, Any] = create_app(house()).openapi()
OPERATIONS = [
    (method.upper(), path, operation)
    for path, operations in DESCRIBED["paths"].items()
    for method, operation in operations.items()
]
IDS = [f"{method} {path}" for method, path, _ in OPERATIONS]
HELD_TO = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)
WHO = {"x-plantwright-person": "admin"}


@pytest.fixture(scope="module")
def url(demo_apart: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A whole service over the built-in demo, on a port of its own."""
    settings = Settings(
        home=tmp_path_factory.mktemp("home"), requests_a_minute=10**6, requests_a_minute_of_address=10**6
    )
    listening = bound("127.0.0.1", 0, may_move=False)
    ended: list[Any] = []

    async def serve() -> None:
        async with opened_on(settings, demo_apart) as opened:  # type: ignore[arg-type]
            made = server(opened)
            ended.append(made)
            await made.serve(sockets=[listening])

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    yield address(listening)
    with suppress(IndexError):
        ended[0].should_exit = True
    thread.join(30)


@pytest.fixture(scope="module")
def api(url: str) -> schemathesis.schemas.BaseSchema:
    """The description as the service gives it."""
    load_all_checks()
    return schemathesis.openapi.from_url(f"{url}v1/openapi.json", wait_for_schema=30)


@pytest.mark.slow
@pytest.mark.parametrize(("method", "path"), [(m, p) for m, p, _ in OPERATIONS], ids=IDS)
@pytest.mark.filterwarnings("ignore")
def test_service_keeps_to_its_description(
    api: schemathesis.schemas.BaseSchema, method: str, path: str
) -> None:
    """No fault of the program, no status, header or body that is not described, for any input at all."""
    checks = CHECKS.get_by_names(HELD_TO)

    @hypothesis.seed(7)
    @hypothesis.settings(
        max_examples=20,
        deadline=None,
        database=None,
        suppress_health_check=list(hypothesis.HealthCheck),
        phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
    )
    @hypothesis.given(
        case=api[path][method].as_strategy(generation_mode=GenerationMode.POSITIVE)
        | api[path][method].as_strategy(generation_mode=GenerationMode.NEGATIVE)
    )
    def check(case: schemathesis.Case) -> None:
        case.call_and_validate(checks=checks, headers=WHO, timeout=60)

    check()


@pytest.mark.parametrize(("method", "path", "operation"), OPERATIONS, ids=IDS)
def test_operation_is_described_whole(method: str, path: str, operation: dict[str, Any]) -> None:
    """What it is for, who may ask, and what an error looks like."""
    assert operation["summary"]
    assert operation["description"]
    assert operation["tags"]
    assert all(tag in {each["name"] for each in DESCRIBED["tags"]} for tag in operation["tags"])
    assert ("security" in operation) == (path.startswith("/v1/") and not path.startswith("/v1/session"))
    for status, response in operation["responses"].items():
        if status.startswith(("4", "5")):
            assert list(response["content"]) == ["application/problem+json"]


@pytest.mark.parametrize("place", sorted(BODIES))
def test_example_of_a_request_is_one(place: str) -> None:
    """It is what the description says a request is."""
    method, path = place.split(" ")
    body = DESCRIBED["paths"][path][method.lower()]["requestBody"]["content"]["application/json"]
    schema = {**body["schema"], "components": DESCRIBED["components"]}
    jsonschema_rs.validate(schema, body["example"])


@pytest.mark.parametrize("place", sorted(RESPONSES))
def test_example_of_a_response_is_one(place: str) -> None:
    """It is what the description says the response is."""
    method, path = place.split(" ")
    status, example = RESPONSES[place]
    content = DESCRIBED["paths"][path][method.lower()]["responses"][status]["content"]
    described = content.get("application/json") or content["text/event-stream"]
    schema = described["schema"]
    jsonschema_rs.validate({**schema, "components": DESCRIBED["components"]}, example)


def test_every_body_has_an_example() -> None:
    """Nobody has to guess how a request looks."""
    bodies = {f"{method} {path}" for method, path, operation in OPERATIONS if "requestBody" in operation}
    assert bodies == set(BODIES)
