"""The agent as a channel sees it: ask, stream, choose another reading, replay."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver
from langsmith import tracing_context
from pydantic import ValidationError

from agents.answer import Answer, AnswerDraft
from agents.auditing import on_record
from agents.context import Budget, Flows, TurnContext
from agents.conversations import (
    ConversationStore,
    PostgresConversations,
    StoredAnswer,
    id_of,
    revived,
)
from agents.desk import Desk
from agents.events import Done, Event, Started
from agents.graph import turn_graph
from agents.keeping import Keeping
from agents.looking import ReadingStore
from agents.models.embedded.publishing_reader import TOOL as PUBLISHING
from agents.models.prices import Prices
from agents.models.protocol import Meter, ModelProtocol, Reading, ToolCall
from agents.page import Page
from agents.publishing import EXPLANATION, Publisher
from agents.state import TurnState
from agents.watching import TurnWatch, unwatched, watched
from erp_adapters.caller import Caller
from erp_adapters.errors import AuditUnavailable, ErpError, RecordNotFound
from erp_adapters.store.failures import translated
from erp_adapters.store.ids import new_id
from erp_adapters.store.session import Store
from policies.audit.event import AuditTrail
from policies.reading import Reads
from tools.charts import wish_of
from tools.errors import ToolError
from tools.languages import LANGUAGES, Language, said, speaking
from tools.languages.locales import language_for
from tools.registry import Effect, Tool, ToolRegistry


class Copilot:
    """Answers questions for a caller.

    Args:
        store: the operational store; every read goes through the caller's row-level scope.
        registry: the tools there are.
        model: plans and writes.
        fallback: takes over, visibly, where `model` fails.
        budget: what one question may use.
        checkpointer: where the graph keeps its ids and references; without one it keeps none.
        conversations: where answers are kept; by default schema `app` of the store.
        prices: of the model's tokens; without them an answer has no cost.
        languages: what answers may be in; questions in others are answered in that of the conversation.
        desk: takes drafts; without one nothing can be drafted.
        publisher: takes explanations that somebody else publishes; without one none can be drafted.
        flows: where drafts wait for what becomes of them.
        trail: where questions, calls and answers are put on record; without one nothing is.
        keeping: keeps an answer and what is put on record in one transaction, where one database has both.
        reads: what policy says about reading with each tool; without it the tools' own roles decide alone.
        watch: is told when a turn begins and how it ends.
    """

    def __init__(
        self,
        store: Store | ReadingStore,
        registry: ToolRegistry,
        model: ModelProtocol,
        *,
        fallback: ModelProtocol | None = None,
        budget: Budget | None = None,
        checkpointer: BaseCheckpointSaver[str] | None = None,
        conversations: ConversationStore | None = None,
        prices: Prices | None = None,
        languages: tuple[Language, ...] = LANGUAGES,
        desk: Desk | None = None,
        publisher: Publisher | None = None,
        flows: Flows | None = None,
        trail: AuditTrail | None = None,
        keeping: Keeping | None = None,
        reads: Reads | None = None,
        watch: TurnWatch = unwatched,
    ) -> None:
        if conversations is None:
            if not isinstance(store, Store):
                raise TypeError("conversations are needed where the store is not a Store")
            conversations = PostgresConversations(store)
        self._store = store
        self._registry = registry
        self._model = model
        self._fallback = fallback
        self._budget = budget or Budget()
        self._conversations = conversations
        self._languages = languages
        self._prices = prices
        self._desk = desk
        self._publisher = publisher
        self._flows = flows
        self._trail = trail
        self._keeping = keeping
        self._reads = reads
        self._watch = watch
        self._graph = turn_graph(checkpointer)
        self._durable = checkpointer is not None

    async def ask(
        self, caller: Caller, question: str, *, conversation: str | None = None, alternatives: bool = False
    ) -> Answer:
        """The answer to a question.

        Args:
            caller: who asks, as the channel has established.
            question: plain text.
            conversation: id of a conversation of this caller to go on with, or of one to begin; without
                it a new one is begun.
            alternatives: True to run the other readings too and return their tables and figures.

        Raises:
            RecordNotFound: the conversation is not this caller's.
            StoreUnavailable: the database did not answer before there was anything to answer into; where it
                goes away later, the answer itself says so with `cannot_answer`.
        """
        return await self._run(self._turn(caller, question, conversation, alternatives, _unheard))

    async def stream(
        self,
        caller: Caller,
        question: str,
        *,
        conversation: str | None = None,
        alternatives: bool = False,
        answer: str | None = None,
        page: Page | None = None,
    ) -> AsyncIterator[Event]:
        """What happens while the answer is made: its ids, progress, verified clauses, and last the answer.

        Args:
            caller: as for `ask`.
            question: as for `ask`.
            conversation: as for `ask`.
            alternatives: as for `ask`.
            answer: the id that the answer is to have; a new one where none is given.
            page: what the page shows beside which it is asked; it completes a question that names nothing.

        Raises:
            RecordNotFound: the conversation is not this caller's.
            StoreUnavailable: as for `ask`.
        """
        events: asyncio.Queue[Event | None] = asyncio.Queue()
        telling = self.tell(
            caller,
            question,
            events.put_nowait,
            conversation=conversation,
            alternatives=alternatives,
            answer=answer,
            page=page,
        )
        running = asyncio.create_task(telling)
        running.add_done_callback(lambda _: events.put_nowait(None))
        try:
            while (event := await events.get()) is not None:
                yield event
            await running
        finally:
            # A reader who leaves takes the work along.
            if not running.done():
                running.cancel()
                with suppress(asyncio.CancelledError):
                    await running

    async def tell(
        self,
        caller: Caller,
        question: str,
        hear: Callable[[Event], None],
        *,
        conversation: str | None = None,
        alternatives: bool = False,
        answer: str | None = None,
        page: Page | None = None,
    ) -> None:
        """Have the same events heard at the very moment in which they happen, from the first to the last.

        Args:
            caller: as for `ask`.
            question: as for `ask`.
            hear: is told of each; the turn waits meanwhile.
            conversation: as for `ask`.
            alternatives: as for `ask`.
            answer: as for `stream`.
            page: as for `stream`.

        Raises:
            RecordNotFound, StoreUnavailable: as for `stream`.
        """
        turn = self._turn(caller, question, conversation, alternatives, hear)
        turn.answer_id, turn.page = answer or turn.answer_id, page
        whole = await self._run(turn)
        hear(Done(whole, turn.work.is_kept, turn.work.text_of(whole)))

    def tools(self, caller: Caller) -> tuple[Tool[Any], ...]:
        """The tools that a person may call here without asking a question, by name.

        Drafts of theirs wait for a person as all do; what is published is asked for in words.
        """
        said = None if self._reads is None else self._reads(caller, self._registry.names(), datetime.now(UTC))
        return tuple(
            tool
            for tool in self._registry.admitted(caller)
            if (said is None or tool.name in said.allowed)
            and (tool.effect is not Effect.DRAFT or (self._desk is not None and tool.name != PUBLISHING))
        )

    async def call(self, caller: Caller, name: str, arguments: Mapping[str, Any], question: str) -> Answer:
        """The answer to one call of a tool, made by another assistant for a person: no model of ours plans or
        writes, and it stands on record like any question.

        Args:
            question: what the call stands for in the person's conversations.

        Raises:
            ToolError: there is no such tool for this person, or its arguments are not of its kind.
            StoreUnavailable: as for `ask`.
        """
        tool = next((tool for tool in self.tools(caller) if tool.name == name), None)
        if tool is None:
            known = ", ".join(tool.name for tool in self.tools(caller))
            raise ToolError(f"there is no tool {name!r} for you; there are {known}")
        try:
            checked = tool.arguments.model_validate(arguments)
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            place = ".".join(str(part) for part in first["loc"]) or "the arguments"
            raise ToolError(f"{name}, {place}: {first['msg']}") from error
        turn = self._turn(caller, question, None, False, _unheard)
        turn.given = Reading((ToolCall(name, checked),), name.replace("_", " ").capitalize(), 1.0)
        return await self._run(turn)

    async def choose(self, caller: Caller, conversation: str, answer_id: str, key: str) -> Answer:
        """The answer under an offered reading, which is remembered for that wording and person.

        Raises:
            RecordNotFound: the caller has no such answer in that conversation, or it offers no such key.
            ToolError: the reading cannot be run any more.
        """
        kept = await self._kept(caller, answer_id)
        if UUID(kept.answer.conversation) != id_of(conversation, "a conversation"):
            raise RecordNotFound(f"that conversation has no answer {answer_id!r}")
        reading = next((offered for offered in kept.readings if offered.key == key), None)
        if reading is None:
            keys = ", ".join(offered.key for offered in kept.readings)
            raise RecordNotFound(f"the answer offers no reading {key!r}; it offers {keys or 'none'}")
        calls = revived(reading.calls, self._registry, caller)
        turn = self._again(caller, kept)
        turn.given = Reading(calls, reading.words, 1.0)
        answer = await self._run(turn)
        if answer.status == "answered":
            await self._conversations.prefer(caller, kept, reading)
        return answer

    async def replay(self, caller: Caller, answer_id: str) -> Answer:
        """An earlier answer computed again, on the data as it is now; a caveat says what has changed since.

        Raises:
            RecordNotFound: the caller has no such answer.
            ToolError: its calls cannot be run any more.
        """
        kept = await self._kept(caller, answer_id)
        if not kept.calls:
            return kept.answer
        if kept.answer.draft is not None:
            # A replay computes; it drafts nothing.
            return await self._as_it_stands(caller, kept.answer)
        turn = self._again(caller, kept)
        turn.answer_id, turn.keep = kept.answer.id, False
        turn.given = Reading(revived(kept.calls, self._registry, caller), kept.answer.reading, 1.0)
        turn.wish = wish_of(kept.answer.charts)
        again = await self._run(turn)
        with speaking(turn.language):
            changes = _changes(kept.answer, again)
        return again.model_copy(update={"caveats": (changes, *again.caveats)})

    async def _as_it_stands(self, caller: Caller, answer: Answer) -> Answer:
        """An answer with a draft, and what has become of the draft."""
        draft = answer.draft
        assert draft is not None
        state = await self._state(caller, draft)
        if state is None:
            return answer
        with speaking(answer.language):
            told = said(state.replace("_", " "))
            caveat = said("This is a replay; the draft was not made again. It is: [[state]].", state=told)
        now = draft.model_copy(update={"state": state})
        return answer.model_copy(update={"draft": now, "caveats": (caveat, *answer.caveats)})

    async def _state(self, caller: Caller, draft: AnswerDraft) -> str | None:
        """How a draft stands by now; None where nobody here knows."""
        if draft.kind == EXPLANATION:
            return None if self._publisher is None else await self._publisher.state(caller, UUID(draft.id))
        return None if self._desk is None else (await self._desk.read(caller, UUID(draft.id))).state

    async def _kept(self, caller: Caller, answer_id: str) -> StoredAnswer:
        return await self._conversations.answer(caller, answer_id)

    def _again(self, caller: Caller, kept: StoredAnswer) -> TurnContext:
        """A turn over the question of an earlier answer, in that answer's language."""
        turn = self._turn(caller, kept.answer.question, kept.answer.conversation, False, _unheard)
        turn.language = kept.answer.language
        return turn

    def _turn(
        self,
        caller: Caller,
        question: str,
        conversation: str | None,
        alternatives: bool,
        emit: Callable[[Event], None],
    ) -> TurnContext:
        identity = new_id() if conversation is None else id_of(conversation, "a conversation")
        return TurnContext(
            caller=caller,
            question=question,
            conversation=str(identity),
            answer_id=str(new_id()),
            store=self._store,
            registry=self._registry,
            conversations=self._conversations,
            model=self._model,
            fallback=self._fallback,
            budget=self._budget,
            emit=emit,
            with_alternatives=alternatives,
            language=language_for(caller.locale),
            meter=Meter(self._budget.tokens, prices=self._prices),
            languages=self._languages,
            desk=self._desk,
            publisher=self._publisher,
            flows=self._flows,
            trail=self._trail,
            keeping=self._keeping,
            reads=self._reads,
        )

    async def _run(self, turn: TurnContext) -> Answer:
        with watched(turn, self._watch) as seen:
            answer = await self._recorded(turn)
            seen.answer = answer
        return answer

    async def _recorded(self, turn: TurnContext) -> Answer:
        """The answer, put on record with all that led to it; so is a turn that ends without one."""
        try:
            answer = await self._answered(turn)
        except BaseException as error:
            with suppress(AuditUnavailable):
                await on_record(turn, type(error).__name__)
            raise
        try:
            await on_record(turn, answer)
        except AuditUnavailable as error:
            with speaking(turn.language):
                caveat = said("This answer is not on record: [[error]].", error=error)
            return answer.model_copy(update={"caveats": (*answer.caveats, caveat)})
        return answer

    async def _answered(self, turn: TurnContext) -> Answer:
        turn.emit(Started(turn.conversation, turn.answer_id))
        # Every field is set here: nothing of the thread's last checkpoint reaches this turn.
        state: TurnState = {
            "conversation": turn.conversation,
            "answer": turn.answer_id,
            "subject": turn.caller.subject,
            "round": 0,
            "next": "plan",
            "results": [],
            "status": "",
        }
        thread: RunnableConfig = {"configurable": {"thread_id": turn.conversation}}
        try:
            # Nothing of a turn leaves the process, whatever tracing the environment asks LangChain for.
            with translated(), tracing_context(enabled=False):
                async with turn.look.held():
                    await self._graph.ainvoke(
                        state, thread, context=turn, durability="exit" if self._durable else None
                    )
        except ErpError:
            # The last thing a turn does is to write its checkpoint; an answer that is complete stays one.
            if turn.work.answer is None:
                raise
        answer = turn.work.answer
        assert answer is not None
        return answer


def _unheard(event: Event) -> None:
    """Nobody listens to this turn."""


def _changes(then: Answer, now: Answer) -> str:
    """One sentence on what a replay found changed."""
    if now.status != "answered":
        return said("This is a replay; the earlier answer could be computed then and cannot be now.")
    same = (then.tables, then.figures) == (now.tables, now.figures)
    figures = said("the figures are the same" if same else "some figures differ")
    loads = [{entry.loaded_at for entry in answer.evidence} for answer in (then, now)]
    versions = [{(entry.tool, entry.version) for entry in answer.evidence} for answer in (then, now)]
    if loads[0] != loads[1]:
        text = (
            "This is a replay on the data as it is now: it was loaded anew since the answer, and [[figures]]."
        )
    elif versions[0] != versions[1]:
        text = "This is a replay; the tool or its definitions have a new version since, and [[figures]]."
    else:
        text = "This is a replay on the same load of the data: [[figures]]."
    return said(text, figures=figures)
