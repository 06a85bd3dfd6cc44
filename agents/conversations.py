"""What was said before: conversations, answers and chosen readings, each belonging to one person."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final, LiteralString, Protocol
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from agents.answer import Answer
from agents.models.protocol import PastTurn, Reading, ToolCall
from agents.rendering import visible
from erp_adapters.caller import Caller
from erp_adapters.errors import RecordNotFound
from erp_adapters.store.session import Rows, Store
from tools.errors import ToolError
from tools.registry import Tool, ToolRegistry

_TITLE_CHARACTERS = 80
_NAMES = 2
"""Names of an answer that a follow-up may speak of."""


@dataclass(frozen=True, slots=True)
class StoredCall:
    """A tool call as it is kept; `ToolRegistry` decides anew whether it can still be run."""

    name: str
    arguments: dict[str, object]


@dataclass(frozen=True, slots=True)
class StoredReading:
    """An offered reading with the key that runs it."""

    key: str
    words: str
    calls: tuple[StoredCall, ...]


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """An answer as it was sent, with what is needed to run it, or one of its readings, again."""

    answer: Answer
    calls: tuple[StoredCall, ...] = ()
    readings: tuple[StoredReading, ...] = ()
    text: str = field(default="", compare=False)
    """The answer as JSON, where it is written already."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A conversation ready for its next turn."""

    past: tuple[StoredAnswer, ...] = ()
    """The latest turns, oldest first."""
    preferred: str = ""
    """Words of the reading that this person chose before for the same wording."""
    along: Mapping[LiteralString, Rows] = field(default_factory=dict)
    """What was asked along with it, where it was."""


class ConversationStore(Protocol):
    """Keeps conversations; nobody sees another person's."""

    async def open(
        self, caller: Caller, conversation: str, question: str, past: int, along: Sequence[LiteralString] = ()
    ) -> Opened:
        """The conversation's latest turns; a conversation with a new id begins with this question.

        Args:
            along: statements that may be asked of the store in the same message.

        Raises:
            RecordNotFound: the id is no id, or the conversation is another person's.
        """
        ...

    async def save(self, caller: Caller, kept: StoredAnswer) -> None:
        """Keep an answer."""
        ...

    async def answer(self, caller: Caller, answer_id: str) -> StoredAnswer:
        """An earlier answer.

        Raises:
            RecordNotFound: this person has no such answer.
        """
        ...

    async def prefer(self, caller: Caller, kept: StoredAnswer, reading: StoredReading) -> None:
        """Remember that this person means this reading by the answer's wording."""
        ...


def normalised(wording: str) -> str:
    """The wording without case, spacing and closing punctuation, so that a retyped question is recognised."""
    return re.sub(r"[\s?!.]+$", "", visible(wording).casefold())


def id_of(text: str, noun: str) -> UUID:
    """The id as a UUID.

    Raises:
        RecordNotFound: it is none, so nothing can have it.
    """
    try:
        return UUID(text)
    except ValueError:
        raise RecordNotFound(f"{visible(text, 60)!r} is not the id of {noun}") from None


def stored(calls: Sequence[ToolCall]) -> tuple[StoredCall, ...]:
    """Calls in the form that is kept."""
    return tuple(StoredCall(call.name, call.arguments.model_dump(mode="json")) for call in calls)


def revived(calls: Sequence[StoredCall], registry: ToolRegistry, caller: Caller) -> tuple[ToolCall, ...]:
    """Kept calls, validated again by the tools as they are today and admitted for this caller.

    Raises:
        ToolError: a tool is gone, is not admitted, or takes other arguments now.
    """
    return _revived(calls, registry, {tool.name: tool for tool in registry.admitted(caller)})


def _revived(
    calls: Sequence[StoredCall], registry: ToolRegistry, admitted: Mapping[str, Tool[Any]]
) -> tuple[ToolCall, ...]:
    found = []
    for call in calls:
        tool = admitted.get(call.name) or registry.get(call.name)
        if tool.name not in admitted:
            raise ToolError(f"the tool {call.name!r} is not open to you any more")
        try:
            found.append(ToolCall(call.name, tool.arguments.model_validate(call.arguments)))
        except ValidationError as error:
            raise ToolError(
                f"the tool {call.name!r} takes other arguments now; ask the question again"
            ) from error
    return tuple(found)


def past_turns(turns: Sequence[StoredAnswer], registry: ToolRegistry, caller: Caller) -> tuple[PastTurn, ...]:
    """Earlier turns for a model: those that were answered, and those that ended in a question back."""
    found = []
    admitted = {tool.name: tool for tool in registry.admitted(caller)}
    for turn in turns:
        asked_back = turn.answer.status == "clarify"
        if turn.answer.status not in ("answered", "clarify"):
            continue
        calls = turn.readings[0].calls if asked_back and turn.readings else turn.calls
        words = f"Asked back: {turn.answer.answer}" if asked_back else turn.answer.reading
        try:
            revived_calls = _revived(calls, registry, admitted)
        except ToolError:
            # A turn whose tools have changed cannot be built upon; the newer ones can.
            continue
        found.append(
            PastTurn(
                turn.answer.question,
                revived_calls,
                words,
                _spoken_of(turn.answer),
                asked_back,
                turn.answer.draft,
            )
        )
    return tuple(found)


def _spoken_of(answer: Answer) -> tuple[str, ...]:
    return named(answer.tables[0].rows, answer.tables[0].kinds) if answer.tables else ()


def named(rows: Sequence[Sequence[object]], kinds: Sequence[str]) -> tuple[str, ...]:
    """Names in a result of a single row, which a follow-up may speak of as `it` or `they`."""
    if len(rows) != 1:
        return ()
    cells = zip(rows[0], kinds, strict=False)
    return tuple(cell for cell, kind in cells if kind == "text" and isinstance(cell, str) and cell)[:_NAMES]


def readings_of(offered: Sequence[Reading]) -> tuple[StoredReading, ...]:
    """Offered readings with their keys, `1` first."""
    return tuple(
        StoredReading(str(i), visible(reading.words), stored(reading.calls))
        for i, reading in enumerate(offered, 1)
    )


_KEEP: Final = (
    "insert into app.answer (id, conversation, subject, question, answer, calls, readings)"
    " values (%(id)s, %(conversation)s, %(subject)s, %(question)s, %(answer)s::jsonb, %(calls)s::jsonb,"
    " %(readings)s::jsonb)"
)
_BEGIN: Final = (
    "insert into app.conversation (id, subject, title) values (%(id)s, %(subject)s, %(title)s)"
    " on conflict do nothing"
)
_LATEST: Final = (
    "select answer::text, calls, readings from app.answer where conversation = %(id)s"
    " order by asked_at desc, id desc limit %(past)s"
)
_PREFERRED: Final = (
    "select words from app.chosen_reading where subject = %(subject)s and wording = %(wording)s"
)
_CALLS = TypeAdapter(tuple[StoredCall, ...])
_READINGS = TypeAdapter(tuple[StoredReading, ...])


class PostgresConversations:
    """Conversations in schema `app`, under row-level security by subject."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def open(
        self, caller: Caller, conversation: str, question: str, past: int, along: Sequence[LiteralString] = ()
    ) -> Opened:
        key = id_of(conversation, "a conversation")
        _, there, turns, preferred, *others = await self._store.at_once(
            caller,
            (_BEGIN, {"id": key, "subject": caller.subject, "title": visible(question, _TITLE_CHARACTERS)}),
            ("select 1 from app.conversation where id = %(id)s", {"id": key}),
            (_LATEST, {"id": key, "past": past}),
            (_PREFERRED, {"subject": caller.subject, "wording": normalised(question)}),
            *((sql, {}) for sql in along),
            read_only=False,
        )
        # Another person's conversation is not inserted and not seen either.
        if not there.rows:
            raise RecordNotFound(f"you have no conversation {conversation!r}")
        return Opened(
            tuple(_kept(row) for row in reversed(turns.rows)),
            str(preferred.rows[0][0]) if preferred.rows else "",
            dict(zip(along, others, strict=True)),
        )

    async def save(self, caller: Caller, kept: StoredAnswer) -> None:
        await self.save_along(caller, kept)

    async def save_along(
        self, caller: Caller, kept: StoredAnswer, *along: tuple[LiteralString, Mapping[str, object]]
    ) -> Rows:
        """Keep an answer, and what statements of others write, in one transaction; the last one's rows."""
        values = {
            "id": UUID(kept.answer.id),
            "conversation": UUID(kept.answer.conversation),
            "subject": caller.subject,
            "question": kept.answer.question,
            "answer": kept.text or kept.answer.model_dump_json(),
            "calls": _CALLS.dump_json(kept.calls).decode(),
            "readings": _READINGS.dump_json(kept.readings).decode(),
        }
        return (await self._store.at_once(caller, (_KEEP, values), *along, read_only=False))[-1]

    async def answer(self, caller: Caller, answer_id: str) -> StoredAnswer:
        async with self._store.reading(caller) as tx:
            found = await tx.fetch(
                "select answer::text, calls, readings from app.answer where id = %(id)s",
                {"id": id_of(answer_id, "an answer")},
            )
        if not found.rows:
            raise RecordNotFound(f"you have no answer {answer_id!r}")
        return _kept(found.rows[0])

    async def prefer(self, caller: Caller, kept: StoredAnswer, reading: StoredReading) -> None:
        async with self._store.remembering(caller) as tx:
            await tx.execute(
                "insert into app.chosen_reading (subject, wording, words, calls)"
                " values (%(subject)s, %(wording)s, %(words)s, %(calls)s::jsonb)"
                " on conflict (subject, wording) do update"
                " set words = excluded.words, calls = excluded.calls, chosen_at = now()",
                {
                    "subject": caller.subject,
                    "wording": normalised(kept.answer.question),
                    "words": reading.words,
                    "calls": _CALLS.dump_json(reading.calls).decode(),
                },
            )
            await tx.execute(
                "update app.answer set preferred = %(key)s where id = %(id)s",
                {"key": reading.key, "id": UUID(kept.answer.id)},
            )


def _kept(row: Sequence[Any]) -> StoredAnswer:
    answer, calls, readings = row
    return StoredAnswer(
        _answer(answer),
        _CALLS.validate_python(calls),
        _READINGS.validate_python(readings),
    )


@lru_cache(maxsize=256)
def _answer(text: str) -> Answer:
    """The answer of a text; those of a conversation are read again with each of its turns."""
    return Answer.model_validate_json(text)
