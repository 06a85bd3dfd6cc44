"""The description of the interface: what FastAPI finds out by itself, with problems, sign-in and examples."""

from __future__ import annotations

from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from server.openapi_examples import BODIES, PARAMETERS, RESPONSES

_TAGS = {
    "conversations": "Ask, and read what was asked before.",
    "runs": "The copilot for AG-UI clients.",
    "answers": "Earlier answers.",
    "drafts": "Drafts, the decisions about them, and what is switched off.",
    "finance": "Explanations of variances, and their publication by two people.",
    "sources": "What connected systems tell: signed events of what has changed there.",
    "webhooks": "Addresses that are told of explanations.",
    "metrics": "What can be asked for, and what it means.",
    "audit": "What is on record.",
    "administration": "What may leave for a hosted model.",
    "people": "Who asks.",
    "session": "Signing in and out.",
    "health": "For probes.",
}
_WAYS_IN = {
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "plantwright_session",
        "description": "Set by signing in, for pages of the service itself.",
    },
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "A token of the configured issuer, or one that the panel was handed.",
    },
    "person": {
        "type": "apiKey",
        "in": "header",
        "name": "x-plantwright-person",
        "description": "In demo homes, from this machine only: who asks.",
    },
}
_SIGNED = {
    "signature": {
        "type": "apiKey",
        "in": "header",
        "name": "webhook-signature",
        "description": "Of the message, with the secret that the file of systems names for the system.",
    }
}
_PROBLEM = {
    "title": "Problem",
    "description": "An error as RFC 9457 describes it.",
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "format": "uri", "description": "What a program tells it by."},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What is wrong, and what to do about it."},
        "incident": {"type": "string", "description": "Of a fault of the program: what the log has it as."},
        "sign_in": {"type": "string", "description": "Of a 401: where signing in begins."},
    },
}
_MEANS = {
    "401": "Nobody is signed in, or not as the request needs it.",
    "403": "Whoever asks may not do that.",
    "404": "There is no such thing within what whoever asks may see.",
    "409": "Something stands in the way now: a request that is not over, or a state that has moved on.",
    "413": "The body is too large.",
    "415": "The body is not sent as JSON.",
    "422": "Not usable as sent; the detail names the field.",
    "429": "Too many requests; `Retry-After` says when to come back.",
    "503": "Something that is needed does not answer, or is switched off.",
}
EVENT: Final[dict[str, Any]] = {
    "schema": {
        "title": "Event",
        "description": "One server-sent event of the stream.",
        "type": "object",
        "required": ["id", "data"],
        "properties": {
            "id": {"type": "string"},
            "event": {"type": "string"},
            "data": {"type": "string", "description": "JSON."},
        },
    }
}
"""How a stream is described: by one of its events."""
_METHODS = frozenset({"get", "put", "post", "delete", "patch"})


def describe(app: FastAPI) -> None:
    """Have the application describe itself so."""

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _described(app)
        return app.openapi_schema

    app.openapi = described  # type: ignore[method-assign]


def _described(app: FastAPI) -> dict[str, Any]:
    made = get_openapi(
        title="plantwright",
        version="1",
        summary="A copilot over an ERP's data: answers that can be traced, drafts that a person confirms.",
        routes=app.routes,
        tags=[{"name": name, "description": text} for name, text in _TAGS.items()],
    )
    parts = made.setdefault("components", {})
    parts["securitySchemes"] = {**_WAYS_IN, **_SIGNED}
    schemas = parts.setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas["Problem"] = _PROBLEM
    for path, operations in made["paths"].items():
        for method, operation in operations.items():
            if method in _METHODS:
                _complete(path, method, operation)
    return made


def _complete(path: str, method: str, operation: dict[str, Any]) -> None:
    """Add to one operation who may ask, what can go wrong, and an example."""
    place = f"{method.upper()} {path}"
    is_open = not path.startswith("/v1/") or path.startswith("/v1/session")
    if not is_open:
        ways = _SIGNED if path.startswith("/v1/sources/") else _WAYS_IN
        operation["security"] = [{name: []} for name in ways]
    for status in _statuses(path, method, operation, is_open=is_open):
        operation["responses"][status] = {
            "description": _MEANS[status],
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        if status == "429":
            operation["responses"][status]["headers"] = {
                "Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}}
            }
    for parameter in operation.get("parameters", ()):
        if parameter["name"] in PARAMETERS:
            parameter["example"] = PARAMETERS[parameter["name"]]
    if place in BODIES:
        operation["requestBody"]["content"]["application/json"]["example"] = BODIES[place]
    if place in RESPONSES:
        status, example = RESPONSES[place]
        for kind, content in operation["responses"][status].get("content", {}).items():
            # A stream that may be asked for as JSON too shows the JSON.
            if kind == "application/json" or kind == next(iter(operation["responses"][status]["content"])):
                content["example"] = example


def _statuses(path: str, method: str, operation: dict[str, Any], *, is_open: bool) -> list[str]:
    """Which errors an operation can end with."""
    found = [] if is_open else ["401", "429"]
    if "requestBody" in operation:
        found += ["413", "415", "422"]
    elif "parameters" in operation:
        found += ["422"]
    if "{" in path or path == "/v1/me":
        found += ["404"]
    if path.startswith(("/v1/drafts", "/v1/switches", "/v1/audit", "/v1/webhooks")):
        found += ["403", "404", "409", "422"]
    if method == "post":
        found += ["409", "422"]
    found += ["503"]
    return sorted(set(found))
