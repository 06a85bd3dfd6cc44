"""Any LangChain chat model can plan and write, under the same checks as every other model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from pydantic import PrivateAttr

from agents.copilot import Copilot
from agents.models.langchain_bridge import LangChainModel, named
from erp_adapters.errors import ConfigurationError
from erp_adapters.store.session import ReadTransaction
from tests.agents.toy import PLANNER, KeptInMemory, NoStore, Unlinked, registry


async def _no_facts(tx: ReadTransaction) -> str:
    return ""


class _Chat(BaseChatModel):
    """A LangChain model with prepared messages; errors are raised."""

    messages: list[Any]
    _bound: list[Any] = PrivateAttr(default_factory=list)

    @property
    def _llm_type(self) -> str:
        return "prepared"

    def bind_tools(self, tools: Sequence[Any], **options: Any) -> Any:
        self._bound.append((tools, options))
        return self

    def _next(self) -> Any:
        message = self.messages.pop(0)
        if isinstance(message, Exception):
            raise message
        return message

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **options: Any,
    ) -> ChatResult:
        return ChatResult(generations=[ChatGeneration(message=self._next())])

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **options: Any,
    ) -> Iterator[ChatGenerationChunk]:
        for word in str(self._next()).split(" "):
            yield ChatGenerationChunk(message=AIMessageChunk(content=word + " "))


def _call(name: str, **arguments: Any) -> AIMessage:
    return AIMessage("", tool_calls=[{"id": "1", "name": name, "args": arguments}])


def _agent(*messages: Any) -> tuple[Copilot, _Chat]:
    chat = _Chat(messages=list(messages))
    model = LangChainModel(chat, "langchain:prepared", facts=_no_facts, links=Unlinked())
    return Copilot(NoStore(), registry(), model, conversations=KeptInMemory()), chat


async def test_a_langchain_model_plans_and_writes() -> None:
    """Tools are bound, calls validated, prose verified."""
    agent, chat = _agent(_call("scrap", top=2), "The scrapped quantity was {{r0.figures[0]}}.")
    answer = await agent.ask(PLANNER, "What was scrapped?")
    assert answer.answer == "The scrapped quantity was 5,957.5 pcs."
    assert answer.model == "langchain:prepared"
    tools, options = chat._bound[0]
    assert "scrap" in [tool["function"]["name"] for tool in tools]
    assert options == {"tool_choice": "any"}


async def test_calls_that_langchain_could_not_parse_are_sent_back() -> None:
    """An invalid call is an error that the model gets to read, not a crash."""
    invalid = AIMessage(
        "", invalid_tool_calls=[{"id": "1", "name": "scrap", "args": "{oops", "error": "no JSON"}]
    )
    agent, _ = _agent(invalid, _call("scrap", top=2), "")
    assert (await agent.ask(PLANNER, "What was scrapped?")).status == "answered"


async def test_a_providers_own_errors_become_ours() -> None:
    """Whatever the provider's package raises, the person reads a sentence."""
    agent, _ = _agent(RuntimeError("secret detail"))
    answer = await agent.ask(PLANNER, "What was scrapped?")
    assert answer.status == "cannot_answer"
    assert "RuntimeError" in answer.answer
    assert "secret" not in answer.answer


def test_an_unknown_provider_is_named() -> None:
    """A model that cannot be had is a matter of configuration."""
    with pytest.raises(ConfigurationError, match="nobody:nothing"):
        named("nobody:nothing")


def test_a_missing_key_is_a_matter_of_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever error a provider's package has for it."""
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(ConfigurationError, match="openai:gpt-x"):
        named("openai:gpt-x")
