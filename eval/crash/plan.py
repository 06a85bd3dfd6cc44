"""Which process dies where, and what goes wrong on the way to the ERP meanwhile: every pair, evenly."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, TypeAlias

from erp_adapters.demo.erp import FAULTS, DuplicateStrength, Fault, FaultKind
from erp_adapters.records import DraftKind
from policies.failpoints import Failpoint

Process: TypeAlias = Literal["server", "worker"]

SETTLE = timedelta(seconds=2)
"""How long the ERP may take to show a document, in a crash test: everything late is over by then."""
CALL = timedelta(seconds=1)
_LATEST = 1.4
"""Seconds for which a commit comes late, or a document stays hidden, at most."""
_KINDS: tuple[DraftKind, ...] = (
    "purchase_requisition",
    "stock_transfer",
    "quality_hold",
    "order_rescheduling",
    "cancellation",
    "published_text",
)
_STRENGTHS: tuple[DuplicateStrength, ...] = ("none", "rejects")

ON_SERVER = frozenset(
    {
        Failpoint.PROPOSAL_WRITTEN,
        Failpoint.PROPOSED,
        Failpoint.SIGNED,
        Failpoint.CONSUMED,
        Failpoint.CONFIRMED,
    }
)
"""Places that a person's request passes; a worker passes the others."""


@dataclass(frozen=True, slots=True)
class Death:
    """Where a process dies, or after how many seconds it is killed from outside."""

    process: Process
    point: Failpoint | None = None

    @property
    def name(self) -> str:
        """As the table names it."""
        return str(self.point) if self.point else f"any moment of the {self.process}"


DEATHS: tuple[Death, ...] = (
    *(Death("server" if point in ON_SERVER else "worker", point) for point in Failpoint),
    Death("server"),
    Death("worker"),
)


@dataclass(frozen=True, slots=True)
class Trial:
    """One draft, one death or more, and what the network and the ERP do meanwhile."""

    number: int
    death: Death
    moment: float
    """Seconds after which a death at any moment comes."""
    faults: tuple[Fault, ...]
    duplicates: DuplicateStrength
    kind: DraftKind
    is_crowded: bool
    """Two workers work beside each other, and each dies where it is to die."""
    deaths: int
    """How many workers in a row die at the place."""
    is_impossible: bool
    """The ERP refuses it: its cost centre is not there."""

    @property
    def fault(self) -> str:
        """As the table names it."""
        return self.faults[0].kind if self.faults else "nothing"


def plan(count: int, seed: int) -> tuple[Trial, ...]:
    """So many trials; whatever their number, each place, fault and strength comes about equally often."""
    chance = random.Random(seed)
    faults: Sequence[FaultKind | None] = (None, *FAULTS)
    trials: list[Trial] = []
    used: Counter[object] = Counter()
    left: list[tuple[Death, FaultKind | None, DuplicateStrength]] = []
    while len(trials) < count:
        if not left:
            left = list(itertools.product(DEATHS, faults, _STRENGTHS))
            chance.shuffle(left)
        rarest = min(left, key=lambda each: (used[each[0]], used[each[1]], used[each[2]]))
        left.remove(rarest)
        used.update(rarest)
        trials.append(_trial(len(trials), rarest, chance))
    return tuple(trials)


def _trial(
    number: int, combination: tuple[Death, FaultKind | None, DuplicateStrength], chance: random.Random
) -> Trial:
    death, first, duplicates = combination
    kinds = [first] if first else []
    if first and chance.random() < 0.2:
        # Something else goes wrong with the call after it.
        kinds.append(chance.choice(FAULTS))
    is_impossible = chance.random() < 0.1
    return Trial(
        number=number,
        death=death,
        moment=chance.uniform(0.0, 0.4),
        faults=tuple(Fault(kind, seconds=round(chance.uniform(0.1, _LATEST), 3)) for kind in kinds),
        duplicates=duplicates,
        kind="purchase_requisition" if is_impossible else _KINDS[number % len(_KINDS)],
        is_crowded=chance.random() < 0.3,
        deaths=2 if chance.random() < 0.15 else 1,
        is_impossible=is_impossible,
    )
