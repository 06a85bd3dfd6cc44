"""How sure a reading is once a third opinion is known: that of the small model, beside the two readers'."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TypeAlias

from agents.models.local.names import Pick

Gates: TypeAlias = Mapping[str, float]
"""How much each term counts; `base` is what is thought without any."""

GATES = Path(__file__).with_name("gates.json")
_LEAST = 1e-4
_LEAST_BEGUN = 0.003
"""Below it an opening is not told from others."""


def terms(sure: float, asked: Sequence[str], pick: Pick, *, near: bool) -> dict[str, float]:
    """What speaks for a reading and against it.

    Args:
        sure: what the two readers make of it, from 0 to 1.
        asked: the names of its plan; none where it says that the data cannot answer.
        pick: what the small model named.
        near: whether that is about records that the plan is about.
    """
    bounded = min(1.0 - _LEAST, max(_LEAST, sure))
    agrees = pick.name in asked if asked else not pick.name
    declines = not pick.name or not asked
    return {
        "readers": math.log(bounded / (1.0 - bounded)),
        "agrees": pick.probability if agrees else 0.0,
        "differs": 0.0 if agrees else pick.probability,
        "near": float(near and not agrees),
        "begins": math.log(max(_LEAST_BEGUN, min(1.0, pick.begins(asked)))),
        "declines": (1.0 if agrees else -1.0) * pick.probability if declines else 0.0,
    }


def sureness(found: Mapping[str, float], gates: Gates) -> float:
    """Probability from 0 to 1 that a reading is what was meant, by its terms."""
    total = gates["base"] + sum(gates[name] * value for name, value in found.items())
    return 1.0 / (1.0 + math.exp(-total))


@lru_cache(maxsize=1)
def packaged_gates() -> Gates:
    """The weights that ship with the program, as `python -m eval.local_confidence` fitted them."""
    raw = json.loads(GATES.read_text(encoding="utf-8"))
    return {str(name): float(value) for name, value in raw["weights"].items()}
