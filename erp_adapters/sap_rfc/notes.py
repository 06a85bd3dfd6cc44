"""Texts that buyers keep with purchase orders in SAP: notes, since no published BAPI hands over a file."""

from __future__ import annotations

from collections.abc import Sequence

from erp_adapters.errors import ErpRefused
from erp_adapters.ports import AttachedTo, SourceRow
from erp_adapters.sap import plain
from erp_adapters.sap_rfc.connection import SYSTEM, refusals
from erp_adapters.sap_rfc.plants import Plants
from erp_adapters.sap_rfc.texts import text_of
from erp_adapters.traces import traces


async def notes(sap: Plants, keys: Sequence[str]) -> list[SourceRow]:
    """Header texts of purchase orders that have open items, once for each plant that an order is for."""
    items = await sap.between("EKPO", "EBELN", keys, ["EBELN", "EBELP", "WERKS"], sap.here)
    plants: dict[str, set[str]] = {}
    for item in items:
        plants.setdefault(str(item["EBELN"]), set()).add(str(item["WERKS"]))
    rows = []
    for number in keys:
        for kind, text in (await _texts(sap, number)).items():
            for plant in sorted(plants.get(number, ())):
                cells = {
                    "plant": plant,
                    "name": "",
                    "about": AttachedTo.PURCHASE_ORDER.value,
                    "object": plain(number),
                    "bytes": None,
                    "changed_at": None,
                    "is_note": True,
                    "text": text,
                }
                rows.append(SourceRow(f"{number}/{kind}/{plant}", cells))
    return rows


async def _texts(sap: Plants, number: str) -> dict[str, str]:
    """What stands under each kind of header text, without the traces that were left from here."""
    detail = await sap.client.call("BAPI_PO_GETDETAIL1", PURCHASEORDER=number, HEADER_TEXT="X")
    if against := refusals(detail):
        raise ErpRefused(f"{SYSTEM}: {'; '.join(map(str, against))}")
    lines = detail["POTEXTHEADER"]
    found = {}
    for kind in dict.fromkeys(str(row["TEXT_ID"]) for row in lines):
        text = text_of([row for row in lines if row["TEXT_ID"] == kind])
        kept = "\n".join(line for line in text.split("\n") if not traces(line)).strip()
        if kept:
            found[kind] = kept
    return found
