"""Tells a model that cannot be reached from one that answers badly: an outage is no measurement."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextvars import ContextVar
from typing import Any

from agents.models.protocol import Plan, Turn
from erp_adapters.caller import Caller
from erp_adapters.errors import ModelError, ModelUnavailable
from erp_adapters.store.session import ReadTransaction
from eval.cases import Case
from eval.respondents import Observed, Reply, Respondent
from tools.registry import Tool
from tools.results import ToolResult

PAUSES = (2.0, 10.0)
"""Seconds before a question is asked again; the model's own attempts come before each of them."""
_NO_ENTRY = (401, 403, 404)
"""HTTP statuses that no waiting changes: the key, the permission, the model's name or the address."""


class ModelLost(Exception):
    """The model cannot be reached any more; the message says why."""


_FAILURES: ContextVar[list[ModelError]] = ContextVar("failures to plan the question that is being answered")


class Noted(Observed):
    """A model whose failures to plan are noted for whoever asked."""

    async def plan(self, turn: Turn, caller: Caller, tools: Sequence[Tool[Any]], tx: ReadTransaction) -> Plan:
        """The model's plan."""
        try:
            return await self._model.plan(turn, caller, tools, tx)
        except ModelError as error:
            _FAILURES.get([]).append(error)
            raise

    def compose(self, turn: Turn, results: Sequence[ToolResult]) -> AsyncIterator[str]:
        """The model's prose; where it fails, the tools' own wording answers, and that is measured."""
        return self._model.compose(turn, results)


class Patient:
    """Asks again where the model could not be reached, and gives the model up after the last pause.

    Args:
        respondent: answers with a `Noted` model.
        pauses: seconds before each further attempt.
    """

    def __init__(self, respondent: Respondent, pauses: Sequence[float] = PAUSES) -> None:
        self._respondent = respondent
        self._pauses = tuple(pauses)

    @property
    def name(self) -> str:
        """The model's name."""
        return self._respondent.name

    async def reply(self, case: Case) -> Reply:
        """The first reply that the model had a part in.

        Raises:
            ModelLost: there is none.
        """
        for pause in (*self._pauses, None):
            failures: list[ModelError] = []
            token = _FAILURES.set(failures)
            try:
                reply = await self._respondent.reply(case)
            finally:
                _FAILURES.reset(token)
            outage = next((one for one in failures if _is_outage(one)), None)
            if outage is None:
                return reply
            if pause is None or not isinstance(outage, ModelUnavailable):
                raise ModelLost(str(outage)) from outage
            await asyncio.sleep(pause)
        raise AssertionError("the last attempt returns or raises")


def _is_outage(error: ModelError) -> bool:
    return isinstance(error, ModelUnavailable) or getattr(error.__cause__, "status_code", None) in _NO_ENTRY
