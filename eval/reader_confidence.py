"""Fits how sure the embedded model is of a proposal, on suites that its learned reader has not seen.

Each proposal of either reader is run and compared with what was expected; a logistic regression on what
spoke for it gives the weights, apart for questions that stand alone, for the last of conversations, for those
that the learned reader alone has read, and for those in other languages, of which it has read the English as
well. They are printed with the figures of a five-fold check, and written with --write; those of a kind of
question that no suite has stay as they are.

    python -m eval.reader_confidence --data DIR development_20 development_21 enterprise_7 follow_ups
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import numpy as np
import numpy.typing as npt

from agents.conversations import named
from agents.models.embedded.arbiter import Arbiter
from agents.models.embedded.confidence import WEIGHTS, Kind, kind_of, terms
from agents.models.embedded.masterdata import MasterData, MasterDataCache
from agents.models.embedded.outcomes import Outcome, outcome_of
from agents.models.embedded.proposals import Proposal
from agents.models.protocol import Calls, Clarify, PastTurn, ToolCall, Turn
from erp_adapters.caller import Caller
from erp_adapters.errors import CopilotError
from erp_adapters.store import Store
from eval.cases import Case, Suite, packaged_suites
from eval.comparison import matches
from eval.golden import Golden
from eval.golden import opened as data_opened
from eval.homes import Place, folder_of, opened
from tools.all_tools import registry
from tools.metrics.catalogue import packaged_catalogue
from tools.registry import Tool, ToolContext
from tools.results import ToolResult

_Floats = npt.NDArray[np.float64]
_TRIED = 6
"""Proposals of a question that are run, likeliest first."""
_FOLDS = 5
_STEADY = 3.0
"""How strongly weights are drawn to nothing."""
_STEADIER = 20.0
"""The same to other weights."""
_AS_BESIDE = frozenset({"parts", "look_up", "nothing", "clear", "vague", "empty"})
"""Terms that a reading in other words says nothing new about."""
_ROUNDS = 60
_THRESHOLDS = (0.35, 0.45, 0.55, 0.65, 0.75)


@dataclass(frozen=True, slots=True)
class Tried:
    """A proposal with its outcome."""

    question: int
    terms: tuple[float, ...]
    right: bool
    answers: bool
    """False where it says that the data cannot answer."""
    kind: Kind
    """Whether it stands alone, leans on the turn before, was read by one reader, or in other words too."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the fit."""
    parser = argparse.ArgumentParser(
        prog="python -m eval.reader_confidence",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("suites", nargs="+", metavar="SUITE")
    parser.add_argument("--data", type=Path, required=True, help="CSV files of AdventureWorks")
    parser.add_argument("--home", type=Path, help="keeps the loaded data; a scratch folder without it")
    parser.add_argument("--write", action="store_true", help=f"replace {WEIGHTS.name}")
    given = parser.parse_args(arguments)
    with folder_of(given.home) as homes:
        tried = asyncio.run(_tried(homes, given.data, packaged_suites(given.suites)))
    known = json.loads(WEIGHTS.read_text(encoding="utf-8"))
    by_kind = {kind: [one for one in tried if one.kind == kind] for kind in get_args(Kind)}
    fitted = {
        kind: _fit(some) if some else known[kind] for kind, some in by_kind.items() if kind != "glossed"
    }
    fitted["glossed"] = _fit(some, fitted["by_one"]) if (some := by_kind["glossed"]) else known["glossed"]
    print(json.dumps(fitted, indent=1))
    if given.write:
        WEIGHTS.write_text(json.dumps(fitted, indent=1) + "\n", encoding="utf-8")
    return 0


def _fit(tried: Sequence[Tried], beside: dict[str, Any] | None = None) -> dict[str, Any]:
    """The weights for one kind of question, after the figures of their check.

    With weights `beside`, what is told apart from them alone is fitted, and drawn to them.
    """
    names = tuple(terms(Proposal((), ""), ()))
    known = [0.0] * (1 + len(names))
    if beside is not None:
        known = [beside["weights"].get(name, 0.0) for name in ("base", *names)]
    columns = [at for at, name in enumerate(names) if beside is None or name not in _AS_BESIDE]
    steady = _STEADY if beside is None else _STEADIER
    every = np.array([one.terms for one in tried])
    x, start = every[:, columns], known[0] + every @ np.array(known[1:])
    y = np.array([one.right for one in tried], dtype=np.float64)
    questions = len({one.question for one in tried})
    fold = np.array([one.question % _FOLDS for one in tried])
    sure = np.zeros(len(tried))
    for number in range(_FOLDS):
        held = fold == number
        fitted = fitted_weights(x[~held], y[~held], start[~held], steady)
        sure[held] = applied(fitted, x[held], start[held])
    for threshold in _THRESHOLDS:
        print(_checked(tried, sure, threshold, questions))
    fitted = fitted_weights(x, y, start, steady)
    weights = dict(zip(("base", *names), known, strict=True))
    for name, more in zip(("base", *(names[at] for at in columns)), fitted, strict=True):
        weights[name] += float(more)
    return {"questions": questions, "weights": {name: round(w, 4) for name, w in weights.items()}}


async def _tried(homes: Path, files: Path, suites: Sequence[Suite]) -> list[Tried]:
    found: list[Tried] = []
    for kind in sorted({suite.data for suite in suites}):
        cases = [case for suite in suites if suite.data == kind for case in suite.cases]
        async with opened(homes, kind, files) as place:
            found += await _of_data(len(found), cases, place, files if kind == "adventureworks" else None)
    return found


async def _of_data(first: int, cases: Sequence[Case], place: Place, files: Path | None) -> list[Tried]:
    """What was tried of the cases about one data set, each asked by its own person."""
    catalogue, known = packaged_catalogue(), registry()
    tools = {name: known.get(name) for name in known.names()}
    arbiter, masters = Arbiter(catalogue, tools), MasterDataCache(catalogue)
    found: list[Tried] = []
    with data_opened(files, place.owner) as golden:
        for number, case in enumerate(cases, first):
            caller = await place.store.caller(case.person)
            async with place.store.reading(caller) as tx:
                data = await masters.get(tx)
            wanted = golden.golden(case)
            found += await _of_case(number, case, wanted, arbiter, data, At(place.store, caller, tools))
    return found


@dataclass(frozen=True, slots=True)
class At:
    """Somebody at a store, with the tools."""

    store: Store
    caller: Caller
    tools: dict[str, Tool[Any]]

    async def outcome(self, call: ToolCall) -> Outcome | None:
        async with self.store.reading(self.caller) as tx:
            return await outcome_of(call, self.tools[call.name], ToolContext(self.caller, tx))

    async def results(self, calls: Sequence[ToolCall]) -> list[ToolResult] | None:
        """What a plan's calls give; None where one of them is refused or takes too long."""
        found = []
        try:
            for call in calls:
                async with self.store.reading(self.caller) as tx:
                    found.append(
                        await self.tools[call.name].run(call.arguments, ToolContext(self.caller, tx))
                    )
        except CopilotError:
            return None
        return found


async def _of_case(
    number: int, case: Case, wanted: Golden | None, arbiter: Arbiter, data: MasterData, at: At
) -> list[Tried]:
    past: tuple[PastTurn, ...] = ()
    for question in case.ask[:-1]:
        past = (*past, *await _answered(Turn(question, past, language=case.language), arbiter, data, at))
    turn = Turn(case.ask[-1], past, language=case.language)
    proposals = await arbiter.proposals(turn, data, frozenset(at.tools), at.outcome)
    found = await _judged(number, case, wanted, proposals, at)
    if not past and case.language == "en":
        by_one = await arbiter.proposals(turn, data, frozenset(at.tools), at.outcome, by_one=True)
        found += await _judged(number, case, wanted, by_one, at)
    return found


async def _judged(
    number: int, case: Case, wanted: Golden | None, proposals: Sequence[Proposal], at: At
) -> list[Tried]:
    likely = sorted(proposals, key=lambda one: -(one.learned + one.grammar))[:_TRIED]
    found = []
    for proposal in likely:
        known = await at.results(proposal.calls)
        if known is None:
            continue
        right = is_right(case, wanted, known) if proposal.calls else wanted is None
        values = tuple(terms(proposal, proposals).values())
        found.append(Tried(number, values, right, bool(proposal.calls), kind_of(proposal)))
    return found


async def _answered(turn: Turn, arbiter: Arbiter, data: MasterData, at: At) -> tuple[PastTurn, ...]:
    """The turn as a later one sees it; nothing where it was not answered."""
    plan = await arbiter.plan(turn, data, frozenset(at.tools), at.outcome)
    match plan:
        case Calls():
            reading = plan.reading
        case Clarify() if plan.readings:
            return (PastTurn(turn.question, plan.readings[0].calls, f"Asked back: {plan.question}"),)
        case _:
            return ()
    results = await at.results(reading.calls)
    tables = [table for result in results or () for table in result.tables][:1]
    spoken_of = [named(table.rows, [column.kind for column in table.columns]) for table in tables]
    return (PastTurn(turn.question, reading.calls, reading.words, next(iter(spoken_of), ())),)


def is_right(case: Case, wanted: Golden | None, results: Sequence[ToolResult]) -> bool:
    if wanted is None:
        return False
    tables = [
        [[None if cell is None else str(cell) for cell in row] for row in table.rows]
        for result in results
        for table in result.tables
    ]
    figures = [str(figure.value) for result in results for figure in result.figures]
    tolerance = getattr(case.verdict, "tolerance", 0.0)
    return matches(tables, figures, wanted.rows, tolerance, wanted.columns)


def fitted_weights(x: _Floats, y: _Floats, start: _Floats | None = None, steady: float = _STEADY) -> _Floats:
    """Weights of a logistic regression, the base first (Newton's method, drawn to nothing).

    `start` is what other weights come to.
    """
    known = np.zeros(len(x)) if start is None else start
    spread = x.std(axis=0) + 1e-9
    z = np.c_[np.ones(len(x)), x / spread]
    w = np.zeros(z.shape[1])
    drawn = steady * np.eye(len(w))
    drawn[0, 0] = 0.0
    for _ in range(_ROUNDS):
        p = 1.0 / (1.0 + np.exp(-(z @ w + known)))
        curve = z.T @ (z * (p * (1.0 - p) + 1e-6)[:, None]) + drawn
        w += np.linalg.solve(curve, z.T @ (y - p) - drawn @ w)
    return np.concatenate([w[:1], w[1:] / spread])


def applied(weights: _Floats, x: _Floats, start: _Floats | None = None) -> _Floats:
    """Probabilities."""
    known = np.zeros(len(x)) if start is None else start
    return np.asarray(1.0 / (1.0 + np.exp(-(weights[0] + x @ weights[1:] + known))))


def _checked(tried: Sequence[Tried], sure: _Floats, threshold: float, many: int) -> str:
    """What answering from that confidence on would have given: only the best of each question counts."""
    best: dict[int, tuple[float, bool]] = {}
    for one, value in zip(tried, sure, strict=True):
        if one.answers and value > best.get(one.question, (0.0, False))[0]:
            best[one.question] = (float(value), one.right)
    answered = [right for value, right in best.values() if value >= threshold]
    return (
        f"from {threshold:.2f} on: answered {len(answered) / many:.3f},"
        f" of these right {sum(answered) / max(1, len(answered)):.3f}"
    )


if __name__ == "__main__":
    sys.exit(main())
