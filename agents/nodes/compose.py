"""Has the model write about the results, and lets through only what the grounding verifies."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, suppress
from dataclasses import dataclass, field, replace

from langgraph.runtime import Runtime

from agents.auditing import seal_ahead
from agents.context import TurnContext
from agents.events import Clause, Progress
from agents.grounding import Clauses, Grounding, Refused, Verified
from agents.models.egress import KeptHere
from agents.models.protocol import Correction, Turn
from agents.rendering import in_prose, visible
from agents.state import TurnState
from erp_adapters.errors import AuditUnavailable, ModelError
from tools.languages import said

_KEPT = "The results were not sent to the language model: [[error]]. They are told in the tools' own words."
_LET_GO_S = 0.002
"""After which a request to a model is on its way."""
_CUT_SHORT = "The language model broke off; the rest is in the tools' own words."


async def compose(state: TurnState, runtime: Runtime[TurnContext]) -> TurnState:
    """Verified clauses, sent as they are verified."""
    turn = runtime.context
    since = time.perf_counter()
    turn.emit(Progress("compose", said("Writing the answer")))
    meanwhile = asyncio.create_task(_make_ahead(turn))
    try:
        await _Writing(turn).write()
    finally:
        meanwhile.cancel()
    turn.watch.add("compose", since)
    return {"next": "finish"}


async def _make_ahead(turn: TurnContext) -> None:
    """Make what a turn's end needs in any case while a model is waited for; the end makes the rest."""
    await asyncio.sleep(_LET_GO_S)
    turn.work.parts()
    # What cannot be put on record is told at the end, once everything has been tried.
    with suppress(AuditUnavailable):
        await seal_ahead(turn)


@dataclass(slots=True)
class _Writing:
    """The text of one answer as it comes into being."""

    turn: TurnContext
    rewrites: int = 0
    worded: set[int] = field(default_factory=set)
    """Results that the tool's own wording has been given for."""
    grounding: Grounding = field(init=False)
    own: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        turn = self.turn
        self.grounding = Grounding(
            turn.question, turn.work.results, writes_freely=turn.model.writes_freely and turn.given is None
        )
        self.own = {}
        for i, result in enumerate(turn.work.results):
            if result.sentence:
                self.own[visible(result.sentence)] = i
                self.own[visible(result.sentence.replace("{{", f"{{{{r{i}."))] = i

    async def write(self) -> None:
        turn = self.turn
        empty = [
            i for i, r in enumerate(turn.work.results) if not r.figures and not any(t.rows for t in r.tables)
        ]
        # Nothing found is the tool's to say: a model would have nothing to refer to.
        if turn.given is None and len(empty) < len(turn.work.results):
            asked = turn.asked()
            limit = turn.in_time()
            try:
                async with limit:
                    await self._follow(asked)
            except (ModelError, TimeoutError) as error:
                if isinstance(error, TimeoutError) and not limit.expired():
                    raise
                kept = said(_KEPT, error=error) if isinstance(error, KeptHere) else ""
                turn.work.caveats.append(kept or said(_CUT_SHORT))
                self._all_own_words()
        for index in empty:
            self._own_words(index)
        if not turn.work.clauses:
            self._all_own_words()

    async def _follow(self, asked: Turn) -> None:
        text = self.turn.model.compose(asked, tuple(self.turn.work.results))
        # A writer of templates yields whole sentences; a language model's arrive in pieces.
        clauses = _clauses(text, whole=not self.turn.model.writes_freely)
        async with aclosing(clauses):
            async for clause in clauses:
                await self._take(clause, asked)
                if self.turn.meter.left == 0:
                    self._all_own_words()
                    return

    async def _take(self, clause: str, asked: Turn) -> None:
        own = self.own.get(visible(clause))
        if own is not None:
            self._own_words(own)
            return
        verdict = self.grounding.verify(clause)
        may_rewrite = self.turn.model.writes_freely and self.rewrites < self.turn.budget.rewrites
        if isinstance(verdict, Refused) and may_rewrite and self.turn.meter.left:
            self.rewrites += 1
            verdict = await self._rewritten(verdict, asked)
        if isinstance(verdict, Verified):
            self._say(verdict.text)
        else:
            self._all_own_words()

    async def _rewritten(self, refused: Refused, asked: Turn) -> Verified | Refused:
        again = replace(asked, corrections=(Correction(refused.clause, refused.reason),))
        verdict: Verified | Refused = refused
        clauses = _clauses(self.turn.model.compose(again, tuple(self.turn.work.results)))
        async with aclosing(clauses):
            async for clause in clauses:
                verdict = self.grounding.verify(clause)
                break
        return verdict

    def _all_own_words(self) -> None:
        every = range(len(self.turn.work.results))
        # A model that only ever looked first has still shown what it found.
        for index in [i for i in every if i not in self.turn.work.looked_up] or every:
            self._own_words(index)

    def _own_words(self, index: int) -> None:
        if index not in self.worded:
            self.worded.add(index)
            self._say(self.grounding.own_wording(index))

    def _say(self, text: str) -> None:
        text = in_prose(text)
        if text and text not in self.turn.work.clauses:
            self.turn.work.clauses.append(text)
            self.turn.emit(Clause(text))


async def _clauses(fragments: AsyncIterator[str], *, whole: bool = False) -> AsyncGenerator[str]:
    """The clauses of a stream, or its fragments as they are; closing it closes the stream behind it."""
    cutter = Clauses()
    try:
        async for fragment in fragments:
            if whole:
                yield fragment
                continue
            for clause in cutter.feed(fragment):
                yield clause
        if rest := cutter.flush():
            yield rest
    finally:
        if isinstance(fragments, AsyncGenerator):
            await fragments.aclose()
