"""Where each capability stands in SAP's published services, and what a row of it is made of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final, TypeAlias

from erp_adapters.ports import Capability, Cell, SourceRow
from erp_adapters.sap_odata.adapter import REQUISITIONS
from erp_adapters.sap_odata.client import Service
from erp_adapters.sap_odata.entities import Seen
from erp_adapters.sap_odata.mapping import ITEM

_EXACT: Final = Decimal("0.000001")


def _v2(name: str, suffix: str = "") -> Service:
    return Service(name, f"/sap/opu/odata/sap/{name}{suffix}")


PRODUCTS: Final = _v2("API_PRODUCT_SRV")
PRODUCTS_4: Final = Service("api_product", "/sap/opu/odata4/sap/api_product/srvd_a2x/sap/product/0002")
RECEIPTS: Final = _v2("API_MATERIAL_DOCUMENT_SRV")


Rows: TypeAlias = Callable[[Seen, "Now"], Iterable[SourceRow]]


@dataclass(frozen=True, slots=True)
class Now:
    """As of when, and for whom."""

    day: date
    language: str


@dataclass(frozen=True, slots=True)
class Table:
    """Where the rows of a capability stand."""

    service: Service
    set: str
    rows: Rows
    keys: tuple[str, ...]
    """What orders the entities, and tells where a page ended."""
    where: str = ""
    expand: tuple[str, ...] = ()
    """Links, and `a/b` for links behind them; what a release lacks is left out."""
    select: tuple[str, ...] = ()
    """All that is read, where nothing is expanded."""
    changed: tuple[str, ...] = ()
    """Properties that say when an entity was changed; the first that there is counts."""


def _key(seen: Seen, *names: str) -> str:
    return "/".join(seen.text(name) for name in names)


def _per(price: Decimal | None, quantity: Decimal | None) -> Decimal | None:
    """What one costs, of a price for several."""
    return None if price is None else (price / (quantity or Decimal(1))).quantize(_EXACT)


_MADE: Final = frozenset({"FERT", "HALB"})


def _materials(product: Seen, now: Now) -> Iterator[SourceRow]:
    """A row for each plant that has the material."""
    links = ("to_Description", "_ProductDescription"), ("to_Plant", "_ProductPlant")
    described, plants = ([each for link in pair for each in product.many(link)] for pair in links)
    names = {each.text("Language").upper(): each.text("ProductDescription") for each in described}
    number = product.text("Product")
    name = names.get(now.language.upper()) or names.get("EN") or next(iter(names.values()), "") or number
    for plant in plants:
        # E is made in house, F bought, X both. A release that does not say has the type of the material.
        kind = plant.text("ProcurementType") or ("E" if product.text("ProductType") in _MADE else "F")
        yield SourceRow(
            f"{number}/{plant.text('Plant')}",
            {
                "material": number,
                "plant": plant["Plant"],
                "name": name,
                "unit": product["BaseUnit"],
                "is_made": kind in ("E", "X"),
                "is_bought": kind in ("F", "X"),
                "is_deleted": product.is_on("IsMarkedForDeletion") or plant.is_on("IsMarkedForDeletion"),
            },
        )


def _costs(valuation: Seen, _: Now) -> Iterator[SourceRow]:
    is_standard = valuation.text("InventoryValuationProcedure") == "S"
    price = valuation.figure("StandardPrice" if is_standard else "MovingAveragePrice")
    yield SourceRow(
        _key(valuation, "Product", "ValuationArea"),
        {
            "material": valuation["Product"],
            "plant": valuation["ValuationArea"],
            "unit": valuation["BaseUnit"],
            "cost": _per(price, valuation.figure("PriceUnitQty")),
            "currency": valuation["Currency"],
        },
    )


_STOCK_KEYS: Final = ("Material", "Plant", "StorageLocation", "Batch", "InventoryStockType")


def _stock(stock: Seen, _: Now) -> Iterator[SourceRow]:
    yield SourceRow(
        _key(stock, *_STOCK_KEYS),
        {
            "material": stock["Material"],
            "plant": stock["Plant"],
            "storage_location": stock["StorageLocation"],
            "batch": stock["Batch"],
            "kind": stock["InventoryStockType"],
            "unit": stock["MaterialBaseUnit"],
            "quantity": stock["MatlWrhsStkQtyInMatlBaseUnit"],
        },
    )


_BOM_KEYS: Final = (
    "BillOfMaterial",
    "BillOfMaterialVariant",
    "BillOfMaterialVersion",
    "EngineeringChangeDocument",
    "Material",
    "Plant",
)


def _bom(bom: Seen, now: Now) -> Iterator[SourceRow]:
    """A row for each component that is valid on the day."""
    if bom.is_on("IsMarkedForDeletion"):
        return
    base = bom.figure("BOMHeaderQuantityInBaseUnit")
    for item in bom.many("to_BillOfMaterialItem"):
        begins, ends = item.day("ValidityStartDate") or date.min, item.day("ValidityEndDate") or date.max
        if item.is_on("IsDeleted") or not begins <= now.day <= ends:
            continue
        quantity = item.figure("BillOfMaterialItemQuantity")
        yield SourceRow(
            f"{_key(bom, *_BOM_KEYS)}/{_key(item, 'BillOfMaterialItemNodeNumber', 'HeaderChangeDocument')}",
            {
                "bom": bom["BillOfMaterial"],
                "alternative": bom["BillOfMaterialVariant"],
                "plant": bom["Plant"],
                "made": bom["Material"],
                "material": item["BillOfMaterialComponent"],
                "quantity": quantity,
                "unit": item["BillOfMaterialItemUnit"],
                "per_made": _per(quantity, base),
            },
        )


_ORDER_STATES: Final = (
    ("cancelled", ("OrderIsMarkedForDeletion", "OrderIsDeleted")),
    ("closed", ("OrderIsClosed", "OrderIsTechnicallyCompleted")),
    ("delivered", ("OrderIsDelivered",)),
    ("in process", ("OrderIsConfirmed", "OrderIsPartiallyConfirmed")),
    ("released", ("OrderIsReleased",)),
)


def _production_orders(order: Seen, _: Now) -> Iterator[SourceRow]:
    states = (state for state, flags in _ORDER_STATES if any(order.is_on(flag) for flag in flags))
    yield SourceRow(
        order.text("ManufacturingOrder"),
        {
            "number": order["ManufacturingOrder"],
            "material": order["Material"],
            "plant": order["ProductionPlant"],
            "quantity": order["TotalQuantity"],
            "made": order["MfgOrderConfirmedYieldQty"],
            "unit": order["ProductionUnit"],
            "planned_start": order["MfgOrderPlannedStartDate"],
            "planned_end": order["MfgOrderPlannedEndDate"],
            "state": next(states, "created"),
        },
    )


def _requisitions(item: Seen, _: Now) -> Iterator[SourceRow]:
    state = "open"
    if item.is_on("IsDeleted"):
        state = "cancelled"
    elif item.is_on("IsClosed"):
        state = "closed"
    elif (item.figure("OrderedQuantity") or 0) >= (item.figure("RequestedQuantity") or 0) > 0:
        state = "ordered"
    yield SourceRow(
        _key(item, "PurchaseRequisition", "PurchaseRequisitionItem"),
        {
            "number": item["PurchaseRequisition"],
            "item": item.text("PurchaseRequisitionItem").lstrip("0"),
            "tracking": item["RequirementTracking"],
            "requester": item["RequisitionerName"],
            "plant": item["Plant"],
            "needed_on": item["DeliveryDate"],
            "state": state,
            "material": item["Material"],
            "quantity": item["RequestedQuantity"],
            "ordered": item["OrderedQuantity"],
            "unit": item["BaseUnit"],
            "supplier": item["Supplier"] or item["FixedSupplier"],
            "price": _per(item.figure("PurchaseRequisitionPrice"), item.figure("PurReqnPriceQuantity")),
            "currency": item["PurReqnItemCurrency"],
        },
    )


def _purchase_orders(order: Seen, _: Now) -> Iterator[SourceRow]:
    """A row for each schedule line, or for the item where it has none; what came is added by the reader."""
    if order.text("PurchasingDocumentDeletionCode"):
        return
    items = [
        each for each in order.many("to_PurchaseOrderItem") if not each.text("PurchasingDocumentDeletionCode")
    ]
    is_done = all(item.is_on("IsCompletelyDelivered") for item in items)
    for item in items:
        cells: dict[str, Cell] = {
            "number": order["PurchaseOrder"],
            "item": item["PurchaseOrderItem"],
            "supplier": order["Supplier"],
            "ordered_on": order["PurchaseOrderDate"],
            "plant": item["Plant"],
            "order_state": "closed" if is_done else "open",
            "state": "closed" if item.is_on("IsCompletelyDelivered") else "open",
            "material": item["Material"],
            "quantity": item["OrderQuantity"],
            "received": None,
            "unit": item["PurchaseOrderQuantityUnit"],
            "price": _per(item.figure("NetPriceAmount"), item.figure("NetPriceQuantity")),
            "currency": item["DocumentCurrency"] or order["DocumentCurrency"],
            "due_on": None,
            "requisition": _requisition(item),
        }
        key = _key(item, "PurchaseOrder", "PurchaseOrderItem")
        lines = sorted(item.many("to_ScheduleLine"), key=lambda each: str(each["ScheduleLineDeliveryDate"]))
        if not lines:
            yield SourceRow(key, cells)
        for line in lines:
            of_line = {
                "due_on": line["ScheduleLineDeliveryDate"],
                "quantity": line["ScheduleLineOrderQuantity"],
            }
            yield SourceRow(f"{key}/{line.text('ScheduleLine')}", {**cells, **of_line})


def _requisition(item: Seen) -> str | None:
    """The requisition item that an order item was made from, by the id that requisitions have here."""
    if not item.has("PurchaseRequisition") or not item.text("PurchaseRequisition"):
        return None
    # One service writes items with leading zeros, another without.
    return f"{item.text('PurchaseRequisition')}/{item.text('PurchaseRequisitionItem').lstrip('0')}"


def _suppliers(partner: Seen, _: Now) -> Iterator[SourceRow]:
    yield SourceRow(
        partner.text("BusinessPartner"),
        {
            "supplier": partner["Supplier"],
            "name": partner.text("BusinessPartnerFullName") or partner.text("BusinessPartnerName") or None,
            "is_blocked": partner.is_on("BusinessPartnerIsBlocked"),
        },
    )


def _info_records(record: Seen, now: Now) -> Iterator[SourceRow]:
    """A row for each purchasing organisation and plant; for all plants of the organisation it has none."""
    if record.is_on("IsDeleted"):
        return
    for data in record.many("to_PurgInfoRecdOrgPlantData"):
        if data.is_on("IsMarkedForDeletion") or data.text("PurchasingInfoRecordCategory") not in ("0", ""):
            continue
        is_valid = (data.day("PriceValidityEndDate") or date.max) >= now.day
        price = _per(data.figure("NetPriceAmount"), data.figure("MaterialPriceUnitQty"))
        yield SourceRow(
            _key(data, "PurchasingInfoRecord", "PurchasingOrganization", "Plant"),
            {
                "supplier": record["Supplier"],
                "material": record["Material"],
                "plant": data["Plant"],
                "supplier_material": record["SupplierMaterialNumber"],
                "lead_time_days": data["MaterialPlannedDeliveryDurn"],
                "minimum": data["MinimumPurchaseOrderQuantity"],
                "unit": data["PurchaseOrderPriceUnit"] or record["PurgDocOrderQuantityUnit"],
                "price": price if is_valid else None,
                "currency": data["Currency"],
            },
        )


_LEDGER_KEYS: Final = (
    "CompanyCode",
    "Ledger",
    "LedgerFiscalYear",
    "FiscalPeriod",
    "GLAccount",
    "CostCenter",
    "ControllingDebitCreditCode",
    "CompanyCodeCurrency",
)


def _ledger(sums: Seen, _: Now) -> Iterator[SourceRow]:
    """The service is an analytical one: it answers with sums of what is selected, and no single postings."""
    yield SourceRow(
        _key(sums, *_LEDGER_KEYS),
        {
            "company": sums["CompanyCode"],
            "ledger": sums["Ledger"],
            "year": sums["LedgerFiscalYear"],
            "period": sums["FiscalPeriod"],
            "account": sums["GLAccount"],
            "account_name": sums["GLAccountName"],
            "cost_centre": sums["CostCenter"],
            "amount": sums["AmountInCompanyCodeCurrency"],
            "currency": sums["CompanyCodeCurrency"],
            "side": sums["ControllingDebitCreditCode"],
        },
    )


_STAMP: Final = ("LastChangeDateTime", "LastChangeDate")
TABLES: Final[Mapping[Capability, tuple[Table, ...]]] = {
    Capability.MATERIALS: (
        Table(PRODUCTS, "A_Product", _materials, ("Product",), "",
            ("to_Description", "to_Plant"), (), _STAMP),
        Table(
            PRODUCTS_4, "Product", _materials, ("Product",), "",
            ("_ProductDescription", "_ProductPlant", "to_Description", "to_Plant"), (), _STAMP,
        ),
    ),
    Capability.COSTS: (
        Table(
            PRODUCTS, "A_ProductValuation", _costs, ("Product", "ValuationArea"), "ValuationType eq ''", (),
            (
                "Product", "ValuationArea", "BaseUnit", "Currency", "StandardPrice", "MovingAveragePrice",
                "PriceUnitQty", "InventoryValuationProcedure",
            ),
        ),
    ),
    Capability.STOCK: (
        Table(
            _v2("API_MATERIAL_STOCK_SRV"), "A_MatlStkInAcctMod", _stock, _STOCK_KEYS,
            "InventorySpecialStockType eq ''", (),
            (*_STOCK_KEYS, "MaterialBaseUnit", "MatlWrhsStkQtyInMatlBaseUnit"),
        ),
    ),
    Capability.BOM: (
        Table(
            _v2("API_BILL_OF_MATERIAL_SRV", ";v=0002"), "MaterialBOM", _bom, _BOM_KEYS,
            "BillOfMaterialCategory eq 'M'", ("to_BillOfMaterialItem",), (), _STAMP,
        ),
    ),
    Capability.PRODUCTION_ORDERS: (
        Table(
            _v2("API_PRODUCTION_ORDER_2_SRV"), "A_ProductionOrder_2", _production_orders,
            ("ManufacturingOrder",), "", (),
            (
                "ManufacturingOrder", "Material", "ProductionPlant", "TotalQuantity", "ProductionUnit",
                "MfgOrderConfirmedYieldQty", "MfgOrderPlannedStartDate", "MfgOrderPlannedEndDate",
                *(flag for _, flags in _ORDER_STATES for flag in flags), "LastChangeDateTime",
            ),
            ("LastChangeDateTime",),
        ),
    ),
    Capability.REQUISITIONS: (
        Table(
            REQUISITIONS, ITEM, _requisitions, ("PurchaseRequisition", "PurchaseRequisitionItem"), "", (),
            (
                "PurchaseRequisition", "PurchaseRequisitionItem", "RequirementTracking", "RequisitionerName",
                "Plant", "DeliveryDate", "Material", "RequestedQuantity", "OrderedQuantity", "BaseUnit",
                "Supplier", "FixedSupplier", "PurchaseRequisitionPrice", "PurReqnPriceQuantity",
                "PurReqnItemCurrency", "IsDeleted", "IsClosed", "LastChangeDateTime",
            ),
            _STAMP,
        ),
    ),
    Capability.PURCHASE_ORDERS: (
        Table(
            _v2("API_PURCHASEORDER_PROCESS_SRV"), "A_PurchaseOrder", _purchase_orders, ("PurchaseOrder",), "",
            ("to_PurchaseOrderItem", "to_PurchaseOrderItem/to_ScheduleLine"), (), _STAMP,
        ),
    ),
    Capability.SUPPLIERS: (
        Table(
            _v2("API_BUSINESS_PARTNER"), "A_BusinessPartner", _suppliers, ("BusinessPartner",),
            "Supplier ne ''", (),
            (
                "BusinessPartner", "Supplier", "BusinessPartnerFullName", "BusinessPartnerName",
                "BusinessPartnerIsBlocked", "LastChangeDate",
            ),
            ("LastChangeDate",),
        ),
    ),
    Capability.INFO_RECORDS: (
        Table(
            _v2("API_INFORECORD_PROCESS_SRV"), "A_PurchasingInfoRecord", _info_records,
            ("PurchasingInfoRecord",), "", ("to_PurgInfoRecdOrgPlantData",), (), _STAMP,
        ),
    ),
    Capability.LEDGER: (
        Table(
            _v2("API_JOURNALENTRYITEMBASIC_SRV"), "A_JournalEntryItemBasic", _ledger, _LEDGER_KEYS, "", (),
            (*_LEDGER_KEYS, "GLAccountName", "AmountInCompanyCodeCurrency"),
        ),
    ),
}  # fmt: skip
"""For each capability, the services that have it, the first that is there first."""
