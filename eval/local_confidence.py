"""Fits how much a small model's opinion counts beside the two readers, and says what it changes.

Every question is read by the embedded model's readers and named by the small model; each proposal is run and
compared with what was expected. A logistic regression on what either thinks gives the gates, checked in five
folds, with the figures of the embedded model alone beside them. What the small model wrote is kept in a file,
so that another fit does not take hours.

    python -m eval.local_confidence --data DIR --model FILE.gguf --picks FILE development_7 development_8
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

import numpy as np

from agents.models.embedded.arbiter import Arbiter
from agents.models.embedded.confidence import confidence
from agents.models.embedded.deciding import MOST_READINGS, OFFERED_FROM, settled_by
from agents.models.embedded.masterdata import MasterData, MasterDataCache
from agents.models.local.engine import Piece, Written
from agents.models.local.gates import GATES, terms
from agents.models.local.llama import LlamaEngine
from agents.models.local.model import names_here
from agents.models.local.names import Names, Pick, read_pick
from agents.models.local.picker import MOST_TOKENS, prompt_for, start_of
from agents.models.protocol import Turn
from erp_adapters.errors import ModelError
from eval.cases import Case, packaged_suites
from eval.golden import Golden
from eval.golden import opened as data_opened
from eval.homes import folder_of, opened
from eval.reader_confidence import At, applied, fitted_weights, is_right
from tools.all_tools import registry
from tools.metrics.catalogue import packaged_catalogue

_TRIED = 6
"""Proposals of a question that are run, likeliest first."""
_FOLDS = 5
_PATIENT_S = 600.0
"""Nobody waits for these answers."""

Verdict: TypeAlias = Literal["right", "wrong", "one click away", "not answered"]
VERDICTS: tuple[Verdict, ...] = ("right", "wrong", "one click away", "not answered")


@dataclass(frozen=True, slots=True)
class Weighed:
    """A proposal with what is thought of it and whether it is right."""

    readers: float
    names: tuple[str, ...]
    near: bool
    """Whether the pick is about records that it is about."""
    answers: bool
    """False where it says that the data cannot answer."""
    right: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with its proposals and what the small model named."""

    proposals: tuple[Weighed, ...]
    pick: Pick
    answerable: bool


class Picks:
    """What the small model wrote for questions, kept line by line.

    Args:
        file: holds them from one run to the next; nothing is kept without it.
        engine: asked where a question is not in the file; without it such questions are left out.
    """

    def __init__(self, file: Path | None, engine: LlamaEngine | None, names: Names) -> None:
        self._file, self._engine, self._names = file, engine, names
        self._known: dict[str, Written] = {}
        self.seconds: list[float] = []
        for line in file.read_text(encoding="utf-8").splitlines() if file and file.is_file() else ():
            kept = json.loads(line)
            self._known[kept["question"]] = Written(_pieces(kept["pieces"]), _pieces(kept["openings"]))
            self.seconds.append(kept["seconds"])

    def of(self, question: str) -> Pick | None:
        """What the model names for a question; None where it is not known and cannot be asked."""
        if question not in self._known and self._engine is not None:
            since = time.perf_counter()
            written = self._engine.write(prompt_for(question), self._names.grammar(), MOST_TOKENS, _PATIENT_S)
            self._keep(question, written, time.perf_counter() - since)
        written_before = self._known.get(question)
        return read_pick(written_before) if written_before else None

    def _keep(self, question: str, written: Written, seconds: float) -> None:
        self._known[question] = written
        self.seconds.append(seconds)
        if self._file is not None:
            record = {
                "question": question,
                "seconds": seconds,
                "pieces": [[piece.text, piece.probability] for piece in written.pieces],
                "openings": [[piece.text, piece.probability] for piece in written.openings],
            }
            line = json.dumps(record, ensure_ascii=False)
            with self._file.open("a", encoding="utf-8") as file:
                file.write(line + "\n")


def _pieces(kept: Sequence[tuple[str, float]]) -> tuple[Piece, ...]:
    return tuple(Piece(text, probability) for text, probability in kept)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the fit and what it changes."""
    given = _parser().parse_args(arguments)
    names = names_here()
    engine = _prepared(given.model, given.threads, names) if given.model else None
    picks = Picks(given.picks, engine, names)
    cases = [case for suite in packaged_suites(given.suites) for case in suite.cases if len(case.ask) == 1]
    with folder_of(given.home) as homes:
        asked = asyncio.run(_asked(homes, given.data, cases[:: given.every], picks, names))
    weights = _fit(asked)
    print(f"{len(asked)} questions; seconds for a pick: {_middle(picks.seconds)}")
    print("embedded alone:   ", told([verdict(one, _by_readers(one)) for one in asked]))
    print("with the third:   ", told(_held_out(asked)), "(five folds)")
    fitted = {"questions": len(asked), "model": given.model.stem if given.model else "", "weights": weights}
    print(json.dumps(fitted, indent=1))
    if given.write:
        GATES.write_text(json.dumps(fitted, indent=1) + "\n", encoding="utf-8")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m eval.local_confidence",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("suites", nargs="+", metavar="SUITE")
    parser.add_argument("--data", type=Path, required=True, help="CSV files of AdventureWorks")
    parser.add_argument("--home", type=Path, help="keeps the loaded data; a scratch folder without it")
    parser.add_argument("--model", type=Path, help="the GGUF file; without it only kept picks are used")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--picks", type=Path, help="keeps what the model wrote")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="every Nth question only")
    parser.add_argument("--write", action="store_true", help=f"replace {GATES.name}")
    return parser


def _prepared(model: Path, threads: int, names: Names) -> LlamaEngine:
    engine = LlamaEngine(model, model.parent / "read", threads)
    engine.prepare(start_of(names), lambda done: print(f"prepared to {done:.0%}", file=sys.stderr))
    return engine


async def _asked(homes: Path, files: Path, cases: Sequence[Case], picks: Picks, names: Names) -> list[Asked]:
    catalogue, known = packaged_catalogue(), registry()
    tools = {name: known.get(name) for name in known.names()}
    arbiter = Arbiter(catalogue, tools)
    found: list[Asked] = []
    async with opened(homes, "adventureworks", files) as place:
        caller = await place.store.caller("planner")
        async with place.store.reading(caller) as tx:
            data = await MasterDataCache(catalogue).get(tx)
        at = At(place.store, caller, tools)
        with data_opened(files, place.owner) as golden:
            for case in cases:
                try:
                    pick = picks.of(case.ask[0])
                except ModelError as error:
                    print(f"{case.id}: {error}", file=sys.stderr)
                    continue
                if pick is not None:
                    found.append(await _of_case(case, golden.golden(case), pick, arbiter, data, at, names))
    return found


async def _of_case(
    case: Case, wanted: Golden | None, pick: Pick, arbiter: Arbiter, data: MasterData, at: At, names: Names
) -> Asked:
    proposals = await arbiter.proposals(Turn(case.ask[0]), data, frozenset(at.tools), at.outcome)
    sure = [(confidence(one, proposals), one) for one in proposals]
    found = []
    for readers, one in sorted(sure, key=lambda pair: -pair[0])[:_TRIED]:
        results = await at.results(one.calls)
        right = wanted is None if not one.calls else results is not None and is_right(case, wanted, results)
        asked = names.of(one.calls)
        found.append(Weighed(readers, asked, names.near(pick, asked), bool(one.calls), right))
    return Asked(tuple(found), pick, wanted is not None)


# ── the fit ──
def _rows(asked: Sequence[Asked]) -> tuple[list[list[float]], list[float]]:
    x, y = [], []
    for one in asked:
        for proposal in one.proposals:
            found = terms(proposal.readers, proposal.names, one.pick, near=proposal.near)
            x.append(list(found.values()))
            y.append(float(proposal.right))
    return x, y


def _fit(asked: Sequence[Asked]) -> dict[str, float]:
    x, y = _rows(asked)
    fitted = fitted_weights(np.array(x), np.array(y))
    names = ("base", *terms(0.5, (), Pick("", 0.0), near=False))
    return {name: round(float(weight), 4) for name, weight in zip(names, fitted, strict=True)}


def _held_out(asked: Sequence[Asked]) -> list[Verdict]:
    """What becomes of each question by gates that were fitted on the others."""
    found: list[Verdict] = []
    for number in range(_FOLDS):
        held = [one for at, one in enumerate(asked) if at % _FOLDS == number]
        x, y = _rows([one for at, one in enumerate(asked) if at % _FOLDS != number])
        fitted = fitted_weights(np.array(x), np.array(y))
        for one in held:
            rows, _ = _rows([one])
            sure = [float(value) for value in applied(fitted, np.array(rows))] if rows else []
            found.append(verdict(one, sure))
    return found


def _by_readers(asked: Asked) -> list[float]:
    return [proposal.readers for proposal in asked.proposals]


def verdict(asked: Asked, sure: Sequence[float]) -> Verdict:
    """What becomes of a question where each proposal is as sure as given."""
    ranked = sorted(zip(sure, asked.proposals, strict=True), key=lambda pair: -pair[0])
    readings = [(value, one) for value, one in ranked if one.answers]
    nothing = max((value for value, one in ranked if not one.answers), default=0.0)
    settled = settled_by(readings[0][0] if readings else 0.0, nothing)
    if settled == "answered":
        return "right" if readings[0][1].right else "wrong"
    if settled == "declined" and not asked.answerable:
        return "right"
    offered = [one.right for value, one in readings[:MOST_READINGS] if value >= OFFERED_FROM]
    return "one click away" if any(offered) else "not answered"


def told(verdicts: Sequence[Verdict]) -> str:
    """The verdicts in percent."""
    counted = Counter(verdicts)
    many = max(1, len(verdicts))
    return ", ".join(f"{name} {100 * counted[name] / many:.1f} %" for name in VERDICTS)


def _middle(seconds: Sequence[float]) -> str:
    if not seconds:
        return "none measured"
    ordered = sorted(seconds)
    return f"median {ordered[len(ordered) // 2]:.1f}, 95th {ordered[int(0.95 * (len(ordered) - 1))]:.1f}"


if __name__ == "__main__":
    sys.exit(main())
