"""Documents in SAP's own shape, and back; nothing past this file and the tables knows its property names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final

from erp_adapters.errors import ErpRefused, ErpUnavailable
from erp_adapters.ports import AttachedTo, Authorisation, OwnAuthorisation, TechnicalUser
from erp_adapters.records import Money, PostedDocument, PurchaseRequisition, Quantity, RequisitionLine
from erp_adapters.sap_odata.signing_in import Propagation, Technical
from erp_adapters.sap_odata.values import cell, moment, written_day

SYSTEM: Final = "SAP"
HEADER: Final = "A_PurchaseRequisitionHeader"
ITEM: Final = "A_PurchaseRequisitionItem"
ITEMS, ACCOUNTS, TEXTS = "to_PurchaseReqnItem", "to_PurchaseReqnAcctAssgmt", "to_PurchaseReqnItemText"
_TEXT_ID: Final = "B01"
_TEXT_OBJECT: Final = "EBAN"
_TRACKING_LENGTH: Final = 10
_WHOLE_CURRENCIES: Final = frozenset({"JPY", "KRW", "HUF", "CLP", "ISK", "VND", "XAF", "XOF", "PYG", "UGX"})
_LENGTHS: Final = {
    "Material": 40,
    "Plant": 4,
    "BaseUnit": 3,
    "Supplier": 10,
    "RequisitionerName": 12,
    "PurReqnItemCurrency": 5,
    "CostCenter": 10,
    "GLAccount": 10,
    "PurReqnDescription": 40,
}
"""As the published metadata has them: said by name here, rather than by SAP in its own words."""


@dataclass(frozen=True, slots=True)
class Connection:
    """How one SAP system is reached, and what this house's codes are called there."""

    url: str
    """Of the server, with what stands before `/sap` on it."""
    technical: Technical
    """Who reads, and writes where no propagation is set up."""
    reason: str
    """Why a technical user is used and not the person: said wherever the connection is shown."""
    propagation: Propagation | None = None
    """Where it is set up, requisitions are written with each person's own authorisation, never otherwise."""
    client: str = ""
    """`sap-client`; empty leaves it to the server."""
    language: str = "en"
    plants: Mapping[str, str] = field(default_factory=dict)
    """Plant of a site, where it is not the site's own code."""
    units: Mapping[str, str] = field(default_factory=dict)
    """Unit in SAP for a unit of the site, where it is not the same."""
    requisitioners: Mapping[str, str] = field(default_factory=dict)
    """What a person is called as requisitioner, by their subject here, where that is not the same."""
    services: Mapping[str, str] = field(default_factory=dict)
    """Path of a service that is not where SAP puts it."""
    requisition_type: str = "NB"
    purchasing_group: str = ""
    documents: frozenset[AttachedTo] = frozenset(AttachedTo)
    """Kinds of objects whose files are read: each object of them is asked for its own."""
    writes: bool = True
    """False where it is only read."""
    call_s: float = 10.0

    @property
    def writes_by(self) -> Authorisation:
        """By whose rights documents are written."""
        if self.propagation is not None:
            return OwnAuthorisation(self.propagation.means)
        return TechnicalUser(self.technical.login, self.reason)

    def plant(self, site: str) -> str:
        """The site's plant."""
        return self.plants.get(site, site)

    def site(self, plant: str) -> str:
        """The site of a plant."""
        return _back(self.plants).get(plant, plant)

    def unit_there(self, unit: str) -> str:
        """SAP's code of a unit."""
        return self.units.get(unit, unit)

    def unit_here(self, code: str) -> str:
        """The site's unit for a code."""
        return _back(self.units).get(code, code)


def tracking_of(marker: str) -> str:
    """What stands in the requirement tracking number, which buyers can select by."""
    return marker[-_TRACKING_LENGTH:]


def payload_of(document: PurchaseRequisition, marker: str, at: Connection) -> dict[str, Any]:
    """The requisition to create by deep insert, with the marker as its description.

    Raises:
        ErpRefused: it holds what SAP's requisition cannot.
    """
    if not document.lines:
        raise ErpRefused(f"a requisition without lines asks for nothing, and {SYSTEM} takes none")
    requisitioner = at.requisitioners.get(document.requester, document.requester)
    items = []
    for number, line in enumerate(document.lines, 1):
        item: dict[str, Any] = {
            "PurchaseRequisitionItem": str(10 * number),
            "PurchaseRequisitionType": at.requisition_type,
            "Material": line.material,
            "Plant": at.plant(document.site),
            "RequestedQuantity": _figure(line.quantity.value, 3, "quantity"),
            "BaseUnit": at.unit_there(line.quantity.unit),
            "DeliveryDate": written_day(line.needed_on, 2),
            "RequisitionerName": requisitioner,
            "RequirementTracking": tracking_of(marker),
        }
        if at.purchasing_group:
            item["PurchasingGroup"] = at.purchasing_group
        if line.supplier:
            item["Supplier"] = line.supplier
        if line.unit_price:
            item |= _price(line.unit_price)
        if line.cost_centre or line.account:
            item |= {"AccountAssignmentCategory": "K", ACCOUNTS: [_account(line)]}
        if document.note and number == 1:
            item[TEXTS] = [_note(document.note, at)]
        _check_lengths(item)
        items.append(item)
    header = {"PurchaseRequisitionType": at.requisition_type, "PurReqnDescription": marker, ITEMS: items}
    _check_lengths(header)
    return header


def _price(price: Money) -> dict[str, str]:
    """The price for as many as it takes to have no more decimals than the currency."""
    places = 0 if price.currency in _WHOLE_CURRENCIES else 2
    per = Decimal(1)
    while (price.amount * per) % (Decimal(1).scaleb(-places)) and per < 10_000:
        per *= 10
    return {
        "PurchaseRequisitionPrice": _figure(price.amount * per, places, "price"),
        "PurReqnPriceQuantity": str(per),
        "PurReqnItemCurrency": price.currency,
    }


def _account(line: RequisitionLine) -> dict[str, str]:
    held = {"PurchaseReqnAcctAssgmtNumber": "1", "Quantity": _figure(line.quantity.value, 3, "quantity")}
    if line.cost_centre:
        held["CostCenter"] = line.cost_centre
    if line.account:
        held["GLAccount"] = line.account
    _check_lengths(held)
    return held


def _note(text: str, at: Connection) -> dict[str, str]:
    return {
        "DocumentText": _TEXT_ID,
        "TechnicalObjectType": _TEXT_OBJECT,
        "Language": at.language.upper(),
        "NoteDescription": text,
    }


def _figure(value: Decimal, places: int, what: str) -> str:
    if value % Decimal(1).scaleb(-places):
        raise ErpRefused(
            f"{SYSTEM} keeps a requisition's {what} with {places} decimals and cannot hold {value}"
        )
    return f"{value.quantize(Decimal(1).scaleb(-places)):f}"


def _check_lengths(held: Mapping[str, Any]) -> None:
    for name, value in held.items():
        longest = _LENGTHS.get(name)
        if longest is not None and len(value) > longest:
            raise ErpRefused(
                f"{value!r} is longer than the {longest} characters that {SYSTEM} has for {name}: name what"
                " it is called there in the file of systems"
            )


def posted_of(
    header: Mapping[str, Any], items: Sequence[Mapping[str, Any]], at: Connection
) -> PostedDocument:
    """A requisition as SAP has it now.

    Args:
        header: as it was read.
        items: with their account assignments and texts under the names of the links.
        at: the connection.
    """
    number = str(header["PurchaseRequisition"])
    ordered = sorted(items, key=lambda item: int(item["PurchaseRequisitionItem"]))
    # An empty one has no plant: whoever reads it back sees that it is not what was sent.
    first: Mapping[str, Any] = ordered[0] if ordered else {}
    site = at.site(str(first.get("Plant") or ""))
    requisitioner = str(first.get("RequisitionerName") or "")
    notes = [text for item in ordered for text in item[TEXTS] if text.get("DocumentText") == _TEXT_ID]
    return PostedDocument(
        kind="purchase_requisition",
        number=number,
        site=site,
        marker=str(header.get("PurReqnDescription") or ""),
        document=PurchaseRequisition(
            site=site,
            requester=_back(at.requisitioners).get(requisitioner, requisitioner),
            note=str(notes[0].get("NoteDescription") or "") if notes else "",
            lines=tuple(_line_of(item, at) for item in ordered),
        ),
        posted_at=_written_at(ordered),
        is_cancelled=bool(ordered) and all(item.get("IsDeleted") == "X" for item in ordered),
    )


def _written_at(items: Sequence[Mapping[str, Any]]) -> datetime:
    """When SAP says that it was written; a release without time stamps says the day only."""
    try:
        stamps = [moment(str(item["LastChangeDateTime"])) for item in items if item.get("LastChangeDateTime")]
    except ValueError as error:
        raise ErpUnavailable(f"{SYSTEM} sent a time stamp that is none: {error}") from error
    days = [
        day
        for item in items
        if isinstance(day := cell(item.get("CreationDate"), "Edm.DateTime", "CreationDate"), date)
    ]
    if stamps:
        return min(stamps)
    return datetime.combine(min(days), datetime.min.time(), UTC) if days else datetime.now(UTC)


def _line_of(item: Mapping[str, Any], at: Connection) -> RequisitionLine:
    day = cell(item.get("DeliveryDate"), "Edm.DateTime", "DeliveryDate")
    price, per = _decimal(item, "PurchaseRequisitionPrice"), _decimal(item, "PurReqnPriceQuantity")
    account: Mapping[str, Any] = item[ACCOUNTS][0] if item[ACCOUNTS] else {}
    currency = str(item.get("PurReqnItemCurrency") or "")
    return RequisitionLine(
        material=str(item.get("Material") or ""),
        quantity=Quantity(
            _decimal(item, "RequestedQuantity") or Decimal(0), at.unit_here(str(item.get("BaseUnit") or ""))
        ),
        needed_on=day if isinstance(day, date) else date.min,
        supplier=str(item.get("Supplier") or "") or None,
        unit_price=Money(price / (per or Decimal(1)), currency) if price else None,
        cost_centre=str(account.get("CostCenter") or "") or None,
        account=str(account.get("GLAccount") or "") or None,
    )


def _decimal(item: Mapping[str, Any], name: str) -> Decimal | None:
    found = cell(item.get(name), "Edm.Decimal", name)
    return found if isinstance(found, Decimal) else None


def has_gone_on(item: Mapping[str, Any]) -> str:
    """What somebody has done with an item since, in words; empty where nothing was."""
    if item.get("PurchasingDocument"):
        return f"is in purchase order {item['PurchasingDocument']}"
    if _decimal(item, "OrderedQuantity"):
        return "was ordered from"
    if item.get("IsClosed"):
        return "is closed"
    if str(item.get("ProcessingStatus") or "N") not in ("N", ""):
        return f"has the processing status {item['ProcessingStatus']}"
    return ""


def _back(names: Mapping[str, str]) -> dict[str, str]:
    return {theirs: ours for ours, theirs in names.items()}
