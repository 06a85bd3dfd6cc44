"""The stand-in's BAPIs for purchase requisitions: SAP's checks and messages, writes kept until the commit."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from tests.systems.sap_rfc.sessions import Answer, Session, decimals_of, message
from tests.systems.sap_rfc.storage import Change, Row


def pr_create(session: Session, given: Row) -> Answer:
    """Checks everything, and puts the requisition into the unit of work."""
    # As SAP does: only fields with an X beside them are taken.
    items = [_taken(row, given["PRITEMX"]) for row in given["PRITEM"]]
    accounts = given["PRACCOUNT"]
    said = [each for item in items for each in _item_checked(session, item, accounts)]
    if any(each["TYPE"] in "EA" for each in said):
        return {
            "RETURN": [
                message(
                    "E", "BAPI", "001", "No instance of object type PurchaseRequisition has been created"
                ),
                *said,
            ]
        }
    # Without items SAP makes an empty requisition, and says so only in passing.
    number = f"{session.storage.next('BANF', 10000001):010d}"
    today = f"{datetime.now(UTC):%Y%m%d}"
    for item in items:
        session.pending.append(
            Change("EBAN", _stored(session, item, number, given["PRHEADER"]["PR_TYPE"], today))
        )
    for account in accounts:
        row = {"BANFN": number, "BNFPO": account["PREQ_ITEM"], "ZEBKN": account["SERIAL_NO"]}
        session.pending.append(
            Change("EBKN", {**row, "KOSTL": account["COSTCENTER"], "SAKTO": account["GL_ACCOUNT"]})
        )
    for line, text in enumerate(given["PRHEADERTEXT"]):
        row = {"TDOBJECT": "EBANH", "TDNAME": number, "TDID": text["TEXT_ID"], "LINE": str(line)}
        session.pending.append(
            Change("STXL", {**row, "TDFORMAT": text["TEXT_FORM"], "TDLINE": text["TEXT_LINE"]})
        )
    done = message("S", "06", "402", f"Purchase requisition number {number} created", MESSAGE_V1=number)
    return {"NUMBER": number, "RETURN": [*said, done]}


def _taken(row: Row, marks: list[Row]) -> Row:
    [mark] = [each for each in marks if each["PREQ_ITEM"] == row["PREQ_ITEM"]] or [{}]
    return {name: value for name, value in row.items() if name == "PREQ_ITEM" or mark.get(name) == "X"}


def _item_checked(session: Session, item: Row, accounts: list[Row]) -> list[Row]:
    at = {"PARAMETER": "PRITEM", "ROW": int(item["PREQ_ITEM"]) // 10}
    plant, material = item.get("PLANT", ""), item.get("MATERIAL", "")
    if not session.storage.rows("T001W", "WERKS = ?", [plant]):
        return [message("E", "06", "117", f"Plant {plant} does not exist", **at, FIELD="PLANT")]
    if not session.allowed(f"plant:{plant}"):
        return [
            message("E", "ME", "235", f"You have no authorization for plant {plant} with activity 01", **at)
        ]
    if not session.storage.rows("MARA", "MATNR = ?", [material]):
        return [
            message("E", "M3", "305", f"The material {material} does not exist or is not activated", **at)
        ]
    if not session.storage.rows("MARC", "MATNR = ? and WERKS = ?", [material, plant]):
        return [message("E", "M3", "351", f"Material {material} is not maintained in plant {plant}", **at)]
    said = []
    unit, vendor = item.get("UNIT", ""), item.get("DES_VENDOR", "")
    if not session.storage.rows("T006", "MSEHI = ?", [unit]):
        said.append(message("E", "BM", "302", f"Unit {unit} is not created", **at, FIELD="UNIT"))
    if vendor and not session.storage.rows("LFA1", "LIFNR = ?", [vendor]):
        said.append(message("E", "06", "321", f"Vendor {vendor} does not exist", **at, FIELD="DES_VENDOR"))
    if item.get("QUANTITY", Decimal(0)) <= 0:
        said.append(message("E", "06", "436", "Enter a quantity", **at, FIELD="QUANTITY"))
    if item.get("DELIV_DATE", "00000000") == "00000000":
        said.append(message("E", "06", "022", "Enter a delivery date", **at, FIELD="DELIV_DATE"))
    elif item["DELIV_DATE"] < f"{datetime.now(UTC):%Y%m%d}":
        said.append(message("W", "06", "039", "Delivery date is in the past", **at, FIELD="DELIV_DATE"))
    currency = item.get("CURRENCY", "")
    if item.get("PREQ_PRICE") and not session.storage.rows("TCURC", "WAERS = ?", [currency]):
        said.append(message("E", "SV", "059", f"Currency {currency} does not exist", **at, FIELD="CURRENCY"))
    mine = [each for each in accounts if each["PREQ_ITEM"] == item["PREQ_ITEM"]]
    if item.get("ACCTASSCAT") == "K" and not mine:
        said.append(message("E", "ME", "062", "Account assignment mandatory for this item", **at))
    for each in mine:
        if not session.storage.rows("CSKS", "KOSTL = ?", [each["COSTCENTER"]]):
            said.append(message("E", "KI", "265", f"Cost center {each['COSTCENTER']} does not exist", **at))
        if each["GL_ACCOUNT"] and not session.storage.rows("SKB1", "SAKNR = ?", [each["GL_ACCOUNT"]]):
            said.append(message("E", "F5", "506", f"G/L account {each['GL_ACCOUNT']} does not exist", **at))
    return said


def _stored(session: Session, item: Row, number: str, type_: str, today: str) -> Row:
    [material] = session.storage.rows("MARA", "MATNR = ?", [item["MATERIAL"]])
    texts = session.storage.rows("MAKT", "MATNR = ? and SPRAS = ?", [item["MATERIAL"], session.language])
    currency = item.get("CURRENCY", "")
    # Kept with two decimals whatever the currency has, and rounded to them.
    price = item.get("PREQ_PRICE", Decimal(0)).scaleb(decimals_of(session.storage, currency) - 2)
    return {
        "BANFN": number,
        "BNFPO": item["PREQ_ITEM"],
        "BSART": type_,
        "BSTYP": "B",
        "STATU": "N",
        "EKGRP": item.get("PUR_GROUP", ""),
        "ERNAM": session.user,
        "ERDAT": today,
        "BADAT": today,
        "AFNAM": item.get("PREQ_NAME", ""),
        "TXZ01": item.get("SHORT_TEXT") or (texts[0]["MAKTX"] if texts else ""),
        "MATNR": item["MATERIAL"],
        "WERKS": item["PLANT"],
        "BEDNR": item.get("TRACKINGNO", ""),
        "MATKL": material["MATKL"],
        "MENGE": item["QUANTITY"],
        "MEINS": item["UNIT"],
        "LFDAT": item["DELIV_DATE"],
        "PREIS": price.quantize(Decimal("0.01")),
        "PEINH": item.get("PRICE_UNIT") or Decimal(1),
        "WAERS": currency,
        "KNTTP": item.get("ACCTASSCAT", ""),
        "LIFNR": item.get("DES_VENDOR", ""),
        "EKORG": item.get("PURCH_ORG", ""),
    }


def pr_detail(session: Session, given: Row) -> Answer:
    """What was committed of a requisition."""
    number = given["NUMBER"]
    items = session.storage.rows("EBAN", "BANFN = ? order by BNFPO", [number])
    if not items:
        return {
            "RETURN": [
                message("E", "06", "250", f"Purchase requisition {number} does not exist", MESSAGE_V1=number)
            ]
        }
    answer: Answer = {
        "PRHEADER": {"PREQ_NO": number, "PR_TYPE": items[0]["BSART"]},
        "PRITEM": [
            {
                "PREQ_ITEM": row["BNFPO"],
                "PUR_GROUP": row["EKGRP"],
                "PREQ_NAME": row["AFNAM"],
                "PREQ_DATE": row["BADAT"],
                "SHORT_TEXT": row["TXZ01"],
                "MATERIAL": row["MATNR"],
                "PLANT": row["WERKS"],
                "TRACKINGNO": row["BEDNR"],
                "QUANTITY": row["MENGE"],
                "UNIT": row["MEINS"],
                "DELIV_DATE": row["LFDAT"],
                "DELETE_IND": row["LOEKZ"],
                "PREQ_PRICE": row["PREIS"].scaleb(2 - decimals_of(session.storage, row["WAERS"])),
                "PRICE_UNIT": row["PEINH"],
                "ACCTASSCAT": row["KNTTP"],
                "DES_VENDOR": row["LIFNR"],
                "PURCH_ORG": row["EKORG"],
                "CURRENCY": row["WAERS"],
            }
            for row in items
        ],
    }
    if given["ACCOUNT_ASSIGNMENT"]:
        answer["PRACCOUNT"] = [
            {
                "PREQ_ITEM": row["BNFPO"],
                "SERIAL_NO": row["ZEBKN"],
                "COSTCENTER": row["KOSTL"],
                "GL_ACCOUNT": row["SAKTO"],
            }
            for row in session.storage.rows("EBKN", "BANFN = ?", [number])
        ]
    if given["HEADER_TEXT"]:
        answer["PRHEADERTEXT"] = [
            {
                "PREQ_NO": number,
                "TEXT_ID": row["TDID"],
                "TEXT_FORM": row["TDFORMAT"],
                "TEXT_LINE": row["TDLINE"],
            }
            for row in session.storage.rows(
                "STXL", "TDOBJECT = 'EBANH' and TDNAME = ? order by LINE", [number]
            )
        ]
    return answer


def pr_change(session: Session, given: Row) -> Answer:
    """Locks the requisition and marks items as deleted, in the unit of work."""
    number = given["NUMBER"]
    items = {row["BNFPO"]: row for row in session.storage.rows("EBAN", "BANFN = ?", [number])}
    if not items:
        return {"RETURN": [message("E", "06", "250", f"Purchase requisition {number} does not exist")]}
    if holder := session.locks.take(f"EBAN {number}", session):
        return {
            "RETURN": [
                message("E", "ME", "006", f"User {holder} already processing purchase requisition {number}")
            ]
        }
    for row in given["PRITEM"]:
        taken = _taken(row, given["PRITEMX"])
        if row["PREQ_ITEM"] not in items:
            return {"RETURN": [message("E", "06", "254", f"Item {row['PREQ_ITEM']} does not exist")]}
        sets = {
            ours: taken[theirs]
            for theirs, ours in (("DELETE_IND", "LOEKZ"), ("QUANTITY", "MENGE"))
            if theirs in taken
        }
        session.pending.append(Change("EBAN", sets, {"BANFN": number, "BNFPO": row["PREQ_ITEM"]}))
    return {"RETURN": [message("S", "06", "403", f"Purchase requisition {number} changed")]}
