"""Documents in the BAPIs' own shape, and back; nothing past this file knows their field names."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any, Final

from erp_adapters.errors import ErpRefused
from erp_adapters.records import Money, PostedDocument, PurchaseRequisition, Quantity, RequisitionLine
from erp_adapters.sap import day, day_text, padded, plain
from erp_adapters.sap_rfc.connection import SYSTEM, Answer, Logon
from erp_adapters.sap_rfc.customising import Customising
from erp_adapters.sap_rfc.own_rights import OwnRights
from erp_adapters.sap_rfc.texts import text_lines, text_of

MATERIAL, SUPPLIER, ACCOUNT = 18, 10, 10
"""Places of keys."""
TRACKED: Final = "PW"
"""How the tracking number of every requisition of ours begins."""
_HEADER_TEXT: Final = "B01"
_QUANTITY_DECIMALS: Final = 3
_PRICE_UNITS: Final = (1, 10, 100, 1000, 10000)
_HEAD: Final = re.compile(
    r"\AMarker: (?P<marker>\S+)\nRequester: (?P<requester>.+)\nSent: (?P<sent>\S+)(?:\n(?P<note>.*))?\Z",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Connection:
    """How one SAP is reached, and what this house's codes are called there."""

    logon: Logon
    reason: str
    """Why a technical user writes and not the person: said wherever the connection is shown."""
    plants: Mapping[str, str] = field(default_factory=dict)
    """Plant for a site, where it is not the site's own code."""
    units: Mapping[str, str] = field(default_factory=dict)
    """Unit for a unit of the site, where it is not called the same."""
    document_type: str = "NB"
    purchasing_organisation: str = ""
    purchasing_group: str = ""
    """Empty leaves it to the material's."""
    call_s: float = 30.0
    settle_s: float = 30.0
    """How long an update may go on after the program stopped waiting for it."""
    own: OwnRights | None = None
    """Each requester's own authorisation, for what is written; None writes as the technical user."""

    def plant(self, site: str) -> str:
        """The plant of a site."""
        return self.plants.get(site, site)

    def site(self, plant: str) -> str:
        """The site of a plant."""
        return _back(self.plants).get(plant, plant)

    def unit(self, unit: str) -> str:
        """SAP's name of a site's unit."""
        return self.units.get(unit, unit)

    def site_unit(self, unit: str) -> str:
        """The site's name of SAP's unit."""
        return _back(self.units).get(unit, unit)


def tracking_of(marker: str) -> str:
    """Ten characters for EBAN-BEDNR, always the same for a marker: what a requisition is looked up by.

    Two markers may share one; the marker in the header text is what decides.
    """
    digest = hashlib.sha256(marker.encode()).digest()
    return TRACKED + base64.b32encode(digest).decode()[:8]


def requisition_of(
    document: PurchaseRequisition, marker: str, at: Connection, set_to: Customising, sent: datetime
) -> dict[str, Any]:
    """Parameters of BAPI_PR_CREATE, with the marker in the header text and its tracking number in every item.

    Raises:
        ErpRefused: it holds what a requisition in SAP cannot, or nothing at all.
    """
    if not document.lines:
        raise ErpRefused(f"a requisition without lines asks for nothing, though {SYSTEM} would take it")
    head = f"Marker: {marker}\nRequester: {document.requester}\nSent: {sent.isoformat(timespec='seconds')}"
    text = f"{head}\n{document.note}" if document.note else head
    set_to.check([text])
    items = [
        _item(line, number, document, marker, at, set_to)
        for number, line in enumerate(document.lines, start=1)
    ]
    accounts = [
        _account(line, number)
        for number, line in enumerate(document.lines, start=1)
        if line.cost_centre or line.account
    ]
    return {
        "PRHEADER": {"PR_TYPE": at.document_type},
        "PRHEADERX": {"PR_TYPE": "X"},
        "PRITEM": items,
        "PRITEMX": [_marked(item, "PREQ_ITEM") for item in items],
        "PRACCOUNT": accounts,
        "PRACCOUNTX": [_marked(account, "PREQ_ITEM", "SERIAL_NO") for account in accounts],
        "PRHEADERTEXT": text_lines(text, _HEADER_TEXT),
    }


def item_number(number: int) -> str:
    """SAP counts items in tens."""
    return f"{number * 10:05d}"


def _item(
    line: RequisitionLine,
    number: int,
    document: PurchaseRequisition,
    marker: str,
    at: Connection,
    set_to: Customising,
) -> dict[str, Any]:
    item: dict[str, Any] = {
        "PREQ_ITEM": item_number(number),
        "MATERIAL": _key(line.material, MATERIAL, "a material"),
        "PLANT": _fits(at.plant(document.site), 4, "a plant"),
        "QUANTITY": _exact(line.quantity.value),
        "UNIT": set_to.code_of(at.unit(line.quantity.unit)),
        "DELIV_DATE": day_text(line.needed_on),
        # The field is for a name and too short for many; the whole one stands in the header text.
        "PREQ_NAME": document.requester[:12],
        "TRACKINGNO": tracking_of(marker),
    }
    if line.supplier:
        # Desired and not fixed: who buys decides.
        item["DES_VENDOR"] = _key(line.supplier, SUPPLIER, "a supplier")
    if line.unit_price is not None:
        item |= _price(line.unit_price, set_to)
    if line.cost_centre:
        item["ACCTASSCAT"] = "K"
    if at.purchasing_organisation:
        item["PURCH_ORG"] = at.purchasing_organisation
    if at.purchasing_group:
        item["PUR_GROUP"] = at.purchasing_group
    return item


def _account(line: RequisitionLine, number: int) -> dict[str, str]:
    if not line.cost_centre:
        raise ErpRefused(
            f"account {line.account!r} without a cost centre is no account assignment in {SYSTEM}: name both"
        )
    held = {
        "PREQ_ITEM": item_number(number),
        "SERIAL_NO": "01",
        "COSTCENTER": _key(line.cost_centre, ACCOUNT, "a cost centre"),
    }
    if line.account:
        held["GL_ACCOUNT"] = _key(line.account, ACCOUNT, "an account")
    return held


def _marked(row: Mapping[str, Any], *keys: str) -> dict[str, str]:
    """The table beside it that says which fields count; without it SAP takes none."""
    marks = {name: "X" for name in row if name not in keys}
    if "SERIAL_NO" in keys:
        marks["SERIAL_NOX"] = "X"
    return {**{name: str(row[name]) for name in keys}, "PREQ_ITEMX": "X", **marks}


def _price(price: Money, set_to: Customising) -> dict[str, Any]:
    """The price for so many units that the currency's decimals hold it: a table keeps no more."""
    step = Decimal(1).scaleb(-set_to.decimals_of(price.currency))
    for per in _PRICE_UNITS:
        value = price.amount * per
        if value == value.quantize(step):
            return {"PREQ_PRICE": value, "PRICE_UNIT": Decimal(per), "CURRENCY": price.currency}
    raise ErpRefused(
        f"{SYSTEM} keeps a price of {price.currency} in steps of {step} for at most {_PRICE_UNITS[-1]} units,"
        f" and cannot hold {price.amount}"
    )


def _exact(quantity: Decimal) -> Decimal:
    kept = quantity.quantize(Decimal(1).scaleb(-_QUANTITY_DECIMALS))
    if kept != quantity:
        raise ErpRefused(
            f"{SYSTEM} keeps {_QUANTITY_DECIMALS} decimals of a quantity and cannot hold {quantity}"
        )
    return kept


def _key(code: str, length: int, what: str) -> str:
    return padded(_fits(code, length, what), length)


def _fits(code: str, length: int, what: str) -> str:
    if len(code) > length:
        raise ErpRefused(f"{code!r} is longer than the {length} characters that {SYSTEM} has for {what}")
    return code


def posted_of(detail: Answer, at: Connection, set_to: Customising) -> PostedDocument:
    """A requisition as BAPI_PR_GETDETAIL tells of it."""
    items = detail["PRITEM"]
    accounts = {row["PREQ_ITEM"]: row for row in detail["PRACCOUNT"]}
    head = _HEAD.match(text_of(detail["PRHEADERTEXT"]))
    on = day(items[0]["PREQ_DATE"]) or date.min
    site = at.site(items[0]["PLANT"])
    return PostedDocument(
        kind="purchase_requisition",
        number=plain(str(detail["PRHEADER"]["PREQ_NO"])),
        site=site,
        marker=head["marker"] if head else "",
        document=PurchaseRequisition(
            site=site,
            requester=head["requester"] if head else str(items[0]["PREQ_NAME"]),
            lines=tuple(_line(item, accounts.get(item["PREQ_ITEM"], {}), at, set_to) for item in items),
            note=(head["note"] or "") if head else "",
        ),
        posted_at=datetime.fromisoformat(head["sent"]) if head else datetime.combine(on, time(), UTC),
        is_cancelled=bool(items) and all(item["DELETE_IND"] for item in items),
    )


def _line(
    item: Mapping[str, Any], account: Mapping[str, Any], at: Connection, set_to: Customising
) -> RequisitionLine:
    price = Decimal(item["PREQ_PRICE"]) / (Decimal(item["PRICE_UNIT"]) or 1)
    return RequisitionLine(
        material=plain(str(item["MATERIAL"])),
        quantity=Quantity(Decimal(item["QUANTITY"]), at.site_unit(set_to.name_of(str(item["UNIT"])))),
        needed_on=day(item["DELIV_DATE"]) or date.min,
        supplier=plain(str(item["DES_VENDOR"])) or None,
        # SAP writes no price as none of no currency.
        unit_price=Money(price, str(item["CURRENCY"])) if price and item["CURRENCY"] else None,
        cost_centre=plain(str(account.get("COSTCENTER") or "")) or None,
        account=plain(str(account.get("GL_ACCOUNT") or "")) or None,
    )


def _back(names: Mapping[str, str]) -> dict[str, str]:
    return {theirs: ours for ours, theirs in names.items()}
