"""Documents in Tryton's own shape, and back; nothing past this file knows its field names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from erp_adapters.errors import ErpRefused
from erp_adapters.http import Secret
from erp_adapters.records import Money, PostedDocument, PurchaseRequisition, Quantity, RequisitionLine

REQUISITION = "purchase.requisition"
LINE = "purchase.requisition.line"
HEADER_FIELDS = (
    "number",
    "description",
    "state",
    "supply_date",
    "create_date",
    "employee.party.code",
    "warehouse.code",
    "currency.code",
    "_timestamp",
)
LINE_FIELDS = (
    "requisition",
    "product.code",
    "quantity",
    "unit.symbol",
    "unit_price",
    "supplier.code",
    "description",
)
_TEXT = re.compile(r"^(?P<name>Cost centre|Account): (?P<code>.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Connection:
    """How one Tryton is reached, and what this house's codes are called there."""

    url: str
    """Address that ends in the name of the database."""
    login: str
    password: Secret
    reason: str
    """Why a technical user writes and not the person: said wherever the connection is shown."""
    warehouses: Mapping[str, str] = field(default_factory=dict)
    """Code of the warehouse for a site, where it is not the site's own."""
    units: Mapping[str, str] = field(default_factory=dict)
    """Symbol of the unit for a unit of the site, where it is not the same."""
    submits: bool = True
    """True to hand a requisition in (`waiting`); False leaves it a draft for the buyer."""
    call_s: float = 10.0

    def warehouse(self, site: str) -> str:
        """Code of the site's warehouse."""
        return self.warehouses.get(site, site)

    def site(self, warehouse: str) -> str:
        """The site of a warehouse."""
        return _back(self.warehouses).get(warehouse, warehouse)

    def symbol(self, unit: str) -> str:
        """Tryton's symbol of a unit."""
        return self.units.get(unit, unit)

    def unit(self, symbol: str) -> str:
        """The site's unit for a symbol."""
        return _back(self.units).get(symbol, symbol)


@dataclass(frozen=True, slots=True)
class Ids:
    """What a document names, by Tryton's ids."""

    company: int
    warehouse: int
    employee: int
    currency: int | None
    products: Mapping[str, int]
    units: Mapping[str, int]
    suppliers: Mapping[str, int]


def values_of(document: PurchaseRequisition, marker: str, ids: Ids, at: Connection) -> dict[str, Any]:
    """The record to create, with the marker in its description.

    Raises:
        ErpRefused: it holds what a Tryton requisition cannot.
    """
    if not document.lines:
        raise ErpRefused("a requisition without lines asks for nothing, though Tryton would take it")
    days = {line.needed_on for line in document.lines}
    if len(days) > 1:
        raise ErpRefused(
            f"a requisition in Tryton has one date, and these lines have {len(days)}: draft one for each"
        )
    note = " ".join(document.note.split())
    if note != document.note:
        raise ErpRefused("the note has line breaks, and a requisition's description in Tryton is one line")
    return {
        "company": ids.company,
        "warehouse": ids.warehouse,
        "employee": ids.employee,
        "supply_date": next(iter(days)),
        "description": f"{marker} {note}".rstrip(),
        **({"currency": ids.currency} if ids.currency else {}),
        "lines": [["create", [_line_values(line, ids, at) for line in document.lines]]],
    }


def _line_values(line: RequisitionLine, ids: Ids, at: Connection) -> dict[str, Any]:
    quantity = float(line.quantity.value)
    if Decimal(repr(quantity)) != line.quantity.value:
        raise ErpRefused(
            f"Tryton keeps quantities as floating-point numbers and cannot hold {line.quantity.value}"
        )
    # Tryton's lines have no cost centre and no account: whoever orders reads them here.
    texts = [
        f"{name}: {code}"
        for name, code in (("Cost centre", line.cost_centre), ("Account", line.account))
        if code
    ]
    return {
        "product": ids.products[line.material],
        "quantity": quantity,
        "unit": ids.units[at.symbol(line.quantity.unit)],
        "supplier": ids.suppliers[line.supplier] if line.supplier else None,
        "unit_price": line.unit_price.amount if line.unit_price else None,
        "description": "\n".join(texts) or None,
    }


def posted_of(
    header: Mapping[str, Any], lines: list[Mapping[str, Any]], marker: str, at: Connection
) -> PostedDocument:
    """A requisition as Tryton has it now."""
    site, currency = at.site(_through(header, "warehouse", "code")), _through(header, "currency", "code")
    day = header["supply_date"] or date.min
    found = PurchaseRequisition(
        site=site,
        requester=_through(header, "employee", "party", "code"),
        note=(header["description"] or "").replace(marker, "", 1).strip(),
        lines=tuple(_line_of(line, day, currency, at) for line in lines),
    )
    created: datetime = header["create_date"]
    return PostedDocument(
        kind="purchase_requisition",
        number=header["number"] or f"#{header['id']}",
        site=site,
        marker=marker,
        document=found,
        posted_at=created,
        is_cancelled=header["state"] == "cancelled",
    )


def _line_of(line: Mapping[str, Any], day: date, currency: str, at: Connection) -> RequisitionLine:
    texts = {found["name"]: found["code"] for found in _TEXT.finditer(line["description"] or "")}
    return RequisitionLine(
        material=_through(line, "product", "code"),
        quantity=Quantity(Decimal(repr(line["quantity"])), at.unit(_through(line, "unit", "symbol"))),
        needed_on=day,
        supplier=_through(line, "supplier", "code") or None,
        unit_price=None if line["unit_price"] is None else Money(line["unit_price"], currency),
        cost_centre=texts.get("Cost centre"),
        account=texts.get("Account"),
    )


def _through(record: Mapping[str, Any], first: str, *path: str) -> str:
    """The text at the end of references, as Tryton nests what `a.b` reads."""
    held: Any = record.get(f"{first}.")
    for name in path[:-1]:
        held = held.get(f"{name}.") if held else None
    return str(held[path[-1]] or "") if held else ""


def _back(names: Mapping[str, str]) -> dict[str, str]:
    return {theirs: ours for ours, theirs in names.items()}
