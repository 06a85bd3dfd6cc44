"""Conversations: begin one, ask in it with the answer streamed or whole, and run an offered reading."""

from __future__ import annotations

from collections.abc import Awaitable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Header, Path
from fastapi.responses import Response, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from agents.answer import Answer
from erp_adapters.store.ids import new_id
from server.idempotency import Once
from server.identity import Asker, OpenHouse
from server.openapi import EVENT
from server.outbox import Outbox
from server.paging import After, Cursor, Limit
from tools.languages.locales import language_for

router = APIRouter(prefix="/v1/conversations", tags=["conversations"], route_class=Once)

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
    outbox = Outbox(language_for(caller.locale))

    def turn() -> Awaitable[None]:
        return house.copilot.tell(
            caller,
            message.question,
            outbox.hear,
            conversation=conversation,
            alternatives=message.alternatives,
        )

    return StreamingResponse(
        outbox.sent(turn),
        media_type="text/event-stream",
        headers={"cache-control": "no-store", "x-accel-buffering": "no"},
    )


@router.post("/{conversation}/choices")
async def choose(conversation: ConversationId, choice: Choice, caller: Asker, house: OpenHouse) -> Answer:
    """The answer under an offered reading; it is remembered for that wording and person."""
    return await house.copilot.choose(caller, conversation, choice.answer_id, choice.key)
