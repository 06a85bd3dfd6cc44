"""Two readers of one question: where they come to the same, nothing is said; where they do not, it shows."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from agents.copilot import Copilot
from agents.models.beside import ReadBeside
from agents.models.openai_compatible import OpenAIModel
from agents.models.protocol import Abstain, Calls, Clarify, ModelProtocol, Plan, Reading, Turn
from agents.models.reasons import ASKED_BACK, REASONS
from erp_adapters.caller import Caller
from erp_adapters.errors import StoreUnavailable
from erp_adapters.store.session import ReadTransaction
from tests.agents.scripted import ScriptedModel, reading
from tests.agents.scripted_openai import Status, Text, Tools, scripted_openai
from tests.agents.toy import (
    PLANNER,
    KeptInMemory,
    NoStore,
    ScrapArguments,
    StockArguments,
    Unlinked,
    registry,
)
from tools.registry import Tool

TOP_2, TOP_3 = ScrapArguments(top=2), ScrapArguments(top=3)
BY_MONTH = ScrapArguments(top=2, by="month")
"""The toy shows the same for months as for reasons."""
GONE = StockArguments(material="gone")
"""The tool refuses it."""


def _copilot(hosted: ModelProtocol, embedded: ModelProtocol) -> Copilot:
    store = NoStore()
    model = ReadBeside(hosted, embedded, store.reading)
    return Copilot(store, registry(), model, conversations=KeptInMemory(), fallback=embedded)


def _hosted(plan: Plan) -> ScriptedModel:
    return ScriptedModel(plan, name="openai:test")


def _embedded(plan: Plan) -> ScriptedModel:
    return ScriptedModel(plan, writes_freely=False, name="embedded")


def _sure(arguments: Any, confidence: float = 1.0, name: str = "scrap") -> Calls:
    return Calls(reading(name, arguments, confidence=confidence))


@pytest.mark.slow
@pytest.mark.parametrize("other", [TOP_2, BY_MONTH])
async def test_agreement_is_not_worth_a_word(other: ScrapArguments) -> None:
    """They agree by what they come to, however they put it."""
    answer = await _copilot(_hosted(_sure(TOP_2)), _embedded(_sure(other))).ask(PLANNER, "What was scrapped?")
    assert (answer.status, answer.model) == ("answered", "openai:test")
    assert (answer.alternatives, answer.caveats) == ((), ())


async def test_an_unsure_embedded_reading_is_offered_beside() -> None:
    """The hosted model's is answered, and the other is one key away."""
    copilot = _copilot(_hosted(_sure(TOP_2)), _embedded(_sure(TOP_3, 0.7)))
    answer = await copilot.ask(PLANNER, "What was scrapped?")
    assert (answer.status, answer.model) == ("answered", "openai:test")
    assert "top 2" in answer.reading
    assert [one.reading for one in answer.alternatives] == ["scrap: top 3"]
    chosen = await copilot.choose(PLANNER, answer.conversation, answer.id, "1")
    assert "top 3" in chosen.reading


async def test_two_sure_readings_are_put_to_the_person() -> None:
    """No figure is shown that the other reader would not have shown."""
    answer = await _copilot(_hosted(_sure(TOP_2)), _embedded(_sure(TOP_3))).ask(PLANNER, "What was scrapped?")
    assert (answer.status, answer.answer) == ("clarify", ASKED_BACK["meaning"])
    assert answer.figures == ()
    assert [one.reading for one in answer.alternatives] == ["scrap: top 2", "scrap: top 3"]


async def test_a_value_that_nobody_said_lowers_the_bar() -> None:
    """Where the hosted model put in a filter of its own, any reading that is answered is reason to ask."""
    doubtful = _sure(TOP_2, confidence=0.5)
    answer = await _copilot(_hosted(doubtful), _embedded(_sure(TOP_3, 0.65))).ask(PLANNER, "Scrap?")
    assert answer.status == "clarify"


async def test_calls_that_cannot_be_run_give_way() -> None:
    """The embedded reading answers, and it is said that it does; without one the tool's complaint stands."""
    copilot = _copilot(_hosted(_sure(GONE, name="stock")), _embedded(_sure(TOP_2)))
    answer = await copilot.ask(PLANNER, "What was scrapped?")
    assert (answer.status, answer.model) == ("answered", "embedded")
    assert "cannot be run" in answer.caveats[0]
    nobody = await _copilot(_hosted(_sure(GONE, name="stock")), _embedded(Abstain("No."))).ask(
        PLANNER, "Gone?"
    )
    assert (nobody.status, nobody.model) == ("cannot_answer", "openai:test")


async def test_an_embedded_reader_that_fails_costs_nothing() -> None:
    """It only stands beside; so it is with one that has no reading."""

    def fails(turn: Turn) -> Plan:
        raise StoreUnavailable("away")

    for other in (ScriptedModel(fails, writes_freely=False, name="embedded"), _embedded(Abstain("No."))):
        answer = await _copilot(_hosted(_sure(TOP_2)), other).ask(PLANNER, "What was scrapped?")
        assert (answer.status, answer.model, answer.alternatives) == ("answered", "openai:test", ())


async def test_what_the_embedded_reader_would_ask_back_is_offered() -> None:
    """Its likeliest reading stands beside the answer, and nobody is asked."""
    unsure = Clarify("Which?", (reading("scrap", TOP_3, confidence=0.5),))
    answer = await _copilot(_hosted(_sure(TOP_2)), _embedded(unsure)).ask(PLANNER, "What was scrapped?")
    assert answer.status == "answered"
    assert [one.reading for one in answer.alternatives] == ["scrap: top 3"]


@pytest.mark.parametrize(("refused", "offered"), [(False, ["scrap: top 3"]), (True, [])])
async def test_who_cannot_answer_offers_what_the_other_would(refused: bool, offered: list[str]) -> None:
    """What is not allowed stays so."""
    given_up = Abstain(REASONS["not_in_data"], refused=refused)
    answer = await _copilot(_hosted(given_up), _embedded(_sure(TOP_3))).ask(PLANNER, "What was scrapped?")
    assert answer.status == ("refused" if refused else "cannot_answer")
    assert [one.reading for one in answer.alternatives] == offered


async def test_both_read_at_once_and_ask_once() -> None:
    """The embedded reader works while the endpoint is waited for; no request is made for its sake."""
    meeting = asyncio.Barrier(2)

    class Waiting:
        """Answers only while the other is at work too."""

        def __init__(self, model: ScriptedModel) -> None:
            self._model = model
            self.name, self.writes_freely, self.compose = model.name, model.writes_freely, model.compose

        async def plan(
            self, turn: Turn, caller: Caller, tools: Sequence[Tool[Any]], tx: ReadTransaction
        ) -> Plan:
            async with asyncio.timeout(5), meeting:
                return await self._model.plan(turn, caller, tools, tx)

    hosted, embedded = _hosted(_sure(TOP_2)), _embedded(_sure(TOP_2))
    answer = await _copilot(Waiting(hosted), Waiting(embedded)).ask(PLANNER, "What was scrapped?")
    assert answer.status == "answered"
    assert (len(hosted.turns), len(embedded.turns)) == (1, 1)


async def test_a_second_round_is_the_hosted_models_own() -> None:
    """The embedded reader has not seen the results that the model asked for."""
    looks = Calls(reading("scrap", TOP_2), look_first=True)
    hosted = _hosted(looks)
    hosted._plan = lambda turn: Calls(Reading((), "", 1.0)) if turn.steps else looks
    embedded = _embedded(_sure(TOP_3))
    answer = await _copilot(hosted, embedded).ask(PLANNER, "What was scrapped?")
    assert (answer.status, answer.alternatives) == ("answered", ())
    assert len(embedded.turns) == 1


async def test_over_http_a_disagreement_costs_no_request_and_a_failure_no_answer() -> None:
    """One request to plan, one to write; with the endpoint gone, the embedded reader alone."""
    async with scripted_openai(Tools([("scrap", {"top": 2})]), Text(""), Status(500)) as endpoint:

        async def no_facts(tx: ReadTransaction) -> str:
            return ""

        model = OpenAIModel(
            "test", "key", endpoint.base_url, form="tools", attempts=1, links=Unlinked(), facts=no_facts
        )
        copilot = _copilot(model, _embedded(_sure(TOP_3, 0.7)))
        both = await copilot.ask(PLANNER, "What was scrapped?")
        assert len(endpoint.requests) == 2
        alone = await copilot.ask(PLANNER, "What was scrapped?", conversation=both.conversation)
        await model.close()
    assert [one.reading for one in both.alternatives] == ["scrap: top 3"]
    assert (alone.status, alone.model) == ("answered", "embedded")
    assert "could not be reached" in alone.caveats[0]
