"""An endpoint is asked in the surest form that it takes, which one tiny request for each form finds out."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from agents.copilot import Copilot
from agents.models.chat import Description, Message, Request
from agents.models.forms import Form, asked, calls_in, plan_schema
from agents.models.known_forms import Known, KnownForms
from agents.models.openai_compatible import OpenAIModel
from erp_adapters.store.session import ReadTransaction
from tests.agents.scripted import ScriptedModel, calls
from tests.agents.scripted_openai import Behaviour, Raw, ScriptedOpenAI, Status, Text, Tools, scripted_openai
from tests.agents.toy import PLANNER, KeptInMemory, NoStore, ScrapArguments, Unlinked, registry
from tools.all_tools import registry as all_tools

READY = ("confirm", {"word": "ready"})
SCRAP = ("scrap", {"top": 2})
FULL = "5,957.5 pcs were scrapped"

Answering = Callable[[dict[str, Any]], Behaviour]


def _plan(*named: tuple[str, dict[str, Any]]) -> Text:
    return Text(json.dumps({"calls": [{"tool": name, "arguments": given} for name, given in named]}))


def _probes(request: dict[str, Any]) -> bool:
    return "Call the tool `confirm`" in request["messages"][1]["content"]


def _good(request: dict[str, Any]) -> Behaviour:
    """A model that does as it is asked, in whatever form."""
    if request.get("stream"):
        return Text("")
    call = READY if _probes(request) else SCRAP
    return Tools([call]) if "tools" in request else _plan(call)


def _refusing(*parts: str) -> Answering:
    """An endpoint that answers 400 to requests with one of these parts."""
    return lambda request: Status(400) if any(part in request for part in parts) else _good(request)


def _deaf(request: dict[str, Any]) -> Behaviour:
    """A model that takes tools and chats all the same."""
    return Text("Certainly! Let me look.") if "tools" in request else _good(request)


def _weak(request: dict[str, Any]) -> Behaviour:
    """An endpoint that takes everything, and a model that heeds only what it is told in words."""
    if request.get("stream"):
        return Text("")
    if "tools" in request or "response_format" in request:
        return Text("Certainly!")
    call = READY if _probes(request) else SCRAP
    return Text("<think>{}</think>Here it is:\n```json\n" + _plan(call).text + "\n```")


def _failing_inside(request: dict[str, Any]) -> Behaviour:
    """llama.cpp without its templates."""
    return Status(500) if "tools" in request else _good(request)


async def _no_facts(tx: ReadTransaction) -> str:
    return "Sites: AW"


@asynccontextmanager
async def _agent(
    answering: Answering, *, known: KnownForms | None = None, form: Form | None = None
) -> AsyncIterator[tuple[Copilot, ScriptedOpenAI]]:
    async with scripted_openai() as endpoint:
        endpoint.answering = answering
        model = OpenAIModel(
            "test",
            "key",
            endpoint.base_url,
            known=known,
            form=form,
            links=Unlinked(),
            facts=_no_facts,
            attempts=1,
        )
        second = ScriptedModel(calls("scrap", ScrapArguments(top=1)), writes_freely=False, name="embedded")
        yield (
            Copilot(NoStore(), registry(), model, conversations=KeptInMemory(), fallback=second),
            endpoint,
        )
        await model.close()


def _form_of(request: dict[str, Any]) -> Form:
    if "tool_choice" in request:
        return "tools"
    if "tools" in request:
        return "offered"
    return "schema" if "response_format" in request else "text"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("answering", "form", "probes"),
    [
        (_good, "tools", 1),
        (_refusing("tool_choice"), "offered", 2),
        (_refusing("tools"), "schema", 3),
        (_deaf, "schema", 3),
        (_refusing("tools", "response_format"), "text", 4),
        (_weak, "text", 4),
        (_failing_inside, "schema", 3),
    ],
)
async def test_the_surest_form_that_works_is_taken(answering: Answering, form: Form, probes: int) -> None:
    """Found once, by a tiny request for each form, and used for every question after that."""
    async with _agent(answering) as (agent, endpoint):
        first = await agent.ask(PLANNER, "What was scrapped?")
        again = await agent.ask(PLANNER, "What was scrapped?")
    assert [first.model, again.model] == ["openai:test"] * 2
    assert FULL in first.answer
    assert FULL in again.answer
    planning = [request for request in endpoint.requests if not request.get("stream")]
    assert [_probes(request) for request in planning] == [True] * probes + [False] * 2
    assert all(len(json.dumps(request)) < 1_800 for request in planning[:probes])
    assert [_form_of(request) for request in planning[probes:]] == [form] * 2


async def test_a_form_may_be_set_and_nothing_is_tried() -> None:
    """Whoever knows the endpoint saves the requests."""
    async with _agent(_good, form="schema") as (agent, endpoint):
        answer = await agent.ask(PLANNER, "What was scrapped?")
    assert answer.model == "openai:test"
    plan = endpoint.requests[0]
    assert _form_of(plan) == "schema"
    assert not _probes(plan)
    assert plan["response_format"]["json_schema"]["schema"]["additionalProperties"] is False
    assert "## scrap" in plan["messages"][0]["content"]


async def test_an_endpoint_that_forgets_a_form_falls_to_the_next() -> None:
    """What was known of it is corrected at the first refusal, within the same question."""
    known = KnownForms()
    async with _agent(_refusing("tools"), known=known) as (agent, endpoint):
        known.learn(endpoint.base_url, "test", Known(form="tools"))
        answer = await agent.ask(PLANNER, "What was scrapped?")
        assert (answer.model, FULL in answer.answer) == ("openai:test", True)
        found = known.get(endpoint.base_url, "test")
    assert found is not None
    assert found.form == "schema"


async def test_a_refused_count_of_streams_is_left_out() -> None:
    """Prose still comes from the model; what it cost is said to be an estimate."""

    def answering(request: dict[str, Any]) -> Behaviour:
        if request.get("stream"):
            counting = "stream_options" in request
            return Status(400) if counting else Text("The scrapped quantity was {{r0.figures[0]}}.")
        return _good(request)

    async with _agent(answering) as (agent, endpoint):
        first = await agent.ask(PLANNER, "What was scrapped?")
        await agent.ask(PLANNER, "What was scrapped?")
    assert first.answer == "The scrapped quantity was 5,957.5 pcs."
    assert first.usage is None or not first.usage.estimated
    streams = ["stream_options" in request for request in endpoint.requests if request.get("stream")]
    assert streams == [True, False, False]


@pytest.mark.parametrize("answering", [lambda request: Status(400), lambda request: Text("Hello!")])
async def test_an_endpoint_that_takes_no_form_gives_way(answering: Answering) -> None:
    """The embedded model answers and the reason is said; nothing is remembered of such an endpoint."""
    known = KnownForms()
    async with _agent(answering, known=known) as (agent, endpoint):
        answer = await agent.ask(PLANNER, "What was scrapped?")
        assert known.get(endpoint.base_url, "test") is None
    assert (answer.status, answer.model) == ("answered", "embedded")
    assert answer.caveats[0].startswith("openai:test failed")


@pytest.mark.parametrize("answering", [lambda request: Status(503), lambda request: Status(401)])
async def test_what_says_nothing_of_forms_is_not_taken_for_an_answer(answering: Answering) -> None:
    """An endpoint that is down, or does not know the key, is asked once and not tried in every form."""
    known = KnownForms()
    async with _agent(answering, known=known) as (agent, endpoint):
        answer = await agent.ask(PLANNER, "What was scrapped?")
        assert known.get(endpoint.base_url, "test") is None
    assert (answer.model, len(endpoint.requests)) == ("embedded", 1)


@pytest.mark.slow
@pytest.mark.parametrize(
    "broken",
    [
        Text("I would say paint."),
        Text('{"calls": [{"tool": "scrap"'),
        Text('{"calls": [7]}'),
        Text("[]"),
        _plan(),
    ],
)
async def test_a_plan_that_is_no_plan_goes_back_once(broken: Text) -> None:
    """In the written forms as with native tools: mended, or else the other reader answers."""
    plans: list[Behaviour] = [broken, _plan(SCRAP), Text("")]
    async with _agent(lambda request: plans.pop(0), form="schema") as (agent, endpoint):
        answer = await agent.ask(PLANNER, "What was scrapped?")
    assert (answer.model, FULL in answer.answer) == ("openai:test", True)
    roles = [message["role"] for message in endpoint.requests[1]["messages"]]
    assert roles == ["system", "user", "assistant", "user"]
    plans = [broken, broken]
    async with _agent(lambda request: plans.pop(0), form="schema") as (agent, _):
        answer = await agent.ask(PLANNER, "What was scrapped?")
    assert (answer.status, answer.model) == ("answered", "embedded")


async def test_results_on_the_way_are_written_too() -> None:
    """An endpoint without tools is shown its calls as it wrote them, and results as a message."""
    plans: list[Behaviour] = [_plan(("look_first", {}), SCRAP), _plan(("write_answer", {})), Text("")]
    async with _agent(lambda request: plans.pop(0), form="text") as (agent, endpoint):
        answer = await agent.ask(PLANNER, "What was scrapped?")
    assert (answer.status, answer.model) == ("answered", "openai:test")
    system, question, call, result = endpoint.requests[1]["messages"]
    assert [one["role"] for one in (system, question, call, result)] == [
        "system",
        "user",
        "assistant",
        "user",
    ]
    assert json.loads(call["content"])["calls"][0]["tool"] == "scrap"
    assert result["content"].startswith("Result of step_0:")


def test_the_schema_is_closed_and_whole() -> None:
    """Every tool's arguments stand in it with definitions of their own, and nothing else may be written."""
    tools = [
        Description(name, "", all_tools().get(name).arguments.model_json_schema())
        for name in ("query_metrics", "explode_bom")
    ]
    schema: Any = plan_schema(tools)
    text = json.dumps(schema)
    references = {part.split('"')[0] for part in text.split('"#/$defs/')[1:]}
    assert references
    assert references <= set(schema["$defs"])
    names = [call["properties"]["tool"]["const"] for call in schema["properties"]["calls"]["items"]["anyOf"]]
    assert names == ["query_metrics", "explode_bom"]
    assert not schema["additionalProperties"]
    assert plan_schema(tools) == schema


def test_the_written_forms_take_turns() -> None:
    """Templates of small models refuse two messages of one role in a row."""
    messages = [
        Message("system", "Plan."),
        Message("user", "Scrap?"),
        Message("assistant", requests=(Request("a", "scrap", "{}"), Request("b", "stock", "{}"))),
        Message("tool", "one", answers="a"),
        Message("tool", "two", answers="b"),
    ]
    sent = asked("text", messages, [])["messages"]
    assert [one["role"] for one in sent] == ["system", "user", "assistant", "user"]
    assert [request.name for request in calls_in(sent[2]["content"])] == ["scrap", "stock"]


def test_what_is_known_outlives_the_process_for_a_week(tmp_path: Path) -> None:
    """A command asks once a week, not once a call; the file holds no address and no key."""
    now = [1_000_000.0]
    file = tmp_path / "endpoints.json"
    KnownForms(file, clock=lambda: now[0]).learn("http://me:secret@host/v1", "m", Known(form="schema"))
    again = KnownForms(file, clock=lambda: now[0])
    found = again.get("http://me:secret@host/v1", "m")
    assert found is not None
    assert found.form == "schema"
    assert again.get("http://me:secret@host/v1", "other") is None
    assert "secret" not in file.read_text()
    now[0] += 8 * 24 * 3600
    assert again.get("http://me:secret@host/v1", "m") is None


def test_a_file_that_cannot_be_used_is_none(tmp_path: Path) -> None:
    """A read-only home, or a broken file, costs the requests and nothing else."""
    broken = tmp_path / "endpoints.json"
    broken.write_text("{not json")
    assert KnownForms(broken).get("a", "m") is None
    away = KnownForms(tmp_path / "nowhere" / "endpoints.json")
    away.learn("a", "m", Known(form="text"))
    assert away.get("a", "m") is not None


async def test_an_unreadable_reply_to_a_probe_is_the_endpoints_failure() -> None:
    """Ten megabytes of nothing are read in part, once, and the other reader answers."""
    async with _agent(lambda request: Raw("x" * 10_000_000)) as (agent, endpoint):
        answer = await agent.ask(PLANNER, "What was scrapped?")
    assert (answer.model, len(endpoint.requests)) == ("embedded", 1)
    assert "cannot be read" in answer.caveats[0]
