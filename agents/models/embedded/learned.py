"""The learned reader: plans for a question, by a small network trained on questions with their plans.

It knows nothing of the grammar's rules, so that where both agree a reading can be trusted.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from agents.models.embedded.encoder import Encoder, narrowed, widened
from agents.models.embedded.masked import Masked
from agents.models.embedded.plan_language import NotSayable, PlanLanguage
from agents.models.embedded.sense import as_taught
from agents.models.embedded.writer import Writer, Written
from agents.models.protocol import ToolCall
from tools.buildable import Buildable
from tools.metrics.query import MetricQuery, NamedTest

_WEIGHTS = Path(__file__).with_name("weights")
_BEAMS = 5
_ENCODER = "layer"


@dataclass(frozen=True, slots=True)
class LearnedPlan:
    """A plan that the network wrote; without calls it says that the data cannot answer."""

    calls: tuple[ToolCall, ...]
    probability: float


class LearnedReader:
    """Writes plans for masked questions; weights are read when the first question comes."""

    def __init__(self, language: PlanLanguage, weights: Path | None = None) -> None:
        self._folder = weights or _WEIGHTS
        self._language = language

    def read(self, question: Masked) -> tuple[LearnedPlan, ...]:
        """Plans that can be run, likeliest first; no two the same."""
        found: list[LearnedPlan] = []
        for written in _network(self._folder).plans(question):
            try:
                calls = self._language.calls(written.words, question)
            except NotSayable:
                continue
            plan = LearnedPlan(calls, math.exp(written.log_probability))
            if all(plan.calls != other.calls for other in found):
                found.append(plan)
        return tuple(found)

    def has_learned(self, call: ToolCall) -> bool:
        """Whether the network was taught such calls; a tool, or a part of one, that is newer than its weights
        is none."""
        if isinstance(call.arguments, Buildable) and call.arguments.material is None:
            return False  # it has only ever seen this tool with a product
        call, words = as_taught(call), _network(self._folder).words
        if isinstance(call.arguments, MetricQuery):
            return _catalogue_words(call.arguments) <= words
        given = call.arguments.model_dump(exclude_defaults=True)
        return {f"tool:{call.name}", *(f"arg:{name}" for name in given)} <= words

    def unknown(self, question: Masked) -> tuple[str, ...]:
        """Words of a question, as typed, that the network can only guess from their parts."""
        found = _network(self._folder).unknown(question)
        return tuple(dict.fromkeys(question.spots[at].text for at in found))


def _catalogue_words(query: MetricQuery) -> set[str]:
    """What a query takes from the catalogue, as words of a plan: its metrics, conditions and things."""
    filters = [*query.where, *(one for measure in query.measures for one in measure.where)]
    found = {f"metric:{measure.metric}" for measure in query.measures if measure.metric}
    found |= {f"count:{measure.count_of}" for measure in query.measures if measure.count_of}
    found |= {f"named:{one.entity}.{one.condition}" for one in filters if isinstance(one, NamedTest)}
    return found | ({f"rows:{query.rows_of}"} if query.rows_of else set())


class _Network:
    def __init__(self, folder: Path) -> None:
        # The matrices are small. A second thread gains nothing on an idle machine, and on a busy one
        # the threads wait for each other: an answer then takes four times as long.
        threadpool_limits(1, user_api="blas")
        settings: dict[str, Any] = json.loads((folder / "reader.json").read_text(encoding="utf-8"))
        # Read one by one: all of them beside their copies would take 17 MiB that are not given back.
        with np.load(folder / "reader.npz") as packed:
            narrow = narrowed(packed, _ENCODER)
            weights = widened(packed, but=narrow)
        layers, heads = int(settings["layers"]), int(settings["heads"])
        self._encoder = Encoder(folder, weights, narrow, layers, heads)
        words = [str(word) for word in settings["words"]]
        self.words = frozenset(words)
        """What plans are written with."""
        self._writer = Writer(weights, words, int(settings["writer_heads"]), int(settings["depth"]))

    def unknown(self, question: Masked) -> list[int]:
        return self._encoder.unknown(question.words, question.language)

    def plans(self, question: Masked) -> tuple[Written, ...]:
        states, places = self._encoder.states(question.words, question.language)
        return self._writer.plans(states, places, _BEAMS)


@lru_cache(maxsize=2)
def _network(folder: Path) -> _Network:
    return _Network(folder)
