"""The copilot for AG-UI clients: a question begins a run, which can be listened to again."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Any
from uuid import UUID

from ag_ui.core import RunAgentInput, TextPart, UserMessage
from fastapi import APIRouter, Depends, Header, Path, Request
from fastapi.responses import Response, StreamingResponse

from agents.page import Page
from erp_adapters.errors import CapabilityMissing
from server.errors import UsageError
from server.identity import Asker
from server.openapi import EVENT
from server.runs.position import Position
from server.runs.running import Asked, Runs

router = APIRouter(prefix="/v1", tags=["runs"])

_EVENTS: dict[int | str, dict[str, Any]] = {200: {"content": {"text/event-stream": EVENT}}}
RunId = Annotated[str, Path(max_length=64)]
_RUN = re.compile(r"[\w.:-]{1,64}", re.ASCII)
_SHOWN = frozenset({"plant", "material", "order", "supplier"})
MOST_CHARACTERS = 64
_STREAM = {"cache-control": "no-store", "x-accel-buffering": "no"}


async def runs_of(request: Request) -> Runs:
    """The runs of this process.

    Raises:
        CapabilityMissing: this house enters runs nowhere.
    """
    runs: Runs | None = request.app.state.runs
    if runs is None:
        raise CapabilityMissing("this service keeps no runs; ask at /v1/conversations/{id}/messages")
    return runs


OpenRuns = Annotated[Runs, Depends(runs_of)]


@router.post("/agui", response_class=StreamingResponse, responses=_EVENTS)
async def run(asked: RunAgentInput, caller: Asker, runs: OpenRuns) -> Response:
    """The run's AG-UI events, as server-sent events.

    `threadId` is the conversation, any UUID; `runId` a new id of the client's own: sent again with the same
    question it is the same run. The last user message is the question. `context` may tell what the page
    shows: entries described `plant`, `material`, `order` and `supplier`, which complete a question that names
    none. What else a client sends of messages, state and tools is not read: what was said before is known.
    """
    what = Asked(_thread(asked.thread_id), _question(asked), _page(asked))
    events = await runs.begin(caller, _run_id(asked.run_id), what)
    return _streamed(events)


@router.get(
    "/runs/{run_id}/events",
    response_class=StreamingResponse,
    responses={**_EVENTS, 204: {"description": "The run was heard to its end."}},
)
async def events(
    run_id: RunId,
    caller: Asker,
    runs: OpenRuns,
    last_event_id: Annotated[str, Header(max_length=80)] = "",
) -> Response:
    """The run's events after `Last-Event-ID`, or all of them; 204 where there are no more."""
    found = await runs.listen(caller, run_id, Position.parsed(last_event_id) if last_event_id else None)
    return Response(status_code=204) if found is None else _streamed(found)


@router.post("/runs/{run_id}/stop", status_code=204)
async def stop(run_id: RunId, caller: Asker, runs: OpenRuns) -> None:
    """Stop the run, on whichever replica it is answered.

    A search ends with the best plan found by then, which is the answer, labelled with what it may lack; asked
    again, or where nothing searches, nothing of the answer is kept.
    """
    await runs.stop(caller, run_id)


def _streamed(events: AsyncIterator[str]) -> StreamingResponse:
    return StreamingResponse(events, media_type="text/event-stream", headers=_STREAM)


def _run_id(text: str) -> str:
    if not _RUN.fullmatch(text):
        raise UsageError(f"runId: {text[:64]!r} is none; it has 1 to 64 letters, digits and -_.: of ASCII")
    return text


def _thread(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        raise UsageError(f"threadId: {text[:64]!r} is no UUID; any is taken for a new conversation") from None


def _page(asked: RunAgentInput) -> Page | None:
    """What the page shows; entries of other descriptions are not read."""
    shown: dict[str, str] = {}
    for entry in asked.context or ():
        if entry.description not in _SHOWN or not entry.value.strip():
            continue
        if len(entry.value) > MOST_CHARACTERS or not entry.value.isprintable():
            raise UsageError(
                f"context: {entry.description!r} is the number or code of a record, of at most"
                f" {MOST_CHARACTERS} printable characters"
            )
        shown[entry.description] = entry.value.strip()
    return Page(**shown) if shown else None


def _question(asked: RunAgentInput) -> str:
    users = [message for message in asked.messages if isinstance(message, UserMessage)]
    if not users:
        raise UsageError(
            "messages: there is no message of the role `user`; the last such one is the question"
        )
    content = users[-1].content
    return content if isinstance(content, str) else _text(content)


def _text(parts: Sequence[object]) -> str:
    texts = [part.text for part in parts if isinstance(part, TextPart)]
    if not texts:
        raise UsageError("messages: the last one has no text; only text is read")
    return "\n".join(texts)
