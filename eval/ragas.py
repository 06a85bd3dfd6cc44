"""Feeds a run's tool calls to ragas, which lives in an environment of its own."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.results import Try
from eval.scoring import ragas_calls

FILE = "ragas.json"
"""What ragas said, in the folder of the run."""


class RagasUnusable(Exception):
    """ragas could not be run; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class RagasScores:
    """Means over the tries that expect calls."""

    tries: int
    accuracy: float
    f1: float


def ragas_scores(interpreter: Path, tries: Sequence[Try]) -> RagasScores | None:
    """ragas' ToolCallAccuracy and ToolCallF1 of a run; None where no case expects calls.

    Args:
        interpreter: Python of the environment that has ragas (`make ragas` makes it).

    Raises:
        RagasUnusable: it is not there, or fails.
    """
    about = [one for one in tries if one.expected_calls]
    if not about:
        return None
    fed = json.dumps([comparable(one) for one in about])
    script = ragas_calls.__file__
    try:
        done = subprocess.run(
            [str(interpreter), script], input=fed, capture_output=True, text=True, check=False
        )
    except OSError as error:
        raise RagasUnusable(f"{str(interpreter)!r} cannot be run ({error.strerror}): make ragas") from error
    if done.returncode != 0:
        raise RagasUnusable(f"ragas fails in {str(interpreter)!r}: {done.stderr.strip()[-300:]}")
    found = json.loads(done.stdout)
    return RagasScores(len(about), sum(found["accuracy"]) / len(about), sum(found["f1"]) / len(about))


def comparable(one: Try) -> dict[str, list[dict[str, Any]]]:
    """The calls made and expected; of those made only arguments that the expected call of the tool names.

    ragas compares whole arguments, and a case names only those that matter.
    """
    expected = [dict(call) for call in one.expected_calls]
    named: dict[str, set[str]] = {}
    for call in expected:
        named.setdefault(call["tool"], set()).update(call["arguments"])
    made = [
        {
            "tool": call["tool"],
            "arguments": {
                name: value
                for name, value in call["arguments"].items()
                if name in named.get(call["tool"], set())
            },
        }
        for call in one.calls
    ]
    return {"made": made, "expected": expected}
