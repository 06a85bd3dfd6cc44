"""What the stand-in's functions do, by name: the commit, the rollback, tables as text, and the BAPIs."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any

from tests.systems.sap_rfc import changes, lists, requisitions
from tests.systems.sap_rfc.dictionary import TABLES, Field
from tests.systems.sap_rfc.sessions import Answer, Raised, Session
from tests.systems.sap_rfc.storage import Row

BUFFER = 512
"""Characters of a row that RFC_READ_TABLE can give."""


def ping(session: Session, given: Row) -> Answer:
    return {}


def commit(session: Session, given: Row) -> Answer:
    """Writes all of the unit of work, or nothing."""
    pending, session.pending = session.pending, []
    try:
        session.storage.write(pending)
    finally:
        session.locks.drop(session)
    return {"RETURN": {}}


def roll_back(session: Session, given: Row) -> Answer:
    session.roll_back()
    return {"RETURN": {}}


def read_table(session: Session, given: Row) -> Answer:
    """Fields one behind the other in rows of 512 characters, numbers with their sign at the end."""
    name = given["QUERY_TABLE"]
    if name not in TABLES:
        raise Raised(
            "ABAPApplicationError", "TABLE_NOT_AVAILABLE", f"Table {name} is not active in the dictionary"
        )
    if not session.allowed(f"table:{name}"):
        raise Raised("ABAPApplicationError", "NOT_AUTHORIZED", f"No authorization to display table {name}")
    wanted = [row["FIELDNAME"] for row in given["FIELDS"]] or list(TABLES[name])
    if unknown := [each for each in wanted if each not in TABLES[name]]:
        raise Raised("ABAPApplicationError", "FIELD_NOT_VALID", f"Field {unknown[0]} is not in table {name}")
    fields = [TABLES[name][each] for each in wanted]
    gap = len(given["DELIMITER"])
    if not given["NO_DATA"] and sum(each.width + gap for each in fields) - gap > BUFFER:
        raise Raised(
            "ABAPApplicationError", "DATA_BUFFER_EXCEEDED", "Selected fields do not fit into structure DATA"
        )
    described, offset = [], 0
    for each in fields:
        described.append(
            {
                "FIELDNAME": each.name,
                "OFFSET": str(offset),
                "LENGTH": str(each.width),
                "TYPE": each.type,
            }
        )
        offset += each.width + gap
    answer: Answer = {"FIELDS": described, "DATA": [], "OPTIONS": given["OPTIONS"]}
    if given["NO_DATA"]:
        return answer
    try:
        found = session.storage.rows(name, " ".join(row["TEXT"] for row in given["OPTIONS"]))
    except sqlite3.Error:
        raise Raised(
            "ABAPApplicationError", "OPTION_NOT_VALID", "The selection entries are incorrect"
        ) from None
    first = given["ROWSKIPS"]
    found = found[first : first + given["ROWCOUNT"] if given["ROWCOUNT"] else None]
    answer["DATA"] = [
        {"WA": given["DELIMITER"].join(_shown(each, row[each.name]) for each in fields)} for row in found
    ]
    return answer


def _shown(field: Field, value: Any) -> str:
    match field.type:
        case "P":
            text = f"{abs(value):.{field.decimals}f}" + ("-" if value < 0 else " ")
            return text.rjust(field.width) if len(text) <= field.width else "*" + text[: field.width - 1]
        case "I":
            return (str(abs(value)) + ("-" if value < 0 else " ")).rjust(field.width)
        case _:
            return str(value).ljust(field.width)


BODIES: dict[str, Callable[[Session, Row], Answer]] = {
    "RFC_PING": ping,
    "RFC_READ_TABLE": read_table,
    "BAPI_TRANSACTION_COMMIT": commit,
    "BAPI_TRANSACTION_ROLLBACK": roll_back,
    "BAPI_PR_CREATE": requisitions.pr_create,
    "BAPI_PR_CHANGE": requisitions.pr_change,
    "BAPI_PR_GETDETAIL": requisitions.pr_detail,
    "BAPI_MATERIAL_STOCK_REQ_LIST": lists.stock_requirements,
    "BAPI_PRODORD_GET_LIST": lists.order_list,
    "BAPI_PO_GETITEMS": lists.order_items,
    "BAPI_PRODORD_CHANGE": changes.production_change,
    "BAPI_PO_CHANGE": changes.purchase_change,
    "BAPI_PO_GETDETAIL1": changes.purchase_detail,
}
