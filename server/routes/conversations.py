"""Conversations: begin one, ask in it with the answer streamed or whole, and run an offered reading."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, assert_never

from fastapi import APIRouter, Header, Path
from fastapi.responses import Response, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from agents.answer import Answer
from agents.events import Clause, Done, Event, Progress, Started
from erp_adapters.store.ids import new_id
from server.errors import Problem, guarded
from server.idempotency import Once
from server.identity import Asker, OpenHouse
from server.openapi import EVENT
from server.paging import After, Cursor, Limit
from tools.languages import Language, speaking
from tools.languages.locales import language_for

router = APIRouter(prefix="/v1/conversations", tags=["conversations"], route_class=Once)

HEARTBEAT_S = 15.0
GATHERED_S = 0.03
"""How long what only tells of progress waits for more: each message costs the service and its reader."""

ConversationId = Annotated[str, Path(max_length=64)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Conversation(BaseModel):
    """A conversation to ask in."""

    id: str


class ConversationShown(BaseModel):
    """A conversation of the list."""

    id: str
    title: str
    """Its first question, cut off where it is long."""
    last_asked_at: datetime
    answers: int


class ConversationList(BaseModel):
    """Conversations, the one that was asked in last first."""

    conversations: tuple[ConversationShown, ...]
    next: str | None
    """What `cursor` is for the next page; null on the last one."""


class History(BaseModel):
    """What was asked and answered so far, oldest first."""

    id: str
    answers: tuple[Answer, ...]


class Message(_Body):
    """A question."""

    question: str
    alternatives: bool = False
    """Compute the other readings too."""


class Choice(_Body):
    """An offered reading of an earlier answer."""

    answer_id: str = Field(max_length=64)
    key: str = Field(max_length=8)


@router.get("")
async def listed(caller: Asker, house: OpenHouse, limit: Limit = 50, cursor: After = "") -> ConversationList:
    """The caller's conversations, the one that was asked in last first."""
    after = Cursor.parsed(cursor)
    found = await house.directory.conversations(caller, limit + 1, (after.at, after.id) if after else None)
    shown = found[:limit]
    return ConversationList(
        conversations=tuple(
            ConversationShown(
                id=str(talk.id), title=talk.title, last_asked_at=talk.last_asked_at, answers=talk.answers
            )
            for talk in shown
        ),
        next=str(Cursor(shown[-1].last_asked_at, shown[-1].id)) if len(found) > limit else None,
    )


@router.post("", status_code=201)
async def begin(caller: Asker) -> Conversation:
    """A new conversation; it is kept from its first question on."""
    return Conversation(id=str(new_id()))


@router.get("/{conversation}")
async def history(conversation: ConversationId, caller: Asker, house: OpenHouse) -> History:
    """The answers of one of the caller's conversations."""
    return History(id=conversation, answers=tuple(await house.directory.conversation(caller, conversation)))


@router.post(
    "/{conversation}/messages",
    response_model=Answer,
    responses={200: {"content": {"text/event-stream": EVENT}}},
)
async def ask(
    conversation: ConversationId,
    message: Message,
    caller: Asker,
    house: OpenHouse,
    accept: Annotated[str, Header()] = "",
) -> Response:
    """The answer, as server-sent events, or whole where the client accepts only `application/json`.

    Events: `started` (ids), `progress`, `clause` (a verified piece of text, never taken back), and last
    `answer` or `error`.
    """
    if "application/json" in accept and "text/event-stream" not in accept:
        answer = await house.copilot.ask(
            caller, message.question, conversation=conversation, alternatives=message.alternatives
        )
        return Response(answer.model_dump_json(), media_type="application/json")
    events = house.copilot.stream(
        caller, message.question, conversation=conversation, alternatives=message.alternatives
    )
    return StreamingResponse(
        _with_heartbeat(_numbered(guarded(events), language_for(caller.locale))),
        media_type="text/event-stream",
        headers={"cache-control": "no-store", "x-accel-buffering": "no"},
    )


@router.post("/{conversation}/choices")
async def choose(conversation: ConversationId, choice: Choice, caller: Asker, house: OpenHouse) -> Answer:
    """The answer under an offered reading; it is remembered for that wording and person."""
    return await house.copilot.choose(caller, conversation, choice.answer_id, choice.key)


def _written(event: Event | Problem) -> tuple[str, str]:
    """Name and JSON of an event."""
    match event:
        case Started(conversation, answer):
            return "started", json.dumps({"conversation": conversation, "answer": answer})
        case Progress(stage, text):
            return "progress", json.dumps({"stage": stage, "text": text})
        case Clause(text):
            return "clause", json.dumps({"text": text})
        case Done():
            return "answer", event.json()
        case Problem():
            return "error", json.dumps(event.body())
        case _:
            assert_never(event)


@dataclass(frozen=True, slots=True)
class _Part:
    """An event as it is sent."""

    text: str
    can_wait: bool
    """True where it only tells that something goes on."""


async def _numbered(events: AsyncIterator[Event | Problem], spoken: Language) -> AsyncGenerator[_Part]:
    number = 0
    async for event in events:
        with speaking(spoken):
            name, data = _written(event)
        text = f"id: {number}\nevent: {name}\ndata: {data}\n\n"
        yield _Part(text, isinstance(event, (Started, Progress)))
        number += 1


async def _with_heartbeat(parts: AsyncGenerator[_Part], gathered_s: float = GATHERED_S) -> AsyncIterator[str]:
    """The parts, with a comment in long silences so that nothing between here and the client hangs up.

    Those that are there at once are sent at once; those that can wait are sent with the next one that
    cannot, a moment later at the latest.
    """
    there: asyncio.Queue[_Part | None] = asyncio.Queue()
    taking = asyncio.create_task(_take(parts, there))
    clock = asyncio.get_running_loop().time
    try:
        held, until, waits = "", 0.0, True
        while True:
            try:
                async with asyncio.timeout_at(until if held else clock() + HEARTBEAT_S):
                    part = await there.get()
            except TimeoutError:
                yield held or ": still working\n\n"
                held = ""
                continue
            while part is not None:
                if not held:
                    until, waits = clock() + gathered_s, True
                held += part.text
                waits = waits and part.can_wait
                if there.empty():
                    break
                part = there.get_nowait()
            if held and (part is None or not waits):
                yield held
                held = ""
            if part is None:
                await taking
                return
    finally:
        taking.cancel()
        await asyncio.wait({taking})
        await parts.aclose()


async def _take(parts: AsyncIterator[_Part], there: asyncio.Queue[_Part | None]) -> None:
    try:
        async for part in parts:
            there.put_nowait(part)
    finally:
        there.put_nowait(None)
