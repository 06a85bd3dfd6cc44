"""The rows of one site, gathered record by record before any of them is stored."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from erp_adapters.demo.plant import Plant
from erp_adapters.store.quality import SAMPLES, RecordOutcome, RuleOutcome, Sample
from erp_adapters.store.reading import Value, Values
from erp_adapters.store.staging import copy_field

MADE_BY = "built in"
"""Stands where other sources name a file."""

FLAGS = {
    "no_standard_cost": "the material has no standard cost, so its stock is not valued",
    "negative_stock": "the stock is negative: something was issued before it was posted as received",
    "undated": "the order has no start or due date",
    "scrap_without_reason": "scrap was booked without a reason",
    "over_received": "more was received than ordered",
    "no_price": "the price is empty",
    "no_cost": "the movement carries no cost",
    "posted_late": "the confirmation was posted more than a day after the work ended",
}
"""What each flag of the demo means."""


@dataclass
class Sheet:
    """The rows of one record."""

    record: str
    columns: tuple[str, ...]
    keys: list[str] = field(default_factory=list)
    flags: list[tuple[str, ...]] = field(default_factory=list)
    rows: list[Values] = field(default_factory=list)

    @cached_property
    def lines(self) -> list[str]:
        """Each row as one line of COPY text: source_key, flags, then `columns`; ask when all rows are in."""
        return [
            "\t".join((key, "{" + ",".join(flags) + "}", *map(copy_field, row))) + "\n"
            for key, flags, row in zip(self.keys, self.flags, self.rows, strict=True)
        ]

    def checksum(self) -> str:
        """SHA-256 of the content without load ids and times: equal content gives an equal checksum."""
        return hashlib.sha256("".join(("\t".join(self.columns), "\n", *self.lines)).encode()).hexdigest()

    def outcome(self) -> RecordOutcome:
        """The record's part of the load report."""
        found: dict[str, list[int]] = {}
        for number, flags in enumerate(self.flags):
            for flag in flags:
                found.setdefault(flag, []).append(number)
        rules = [
            RuleOutcome(
                rule=flag,
                severity="flag",
                reason=FLAGS[flag],
                rows=len(numbers),
                samples=[
                    Sample(file=MADE_BY, line=n + 1, source_key=self.keys[n], reason=FLAGS[flag])
                    for n in numbers[:SAMPLES]
                ],
            )
            for flag, numbers in sorted(found.items())
        ]
        return RecordOutcome(
            record=self.record,
            file=MADE_BY,
            read=len(self.rows),
            loaded=len(self.rows),
            quarantined=0,
            flagged=sum(1 for flags in self.flags if flags),
            checksum=self.checksum(),
            rules=rules,
        )


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is wrong on purpose."""

    kind: str
    site: str
    record: str
    key: str
    """Source key of the row, or the name of what is wrong as a whole."""
    details: dict[str, str]


@dataclass(frozen=True, slots=True)
class PackedSheet:
    """The rows of one record, ready to be stored."""

    columns: tuple[str, ...]
    lines: bytes
    """COPY text: source_key, flags, then `columns`."""
    outcome: RecordOutcome


@dataclass(frozen=True, slots=True)
class PackedBook:
    """A plant's rows in a form that travels between processes at little cost."""

    sheets: tuple[PackedSheet, ...]
    faults: tuple[Fault, ...]


class Book:
    """Everything that is to be stored for one plant."""

    def __init__(self, plant: Plant) -> None:
        self.plant = plant
        self.sheets: dict[str, Sheet] = {}
        self.faults: list[Fault] = []

    def add(self, record: str, *key: str, flags: tuple[str, ...] = (), **fields: Value) -> None:
        """One row; `key` is what the source would call it, and every row of a record has the same fields."""
        sheet = self.sheets.get(record)
        if sheet is None:
            sheet = self.sheets[record] = Sheet(record, tuple(fields))
        if tuple(fields) != sheet.columns:
            raise ValueError(f"{record}: {sorted(fields)} are not the fields of the rows before")
        sheet.keys.append(f"{record}/{'/'.join(key)}")
        sheet.flags.append(flags)
        sheet.rows.append(tuple(fields.values()))

    def packed(self) -> PackedBook:
        """Everything, ready to be stored."""
        return PackedBook(
            tuple(
                PackedSheet(sheet.columns, "".join(sheet.lines).encode(), sheet.outcome())
                for sheet in self.sheets.values()
            ),
            tuple(self.faults),
        )

    def rows(self, record: str) -> Iterator[dict[str, Value]]:
        """The rows of a record, by the names of its fields."""
        sheet = self.sheets[record]
        for row in sheet.rows:
            yield dict(zip(sheet.columns, row, strict=True))
