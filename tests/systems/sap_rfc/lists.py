"""The stand-in's BAPIs that list: stock and requirements, production orders, items of purchase orders."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from tests.systems.sap_rfc.sessions import Answer, Session, decimals_of, message
from tests.systems.sap_rfc.storage import Row


def stock_requirements(session: Session, given: Row) -> Answer:
    """The list of one material, as transaction MD04 shows it."""
    material, plant = given["MATERIAL"], given["PLANT"]
    if not session.storage.rows("MARC", "MATNR = ? and WERKS = ?", [material, plant]):
        return {"RETURN": message("E", "61", "012", f"Material {material} not found in plant {plant}")}
    key = {"MATERIAL": material, "PLANT": plant}
    lines: list[Row] = []
    stock = sum(
        (row["LABST"] for row in session.storage.rows("MARD", "MATNR = ? and WERKS = ?", [material, plant])),
        Decimal(0),
    )
    lines.append(
        {**key, "AVAIL_DATE": f"{datetime.now(UTC):%Y%m%d}", "MRP_ELEMENT_IND": "WB", "REC_REQD_QTY": stock}
    )
    for row in session.storage.rows(
        "RESB", "MATNR = ? and WERKS = ? and XLOEK = '' and KZEAR = ''", [material, plant]
    ):
        open_ = row["BDMNG"] - row["ENMNG"]
        kind = "AR" if row["AUFNR"] else "MR"
        lines.append(
            {
                **key,
                "AVAIL_DATE": row["BDTER"],
                "MRP_ELEMENT_IND": kind,
                "PLUS_MINUS": "-",
                "REC_REQD_QTY": open_,
                "MRP_NO": row["RSNUM"],
                "MRP_POS": row["RSPOS"],
                "MRP_NO12": row["AUFNR"],
            }
        )
    for row in session.storage.rows("PLAF", "MATNR = ? and PLWRK = ?", [material, plant]):
        lines.append(
            {
                **key,
                "AVAIL_DATE": row["PEDTR"],
                "MRP_ELEMENT_IND": "PA",
                "PLUS_MINUS": "+",
                "REC_REQD_QTY": row["GSMNG"],
                "MRP_NO": row["PLNUM"],
                "MRP_NO12": row["PLNUM"],
            }
        )
    return {"RETURN": {}, "MRP_ITEMS": lines, "MRP_IND_LINES": lines}


def _in_range(value: str, ranges: list[Row]) -> bool:
    """True where a table of selections takes the value, or says nothing."""
    if not ranges:
        return True
    return any(
        value == each["LOW"] if each["OPTION"] == "EQ" else each["LOW"] <= value <= each["HIGH"]
        for each in ranges
    )


def order_list(session: Session, given: Row) -> Answer:
    """Heads of production orders."""
    heads = [
        {
            "ORDER_NUMBER": row["AUFNR"],
            "PRODUCTION_PLANT": row["WERKS"],
            "MRP_CONTROLLER": row["DISPO"],
            "MATERIAL": row["MATNR"],
            "FINISH_DATE": row["GLTRP"],
            "START_DATE": row["GSTRP"],
            "ACTUAL_START_DATE": row["GSTRI"],
            "ACTUAL_FINISH_DATE": row["GLTRI"],
            "SCRAP": row["GASMG"],
            "TARGET_QUANTITY": row["GAMNG"],
            "UNIT": row["GMEIN"],
            "ORDER_TYPE": row["AUART"],
            "SYSTEM_STATUS": row["STTXT"],
        }
        for row in session.storage.rows("AFKO")
        if _in_range(row["AUFNR"], given["ORDER_NUMBER_RANGE"])
        and _in_range(row["WERKS"], given["PRODPLANT_RANGE"])
        and _in_range(row["MATNR"], given["MATERIAL_RANGE"])
    ]
    if not heads:
        return {"RETURN": message("E", "CO", "888", "No production orders found for the selection criteria")}
    return {"RETURN": {}, "ORDER_HEADER": heads}


def order_items(session: Session, given: Row) -> Answer:
    """Items of purchase orders, with their heads."""
    heads = {row["EBELN"]: row for row in session.storage.rows("EKKO", "BSTYP = 'F'")}
    items = []
    for row in session.storage.rows("EKPO"):
        if row["EBELN"] not in heads or given["PLANT"] not in ("", row["WERKS"]):
            continue
        if (row["LOEKZ"] and not given["DELETED_ITEMS"]) or (
            row["ELIKZ"] and given["ITEMS_OPEN_FOR_RECEIPT"]
        ):
            continue
        currency = heads[row["EBELN"]]["WAERS"]
        items.append(
            {
                "PO_NUMBER": row["EBELN"],
                "PO_ITEM": row["EBELP"],
                "DELETE_IND": row["LOEKZ"],
                "SHORT_TEXT": row["TXZ01"],
                "MATERIAL": row["MATNR"],
                "PLANT": row["WERKS"],
                "QUANTITY": row["MENGE"],
                "UNIT": row["MEINS"],
                "NET_PRICE": row["NETPR"].scaleb(2 - decimals_of(session.storage, currency)),
                "PRICE_UNIT": row["PEINH"],
                "ORDERPR_UN": row["BPRME"],
                "DEL_COMPL": row["ELIKZ"],
            }
        )
    if not items:
        return {"RETURN": [message("E", "06", "019", "No purchase order items found")]}
    used = {item["PO_NUMBER"] for item in items}
    return {
        "RETURN": [],
        "PO_ITEMS": items,
        "PO_HEADERS": [
            {
                "PO_NUMBER": row["EBELN"],
                "CO_CODE": row["BUKRS"],
                "DOC_TYPE": row["BSART"],
                "VENDOR": row["LIFNR"],
                "CURRENCY": row["WAERS"],
                "DOC_DATE": row["BEDAT"],
            }
            for row in heads.values()
            if row["EBELN"] in used and given["WITH_PO_HEADERS"]
        ],
    }
