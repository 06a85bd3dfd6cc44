"""A small plant's system whose rows a test changes, and the mapping of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import psycopg

from erp_adapters.errors import ErpError
from erp_adapters.ports import Capability, Cell, Cursor, Health, Page, SourceRow, SystemTraits, TechnicalUser
from erp_adapters.store.consistency import parse_mapping
from erp_adapters.store.mapping import SiteSpec
from erp_adapters.store.syncing.plan import Made, Plan, plan
from erp_adapters.store.syncing.running import Standing

SITE = SiteSpec(code="NOR", name="Nord", country="DE", time_zone="Europe/Berlin", currency="EUR")
MAPPING = """
source: works
version: 1
as_of: {latest: [{file: ledger, column: day}], because: the last posting}
plausible_dates: {first: 2000-01-01, last: 2040-12-31}
files:
  costs:
    file: costs.csv
    table: Cost
    columns: {key: text required, cost: decimal}
  materials:
    file: materials.csv
    table: Part
    columns: {key: text required, name: text, unit: text}
  stock:
    file: stock.csv
    table: Stock
    columns: {key: text required, part: text, place: text, quantity: decimal required}
  purchase_orders:
    file: purchase_orders.csv
    table: Line
    columns: {key: text required, order: text, supplier: text, 'on': date, part: text, quantity: decimal}
  orders:
    file: orders.csv
    table: Order
    columns: {key: text required, supplier: text, 'on': date}
  ledger:
    file: ledger.csv
    table: Booking
    columns: {key: text required, day: date required, account: text required, amount: decimal required}
records:
- record: material
  file: materials
  key: [key]
  currency: {site: currency}
  fields:
    material_id: key
    number: key
    name: name
    base_unit: unit
    standard_cost: {lookup: costs, by: key, key: key, value: cost}
  quality:
  - {rule: no_cost, severity: flag, when: {not: {exists: costs, key: key, by: key}}, reason: it has no cost}
- record: stock
  file: stock
  key: [key]
  fields: {material_id: part, location_id: place, quantity: quantity}
  quality:
  - {rule: orphan, severity: quarantine, when: {orphan: material, by: [part]}, reason: no such part}
- record: purchase_order
  file: orders
  key: [key]
  fields: {order_id: key, supplier_id: supplier, status: {constant: approved}, ordered_on: 'on'}
- record: purchase_line
  file: purchase_orders
  key: [key]
  fields: {line_id: key, order_id: order, material_id: part, ordered: quantity}
- record: ledger_line
  file: ledger
  key: [key]
  company: {constant: '1'}
  currency: {site: currency}
  fields: {line_id: key, posted_on: day, account_id: account, scenario: {constant: actual}, amount: amount}
left_out:
- {table: Line, columns: [supplier, 'on'], because: they stand with the order}
"""


def works_plan(text: str = MAPPING) -> Plan:
    return plan(
        parse_mapping(text, "works"),
        frozenset(Capability),
        made={"orders": Made("purchase_orders", "order")},
        totals={"ledger": "amount"},
    )


@dataclass
class Works:
    """A read port over dictionaries; what is put into `changed` alone is told after a cursor."""

    rows: dict[Capability, dict[str, dict[str, Cell]]]
    incremental: frozenset[Capability] = frozenset()
    changed: dict[Capability, set[str]] = field(default_factory=dict)
    deleted: dict[Capability, list[str]] = field(default_factory=dict)
    breaks: dict[Capability, tuple[int, ErpError | None]] = field(default_factory=dict)
    """After how many pages a reading ends, and with which error; without one it is cut short."""
    size: int = 2
    totals: bool = True
    """Whether it can say what its ledger comes to."""
    asked: list[tuple[Capability, Cursor | None]] = field(default_factory=list)
    marks: bool = False
    """Whether it can say that nothing is another."""

    @property
    def traits(self) -> SystemTraits:
        user = TechnicalUser("me", "a test")
        return SystemTraits("Works", "1", "stand-in", user, frozenset(Capability), self.incremental)

    async def pages(self, capability: Capability, since: Cursor | None = None) -> AsyncIterator[Page]:
        self.asked.append((capability, since))
        rows = sorted(self.rows.get(capability, {}).items())
        mode, _, at = (since or Cursor("all:0")).partition(":")
        if mode == "end":
            mode, at = "new", "0"
        if mode == "new":
            rows = [(key, cells) for key, cells in rows if key in self.changed.get(capability, set())]
        pages, error = self.breaks.get(capability, (-1, None))
        start = int(at)
        while True:
            if pages == 0:
                if error is not None:
                    raise error
                return
            pages -= 1
            part = rows[start : start + self.size]
            start += self.size
            is_last = start >= len(rows)
            deleted = tuple(self.deleted.get(capability, ())) if is_last and mode == "new" else ()
            cursor = "end:" if is_last else f"{mode}:{start}"
            found = tuple(SourceRow(key, cells) for key, cells in part)
            yield Page(found, Cursor(cursor), deleted, is_last)
            if is_last:
                return

    async def mark(self, capability: Capability) -> str:
        return repr(sorted(self.rows.get(capability, {}).items())) if self.marks else ""

    async def standing(self, capability: Capability) -> Standing:
        rows = self.rows.get(capability, {}).values()
        if capability is not Capability.LEDGER or not self.totals:
            return Standing(len(rows), None)
        return Standing(len(rows), sum((Decimal(str(row["amount"])) for row in rows), Decimal(0)))

    async def health(self) -> Health:
        return Health(True, "well")


def a_plant() -> Works:
    """Five parts in stock, two orders, and postings of two months."""
    parts = [f"P{n}" for n in range(1, 6)]
    return Works(
        {
            Capability.COSTS: {part: {"cost": Decimal(n)} for n, part in enumerate(parts[:4], 1)},
            Capability.MATERIALS: {part: {"name": f"Part {part}", "unit": "PC"} for part in parts},
            Capability.STOCK: {
                f"S{n}": {"part": part, "place": "A", "quantity": Decimal(10 * n)}
                for n, part in enumerate([*parts, "P9"], 1)
            },
            Capability.PURCHASE_ORDERS: {
                f"{order}-{line}": {
                    "order": order,
                    "supplier": "S-1",
                    "on": date(2026, 1, 5),
                    "part": "P1",
                    "quantity": Decimal(line),
                }
                for order in ("O1", "O2")
                for line in (1, 2)
            },
            Capability.LEDGER: {
                f"B{n}": {"day": date(2026, month, 10), "account": "4000", "amount": Decimal("10.50")}
                for n, month in enumerate((1, 1, 2), 1)
            },
        }
    )


def stored(owner_dsn: str, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(owner_dsn) as owner:
        return owner.execute(query).fetchall()
