"""A hosted model is spoken to over HTTP, and every way in which it can fail has an end that is ours."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from agents.copilot import Copilot
from agents.events import Clause
from agents.models.openai_compatible import OpenAIModel
from agents.models.protocol import Meter, Turn
from erp_adapters.errors import ModelError, ModelUnavailable
from erp_adapters.store.session import ReadTransaction
from tests.agents.scripted import ScriptedModel, calls
from tests.agents.scripted_openai import (
    Behaviour,
    Hang,
    Raw,
    Refusal,
    ScriptedOpenAI,
    Status,
    Text,
    Tools,
    Truncated,
    scripted_openai,
)
from tests.agents.toy import PLANNER, KeptInMemory, NoStore, ScrapArguments, Unlinked, registry

SCRAP = Tools([("scrap", {"top": 2})])


async def _no_facts(tx: ReadTransaction) -> str:
    return "Sites: AW"


@asynccontextmanager
async def _agent(
    *script: Behaviour, fallback: bool = False, **options: Any
) -> AsyncIterator[tuple[Copilot, ScriptedOpenAI]]:
    async with scripted_openai(*script) as endpoint:
        usual: dict[str, Any] = {"form": "tools", "links": Unlinked(), "facts": _no_facts}
        options = usual | {"timeout_s": 0.5, "deadline_s": 2.0, "attempts": 2} | options
        model = OpenAIModel("test", "secret-key", endpoint.base_url, **options)
        second = ScriptedModel(calls("scrap", ScrapArguments(top=1)), writes_freely=False, name="embedded")
        yield (
            Copilot(
                NoStore(),
                registry(),
                model,
                conversations=KeptInMemory(),
                fallback=second if fallback else None,
            ),
            endpoint,
        )
        await model.close()


async def test_a_question_is_planned_with_native_tools_and_written_from_a_stream() -> None:
    """Tools go out as JSON schemas in alphabetical order; the text comes back verified, clause by clause."""
    prose = "The scrapped quantity was {{r0.figures[0]}}. The rest is bad luck."
    async with _agent(SCRAP, Text(prose), Text("The scrapped quantity was {{r0.figures[0]}}.")) as (
        agent,
        endpoint,
    ):
        events = [event async for event in agent.stream(PLANNER, "What was scrapped?")]
    clauses = [event.text for event in events if isinstance(event, Clause)]
    assert clauses == ["The scrapped quantity was 5,957.5 pcs."]
    plan, write, again = endpoint.requests
    names = [tool["function"]["name"] for tool in plan["tools"]]
    assert names == sorted(names)
    assert {"scrap", "stock", "ask_person", "cannot_answer", "look_first"} <= set(names)
    assert "costs" not in names
    assert "write_answer" not in names
    scrap = next(tool["function"] for tool in plan["tools"] if tool["function"]["name"] == "scrap")
    assert scrap["parameters"]["properties"]["top"]["maximum"] == 100
    assert plan["messages"][-1]["content"].endswith('Question: "What was scrapped?"')
    assert "tools" not in write
    assert 'rows[0] {"name": "Paint process failed"' in write["messages"][-1]["content"]
    assert "'rest' is neither" in again["messages"][-1]["content"]
    assert endpoint.keys[0] == "Bearer secret-key"


async def test_a_prompt_begins_the_same_for_every_question_and_person() -> None:
    """What changes comes last, so that an endpoint's cache serves the rest."""
    async with _agent(SCRAP, Text(""), SCRAP, Text("")) as (agent, endpoint):
        await agent.ask(PLANNER, "What was scrapped?")
        await agent.ask(PLANNER, "And in March?")
    first, second = endpoint.requests[0], endpoint.requests[2]
    assert first["messages"][0] == second["messages"][0]
    assert first["tools"] == second["tools"]
    assert len(first["messages"][1]["content"]) < 500


@pytest.mark.slow
@pytest.mark.parametrize(
    "invalid",
    [
        Tools([("scrap", "{not json")]),
        Tools([("scrap", {"top": 0})]),
        Tools([("scrap", {"top": 2, "subject": "admin"})]),
        Tools([("drop_tables", {})]),
        Tools([("costs", {})]),
        Text("I think it was the paint."),
    ],
)
async def test_invalid_requests_go_back_once_with_the_error(invalid: Behaviour) -> None:
    """Then the model has had its chance."""
    async with _agent(invalid, SCRAP, Text("")) as (agent, endpoint):
        answer = await agent.ask(PLANNER, "What was scrapped?")
        assert answer.status == "answered"
        sent_back = endpoint.requests[1]["messages"][-1]
        assert sent_back["role"] in ("tool", "user")
        assert sent_back["content"]
    async with _agent(invalid, invalid, fallback=True) as (agent, endpoint):
        answer = await agent.ask(PLANNER, "What was scrapped?")
        assert (answer.status, answer.model) == ("answered", "embedded")
        assert "openai:test failed" in answer.caveats[0]
        assert len(endpoint.requests) == 2


@pytest.mark.slow
@pytest.mark.parametrize(
    ("behaviour", "said"),
    [
        (Status(500), "failed on its side"),
        (Status(429), "overloaded"),
        (Status(401), "API key"),
        (Status(404), "does not know the model"),
        (Status(400), "refused the request"),
        (Raw("<html>gateway</html>"), "cannot be read"),
        (Raw('{"choices": []}'), "cannot be read"),
        (Raw('{"choices": [{"message": "hello"}]}'), "cannot be read"),
        (Raw('{"nothing": 1}'), "cannot be read"),
        (Raw("[]"), "cannot be read"),
        (Refusal(), "declined"),
        (Text("I", finish="length"), "cut off"),
        (Hang(), "in time"),
        (Hang(), "The hosted model could not be reached"),
        (Raw("x" * 10_000_000), "cannot be read"),
    ],
)
async def test_a_model_that_fails_gives_way_to_the_embedded_one(behaviour: Behaviour, said: str) -> None:
    """The person gets an answer and a caveat that names the model and the reason."""
    async with _agent(behaviour, behaviour, fallback=True) as (agent, _):
        answer = await agent.ask(PLANNER, "What was scrapped?")
    assert (answer.status, answer.model) == ("answered", "embedded")
    assert "openai:test" in answer.caveats[0]
    assert said in answer.caveats[0]


async def test_an_overloaded_endpoint_is_tried_again_when_it_says() -> None:
    """Retry-After is honoured, and the second attempt counts; at the first question and at later ones."""
    script = (Status(429, retry_after="0.3"), SCRAP, Text(""))
    async with _agent(*script, *script) as (agent, endpoint):
        for asked in (1, 2):
            since = time.perf_counter()
            answer = await agent.ask(PLANNER, "What was scrapped?")
            assert answer.model == "openai:test"
            assert time.perf_counter() - since >= 0.3
            assert len(endpoint.requests) == 3 * asked


async def test_no_more_is_tried_than_was_said() -> None:
    """An endpoint that fails at a later question is asked as often as at the first one, and no more."""
    failing = (Status(503, retry_after="0"),) * 2
    async with _agent(SCRAP, Text(""), *failing, fallback=True) as (agent, endpoint):
        assert (await agent.ask(PLANNER, "What was scrapped?")).model == "openai:test"
        assert (await agent.ask(PLANNER, "What was scrapped?")).model == "embedded"
    assert len(endpoint.requests) == 4
    assert endpoint.headers[2] == endpoint.headers[0]


@pytest.mark.slow
@pytest.mark.parametrize(
    "broken",
    [
        Truncated("The scrapped quantity was {{r0.figures[0]}}. The top"),
        Hang("The scrapped quantity was {{r0.figures[0]}}. The top"),
        Text("The scrapped quantity was {{r0.figures[0]}}. ", finish="length"),
        Raw("{broken"),
        Refusal(),
        Status(500),
    ],
)
async def test_a_stream_that_breaks_leaves_a_whole_answer(broken: Behaviour) -> None:
    """What was verified stays, the tool's own words complete it, and a caveat says so."""
    async with _agent(SCRAP, broken, broken, broken) as (agent, _):
        answer = await agent.ask(PLANNER, "What was scrapped?")
    assert answer.status == "answered"
    assert "5,957.5 pcs were scrapped; the top reason is Paint process failed" in answer.answer
    assert any("broke off" in caveat for caveat in answer.caveats)


async def test_a_model_that_would_not_stop_is_stopped() -> None:
    """Endless prose costs neither memory nor the answer."""
    async with _agent(SCRAP, Text("scrap " * 5_000)) as (agent, _):
        answer = await agent.ask(PLANNER, "What was scrapped?")
    assert answer.status == "answered"
    assert len(answer.answer) < 1_000


async def test_a_model_asks_back_and_gives_up_in_our_words() -> None:
    """It chooses the reason and the readings; nothing that it writes itself is shown."""
    ask = Tools(
        [("ask_person", {"about": "meaning", "word": "bad"}), ("scrap", {"top": 1}), ("scrap", {"top": 3})]
    )
    async with _agent(ask) as (agent, _):
        answer = await agent.ask(PLANNER, "How bad is it?")
    assert answer.status == "clarify"
    assert answer.answer == "“bad”: That can be read in several ways. Which of these is meant?"
    assert [alternative.reading for alternative in answer.alternatives] == ["scrap: top 1", "scrap: top 3"]
    give_up = Tools([("cannot_answer", {"why": "not_in_data", "word": "4711 pieces"})])
    async with _agent(give_up) as (agent, _):
        answer = await agent.ask(PLANNER, "How is the weather?")
    assert (answer.status, answer.answer) == ("cannot_answer", "The data that is loaded does not hold this.")


async def test_a_model_may_look_before_it_plans_the_rest() -> None:
    """The results of the first round come back as tool messages; the next round may write."""
    look = Tools([("look_first", {}), ("scrap", {"top": 1})])
    async with _agent(look, Tools([("stock", {"material": "BK-M93B-44"})]), Text("")) as (agent, endpoint):
        answer = await agent.ask(PLANNER, "What is in stock?")
    assert [table.names[0] for table in answer.tables] == ["material", "name"]
    roles = [message["role"] for message in endpoint.requests[1]["messages"]]
    assert roles == ["system", "user", "assistant", "tool"]
    assert "write_answer" in [tool["function"]["name"] for tool in endpoint.requests[1]["tools"]]
    async with _agent(look, Tools([("write_answer", {})]), Text("")) as (agent, _):
        answer = await agent.ask(PLANNER, "What was scrapped?")
    assert answer.status == "answered"
    assert answer.tables[0].rows[0][0] == "Paint process failed"


async def test_tokens_are_counted_as_the_endpoint_reports_them() -> None:
    """A turn's meter knows what planning and writing have cost."""
    async with scripted_openai(SCRAP, Text("Hello.")) as server:
        model = OpenAIModel("test", "key", server.base_url, form="tools", facts=_no_facts, links=Unlinked())
        meter = Meter()
        turn = Turn("What was scrapped?", meter=meter)
        async with NoStore().reading(PLANNER) as tx:
            await model.plan(turn, PLANNER, registry().admitted(PLANNER), tx)
        assert (meter.prompt_tokens, meter.completion_tokens) == (1000, 50)
        assert [text async for text in model.compose(turn, [])] == ["Hello."]
        assert (meter.prompt_tokens, meter.completion_tokens) == (1100, 70)
        await model.close()


async def test_an_endpoint_that_is_not_there_is_unavailable() -> None:
    """A wrong address is no stack trace."""
    model = OpenAIModel("test", "key", "http://127.0.0.1:9/v1", attempts=1, facts=_no_facts, links=Unlinked())
    async with NoStore().reading(PLANNER) as tx:
        with pytest.raises(ModelUnavailable, match="cannot be reached"):
            await model.plan(Turn("Scrap?"), PLANNER, registry().admitted(PLANNER), tx)
    await model.close()
    assert issubclass(ModelUnavailable, ModelError)
