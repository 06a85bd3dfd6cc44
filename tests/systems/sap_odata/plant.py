"""The stand-in's plant: its master data, and what SAP checks before it takes a requisition."""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

Row = dict[str, Any]
Data = dict[str, list[Row]]
_CHANGED = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
_NEVER = date(1, 1, 1)
_ALWAYS = date(9999, 12, 31)


class Refusal(Exception):
    """SAP says no, with the code of its message."""

    def __init__(self, code: str, text: str, status: int = 400, details: list[tuple[str, str]] | None = None):
        super().__init__(text)
        self.code, self.status, self.details = code, status, details or []


def rows() -> Data:
    """Plant 1010: a welded frame of a tube and two grips, with a supplier, an order and what is booked."""
    today = datetime.now(UTC).date()
    data: Data = {"units": [{"code": c} for c in ("KG", "PC", "ST", "EA", "M")], "locks": []}
    data["plants"] = [{"plant": "1010", "company": "1000"}, {"plant": "1020", "company": "1000"}]
    data["cost_centres"] = [{"code": "4711"}, {"code": "4712"}]
    data["accounts"] = [{"code": "6000"}, {"code": "400000"}]
    for name in (
        "A_Product",
        "A_ProductDescription",
        "A_ProductPlant",
        "A_ProductValuation",
        "A_MatlStkInAcctMod",
    ):
        data[name] = []
    for product in (
        ("T-100", "Steel tube 28", "KG", "F", "2.400", "1", "820.5"),
        ("G-200", "Grip, rubber", "PC", "F", "85.000", "100", "240"),
        ("F-900", "Frame, welded", "PC", "E", "31.500", "1", "12"),
    ):
        _product(data, *product)
    data["A_MatlStkInAcctMod"].append(_stock("T-100", "1010", "KG", "40", kind="07"))
    data["MaterialBOM"] = [_bom("00000123", "F-900", "PC", "10")]
    data["MaterialBOMItem"] = [
        _bom_item("00000123", "F-900", "00000001", "0010", "T-100", "32", "KG"),
        _bom_item("00000123", "F-900", "00000002", "0020", "G-200", "20", "PC"),
        _bom_item("00000123", "F-900", "00000003", "0030", "G-200", "50", "PC", until=date(2020, 1, 1)),
    ]
    data["A_ProductionOrder_2"] = [
        _production("1000021", today + timedelta(days=2), today + timedelta(days=6), "40", released="X"),
        _production("1000022", today + timedelta(days=9), today + timedelta(days=12), "25"),
        _production("1000007", date(2026, 1, 12), date(2026, 1, 16), "30", released="X", closed="X"),
    ]
    data["A_PurchaseOrder"], data["A_PurchaseOrderItem"] = [], []
    data["A_PurchaseOrderScheduleLine"], data["A_MaterialDocumentItem"] = [], []
    data["A_PurchaseOrderNote"] = []
    data["AttachmentContentSet"] = []
    _order(
        data,
        "4500000017",
        today + timedelta(days=8),
        [("T-100", "500", "KG", "2.35", "1"), ("G-200", "600", "PC", "80.00", "100")],
    )
    _order(data, "4500000018", today + timedelta(days=20), [("T-100", "200", "KG", "2.35", "1")])
    data["A_MaterialDocumentItem"] += [
        _receipt("1", "4500000018", "50", "101"),
        _receipt("2", "4500000018", "10", "102"),
    ]
    data["A_BusinessPartner"] = [
        _partner("S-77", "Rohrwerk Nord"), _partner("S-78", "Gummi Süd"),
        {**_partner("C-1", "Radhaus"), "Supplier": ""},
    ]  # fmt: skip
    data["A_PurchasingInfoRecord"], data["A_PurgInfoRecdOrgPlantData"] = [], []
    _info_record(data, "5300000001", "T-100", "KG", "2.35", "1", "9")
    _info_record(data, "5300000002", "G-200", "PC", "80.00", "100", "14")
    data["A_JournalEntryItemBasic"] = [
        _posting(n, account, centre, code, amount)
        for n, (account, centre, code, amount) in enumerate(
            [("400000", "4711", "S", "1200"), ("400000", "4711", "S", "310.5"), ("400000", "4712", "S", "90"),
             ("113100", "", "H", "-1600.5")]
        )
    ]  # fmt: skip
    for name in (
        "A_PurchaseRequisitionHeader", "A_PurchaseRequisitionItem",
        "A_PurReqnAcctAssgmt", "A_PurchaseReqnItemText",
    ):  # fmt: skip
        data[name] = []
    _requisition(data)
    return data


def _product(
    data: Data, number: str, name: str, unit: str, kind: str, price: str, per: str, stock: str
) -> None:
    data["A_Product"].append(
        {"Product": number, "ProductType": "FERT" if kind == "E" else "ROH", "BaseUnit": unit,
         "IsMarkedForDeletion": False, "CreationDate": date(2025, 1, 2), "LastChangeDate": _CHANGED.date(),
         "LastChangeDateTime": _CHANGED}
    )  # fmt: skip
    for language, text in (("EN", name), ("DE", f"{name} (de)")):
        data["A_ProductDescription"].append(
            {"Product": number, "Language": language, "ProductDescription": text}
        )
    data["A_ProductPlant"].append(
        {
            "Product": number,
            "Plant": "1010",
            "ProcurementType": kind,
            "MRPType": "PD",
            "IsMarkedForDeletion": False,
        }
    )
    data["A_ProductValuation"].append(
        {"Product": number, "ValuationArea": "1010", "ValuationType": "", "StandardPrice": Decimal(price),
         "PriceUnitQty": Decimal(per), "InventoryValuationProcedure": "S",
         "MovingAveragePrice": Decimal("0.000"),
         "Currency": "EUR", "BaseUnit": unit, "IsMarkedForDeletion": False}
    )  # fmt: skip
    data["A_MatlStkInAcctMod"].append(_stock(number, "1010", unit, stock))


def bought(data: Data, number: str, name: str, unit: str, supplier: str) -> None:
    """Let the plant buy a material of somebody."""
    _product(data, number, name, unit, "F", "1.000", "1", "0")
    if unit not in {each["code"] for each in data["units"]}:
        data["units"].append({"code": unit})
    if supplier not in {each["Supplier"] for each in data["A_BusinessPartner"]}:
        data["A_BusinessPartner"].append(_partner(supplier, supplier))


def _stock(number: str, plant: str, unit: str, quantity: str, *, kind: str = "01") -> Row:
    empty = ("Batch", "Supplier", "Customer", "WBSElementInternalID", "SDDocument", "SDDocumentItem")
    return {
        "Material": number, "Plant": plant, "StorageLocation": "0001", **dict.fromkeys(empty, ""),
        "InventorySpecialStockType": "", "InventoryStockType": kind, "MaterialBaseUnit": unit,
        "MatlWrhsStkQtyInMatlBaseUnit": Decimal(quantity).quantize(Decimal("0.00000000000001")),
    }  # fmt: skip


def _bom(number: str, made: str, unit: str, base: str) -> Row:
    return {
        "BillOfMaterial": number, "BillOfMaterialCategory": "M", "BillOfMaterialVariant": "1",
        "BillOfMaterialVersion": "", "EngineeringChangeDocument": "", "Material": made, "Plant": "1010",
        "BillOfMaterialVariantUsage": "1", "BillOfMaterialStatus": "1", "IsMarkedForDeletion": False,
        "HeaderValidityStartDate": date(2024, 1, 1), "HeaderValidityEndDate": _ALWAYS,
        "BOMHeaderBaseUnit": unit,
        "BOMHeaderQuantityInBaseUnit": Decimal(base), "LastChangeDateTime": _CHANGED,
    }  # fmt: skip


def _bom_item(
    number: str, made: str, node: str, item: str, part: str, quantity: str, unit: str, until: date = _ALWAYS
) -> Row:
    return {
        "BillOfMaterial": number, "BillOfMaterialCategory": "M", "BillOfMaterialVariant": "1",
        "BillOfMaterialVersion": "", "BillOfMaterialItemNodeNumber": node, "HeaderChangeDocument": "",
        "Material": made, "Plant": "1010", "BillOfMaterialComponent": part, "BillOfMaterialItemCategory": "L",
        "BillOfMaterialItemNumber": item, "BillOfMaterialItemUnit": unit, "IsDeleted": False,
        "BillOfMaterialItemQuantity": Decimal(quantity), "ValidityStartDate": date(2019, 1, 1),
        "ValidityEndDate": until, "LastChangeDateTime": _CHANGED,
    }  # fmt: skip


def _production(
    number: str, begins: date, ends: date, quantity: str, released: str = "", closed: str = ""
) -> Row:
    return {
        "ManufacturingOrder": number, "ManufacturingOrderCategory": "10", "ManufacturingOrderType": "PP01",
        "OrderIsCreated": "" if released else "X", "OrderIsReleased": released, "OrderIsClosed": closed,
        "LastChangeDateTime": "20260302083000", "Material": "F-900", "ProductionPlant": "1010",
        "MfgOrderPlannedStartDate": begins, "MfgOrderPlannedEndDate": ends, "ProductionUnit": "PC",
        "TotalQuantity": Decimal(quantity), "MfgOrderConfirmedYieldQty": Decimal(quantity if closed else 0),
        "MfgOrderPlannedScrapQty": Decimal(0),
    }  # fmt: skip


def _order(data: Data, number: str, due: date, items: list[tuple[str, str, str, str, str]]) -> None:
    data["A_PurchaseOrder"].append(
        {"PurchaseOrder": number, "CompanyCode": "1000", "PurchaseOrderType": "NB", "Supplier": "S-77",
         "PurchaseOrderDate": date(2026, 3, 2), "DocumentCurrency": "EUR", "LastChangeDateTime": _CHANGED,
         "CreationDate": date(2026, 3, 2), "PurchasingProcessingStatus": "05"}
    )  # fmt: skip
    for n, (material, quantity, unit, price, per) in enumerate(items, 1):
        item = f"{10 * n:05d}"
        data["A_PurchaseOrderItem"].append(
            {"PurchaseOrder": number, "PurchaseOrderItem": item, "Plant": "1010", "Material": material,
             "OrderQuantity": Decimal(quantity), "PurchaseOrderQuantityUnit": unit, "OrderPriceUnit": unit,
             "DocumentCurrency": "EUR", "NetPriceAmount": Decimal(price), "NetPriceQuantity": Decimal(per),
             "IsCompletelyDelivered": False, "PurchasingDocumentDeletionCode": "",
             **({"PurchaseRequisition": "0010000001", "PurchaseRequisitionItem": "00010"} if n == 1 else {})}
        )  # fmt: skip
        data["A_PurchaseOrderScheduleLine"].append(
            {"PurchasingDocument": number, "PurchasingDocumentItem": item, "ScheduleLine": "0001",
             "ScheduleLineDeliveryDate": due, "PurchaseOrderQuantityUnit": unit,
             "ScheduleLineOrderQuantity": Decimal(quantity)}
        )  # fmt: skip


def _receipt(n: str, order: str, quantity: str, kind: str) -> Row:
    return {
        "MaterialDocumentYear": "2026", "MaterialDocument": f"500000000{n}", "MaterialDocumentItem": "1",
        "Material": "T-100", "Plant": "1010", "GoodsMovementType": kind, "PurchaseOrder": order,
        "PurchaseOrderItem": "00010", "QuantityInEntryUnit": Decimal(quantity), "EntryUnit": "KG",
        "DebitCreditCode": "S" if kind == "101" else "H",
    }  # fmt: skip


def _partner(number: str, name: str) -> Row:
    return {
        "BusinessPartner": number, "Supplier": number, "BusinessPartnerCategory": "2",
        "BusinessPartnerFullName": name, "BusinessPartnerName": name, "LastChangeDate": _CHANGED.date(),
        "BusinessPartnerIsBlocked": False,
    }  # fmt: skip


def _info_record(data: Data, number: str, material: str, unit: str, price: str, per: str, days: str) -> None:
    data["A_PurchasingInfoRecord"].append(
        {"PurchasingInfoRecord": number, "Supplier": "S-77", "Material": material, "IsDeleted": False,
         "SupplierMaterialNumber": f"RN-{material}", "PurgDocOrderQuantityUnit": unit, "BaseUnit": unit,
         "LastChangeDateTime": _CHANGED}
    )  # fmt: skip
    data["A_PurgInfoRecdOrgPlantData"].append(
        {"PurchasingInfoRecord": number, "PurchasingInfoRecordCategory": "0",
         "PurchasingOrganization": "1000",
         "Plant": "1010", "IsMarkedForDeletion": False, "Currency": "EUR",
         "MinimumPurchaseOrderQuantity": Decimal(0), "MaterialPlannedDeliveryDurn": Decimal(days),
         "NetPriceAmount": Decimal(price), "MaterialPriceUnitQty": Decimal(per),
         "PurchaseOrderPriceUnit": unit,
         "PriceValidityEndDate": _ALWAYS}
    )  # fmt: skip


def _posting(n: int, account: str, centre: str, code: str, amount: str) -> Row:
    return {
        "ID": str(n), "Ledger": "0L", "LedgerFiscalYear": "2026", "CompanyCode": "1000", "GLAccount": account,
        "GLAccountName": f"Account {account}", "CostCenter": centre, "ControllingDebitCreditCode": code,
        "CompanyCodeCurrency": "EUR", "AmountInCompanyCodeCurrency": Decimal(amount), "FiscalPeriod": "003",
        "Plant": "1010",
    }  # fmt: skip


def _requisition(data: Data) -> None:
    """One that a buyer made by hand."""
    data["A_PurchaseRequisitionHeader"].append(
        {
            "PurchaseRequisition": "0010000001",
            "PurchaseRequisitionType": "NB",
            "PurReqnDescription": "by hand",
        }
    )
    data["A_PurchaseRequisitionItem"].append(
        {"PurchaseRequisition": "0010000001", "PurchaseRequisitionItem": "10",
         "PurchaseRequisitionType": "NB", "Material": "T-100", "Plant": "1010",
         "RequestedQuantity": Decimal("100.000"), "BaseUnit": "KG",
         "DeliveryDate": datetime.now(UTC).date() + timedelta(days=30), "RequisitionerName": "BUYER",
         "OrderedQuantity": Decimal("0.000"), "ProcessingStatus": "N", "IsClosed": False,
         "PurReqnItemCurrency": "EUR", "LastChangeDateTime": _CHANGED, "CreationDate": _CHANGED.date(),
         "PurchasingDocument": "", "IsDeleted": ""}
    )  # fmt: skip


def check_requisition(data: Data, header: Row, items: list[Row], user: Row) -> None:
    """Refusal where SAP would say no to a requisition, with every reason."""
    if not items:
        raise Refusal("ME/006", "Purchase requisition has no items")
    why: list[tuple[str, str]] = []
    for item in items:
        why += _faults_of(data, item, user)
    if why:
        raise Refusal(why[0][0], why[0][1], 400, why[1:])


def _faults_of(data: Data, item: Row, user: Row) -> list[tuple[str, str]]:
    plant, material = item.get("Plant"), item.get("Material")
    why = []
    for name in ("Plant", "RequestedQuantity", "DeliveryDate"):
        if not item.get(name):
            why.append(("ME/083", f"Enter {name}"))
    if plant and plant not in {each["plant"] for each in data["plants"]}:
        why.append(("M3/092", f"Plant {plant} does not exist"))
    elif plant and plant not in user.get("plants", [plant]):
        raise Refusal(
            "ME/303", f"You have no authorization to create purchase requisitions in plant {plant}", 403
        )
    if material not in {each["Product"] for each in data["A_Product"]}:
        why.append(("M3/305", f"Material {material} does not exist or is not activated"))
    elif (material, plant) not in {(each["Product"], each["Plant"]) for each in data["A_ProductPlant"]}:
        why.append(("M3/351", f"Material {material} not maintained in plant {plant}"))
    if item.get("BaseUnit") not in {each["code"] for each in data["units"]}:
        why.append(("BM/302", f"Unit {item.get('BaseUnit')} is not defined"))
    suppliers = {each["Supplier"] for each in data["A_BusinessPartner"]}
    if item.get("Supplier") and item["Supplier"] not in suppliers:
        why.append(("ME/027", f"Supplier {item['Supplier']} does not exist"))
    quantity = item.get("RequestedQuantity")
    if quantity is not None and quantity <= 0:
        why.append(("ME/062", "Enter a quantity greater than zero"))
    if item.get("PurchaseRequisitionPrice") and not item.get("PurReqnItemCurrency"):
        why.append(("ME/201", "Enter a currency"))
    for account in item.get("to_PurchaseReqnAcctAssgmt", []):
        for name, known in (("CostCenter", "cost_centres"), ("GLAccount", "accounts")):
            if account.get(name) and account[name] not in {each["code"] for each in data[known]}:
                why.append(("KI/265", f"{name} {account[name]} does not exist"))
    return why


def check_days(data: Data, shape: str, row: Row, changes: Row, user: Row) -> None:
    """Refusal where SAP would say no to other days of an order."""
    if shape == "A_ProductionOrder_2":
        at, what = row["ProductionPlant"], f"production order {row['ManufacturingOrder']}"
        if changes.get("MfgOrderPlannedEndDate", _ALWAYS) < changes.get("MfgOrderPlannedStartDate", _NEVER):
            raise Refusal("CO/705", f"{what}: the finish lies before the start")
    else:
        [at] = [
            item["Plant"]
            for item in data["A_PurchaseOrderItem"]
            if item["PurchaseOrder"] == row["PurchasingDocument"]
            and item["PurchaseOrderItem"] == row["PurchasingDocumentItem"]
        ]
        what = f"purchase order {row['PurchasingDocument']}"
        if changes.get("ScheduleLineDeliveryDate", _ALWAYS) < datetime.now(UTC).date():
            raise Refusal("06/039", f"{what}: the delivery date lies in the past")
    if at not in user.get("plants", [at]):
        raise Refusal("ME/303", f"You have no authorization to change {what} in plant {at}", 403)


def copied(data: Data) -> Data:
    """Everything as it is now, to go back to."""
    return deepcopy(data)
