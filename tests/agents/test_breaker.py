"""An endpoint that keeps failing is left alone, and the embedded model answers at once and says so."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from agents.copilot import Copilot
from agents.models.openai_compatible import OpenAIModel
from erp_adapters.breaker import Breaker
from erp_adapters.errors import ModelError, ModelUnavailable
from erp_adapters.store.session import ReadTransaction
from tests.agents.scripted import ScriptedModel, calls
from tests.agents.scripted_openai import (
    Behaviour,
    Hang,
    ScriptedOpenAI,
    Status,
    Text,
    Tools,
    Truncated,
    scripted_openai,
)
from tests.agents.toy import PLANNER, KeptInMemory, NoStore, ScrapArguments, Unlinked, registry

SCRAP = Tools([("scrap", {"top": 2})])
UNREACHED = "The hosted model could not be reached"


@dataclass
class _Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


def _fails(breaker: Breaker, error: Exception | None = None) -> None:
    wrong = error or ModelUnavailable("down")
    with pytest.raises(type(wrong)), breaker.watching():
        raise wrong


def _answers(breaker: Breaker) -> None:
    with breaker.watching():
        pass


def test_it_opens_after_failures_within_a_window() -> None:
    """Failures that lie further apart are single mishaps."""
    clock = _Clock()
    breaker = Breaker(failures=3, window_s=60, pause_s=30, clock=clock)
    for _ in range(2):
        _fails(breaker)
    clock.now = 100
    _fails(breaker)
    assert breaker.state == "closed"
    _fails(breaker)
    _fails(breaker)
    assert breaker.state == "open"
    with pytest.raises(ModelUnavailable, match="left alone"), breaker.watching():
        raise AssertionError("nothing gets here")


def test_one_failure_among_many_answers_opens_nothing() -> None:
    """A busy service sees single failures all day."""
    breaker = Breaker(failures=3, clock=_Clock())
    for _ in range(20):
        _fails(breaker)
        _answers(breaker)
    assert breaker.state == "closed"


def test_after_a_pause_one_request_decides() -> None:
    """While it is under way, others still go to the embedded model."""
    clock = _Clock()
    breaker = Breaker(failures=1, pause_s=30, clock=clock)
    _fails(breaker)
    clock.now = 30
    assert breaker.state == "half-open"
    with breaker.watching(), pytest.raises(ModelUnavailable), breaker.watching():
        pass
    assert breaker.state == "closed"
    _fails(breaker)
    clock.now = 60
    _fails(breaker)
    assert breaker.state == "open"
    clock.now = 89
    assert breaker.state == "open"


def test_only_what_may_pass_by_itself_counts() -> None:
    """A wrong key, or nonsense, is an answer; leaving the endpoint alone mends neither."""
    breaker = Breaker(failures=1, clock=_Clock())
    _fails(breaker, ModelError("it refused the API key"))
    assert breaker.state == "closed"


async def test_a_trial_that_is_given_up_leaves_room_for_another() -> None:
    """Somebody who closes the page must not keep the endpoint shut for everybody."""
    clock = _Clock()
    breaker = Breaker(failures=1, pause_s=30, clock=clock)
    _fails(breaker)
    clock.now = 30

    async def trial() -> None:
        with breaker.watching():
            await asyncio.sleep(30)

    running = asyncio.create_task(trial())
    await asyncio.sleep(0)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    _answers(breaker)
    assert breaker.state == "closed"


async def _no_facts(tx: ReadTransaction) -> str:
    return ""


@asynccontextmanager
async def _agent(breaker: Breaker, *script: Behaviour) -> AsyncIterator[tuple[Copilot, ScriptedOpenAI]]:
    async with scripted_openai(*script) as endpoint:
        model = OpenAIModel(
            "test",
            "key",
            endpoint.base_url,
            form="tools",
            timeout_s=0.5,
            attempts=1,
            facts=_no_facts,
            links=Unlinked(),
            breaker=breaker,
        )
        second = ScriptedModel(calls("scrap", ScrapArguments(top=1)), writes_freely=False, name="embedded")
        yield (
            Copilot(NoStore(), registry(), model, conversations=KeptInMemory(), fallback=second),
            endpoint,
        )
        await model.close()


@pytest.mark.slow
@pytest.mark.parametrize("failure", [Status(500), Status(429), Hang()])
async def test_a_conversation_goes_on_where_the_model_goes_away(failure: Behaviour) -> None:
    """Every answer is whole, says who read it, and from the third on nobody waits for the endpoint."""
    clock = _Clock()
    breaker = Breaker(failures=2, pause_s=30, clock=clock)
    async with _agent(breaker, SCRAP, Text(""), failure, failure) as (agent, endpoint):
        before = await agent.ask(PLANNER, "What was scrapped?")
        during = [
            await agent.ask(PLANNER, "And the top one?", conversation=before.conversation) for _ in range(4)
        ]
        assert breaker.state == "open"
        assert len(endpoint.requests) == 4
        clock.now = 30
        endpoint.script = [SCRAP, Text("")]
        after = await agent.ask(PLANNER, "And now?", conversation=before.conversation)
    assert (before.model, before.caveats) == ("openai:test", ())
    for answer in during:
        assert (answer.status, answer.model) == ("answered", "embedded")
        assert UNREACHED in answer.caveats[0]
        assert "read by the embedded one" in answer.caveats[0]
    assert "left alone" in during[-1].caveats[0]
    assert (after.model, after.caveats, breaker.state) == ("openai:test", (), "closed")


async def test_streams_that_break_count_too() -> None:
    """The answer is completed in the tools' words, and the endpoint is left alone after a few of them."""
    breaker = Breaker(failures=2, clock=_Clock())
    broken = Truncated("The scrapped quantity was {{r0.figures[0]}}. The")
    # A success in between takes one failure off the count.
    async with _agent(breaker, SCRAP, broken, Status(500), Status(500)) as (agent, _):
        first = await agent.ask(PLANNER, "What was scrapped?")
        for _ in range(2):
            await agent.ask(PLANNER, "What was scrapped?")
    assert first.status == "answered"
    assert any("broke off" in caveat for caveat in first.caveats)
    assert breaker.state == "open"
