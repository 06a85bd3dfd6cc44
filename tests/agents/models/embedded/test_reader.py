"""Questions of each class are read as the query that a colleague would write, or are not answered."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agents.conversations import named
from agents.copilot import Copilot
from agents.models.embedded.model import EmbeddedModel
from agents.models.protocol import Abstain, Calls, PastTurn, Plan, Reading, Turn
from erp_adapters.store.session import Store
from tools.all_tools import registry
from tools.metrics.query import MetricQuery
from tools.registry import ToolContext

_READ = {
    "scrap rate by product category in 2024": "Scrap rate, by category, end in 2024",
    "which 3 vendors have the highest freight": "Freight, by supplier, top 3 by freight",
    "how many purchased materials have no supplier": "Number of materials, without any supplier",
    "average list price of road frames vs touring frames": "Average list price, by subcategory",
    "how many work orders were late and what is the late rate": "Late work orders and late rate",
    "rejectd quantity by month": "Rejected quantity, by month",
    "which suppliers have never got a purchase order": "never given a purchase order",
}


async def _plan(store: Store, *questions: str) -> Plan:
    model, caller, tools = EmbeddedModel(), await store.caller("planner"), registry()
    past: list[PastTurn] = []
    plan: Plan = Abstain("nothing asked")
    for question in questions:
        async with store.reading(caller) as tx:
            plan = await model.plan(Turn(question, tuple(past)), caller, tools.admitted(caller), tx)
        if isinstance(plan, Calls):
            names = await _names(store, plan.reading)
            past.append(PastTurn(question, plan.reading.calls, plan.reading.words, names))
    return plan


async def _names(store: Store, reading: Reading) -> tuple[str, ...]:
    """What the answer names, if it is a single row."""
    caller, call = await store.caller("planner"), reading.calls[0]
    async with store.reading(caller) as tx:
        result = await registry().get(call.name).run(call.arguments, ToolContext(caller, tx))
    table = result.tables[0]
    return named(table.rows, [column.kind for column in table.columns])


@pytest.mark.parametrize(("question", "words"), _READ.items())
async def test_questions_are_read(adventureworks_store: Store, question: str, words: str) -> None:
    """The reading that is answered, or else the first that is offered, says what was asked."""
    plan = await _plan(adventureworks_store, question)
    first = plan.reading if isinstance(plan, Calls) else plan.readings[0]
    assert words in first.words


async def test_follow_ups_change_the_query_before(adventureworks_store: Store) -> None:
    """A period, a group and a condition named alone take the place of the old ones or join them."""
    plan = await _plan(
        adventureworks_store,
        "how many late work orders in 2024",
        "and in March 2024?",
        "by product",
        "only bikes",
    )
    assert isinstance(plan, Calls)
    query = plan.reading.calls[0].arguments
    assert isinstance(query, MetricQuery)
    assert query.by[0].entity == "material"
    assert "2024-03" in plan.reading.words
    assert "Bikes" in plan.reading.words


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("late work orders due in August 2024", "and in September?"), "due in 2024-09"),
        (("late work orders due in February 2024", "and in Q1?"), "due in 2024-Q1"),
        (("average list price by category", "drop the bikes"), "category is not Bikes"),
        (("average list price by category", "leave Clothing out of it"), "category is not Clothing"),
    ],
)
async def test_follow_ups_stay_in_the_year_and_leave_out_what_they_say(
    adventureworks_store: Store, asked: tuple[str, str], said: str
) -> None:
    """A month alone is one of the year that is spoken of, and not the last one that has passed."""
    plan = await _plan(adventureworks_store, *asked)
    assert isinstance(plan, Calls)
    assert said in plan.reading.words


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("how many units did we scrap in 2023", "what is that worth at standard cost?"), "Scrap value"),
        (("stock of HL Fork", "who supplies it?"), "HL Fork"),
        (
            ("vendor with the highest reject rate?", "how many orders did we place with them?"),
            "International",
        ),
        (("spend by vendor in 2024", "and the year before?"), "in 2023"),
        (("late work orders in 2024", "how many vendors do we have?"), "Number of suppliers"),
    ],
)
async def test_a_follow_up_speaks_of_the_turn_before(
    adventureworks_store: Store, asked: tuple[str, ...], said: str
) -> None:
    """Of its figure, its thing or its answer; and a new subject of none of them."""
    plan = await _plan(adventureworks_store, *asked)
    assert isinstance(plan, Calls)
    assert said in plan.reading.words


@pytest.mark.parametrize(
    "then",
    ["as a percentage of everything", "and their zodiac signs?"],
)
async def test_what_means_nothing_alone_is_not_answered_alone(adventureworks_store: Store, then: str) -> None:
    """What a follow-up speaks of is not left out in silence."""
    plan = await _plan(adventureworks_store, "how many units did we scrap in 2023", then)
    assert not isinstance(plan, Calls)


async def test_a_plant_is_known_by_its_code(demo_store: Store) -> None:
    """In capitals, as planners write it."""
    plan = await _plan(demo_store, "scrap rate KAS in February 2026")
    assert isinstance(plan, Calls)
    assert "site is Kassel" in plan.reading.words


async def test_an_abstention_names_what_it_could_not_place(adventureworks_store: Store) -> None:
    """What is not in the data is named, rather than answered by the nearest figure."""
    plan = await _plan(adventureworks_store, "payment terms of Superior Bicycles")
    assert isinstance(plan, Abstain)
    assert "payment" in plan.reason


async def test_no_more_than_three_readings_are_offered(adventureworks_store: Store) -> None:
    """A person chooses by a key from one to three."""
    plan = await _plan(adventureworks_store, "lead time by vendor for frames and wheels in 2024")
    offered = plan.others if isinstance(plan, Calls) else plan.readings
    assert len(offered) <= 3


async def test_a_choice_is_remembered_for_follow_ups_too(adventureworks_store: Store) -> None:
    """Whoever chose another reading of `only bikes` gets that one when they say it again."""
    model, caller, tools = EmbeddedModel(), await adventureworks_store.caller("planner"), registry()
    first = await _plan(adventureworks_store, "how many late work orders in 2024")
    assert isinstance(first, Calls)
    turn = Turn("only bikes", (PastTurn("late", first.reading.calls, first.reading.words),))
    admitted = tools.admitted(caller)
    async with adventureworks_store.reading(caller) as tx:
        plan = await model.plan(turn, caller, admitted, tx)
        assert isinstance(plan, Calls)
        chosen = plan.others[0].words
        again = await model.plan(replace(turn, preferred=chosen), caller, admitted, tx)
    assert isinstance(again, Calls)
    assert again.reading.words == chosen != plan.reading.words


async def test_records_that_were_never_loaded_are_named(adventureworks_store: Store) -> None:
    """AdventureWorks has no supplier invoices: that is said, and not that there are none."""
    planner = await adventureworks_store.caller("planner")
    copilot = Copilot(adventureworks_store, registry(), EmbeddedModel())
    answer = await copilot.ask(planner, "How many supplier invoices are there?")
    assert answer.status == "cannot_answer"
    assert "No supplier invoices are loaded for AdventureWorks." in answer.answer


async def test_an_open_question_is_read_once_more_in_plainer_words(adventureworks_store: Store) -> None:
    """How something is counted anyway keeps no answer back; how the catalogue does not count it does."""
    model, caller, tools = EmbeddedModel(), await adventureworks_store.caller("planner"), registry()
    asked = "Adding up all storage places, how many items have dropped under their reorder point? An item "
    question = f"{asked}without a stock record counts as nothing on hand."
    plan = await _plan(adventureworks_store, question)
    assert isinstance(plan, Calls)
    assert plan.reading.words == "Number of materials, with stock below the reorder point"
    chosen = plan.others[0].words
    async with adventureworks_store.reading(caller) as tx:
        again = await model.plan(Turn(question, preferred=chosen), caller, tools.admitted(caller), tx)
    assert isinstance(again, Calls)
    assert again.reading.words == chosen
    other = await _plan(adventureworks_store, f"{asked}without an approved vendor counts as nothing on hand.")
    assert not isinstance(other, Calls)
