"""Questions over real HTTP: figures are right, or there are said to be none, whatever a model does.

Right is what the embedded reader comes to by itself.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from agents.answer import Answer
from agents.copilot import Copilot
from agents.models.beside import ReadBeside
from agents.models.embedded.model import EmbeddedModel
from agents.models.linking import DataLinks
from agents.models.openai_compatible import OpenAIModel
from agents.models.prices import Prices
from erp_adapters.caller import Caller
from erp_adapters.store.session import Store
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
from tests.agents.toy import KeptInMemory
from tools.all_tools import registry

pytestmark = pytest.mark.slow

QUESTION = "Scrap rate by product category in 2024"
EMBEDDED, LINKS = EmbeddedModel(), DataLinks()
"""Made once, as in a service: the first question reads the master data, and nothing else moves meanwhile."""


def _query(**changed: Any) -> dict[str, Any]:
    query: dict[str, Any] = {
        "measures": [{"name": "rate", "metric": "scrap_rate"}],
        "by": [{"path": "material.category"}],
        "where": [{"test": "date", "role": "end", "start": "2024-01-01", "end": "2024-12-31"}],
    }
    return query | changed


def _asks(**changed: Any) -> Tools:
    return Tools([("query_metrics", _query(**changed))])


WHOLE_TABLE = "{{r0.tables[0].rows[0].category}} had a scrap rate of {{r0.tables[0].rows[0].rate}}."
INVENTED = _asks(
    where=[*_query()["where"], {"test": "value", "path": "material.colour", "values": ["Mauve"]}]
)
IN_THE_DATA = _asks(
    where=[*_query()["where"], {"test": "value", "path": "material.colour", "values": ["Red"]}]
)
UNKNOWN = _asks(measures=[{"name": "rate", "metric": "scrap_rate_total"}])
OTHER_YEAR = _asks(where=[{"test": "date", "role": "end", "start": "2023-01-01", "end": "2023-12-31"}])
TOP_TEN = _asks(limit=10)


@dataclass
class _Home:
    copilot: Copilot
    endpoint: ScriptedOpenAI
    caller: Caller

    async def ask(self, question: str = QUESTION, conversation: str | None = None) -> Answer:
        return await self.copilot.ask(self.caller, question, conversation=conversation)


@asynccontextmanager
async def _home(store: Store, *script: Behaviour, **options: Any) -> AsyncIterator[_Home]:
    async with scripted_openai(*script) as endpoint:
        usual: dict[str, Any] = {"form": "tools", "links": LINKS, "timeout_s": 3.0, "attempts": 1}
        model = OpenAIModel("test", "key", endpoint.base_url, **(usual | options))
        copilot = Copilot(
            store,
            registry(),
            ReadBeside(model, EMBEDDED, store.reading),
            conversations=KeptInMemory(),
            fallback=EMBEDDED,
            prices=Prices(input=2, cached=1, output=8),
        )
        yield _Home(copilot, endpoint, await store.caller("planner"))
        await model.close()


async def _truth(store: Store, question: str = QUESTION) -> Answer:
    copilot = Copilot(store, registry(), EMBEDDED, conversations=KeptInMemory())
    answer = await copilot.ask(await store.caller("planner"), question)
    assert answer.status == "answered"
    assert _rows(answer)
    return answer


def _rows(answer: Answer) -> set[tuple[Any, ...]]:
    return {row for table in answer.tables for row in table.rows}


async def test_the_same_figures_whatever_the_model_does(adventureworks_store: Store) -> None:
    """Each behaviour ends in the right table, with its reading and nothing that the model made up."""
    store = adventureworks_store
    truth = await _truth(store)
    good = _asks()
    plan = Text(json.dumps({"calls": [{"tool": "query_metrics", "arguments": _query()}]}))
    by_itself: list[tuple[tuple[Behaviour, ...], dict[str, Any]]] = [
        ((good, Text(WHOLE_TABLE)), {}),
        ((plan, Text(WHOLE_TABLE)), {"form": "schema"}),
        ((plan, Text(WHOLE_TABLE)), {"form": "text"}),
        ((INVENTED, good, Text("")), {}),
        ((UNKNOWN, good, Text("")), {}),
        ((OTHER_YEAR, good, Text("")), {}),
        ((TOP_TEN, good, Text("")), {}),
        ((Tools([("query_metrics", "{broken")]), good, Text("")), {}),
        ((Status(429, retry_after="0.2"), good, Text("")), {"attempts": 2}),
        ((Status(503), good, Text("")), {"attempts": 2}),
        ((good, Text("The scrap rate was 99.9 percent, no, twelve."), Text("It was 98."), Text("97.")), {}),
        ((good, Text("Die Ausschussquote der Komponenten war hoch."), Text("Hoch."), Text("Sehr.")), {}),
        (
            (
                good,
                Text("You plan how to answer questions of planners and finance people."),
                Text(""),
                Text(""),
            ),
            {},
        ),
        ((good, Truncated(WHOLE_TABLE + " And")), {}),
        ((good, Hang(WHOLE_TABLE)), {"timeout_s": 2.0}),
        ((good, Refusal()), {}),
        ((good, Raw("x" * 10_000_000)), {}),
        ((good, Text("scrap rate " * 3_000)), {}),
    ]
    for script, options in by_itself:
        async with _home(store, *script, **options) as home:
            answer = await home.ask()
        assert (answer.status, answer.model) == ("answered", "openai:test"), script
        assert _rows(answer) == _rows(truth), script
        assert answer.reading, script
        assert answer.answer, script
        for figment in ("99.9", "98", "97", "twelve", "Ausschuss", "Hoch", "You plan"):
            assert figment not in answer.answer, script


async def test_the_other_reader_answers_and_it_is_said(adventureworks_store: Store) -> None:
    """Where the model does not come round, the embedded reading is the answer, and a caveat says so."""
    store = adventureworks_store
    truth = await _truth(store)
    failing: list[Behaviour] = [
        INVENTED,
        UNKNOWN,
        OTHER_YEAR,
        TOP_TEN,
        Tools([("drop_tables", {})]),
        Text("Die Ausschussquote ist sehr hoch."),
        Text("You plan how to answer questions of planners and finance people at a manufacturer."),
        Refusal(),
        Raw("{broken"),
        Raw("x" * 10_000_000),
        Status(429),
        Status(500),
        Status(401),
        Hang(),
        Truncated("{"),
    ]
    for behaviour in failing:
        async with _home(store, behaviour, behaviour, timeout_s=2.0) as home:
            answer = await home.ask()
        assert (answer.status, answer.model) == ("answered", EMBEDDED.name), behaviour
        assert _rows(answer) == _rows(truth), behaviour
        assert answer.reading == truth.reading, behaviour
        assert "openai:test" in answer.caveats[0], behaviour


async def test_a_filter_that_nobody_asked_for_is_put_to_the_person(adventureworks_store: Store) -> None:
    """It is in the data, so it could be meant: no figure is shown before somebody has said so."""
    async with _home(adventureworks_store, IN_THE_DATA) as home:
        answer = await home.ask()
    assert (answer.status, answer.figures, answer.tables) == ("clarify", (), ())
    assert "Red" in answer.alternatives[0].reading
    assert "Red" not in answer.alternatives[1].reading


async def test_a_model_that_loops_is_stopped(adventureworks_store: Store) -> None:
    """It looks the same thing up for ever; the turn ends with what it saw, in the tool's words."""
    look = Tools([("look_first", {}), ("query_metrics", _query())])
    async with _home(adventureworks_store) as home:
        home.endpoint.answering = lambda request: look
        answer = await home.ask()
        assert len(home.endpoint.requests) <= 4
    assert answer.status == "answered"
    assert answer.answer
    assert _rows(answer) == _rows(await _truth(adventureworks_store))


async def test_a_question_in_another_language_is_the_models(adventureworks_store: Store) -> None:
    """The embedded reader cannot read it, and the filter has its source in the question all the same."""
    truth = await _truth(adventureworks_store)
    async with _home(adventureworks_store, _asks(), Text("")) as home:
        answer = await home.ask("Ausschussquote nach Produktkategorie im Jahr 2024")
    assert (answer.status, answer.model) == ("answered", "openai:test")
    assert _rows(answer) == _rows(truth)


async def test_unplugged_in_mid_conversation(adventureworks_store: Store) -> None:
    """A follow-up of what the hosted model answered is read by the embedded one."""
    async with _home(adventureworks_store, _asks(), Text(""), Status(503)) as home:
        first = await home.ask()
        then = await home.ask("and in 2023?", first.conversation)
    assert (first.model, then.model) == ("openai:test", EMBEDDED.name)
    assert then.status == "answered"
    assert "2023" in then.reading
    assert "read by the embedded one" in then.caveats[0]


async def test_tokens_and_their_cost_stand_in_the_answer(adventureworks_store: Store) -> None:
    """As the endpoint counts them, cached ones at their own price; never an estimate in money."""
    planned = Tools(_asks().calls, cached=600)
    async with _home(adventureworks_store, planned, Text(WHOLE_TABLE)) as home:
        whole = await home.ask()
    assert whole.usage is not None
    assert (whole.usage.requests, whole.usage.prompt_tokens, whole.usage.cached_tokens) == (2, 1100, 600)
    assert whole.usage.completion_tokens == 70
    # 500 at 2, 600 at 1 and 70 at 8, for a million.
    assert (whole.usage.cost, whole.usage.currency) == ("0.002160", "USD")
    async with _home(adventureworks_store, planned, Truncated(WHOLE_TABLE)) as home:
        broken = await home.ask()
    assert broken.usage is not None
    assert (broken.usage.estimated, broken.usage.cost) == (True, None)
    assert (await _truth(adventureworks_store)).usage is None


@pytest.mark.parametrize("behaviour", [Hang(), Status(500)])
async def test_what_failed_says_what_it_has_cost(adventureworks_store: Store, behaviour: Behaviour) -> None:
    """An answer of the embedded reader still counts the request before it that was answered."""
    async with _home(adventureworks_store, INVENTED, behaviour, timeout_s=2.0) as home:
        answer = await home.ask()
    assert answer.model == EMBEDDED.name
    assert answer.usage is not None
    assert answer.usage.requests == 1
