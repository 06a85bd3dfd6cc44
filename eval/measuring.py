"""A run of the cases with one model, each kind of data in its own home."""

from __future__ import annotations

import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from agents.models.protocol import ModelProtocol
from eval import golden
from eval.cases import Data, Suite
from eval.homes import Place, copilot_at, opened
from eval.respondents import Respondent
from eval.results import Manifest, Recording, Run, Try
from eval.running import run
from eval.versions import versions_of

Manner = Callable[[Respondent], Respondent]
"""How a respondent is asked: as it is, or with patience."""


def _as_it_is(respondent: Respondent) -> Respondent:
    return respondent


@dataclass(frozen=True)
class Measurement:
    """What every model is asked alike: the suites, the homes that are up, how often, and in which order."""

    suites: tuple[Suite, ...]
    places: Mapping[Data, Place]
    files: Path
    """CSV files of AdventureWorks."""
    trials: int = 1
    jobs: int = 1
    seed: int = 0

    def manifest(self, model: str) -> Manifest:
        """What a run with the model of that name is made with, begun now."""
        return Manifest(
            versions=versions_of(
                model, self.suites, {kind: place.fingerprint for kind, place in self.places.items()}
            ),
            suites=tuple(suite.name for suite in self.suites),
            trials=self.trials,
            seed=self.seed,
            began=datetime.now(UTC).isoformat(timespec="seconds"),
        )

    @property
    def wanted(self) -> frozenset[tuple[str, str, int]]:
        """Keys of all tries of a whole run."""
        return frozenset(
            (suite.name, case.id, trial)
            for suite in self.suites
            for case in suite.cases
            for trial in range(1, self.trials + 1)
        )

    async def run(
        self, model: ModelProtocol, folder: Path, *, manner: Manner = _as_it_is, label: str = ""
    ) -> Run:
        """The run of that model, kept in the folder; what the folder holds already is not asked again.

        Raises:
            RunUnusable: the folder holds another run.
        """
        manifest = self.manifest(model.name)
        recording = Recording(folder, manifest)
        tries: list[Try] = []
        for kind, place in self.places.items():
            part = [suite for suite in self.suites if suite.data == kind]
            source = self.files if kind == "adventureworks" else None
            async with copilot_at(place, model) as respondent:
                with golden.opened(source, place.owner) as data:
                    tries += await run(
                        part,
                        manner(respondent),
                        data,
                        recording,
                        trials=self.trials,
                        jobs=self.jobs,
                        seed=self.seed,
                        progress=Steps(f"{label}, {kind}" if label else kind),
                    )
        return Run(manifest, tuple(tries))


@asynccontextmanager
async def prepared(
    suites: Sequence[Suite], homes: Path, files: Path, *, trials: int = 1, jobs: int = 1, seed: int = 0
) -> AsyncIterator[Measurement]:
    """A measurement whose homes are up, filled where they were empty.

    Raises:
        HomeUnusable: one cannot be filled.
    """
    kinds: list[Data] = sorted({suite.data for suite in suites})
    async with AsyncExitStack() as stack:
        places = {kind: await stack.enter_async_context(opened(homes, kind, files)) for kind in kinds}
        yield Measurement(tuple(suites), places, files, trials, jobs, seed)


class Steps:
    """Progress on the screen, a line a second at most."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._right = 0
        self._next = 0.0

    def __call__(self, done: int, of: int, last: Try) -> None:
        """Count a try, and say where the run is."""
        self._right += last.is_right
        if done == of or time.monotonic() >= self._next:
            self._next = time.monotonic() + (1 if sys.stderr.isatty() else 15)
            end = "\n" if done == of or not sys.stderr.isatty() else "\r"
            sys.stderr.write(f"{self._label}: {done} of {of} cases, {self._right} right in this run{end}")
            sys.stderr.flush()
