"""One thing that the loaded data shows to be wrong: what, how sure, on which rows, and what would mend it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal, TypeAlias

Severity: TypeAlias = Literal["note", "flag", "serious"]
Argument: TypeAlias = "str | int | Decimal | date"

ID_LENGTH = 12


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """A row of the store by the name that its source gives it."""

    site: str
    record: str
    source_key: str


@dataclass(frozen=True, slots=True)
class Measure:
    """What was measured, and the range that it was expected in."""

    value: Decimal
    low: Decimal | None = None
    high: Decimal | None = None
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Stake:
    """Money that the finding is about."""

    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class MergeInto:
    """The rows are one thing: keep this one, and block the others in the source."""

    keep: Key


@dataclass(frozen=True, slots=True)
class ReplaceValue:
    """Another value in one field."""

    field: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class LinkTo:
    """Rows of different sites are one thing: map them to one another."""

    to: Key


@dataclass(frozen=True, slots=True)
class Review:
    """Somebody who knows the thing has to look."""

    field: str = ""


@dataclass(frozen=True, slots=True)
class ContactSource:
    """Whoever runs the source has to mend its interface."""

    system: str


@dataclass(frozen=True, slots=True)
class Retrain:
    """A model no longer fits what it foretells."""

    model: str


Proposal: TypeAlias = MergeInto | LinkTo | ReplaceValue | Review | ContactSource | Retrain


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found about one row, or several."""

    check: str
    key: Key
    source_system: str
    severity: Severity
    what: str
    """Code of the sentence that says it."""
    proposal: Proposal
    confidence: float
    arguments: Mapping[str, Argument] = field(default_factory=dict)
    """Values for the places in that sentence."""
    others: tuple[Key, ...] = ()
    """Rows that belong to the finding too; of very many the first few."""
    measure: Measure | None = None
    stake: Stake | None = None
    group: str = ""
    """Name of all the rows together, where they come and go and the finding stays the same."""

    @property
    def id(self) -> str:
        """The same whenever the same is found of the same rows."""
        rows = [self.group] if self.group else self.key_texts((self.key, *sorted(self.others)))
        named = [self.check, self.what, *rows]
        return hashlib.sha256("\n".join(named).encode()).hexdigest()[:ID_LENGTH]

    @property
    def other_sites(self) -> tuple[str, ...]:
        """Sites beside its own whose rows it names."""
        return tuple(sorted({key.site for key in self.others} - {self.key.site}))

    @staticmethod
    def key_texts(keys: Iterable[Key]) -> list[str]:
        """Keys as texts, in their order."""
        return [f"{key.site}\t{key.record}\t{key.source_key}" for key in keys]


@dataclass(frozen=True, slots=True)
class Found:
    """What a check found, and at how many rows of each site it looked."""

    findings: tuple[Finding, ...]
    looked_at: Mapping[str, int]
