"""Which tools were called with which arguments, beside those expected."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from agents.answer import Answer
from eval.cases import CallsCheck

_Call = tuple[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class CallsScore:
    """How the calls compare; ragas gives the same two figures from the record that a run leaves."""

    accuracy: float
    """1 where every expected call was made, in that order and with the expected arguments."""
    f1: float
    """Harmonic mean of how many calls were expected and how many of the expected were made."""


def calls_of(answer: Answer) -> list[_Call]:
    """The calls that an answer was made from."""
    return [(call.name, json.loads(call.arguments)) for call in answer.tool_calls]


def calls_score(check: CallsCheck, made: list[_Call]) -> CallsScore:
    """The calls made against those expected; arguments that a check does not name may be anything."""
    wanted = [(call.tool, call.arguments) for call in check.calls]
    left = list(made)
    hits = 0
    for want in wanted:
        found = next((at for at, call in enumerate(left) if _fits(want, call)), None)
        if found is not None:
            hits += 1
            del left[found]
    in_order = len(made) == len(wanted) and all(map(_fits, wanted, made))
    return CallsScore(float(in_order), 2 * hits / (len(made) + len(wanted)) if made or wanted else 1.0)


def _fits(wanted: _Call, made: _Call) -> bool:
    return wanted[0] == made[0] and _within(wanted[1], made[1])


def _within(wanted: Any, made: Any) -> bool:
    """True where all that is wanted is there; lists have to be of one length."""
    if isinstance(wanted, dict):
        return isinstance(made, dict) and all(
            name in made and _within(value, made[name]) for name, value in wanted.items()
        )
    if isinstance(wanted, list):
        return isinstance(made, list) and len(made) == len(wanted) and all(map(_within, wanted, made))
    return str(wanted) == str(made) if isinstance(made, str) else bool(wanted == made)
