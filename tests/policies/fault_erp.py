"""An ERP in memory that fails in every way that the executor must live with, on a clock that a test turns."""

from __future__ import annotations

from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal, TypeAlias, get_args

from erp_adapters.errors import ErpRefused, ErpUnavailable, WriteOutcomeUnknown
from erp_adapters.ports import TechnicalUser
from erp_adapters.records import (
    Document,
    DocumentKind,
    OrderRescheduling,
    PostedDocument,
    PurchaseRequisition,
)
from erp_adapters.write import DuplicateStrength, WriteTraits
from policies.clock import Clock

Fault: TypeAlias = Literal[
    "none",
    "unavailable",
    "refused",
    "drop_before",
    "drop_after_commit",
    "late_504",
    "duplicate_delivery",
    "partial_lines",
    "other_quantity",
]
FAULTS: tuple[Fault, ...] = (
    "none",
    "unavailable",
    "refused",
    "drop_before",
    "drop_after_commit",
    "late_504",
    "duplicate_delivery",
    "partial_lines",
    "other_quantity",
)


@dataclass
class FaultErp:
    """No unique key unless `duplicates` says so; documents become visible `lag` after their commit."""

    clock: Clock
    duplicates: DuplicateStrength = "none"
    lag: timedelta = timedelta(0)
    late: timedelta = timedelta(0)
    """How long after the call a late one commits."""
    faults: deque[Fault] = field(default_factory=deque)
    find_fails: int = 0
    kept: list[tuple[datetime, PostedDocument]] = field(default_factory=list)
    """Commit times and documents, some of them still to come."""
    deliveries: int = 0
    calls: int = 0
    reached: dict[str, int] = field(default_factory=dict)
    """Calls under a marker that may have left a document, whether or not they did."""
    writers: dict[str, set[int]] = field(default_factory=dict)
    """Which calls left a document under a marker: more than one is a write that was made twice."""

    @property
    def traits(self) -> WriteTraits:
        kinds: frozenset[DocumentKind] = frozenset(get_args(DocumentKind))
        return WriteTraits(
            "fault erp",
            kinds,
            self.duplicates,
            timedelta(seconds=30),
            timedelta(seconds=5),
            TechnicalUser("fault erp", "a test"),
        )

    def documents(self, marker: str = "") -> list[PostedDocument]:
        """What the ERP has committed by now, counted at its own side."""
        return [d for at, d in self.kept if at <= self.clock() and marker in (d.marker, "")]

    async def create(self, document: Document, marker: str) -> PostedDocument:
        self.calls += 1
        fault: Fault = self.faults.popleft() if self.faults else "none"
        if fault != "unavailable":
            self.reached[marker] = self.reached.get(marker, 0) + 1
        match fault:
            case "unavailable":
                raise ErpUnavailable("the ERP is down for maintenance")
            case "refused":
                raise ErpRefused("cost centre 4711 is locked")
            case "drop_before":
                raise WriteOutcomeUnknown("the connection was lost")
            case "drop_after_commit":
                self._commit(document, marker)
                raise WriteOutcomeUnknown("the connection was lost")
            case "late_504":
                self._commit(document, marker, after=self.late)
                raise WriteOutcomeUnknown("gateway timeout")
            case "duplicate_delivery":
                first = self._commit(document, marker)
                with suppress(ErpRefused):
                    self._commit(document, marker)
                return first
            case "partial_lines":
                if isinstance(document, PurchaseRequisition) and len(document.lines) > 1:
                    self._commit(replace(document, lines=document.lines[:1]), marker)
                else:
                    self._commit(_other(document), marker)
                raise WriteOutcomeUnknown("failed between two lines")
            case "other_quantity":
                return self._commit(_other(document), marker)
            case "none":
                return self._commit(document, marker)

    async def find(self, kind: DocumentKind, marker: str) -> tuple[PostedDocument, ...]:
        if self.find_fails:
            self.find_fails -= 1
            raise ErpUnavailable("the ERP does not answer")
        visible = self.clock() - self.lag
        return tuple(d for at, d in self.kept if at <= visible and (d.kind, d.marker) == (kind, marker))

    def _commit(self, document: Document, marker: str, after: timedelta = timedelta(0)) -> PostedDocument:
        self.deliveries += 1
        if self.duplicates == "rejects" and any(d.marker == marker for _, d in self.kept):
            raise ErpRefused(f"a document with the reference {marker} exists")
        at = self.clock() + after
        posted = PostedDocument(
            document.kind, str(10_000_000 + len(self.kept)), document.site, marker, document, at
        )
        self.kept.append((at, posted))
        self.writers.setdefault(marker, set()).add(self.calls)
        return posted


def _other(document: Document) -> Document:
    if isinstance(document, PurchaseRequisition):
        line = document.lines[0]
        more = replace(line.quantity, value=line.quantity.value * 10)
        return replace(document, lines=(replace(line, quantity=more), *document.lines[1:]))
    if isinstance(document, OrderRescheduling):
        return replace(document, due_on=document.due_on + timedelta(days=10))
    return replace(document, quantity=replace(document.quantity, value=document.quantity.value * 10))
