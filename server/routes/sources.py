"""Events of connected systems over HTTP: what is said to have changed is read as soon as may be."""

from __future__ import annotations

import asyncio
import time
from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, HTTPException, Path, Request
from pydantic import BaseModel

from erp_adapters.errors import ConfigurationError
from erp_adapters.ports import Capability
from policies.register import rows
from server.desk import Desk
from server.errors import UsageError
from server.feeding import plan_of
from server.identity import OpenDesk
from server.settings import secret
from server.source_events import KIND, MOST_BYTES, STRUCTURED, believed, key_of, taken
from server.systems import System

router = APIRouter(prefix="/v1/sources", tags=["sources"])

_CHANGED: Final[dict[str, Any]] = {
    "title": "Changed",
    "description": "What has changed in the system.",
    "type": "object",
    "additionalProperties": False,
    "required": ["site", "parts"],
    "properties": {
        "site": {
            "type": "string",
            "minLength": 1,
            "maxLength": 64,
            "description": "As the system calls it, or its code here; one that is read of this system.",
        },
        "parts": {
            "type": "array",
            "minItems": 1,
            "maxItems": len(Capability),
            "items": {"type": "string", "enum": [each.value for each in Capability]},
        },
    },
}
_EVENT: Final[dict[str, Any]] = {
    "title": "CloudEvent",
    "description": "A CloudEvent in structured mode.",
    "type": "object",
    "required": ["specversion", "id", "source", "type", "data"],
    "properties": {
        "specversion": {"const": "1.0"},
        "id": {"type": "string", "minLength": 1, "maxLength": 200},
        "source": {"type": "string", "minLength": 1, "maxLength": 500},
        "type": {"const": KIND},
        "data": _CHANGED,
    },
}
_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {STRUCTURED: {"schema": _EVENT}, "application/json": {"schema": _CHANGED}},
    }
}


class EventTaken(BaseModel):
    """What became of an event."""

    event: str
    site: str
    """The site here whose parts are due."""
    parts: tuple[str, ...]
    is_new: bool
    """False where the same event was taken before: nothing was done with it again."""


@router.post("/{system}/events", status_code=202, openapi_extra=_BODY)
async def take(
    system: Annotated[str, Path(max_length=200)],
    request: Request,
    desk: OpenDesk,
    webhook_id: Annotated[str | None, Header(max_length=200)] = None,
    webhook_timestamp: Annotated[str | None, Header(max_length=20)] = None,
    webhook_signature: Annotated[str | None, Header(max_length=2000)] = None,
) -> EventTaken:
    """Mark parts of a source as due, as a signed CloudEvent says; a worker reads them from the source.

    The signature is that of Standard Webhooks, over `webhook-id.webhook-timestamp.body`, and the same event
    is taken once. Nothing that the event says is believed but that something has changed.
    """
    body = await _bounded(request)
    found = desk.systems.get(system)
    headers = {
        **request.headers,
        "webhook-id": webhook_id or "",
        "webhook-timestamp": webhook_timestamp or "",
        "webhook-signature": webhook_signature or "",
    }
    message = believed(headers, body, _key(found), time.time())
    assert found is not None, "without a system there is no secret"
    event = taken(message, headers, body)
    code = _site(found, event.changed.site)
    plan = await asyncio.to_thread(plan_of, found, code)
    named = [part.value for part in event.changed.parts]
    if unread := [part for part in named if part not in plan.parts]:
        raise UsageError(
            f"{', '.join(unread)}: not read of {system!r}; it is read for {', '.join(plan.parts)}"
        )
    is_new = await _due(desk, plan.mapping.source, code, named, event.id)
    return EventTaken(event=event.id, site=code, parts=tuple(named), is_new=is_new)


async def _bounded(request: Request) -> bytes:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            raise HTTPException(
                413, f"the body is larger than {MOST_BYTES} bytes; name what changed, no rows"
            )
    return body


def _key(system: System | None) -> bytes | None:
    if system is None or not system.events:
        return None
    try:
        return key_of(secret(system.events))
    except ConfigurationError:
        return None


def _site(system: System, named: str) -> str:
    """The site here that the sender means, which must be one that is read of the system."""
    theirs = {system.place(code): code for code in system.reads}
    code = theirs.get(named, named)
    if code not in system.reads:
        raise UsageError(f"site {named!r} is not read of this system; there are {', '.join(sorted(theirs))}")
    return code


async def _due(desk: Desk, source: str, site: str, parts: list[str], event: str) -> bool:
    async with desk.proposals.register.working() as connection:
        is_new = False
        for part in parts:
            [row] = await rows(
                connection,
                "select app.take_event(%(source)s, %(site)s, %(part)s, %(id)s) as is_new",
                {"source": source, "site": site, "part": part, "id": f"{event} {part}"},
            )
            is_new |= bool(row["is_new"])
    return is_new
