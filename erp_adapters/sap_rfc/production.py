"""Work centres, production orders, and what a material is needed for."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from erp_adapters.ports import Cell, SourceRow
from erp_adapters.sap import plain
from erp_adapters.sap_rfc.plants import Plants, as_day, by_key, cell, figure
from erp_adapters.sap_rfc.tables import Row, quoted

_ORDER: Final = "OR"
"""How the object number of an order begins."""
_STATES: Final = (
    ("cancelled", frozenset({"I0076", "I0013"})),
    ("complete", frozenset({"I0045", "I0046", "I0012"})),
    ("in process", frozenset({"I0009", "I0010", "I0074"})),
    ("released", frozenset({"I0002", "I0042"})),
)
"""Codes of deletion flag and indicator; technically complete, closed, delivered; confirmed, partly confirmed,
partly delivered; released, partly released."""


async def work_centres(sap: Plants, keys: Sequence[str]) -> list[SourceRow]:
    """Work centres of the plants."""
    rows = await sap.between("CRHD", "OBJID", keys, ["OBJID", "ARBPL", "WERKS", "VERWE"], sap.here)
    spoken = f"SPRAS = {quoted(sap.set_to.language)} AND OBJTY = 'A'"
    texts = by_key(await sap.between("CRTX", "OBJID", keys, ["OBJID", "KTEXT"], spoken), "OBJID")
    return [
        SourceRow(
            str(row["OBJID"]),
            {
                "plant": row["WERKS"],
                "work_centre": row["ARBPL"],
                "name": cell(texts, row["OBJID"], "KTEXT") or row["ARBPL"],
                "category": row["VERWE"] or None,
            },
        )
        for row in rows
    ]


async def production_orders(sap: Plants, keys: Sequence[str]) -> list[SourceRow]:
    """Heads of production orders, with what of each has come into stock."""
    answer = await sap.listed(
        "BAPI_PRODORD_GET_LIST",
        ORDER_NUMBER_RANGE=[{"SIGN": "I", "OPTION": "BT", "LOW": keys[0], "HIGH": keys[-1]}],
        PRODPLANT_RANGE=[{"SIGN": "I", "OPTION": "EQ", "LOW": plant} for plant in sap.codes],
    )
    came = await sap.between("AFPO", "AUFNR", keys, ["AUFNR", "WEMNG"])
    received: dict[str, Decimal] = {}
    for row in came:
        received[str(row["AUFNR"])] = received.get(str(row["AUFNR"]), Decimal(0)) + figure(row["WEMNG"])
    # The texts of the list are in the language of the user; the codes of the same are not.
    objects = [f"{_ORDER}{key}" for key in keys]
    states: dict[str, list[str]] = {}
    for row in await sap.between("JEST", "OBJNR", objects, ["STAT"], "INACT = ' ' AND STAT LIKE 'I%'"):
        states.setdefault(str(row["OBJNR"]), []).append(str(row["STAT"]))
    wanted = set(keys)
    return [
        SourceRow(
            str(row["ORDER_NUMBER"]),
            {
                "plant": row["PRODUCTION_PLANT"],
                "number": plain(str(row["ORDER_NUMBER"])),
                "material": plain(str(row["MATERIAL"])),
                "quantity": Decimal(row["TARGET_QUANTITY"]),
                "received": received.get(str(row["ORDER_NUMBER"]), Decimal(0)),
                "scrapped": Decimal(row["SCRAP"]),
                "unit": sap.unit(row["UNIT"]),
                "planned_start": as_day(row["START_DATE"]),
                "planned_end": as_day(row["FINISH_DATE"]),
                "started": as_day(row["ACTUAL_START_DATE"]),
                "ended": as_day(row["ACTUAL_FINISH_DATE"]),
                "state": order_state(states.get(f"{_ORDER}{row['ORDER_NUMBER']}", ())),
                "system_status": " ".join(str(row["SYSTEM_STATUS"]).split()),
                "order_type": row["ORDER_TYPE"] or None,
            },
        )
        for row in answer.get("ORDER_HEADER", [])
        if row["ORDER_NUMBER"] in wanted
    ]


async def demand(sap: Plants, keys: Sequence[str]) -> list[SourceRow]:
    """What the stock and requirements list of each material has besides its stock."""
    units = by_key(await sap.between("MARA", "MATNR", keys, ["MATNR", "MEINS"]), "MATNR")
    there = await sap.between("MARC", "MATNR", keys, ["MATNR", "WERKS"], sap.here)
    orders = {
        (row["RSNUM"], row["RSPOS"]): str(row["AUFNR"])
        for row in await sap.between("RESB", "MATNR", keys, ["RSNUM", "RSPOS", "AUFNR"], sap.here)
    }
    found: dict[str, SourceRow] = {}
    for at in there:
        answer = await sap.listed(
            "BAPI_MATERIAL_STOCK_REQ_LIST", MATERIAL=at["MATNR"], PLANT=at["WERKS"], GET_ITEM_DETAILS="X"
        )
        for line in answer.get("MRP_ITEMS", []):
            if line["MRP_ELEMENT_IND"] == "WB":
                continue
            # Positions are of six digits here and of four in the reservation.
            order = orders.get((line["MRP_NO"], str(line["MRP_POS"])[-4:]), "")
            row = _requirement(sap, line, at, order, cell(units, at["MATNR"], "MEINS"))
            found[row.key] = row
    return list(found.values())


def _requirement(sap: Plants, line: Mapping[str, Any], at: Row, order: str, unit: Cell) -> SourceRow:
    element, number, item = str(line["MRP_ELEMENT_IND"]), str(line["MRP_NO"]), str(line["MRP_POS"])
    return SourceRow(
        "/".join((str(at["MATNR"]), str(at["WERKS"]), element, number, item, str(line["AVAIL_DATE"]))),
        {
            "plant": at["WERKS"],
            "material": plain(str(at["MATNR"])),
            "element": element,
            "number": plain(number),
            "item": item,
            "is_receipt": line["PLUS_MINUS"] == "+",
            "order": plain(order) or None,
            "quantity": Decimal(line["REC_REQD_QTY"]),
            "unit": sap.unit(unit),
            "due_on": as_day(line["AVAIL_DATE"]),
        },
    )


def order_state(codes: Collection[str]) -> str:
    """What the system status codes of a production order come to; the furthest one counts."""
    for state, known in _STATES:
        if known.intersection(codes):
            return state
    return "created"
