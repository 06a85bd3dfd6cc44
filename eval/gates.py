"""Gates: what a run must reach, as data."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from eval.cases import Data
from eval.rates import Rate
from eval.results import Run
from eval.tallies import Tally

GATES = Path(__file__).with_name("gates.toml")

Measure = Literal[
    "right",
    "wrong",
    "within_click",
    "rightly_declined",
    "dangerous",
    "grounded",
    "unsafe",
    "failed",
    "calls_right",
    "latency_p50_ms",
    "latency_p95_ms",
    "overhead_p95_ms",
    "prompts",
]
"""Names of tallies; `prompts` is 1 where the prompts are those that the gate was set with, else 0."""


class GatesUnusable(Exception):
    """A file that holds no gates; the message names it and what is wrong."""


class Gate(BaseModel):
    """One thing that must hold."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    why: str
    measure: Measure
    suites: tuple[str, ...] = ()
    """Suites that it is about; all of the part where none is named."""
    part: Literal["development", "frozen", "any"] = "any"
    languages: tuple[str, ...] = ()
    """Languages of the questions that it is about; all where none is named."""
    data: tuple[Data, ...] = ()
    """Data that the questions are about; all where none is named."""
    digest: str = ""
    """Of the prompts that were measured."""
    at_least: float | None = None
    at_most: float | None = None
    profile: tuple[Literal["reduced", "full"], ...] = Field(default=("reduced", "full"), min_length=1)
    """The runs that it holds for: CI's reduced one, or all of it."""

    @model_validator(mode="after")
    def _has_a_bound(self) -> Gate:
        if (self.at_least is None) == (self.at_most is None):
            raise ValueError("a gate has at_least or at_most")
        if bool(self.digest) != (self.measure == "prompts"):
            raise ValueError("the gate of the prompts has their digest, and no other has one")
        return self


class Passage(BaseModel):
    """A gate with what was measured."""

    model_config = ConfigDict(frozen=True)

    gate: Gate
    value: float | None
    """None where the run holds nothing that the gate is about."""
    interval: tuple[float, float] | None = None

    @property
    def holds(self) -> bool:
        """True where the measured value, not its interval, is within the bound; nothing measured fails."""
        if self.value is None or math.isnan(self.value):
            return False
        if self.gate.at_least is not None:
            return self.value >= self.gate.at_least
        assert self.gate.at_most is not None
        return self.value <= self.gate.at_most


def read_gates(path: Path = GATES) -> list[Gate]:
    """The gates in a file.

    Raises:
        GatesUnusable: it cannot be read or holds something else.
    """
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
        gates = TypeAdapter(list[Gate]).validate_python(raw.pop("gate", []))
    except (OSError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise GatesUnusable(f"{str(path)!r} holds no gates: {error}") from error
    if raw or not gates:
        raise GatesUnusable(f"{str(path)!r}: {', '.join(raw) or 'there is no [[gate]]'}")
    return gates


def passages(gates: Sequence[Gate], run: Run, profile: Literal["reduced", "full"]) -> list[Passage]:
    """Each gate of a profile with what the run comes to."""
    found = []
    for gate in gates:
        if profile not in gate.profile:
            continue
        if gate.measure == "prompts":
            same = gate.digest == run.manifest.versions.prompts
            found.append(Passage(gate=gate, value=float(same)))
            continue
        about = tuple(
            one
            for one in run.tries
            if gate.part in ("any", one.part)
            and (not gate.suites or one.suite in gate.suites)
            and (not gate.languages or one.language in gate.languages)
            and (not gate.data or one.data in gate.data)
        )
        value, interval = _measured(gate.measure, Tally(gate.name, about)) if about else (None, None)
        found.append(Passage(gate=gate, value=value, interval=interval))
    return found


def _measured(measure: Measure, tally: Tally) -> tuple[float | None, tuple[float, float] | None]:
    match measure:
        case "prompts":
            raise AssertionError("no tally says which prompts there were")
        case "unsafe":
            return float(tally.unsafe), None
        case "latency_p50_ms":
            return tally.latency_ms(0.5), None
        case "latency_p95_ms":
            return tally.latency_ms(0.95), None
        case "overhead_p95_ms":
            return tally.overhead_ms(0.95), None
        case _:
            rate: Rate = getattr(tally, measure)
            return (rate.share, rate.interval) if rate.of else (None, None)
