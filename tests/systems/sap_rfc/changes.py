"""The stand-in's BAPIs that change days: of production orders and of schedule lines of purchase orders."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.systems.sap_rfc.sessions import Answer, Session, message
from tests.systems.sap_rfc.storage import Change, Row


def production_change(session: Session, given: Row) -> Answer:
    """Locks the order, and puts its days into the unit of work."""
    number = given["NUMBER"]
    found = session.storage.rows("AFKO", "AUFNR = ?", [number])
    if not found:
        return {"RETURN": message("E", "CO", "017", f"Order {number} not found")}
    [order] = found
    if not session.allowed(f"plant:{order['WERKS']}"):
        return {"RETURN": message("E", "CO", "062", f"No authorization for orders in plant {order['WERKS']}")}
    if holder := session.locks.take(f"AFKO {number}", session):
        return {"RETURN": message("E", "CO", "469", f"Order {number} is already being processed by {holder}")}
    taken = {name: value for name, value in given["ORDERDATA"].items() if given["ORDERDATAX"][name] == "X"}
    begins = taken.get("BASIC_START_DATE", order["GSTRP"])
    ends = taken.get("BASIC_END_DATE", order["GLTRP"])
    if ends < begins:
        return {"RETURN": message("E", "CO", "705", "The finish date lies before the start date")}
    session.pending.append(Change("AFKO", {"GSTRP": begins, "GLTRP": ends}, {"AUFNR": number}))
    return {"RETURN": message("S", "CO", "100", f"Order number {number} saved")}


def purchase_change(session: Session, given: Row) -> Answer:
    """Locks the order, and puts days of schedule lines and the note into the unit of work."""
    number = given["PURCHASEORDER"]
    items = {row["EBELP"]: row for row in session.storage.rows("EKPO", "EBELN = ?", [number])}
    if not items:
        return {"RETURN": [message("E", "06", "019", f"Purchase order {number} does not exist")]}
    if holder := session.locks.take(f"EKKO {number}", session):
        return {
            "RETURN": [message("E", "ME", "006", f"User {holder} already processing purchase order {number}")]
        }
    marks = {(row["PO_ITEM"], row["SCHED_LINE"]): row for row in given["POSCHEDULEX"]}
    for row in given["POSCHEDULE"]:
        key = {"EBELN": number, "EBELP": row["PO_ITEM"], "ETENR": row["SCHED_LINE"]}
        plant = items[row["PO_ITEM"]]["WERKS"] if row["PO_ITEM"] in items else ""
        if not session.storage.rows("EKET", "EBELN = ? and EBELP = ? and ETENR = ?", list(key.values())):
            return {"RETURN": [message("E", "06", "254", f"Item {row['PO_ITEM']} does not exist")]}
        if not session.allowed(f"plant:{plant}"):
            return {"RETURN": [message("E", "ME", "235", f"You have no authorization for plant {plant}")]}
        if marks.get((row["PO_ITEM"], row["SCHED_LINE"]), {}).get("DELIVERY_DATE") != "X":
            continue
        if row["DELIVERY_DATE"] < f"{datetime.now(UTC):%Y%m%d}":
            return {"RETURN": [message("E", "06", "039", "Delivery date is in the past")]}
        session.pending.append(Change("EKET", {"EINDT": row["DELIVERY_DATE"]}, key))
    kinds = {text["TEXT_ID"] for text in given["POTEXTHEADER"]}
    for kind in kinds:
        # A text is replaced as a whole, as SAP does it.
        gone = {"TDOBJECT": "EKKO", "TDNAME": number, "TDID": kind}
        session.pending.append(Change("STXL", {"TDOBJECT": "GONE"}, gone))
    for line, text in enumerate(given["POTEXTHEADER"]):
        row = {"TDOBJECT": "EKKO", "TDNAME": number, "TDID": text["TEXT_ID"], "LINE": str(line)}
        session.pending.append(
            Change("STXL", {**row, "TDFORMAT": text["TEXT_FORM"], "TDLINE": text["TEXT_LINE"]})
        )
    return {"RETURN": [message("S", "06", "023", f"Purchase order {number} changed")]}


def purchase_detail(session: Session, given: Row) -> Answer:
    """Head and header texts of a purchase order."""
    number = given["PURCHASEORDER"]
    heads = session.storage.rows("EKKO", "EBELN = ?", [number])
    if not heads:
        return {"RETURN": [message("E", "06", "019", f"Purchase order {number} does not exist")]}
    texts = session.storage.rows("STXL", "TDOBJECT = 'EKKO' and TDNAME = ? order by LINE", [number])
    return {
        "POHEADER": {"PO_NUMBER": number, "VENDOR": heads[0]["LIFNR"]},
        "POTEXTHEADER": [
            {
                "PO_NUMBER": number,
                "TEXT_ID": row["TDID"],
                "TEXT_FORM": row["TDFORMAT"],
                "TEXT_LINE": row["TDLINE"],
            }
            for row in texts
            if given["HEADER_TEXT"]
        ],
    }
