"""Seeded traces of writes, one after the other, each counted at the ERP's own side."""

from __future__ import annotations

import asyncio
import logging
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from erp_adapters.demo.erp import DuplicateStrength
from eval.adversarial.writing.acts import Actor, Log
from eval.adversarial.writing.counting import Broken, count, drained
from eval.adversarial.writing.ground import Ground, ground

_TOGETHER = 25
"""Traces whose ends are counted together, so that what can settle is waited for once."""


@dataclass
class Outcome:
    """What so many traces came to."""

    traces: int = 0
    documents: int = 0
    """Documents in the ERP at the end."""
    signed: int = 0
    refused: int = 0
    """Attempts that were refused, as they must be or as anybody may be."""
    acts: Counter[str] = field(default_factory=Counter)
    states: Counter[str] = field(default_factory=Counter)
    broken: list[Broken] = field(default_factory=list)

    def add(self, other: Outcome) -> None:
        """Count another run's as well."""
        self.traces += other.traces
        self.documents += other.documents
        self.signed += other.signed
        self.refused += other.refused
        self.acts += other.acts
        self.states += other.states
        self.broken += other.broken


def sites_of(seed: int, sites: tuple[str, ...]) -> tuple[str, str]:
    """The two sites of a trace's people."""
    first, second = random.Random(f"sites {seed}").sample(sites, 2)
    return first, second


async def play(dsn: Callable[[str], str], first: int, number: int, duplicates: DuplicateStrength) -> Outcome:
    """So many traces from a seed on, on a demo's database that is good for nothing else afterwards."""
    outcome = Outcome()
    async with ground(dsn, duplicates) as place:
        for start in range(first, first + number, _TOGETHER):
            seeds = range(start, min(start + _TOGETHER, first + number))
            place.employ(seeds, lambda seed: sites_of(seed, place.sites))
            logs: dict[int, Log] = {}
            for seed in seeds:
                logs[seed] = await Actor(place, seed, sites_of(seed, place.sites)).play()
            await drained(place)
            for seed, log in logs.items():
                await _counted(place, seed, log, outcome)
        outcome.documents = len(await place.erp.documents())
    return outcome


async def _counted(place: Ground, seed: int, log: Log, outcome: Outcome) -> None:
    outcome.traces += 1
    outcome.signed += len(log.signed)
    outcome.refused += log.refused
    outcome.acts.update(log.acts)
    found, states = await count(place, seed, sites_of(seed, place.sites), log)
    outcome.broken += found
    outcome.states.update(states)


def part(dsns: dict[str, str], first: int, number: int, duplicates: DuplicateStrength) -> Outcome:
    """What came of so many traces, played in a process of their own.

    It stands here because such a process knows no `__main__`: the crash test's children replace what the fork
    server loads.
    """
    logging.disable(logging.CRITICAL)
    return asyncio.run(play(dsns.__getitem__, first, number, duplicates))
