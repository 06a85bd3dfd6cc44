"""Where the rows of each capability stand in Tryton, and the cells of what it answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from erp_adapters.errors import ErpUnavailable
from erp_adapters.ports import Capability, Cell
from erp_adapters.tryton.client import SYSTEM


@dataclass(frozen=True, slots=True)
class Table:
    """Where the rows of a capability stand."""

    model: str
    columns: Mapping[str, str]
    """Path of the field for each column; `a.b` goes through a reference."""
    where: Sequence[Any] = ()
    besides: Sequence[str] = ()
    """Paths to records whose change is one of the row."""


TABLES: Final[Mapping[Capability, Table]] = {
    Capability.MATERIALS: Table(
        "product.product",
        {
            "material": "code",
            "name": "template.name",
            "unit": "template.default_uom.symbol",
            "is_bought": "template.purchasable",
            "is_made": "template.producible",
        },
        [["template.type", "!=", "service"]],
    ),
    Capability.COSTS: Table(
        "product.product", {"material": "code", "unit": "template.default_uom.symbol", "cost": "cost_price"}
    ),
    Capability.BOM: Table(
        "production.bom.input",
        {
            "bom": "bom.name",
            "material": "product.code",
            "quantity": "quantity",
            "unit": "unit.symbol",
        },
    ),
    Capability.ROUTING: Table(
        "production.routing.step",
        {"routing": "routing.name", "sequence": "sequence", "operation": "operation.name"},
    ),
    Capability.WORK_CENTRES: Table(
        "production.work.center",
        {
            "name": "name",
            "category": "category.name",
            "warehouse": "warehouse.code",
            "cost": "cost_price",
            "cost_per": "cost_method",
        },
    ),
    Capability.PRODUCTION_ORDERS: Table(
        "production",
        {
            "number": "number",
            "reference": "reference",
            "material": "product.code",
            "bom": "bom.name",
            "quantity": "quantity",
            "unit": "unit.symbol",
            "warehouse": "warehouse.code",
            "planned_start": "planned_start_date",
            "planned_end": "planned_date",
            "started": "effective_start_date",
            "ended": "effective_date",
            "state": "state",
        },
    ),
    Capability.REQUISITIONS: Table(
        "purchase.requisition.line",
        {
            "number": "requisition.number",
            "description": "requisition.description",
            "requester": "requisition.employee.party.code",
            "warehouse": "requisition.warehouse.code",
            "needed_on": "requisition.supply_date",
            "state": "requisition.state",
            "material": "product.code",
            "quantity": "quantity",
            "unit": "unit.symbol",
            "supplier": "supplier.code",
            "price": "unit_price",
            "currency": "requisition.currency.code",
        },
    ),
    Capability.PURCHASE_ORDERS: Table(
        "purchase.line",
        {
            "number": "purchase.number",
            "supplier": "purchase.party.code",
            "ordered_on": "purchase.purchase_date",
            "warehouse": "purchase.warehouse.code",
            "state": "purchase.state",
            "material": "product.code",
            "quantity": "quantity",
            "unit": "unit.symbol",
            "price": "unit_price",
            "currency": "purchase.currency.code",
            "due_on": "delivery_date",
        },
        [["type", "=", "line"], ["purchase.state", "in", ["confirmed", "processing"]]],
        ("moves", "requests"),
    ),
    Capability.INFO_RECORDS: Table(
        "purchase.product_supplier.price",
        {
            "supplier": "product_supplier.party.code",
            "material": "product_supplier.product.code",
            "template": "product_supplier.template.code",
            "supplier_material": "product_supplier.code",
            "lead_time_days": "product_supplier.lead_time",
            "from_quantity": "quantity",
            "unit": "unit.symbol",
            "price": "unit_price",
            "currency": "product_supplier.currency.code",
        },
    ),
    Capability.LEDGER: Table(
        "account.move.line",
        {
            "move": "move.number",
            "posted_on": "move.date",
            "period": "move.period.name",
            "journal": "move.journal.name",
            "account": "account.code",
            "account_name": "account.name",
            "debit": "debit",
            "credit": "credit",
            "party": "party.code",
            "state": "move.state",
        },
        [["move.state", "=", "posted"]],
    ),
}
SUPPLIERS = Table("party.party", {"supplier": "code", "name": "name"})
_FLAGS = frozenset({"is_bought", "is_made"})
CAPABILITIES: Final = frozenset({*TABLES, Capability.STOCK, Capability.SUPPLIERS, Capability.DOCUMENTS})


def cells_of(row: Mapping[str, Any], columns: Mapping[str, str]) -> dict[str, Cell]:
    """A row's values under the names of the columns."""
    cells = {name: cell_of(value_at(row, path)) for name, path in columns.items()}
    # On SQLite Tryton answers with a number where it answers with a flag on Postgres.
    return {name: bool(cell) if name in _FLAGS else cell for name, cell in cells.items()}


def value_at(row: Mapping[str, Any], path: str) -> Any:
    """The value at the end of a path, as Tryton nests what it reads through references."""
    *references, last = path.split(".")
    held: Any = row
    for reference in references:
        held = held.get(f"{reference}.")
        if held is None:
            return None
    return held[last]


def cell_of(value: Any) -> Cell:
    """A value as the store types it."""
    match value:
        case float():
            return Decimal(repr(value))
        case timedelta():
            return Decimal(value / timedelta(days=1)).quantize(Decimal("0.01")).normalize()
        case None | str() | bool() | int() | Decimal() | date():
            return value
        case _:
            raise ErpUnavailable(f"{SYSTEM} sent a {type(value).__name__} where a value should be")
