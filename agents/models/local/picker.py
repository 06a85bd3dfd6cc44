"""Asks a small model what a question is about: prepared once, then a few tokens a question."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future
from typing import Literal, TypeAlias

from agents.models.local.engine import Engine, Progress
from agents.models.local.names import Names, Pick, read_pick
from erp_adapters.breaker import Breaker
from erp_adapters.errors import ModelError, ModelUnavailable
from prompts import prompt

State: TypeAlias = Literal["asleep", "preparing", "ready", "failed"]
MOST_TOKENS = 16
"""Tokens of a pick at most; the longest name has eight."""
_QUESTION = 600
"""Characters of a question that are read: what comes after it seldom says what is asked for."""


def start_of(names: Names) -> str:
    """What stands before every question, the same for each of them and for every person."""
    return prompt("pick").render(names=names.text()).rstrip("\n")


class Picker:
    """Picks names for questions.

    Args:
        engine: the small model.
        names: what can be picked.
        budget_s: longest time for one question.
        patience_s: longest time that a question waits for the model to be prepared.
    """

    def __init__(
        self, engine: Engine, names: Names, *, budget_s: float = 4.0, patience_s: float = 1.0
    ) -> None:
        self._engine = engine
        self._names = names
        self._start, self._grammar = start_of(names), names.grammar()
        self._budget_s, self._patience_s = budget_s, patience_s
        # On a machine that is too slow, not every question is to wait for nothing.
        self._breaker = Breaker()
        self._lock = threading.Lock()
        self._prepared: Future[None] | None = None
        self.done = 0.0
        """How much of the preparation is done, from 0 to 1."""

    @property
    def name(self) -> str:
        """The model's name."""
        return self._engine.name

    @property
    def state(self) -> State:
        """Whether it can be asked now."""
        prepared = self._prepared
        if prepared is None:
            return "asleep"
        if not prepared.done():
            return "preparing"
        return "failed" if prepared.exception() is not None else "ready"

    def prepare(self, progress: Progress = lambda done: None) -> Future[None]:
        """Have the model read the names, beside whatever else goes on; the same work where it was begun.

        The future's error is a ModelError where the model cannot be used.
        """
        with self._lock:
            if self._prepared is None:
                self._prepared = Future()
                work = threading.Thread(
                    target=self._prepare, args=(self._prepared, progress), name="picker", daemon=True
                )
                work.start()
            return self._prepared

    def _prepare(self, prepared: Future[None], progress: Progress) -> None:
        def note(done: float) -> None:
            self.done = done
            progress(done)

        try:
            self._engine.prepare(self._start, note)
        except ModelError as error:
            prepared.set_exception(error)
        except BaseException as error:
            prepared.set_exception(error)
            raise
        else:
            prepared.set_result(None)

    async def pick(self, question: str) -> Pick:
        """What the question asks for.

        Raises:
            ModelError: the model cannot be used, is still being prepared, is busy, or took too long.
        """
        prepared = asyncio.wrap_future(self.prepare())
        try:
            await asyncio.wait_for(asyncio.shield(prepared), self._patience_s)
        except TimeoutError as error:
            raise ModelError(f"it is still being prepared, {self.done:.0%} of it is done") from error
        try:
            with self._breaker.watching():
                return await self._picked(question)
        except ModelUnavailable as error:
            raise ModelError(str(error)) from error

    async def _picked(self, question: str) -> Pick:
        writing = asyncio.to_thread(
            self._engine.write, prompt_for(question), self._grammar, MOST_TOKENS, self._budget_s
        )
        try:
            return read_pick(await asyncio.wait_for(writing, self._budget_s))
        except TimeoutError as error:
            # Its thread goes on to the end of what it reads; until then it is busy.
            raise ModelUnavailable(f"it took more than {self._budget_s:g} seconds") from error

    def close(self) -> None:
        """Let go of the model."""
        if self.state == "ready":
            self._engine.close()


def prompt_for(question: str) -> str:
    """What stands after the start for one question."""
    # Marks of the prompt's own form are no part of a question.
    said = " ".join(question.replace("<|", " ").split())[:_QUESTION]
    return f"\nQ: {said}\nA:"
