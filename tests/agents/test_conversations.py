"""Conversations, answers and choices in Postgres: each belongs to one person, whatever id is given."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from agents.checkpoints import checkpointer
from agents.conversations import PostgresConversations, StoredAnswer, named, normalised
from agents.copilot import Copilot
from agents.models.protocol import Clarify, Plan, Turn
from erp_adapters.caller import Caller
from erp_adapters.errors import RecordNotFound, StoreUnavailable
from erp_adapters.store import Store
from erp_adapters.store.ids import new_id
from erp_adapters.store.provision import GRAPH_ROLE
from erp_adapters.store.session import ReadTransaction
from tests.agents.scripted import ScriptedModel, calls, reading
from tests.agents.toy import BUYER, PLANNER, ScrapArguments, StockArguments, registry
from tests.conftest import Database
from tools.registry import Tool

SCRAP = calls("scrap", ScrapArguments(top=3))


def agent(store: Store, model: ScriptedModel | None = None) -> Copilot:
    return Copilot(store, registry(), model or ScriptedModel(SCRAP))


async def test_an_answer_is_kept_as_it_was_sent(store: Store) -> None:
    """Calls and all, so that it can be shown, followed up and replayed later."""
    model = ScriptedModel(SCRAP)
    answer = await agent(store, model).ask(PLANNER, "What was scrapped?")
    kept = await PostgresConversations(store).answer(PLANNER, answer.id)
    assert kept.answer == answer
    assert [call.name for call in kept.calls] == ["scrap"]
    replayed = await agent(store, model).replay(PLANNER, answer.id)
    assert replayed.tables == answer.tables
    await agent(store, model).ask(PLANNER, "And by month?", conversation=answer.conversation)
    assert [turn.question for turn in model.turns[-1].past] == ["What was scrapped?"]
    assert model.turns[-1].past[0].calls == SCRAP.reading.calls


async def test_nobody_reaches_another_persons_conversation(store: Store) -> None:
    """Not by its id, not by an answer's id, and not by beginning one with the same id."""
    answer = await agent(store).ask(PLANNER, "What was scrapped?")
    for attempt in (
        agent(store).ask(BUYER, "And now?", conversation=answer.conversation),
        agent(store).replay(BUYER, answer.id),
        agent(store).choose(BUYER, answer.conversation, answer.id, "1"),
        agent(store).ask(PLANNER, "And?", conversation="x' or '1'='1"),
        agent(store).replay(PLANNER, str(new_id())),
    ):
        with pytest.raises(RecordNotFound):
            await attempt


async def test_a_choice_is_remembered_for_its_wording_and_person(store: Store) -> None:
    """The next time, the model is told; another person's choice is not."""
    offered = (
        reading("scrap", ScrapArguments(top=2), "by reason"),
        reading("stock", StockArguments(material="BK-M93B-44"), "stock"),
    )
    model = ScriptedModel(Clarify("Which?", offered), writes_freely=False)
    asked = await agent(store, model).ask(PLANNER, "How bad is it?")
    first = await agent(store, model).choose(PLANNER, asked.conversation, asked.id, "1")
    again = await agent(store, model).choose(PLANNER, asked.conversation, asked.id, "2")
    assert (first.tables[0].names[0], again.tables[0].names[0]) == ("name", "material")
    await agent(store, model).ask(PLANNER, " how bad  IS it ")
    assert model.turns[-1].preferred == "stock"
    await agent(store, model).ask(BUYER, "How bad is it?")
    assert model.turns[-1].preferred == ""


async def test_turns_at_once_in_one_new_conversation_are_all_kept(store: Store) -> None:
    """The first questions of a conversation may arrive together."""
    conversation = str(new_id())
    copilot = agent(store)
    answers = await asyncio.gather(
        *(copilot.ask(PLANNER, f"Scrap {i}?", conversation=conversation) for i in range(6))
    )
    opened = await PostgresConversations(store).open(PLANNER, conversation, "Next?", 10)
    assert {kept.answer.id for kept in opened.past} == {answer.id for answer in answers}
    assert len((await PostgresConversations(store).open(PLANNER, conversation, "Next?", 2)).past) == 2


async def test_odd_text_is_kept_as_it_is(store: Store) -> None:
    """Quotes, backslashes and emoji survive the way through JSON."""
    question = "What's 'scrapped' \\u0000 \"here\"; drop table app.answer; -- 😀?"
    answer = await agent(store).ask(PLANNER, question)
    assert (await PostgresConversations(store).answer(PLANNER, answer.id)).answer.question == question


async def test_a_store_that_is_closed_is_unavailable(dsn: str) -> None:
    """Before there is anything to answer into, the failure itself is what a channel gets."""
    store = await Store.open(dsn)
    await store.close()
    with pytest.raises(StoreUnavailable):
        await agent(store).ask(PLANNER, "What was scrapped?")


@pytest.mark.parametrize(
    ("rows", "names"),
    [
        ((("7", "Litware, Inc.", "12"),), ("Litware, Inc.",)),
        ((("7", "Litware, Inc.", "12"), ("8", "Compete, Inc.", "11")), ()),
        (((None, None, "12"),), ()),
        ((), ()),
    ],
)
def test_a_follow_up_may_speak_of_a_single_row(
    rows: tuple[tuple[str | None, ...], ...], names: object
) -> None:
    """`it` is what the answer names; where it names several, it is none of them."""
    assert named(rows, ("id", "text", "count")) == names


def test_a_wording_is_recognised_when_it_is_typed_again() -> None:
    """Case, spacing and the question mark do not make another question; words do."""
    assert normalised("  How\u00a0 bad is it ?? ") == normalised("how bad IS it")
    assert normalised("How bad is it?") != normalised("How bad was it?")


@pytest.fixture
def graph_dsn(database: Database) -> str:
    return database.dsn(GRAPH_ROLE)


async def test_checkpoints_live_in_their_own_schema_and_stay_small(store: Store, graph_dsn: str) -> None:
    """One checkpoint a turn, with ids in it and nothing that anybody said or any row held."""

    def plan(turn: Turn) -> Plan:
        return SCRAP

    async with checkpointer(graph_dsn) as saver:
        copilot = Copilot(store, registry(), ScriptedModel(plan), checkpointer=saver)
        conversation = str(new_id())
        for _ in range(3):
            answer = await copilot.ask(PLANNER, "What was scrapped?", conversation=conversation)
        found = [kept async for kept in saver.alist({"configurable": {"thread_id": conversation}})]
        assert len(found) == 3
        text = repr(found[0])
        assert answer.id in text
        assert "Paint" not in text
        assert "scrapped?" not in text
    async with checkpointer(graph_dsn):
        pass  # Setting up twice does nothing.


async def test_a_checkpoint_revives_plain_types_only(graph_dsn: str) -> None:
    """A row that names a class to build stays data, whatever LANGGRAPH_STRICT_MSGPACK says."""
    async with checkpointer(graph_dsn) as saver:
        kept = saver.serde.dumps_typed(StoredAnswer.__mro__[0].__name__)
        assert saver.serde.loads_typed(kept) == "StoredAnswer"
        dumped = saver.serde.dumps_typed(SCRAP)
        assert not isinstance(saver.serde.loads_typed(dumped), type(SCRAP))


class _LosingTheDatabase(ScriptedModel):
    """While it plans, the connection that it reads through is cut."""

    async def plan(self, turn: Turn, caller: Caller, tools: Sequence[Tool[Any]], tx: ReadTransaction) -> Plan:
        await tx.fetch("select pg_terminate_backend(pg_backend_pid())")
        return SCRAP


async def test_a_database_that_goes_away_in_mid_answer(store: Store) -> None:
    """The person reads what happened and what to do; the next question is answered."""
    answer = await Copilot(store, registry(), _LosingTheDatabase(SCRAP)).ask(PLANNER, "What was scrapped?")
    assert answer.status == "cannot_answer"
    assert "connection to the database was lost" in answer.answer
    assert "asked again" in answer.answer
    assert (await agent(store).ask(PLANNER, "What was scrapped?")).status == "answered"
