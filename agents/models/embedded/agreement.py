"""How sure an answer is: the grammar reader's score, weighed with what the learned reader finds likely."""

from __future__ import annotations

import json
import math
from functools import lru_cache
from pathlib import Path

from agents.models.embedded.grammar import Parsed
from agents.models.embedded.labels import labels_of
from agents.models.embedded.learned import LearnedReader, LearnedReading, mask
from agents.models.protocol import Reading
from tools.metrics.catalogue import Catalogue
from tools.metrics.query import MetricQuery

_WEIGHTS = Path(__file__).with_name("weights") / "agreement.json"
_CLEAR = 0.98


class Agreement:
    """Weighs readings by the agreement of two readers; fitted on questions by others."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._reader = LearnedReader()

    def learned(self, question: str, parsed: Parsed) -> LearnedReading:
        """What the learned reader makes of a question."""
        return self._reader.read(question, mask(parsed.tokens, parsed.chunks, self._catalogue))

    def confidence(self, reading: Reading, learned: LearnedReading) -> float:
        """Probability from 0 to 1 that a reading is what was meant."""
        weights = _weights()
        terms = self._terms(reading, learned)
        total = weights["base"] + sum(weights[name] * value for name, value in terms.items())
        return 1.0 / (1.0 + math.exp(-total))

    def _terms(self, reading: Reading, learned: LearnedReading) -> dict[str, float]:
        score = min(1.0, reading.confidence)
        terms = {"score": score, "clear": float(score >= _CLEAR), "parts": float(len(reading.calls) > 1)}
        arguments = reading.calls[0].arguments
        if isinstance(arguments, MetricQuery):
            support = learned.support(labels_of(arguments, self._catalogue))
            return terms | {
                "frame": support.frame,
                "entity": support.entity,
                "figures": support.figures,
                "conditions": support.conditions,
                "grouping": support.grouping,
                "missed": support.missed,
                "unanswerable": support.unanswerable,
            }
        frame = learned.probability(f"lookup:{reading.calls[0].name}")
        whole = dict.fromkeys(("entity", "figures", "conditions", "grouping", "look_up"), 1.0)
        return terms | whole | {"frame": frame, "unanswerable": learned.probability("unanswerable")}


@lru_cache(maxsize=1)
def _weights() -> dict[str, float]:
    raw = json.loads(_WEIGHTS.read_text(encoding="utf-8"))
    return {str(name): float(value) for name, value in raw["weights"].items()}
