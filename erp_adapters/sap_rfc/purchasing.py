"""What is asked for and ordered, of whom, and at which conditions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from erp_adapters.ports import SourceRow
from erp_adapters.sap import plain
from erp_adapters.sap_rfc.plants import Plants, as_day, by_key, cell, figure
from erp_adapters.sap_rfc.tables import Row, quoted


async def requisitions(sap: Plants, keys: Sequence[str]) -> list[SourceRow]:
    """Items of purchase requisitions."""
    fields = [
        "BANFN", "BNFPO", "BSART", "LOEKZ", "STATU", "AFNAM", "TXZ01", "MATNR", "WERKS", "BEDNR", "MENGE",
        "MEINS", "BADAT", "LFDAT", "PREIS", "PEINH", "WAERS", "LIFNR", "BSMNG",
    ]  # fmt: skip
    rows = await sap.between("EBAN", "BANFN", keys, fields, sap.here)
    return [
        SourceRow(
            f"{row['BANFN']}/{row['BNFPO']}",
            {
                "plant": row["WERKS"],
                "number": plain(str(row["BANFN"])),
                "item": row["BNFPO"],
                "requester": row["AFNAM"] or None,
                "requested_on": row["BADAT"],
                "needed_on": row["LFDAT"],
                "state": _requisition_state(row),
                "material": plain(str(row["MATNR"])) or None,
                "text": row["TXZ01"],
                "tracking": row["BEDNR"] or None,
                "quantity": row["MENGE"],
                "ordered": row["BSMNG"],
                "open": max(figure(row["MENGE"]) - figure(row["BSMNG"]), Decimal(0)),
                "unit": sap.unit(row["MEINS"]),
                "supplier": plain(str(row["LIFNR"])) or None,
                "price": sap.per_one(row["PREIS"], row["PEINH"], str(row["WAERS"])),
                "currency": row["WAERS"] or None,
            },
        )
        for row in rows
    ]


async def purchase_orders(sap: Plants, keys: Sequence[str]) -> list[SourceRow]:
    """Delivery schedules of items that are open for receipt."""
    heads: dict[str, Mapping[str, Any]] = {}
    items: list[Mapping[str, Any]] = []
    for plant in sap.codes:
        if (answer := sap.lists.get(plant)) is None:
            answer = sap.lists[plant] = await sap.listed(
                "BAPI_PO_GETITEMS", PLANT=plant, WITH_PO_HEADERS="X", ITEMS_OPEN_FOR_RECEIPT="X"
            )
        heads |= {str(row["PO_NUMBER"]): row for row in answer.get("PO_HEADERS", [])}
        items += answer.get("PO_ITEMS", [])
    schedules: dict[tuple[str, str], list[Row]] = {}
    for row in await sap.between(
        "EKET", "EBELN", keys, ["EBELN", "EBELP", "ETENR", "EINDT", "MENGE", "WEMNG", "BANFN", "BNFPO"]
    ):
        schedules.setdefault((str(row["EBELN"]), str(row["EBELP"])), []).append(row)
    wanted = set(keys)
    return [
        _scheduled(sap, item, heads[str(item["PO_NUMBER"])], schedule)
        for item in items
        if item["PO_NUMBER"] in wanted
        for schedule in schedules.get((str(item["PO_NUMBER"]), str(item["PO_ITEM"])), [])
    ]


def _scheduled(sap: Plants, item: Mapping[str, Any], head: Mapping[str, Any], schedule: Row) -> SourceRow:
    price_unit = Decimal(item["PRICE_UNIT"]) or Decimal(1)
    # A price for another unit than is ordered in says nothing about one of what is ordered.
    is_same = item["ORDERPR_UN"] in ("", item["UNIT"])
    return SourceRow(
        f"{item['PO_NUMBER']}/{item['PO_ITEM']}/{schedule['ETENR']}",
        {
            "plant": item["PLANT"],
            "number": str(item["PO_NUMBER"]),
            "item": item["PO_ITEM"],
            "supplier": plain(str(head["VENDOR"])),
            "ordered_on": as_day(head["DOC_DATE"]),
            "material": plain(str(item["MATERIAL"])) or None,
            "text": item["SHORT_TEXT"],
            "quantity": figure(schedule["MENGE"]),
            "received": figure(schedule["WEMNG"]),
            "unit": sap.unit(item["UNIT"]),
            "price": (Decimal(item["NET_PRICE"]) / price_unit).quantize(Decimal("0.000001"))
            if is_same
            else None,
            "currency": head["CURRENCY"],
            "due_on": schedule["EINDT"],
            "requisition": f"{plain(str(schedule['BANFN']))}/{schedule['BNFPO']}"
            if schedule["BANFN"]
            else None,
            "state": "approved",
        },
    )


async def suppliers(sap: Plants, keys: Sequence[str]) -> list[SourceRow]:
    """Suppliers that are not marked for deletion."""
    fields = ["LIFNR", "NAME1", "NAME2", "LAND1", "ORT01", "STCEG"]
    rows = await sap.between("LFA1", "LIFNR", keys, fields)
    return [
        SourceRow(
            str(row["LIFNR"]),
            {
                "supplier": plain(str(row["LIFNR"])),
                "name": f"{row['NAME1']} {row['NAME2']}".strip(),
                "country": row["LAND1"] or None,
                "city": row["ORT01"] or None,
                "tax_id": row["STCEG"] or None,
            },
        )
        for row in rows
    ]


async def info_records(sap: Plants, keys: Sequence[str]) -> list[SourceRow]:
    """Conditions of a supplier for a material, one for each plant: the plant's own before those of all."""
    general = by_key(await sap.between("EINA", "INFNR", keys, ["INFNR", "MATNR", "LIFNR", "IDNLF"]), "INFNR")
    fields = ["INFNR", "EKORG", "ESOKZ", "WERKS", "WAERS", "NETPR", "PEINH", "BPRME", "APLFZ", "MINBM"]
    where = f"LOEKZ = ' ' AND WERKS IN ( ' ', {', '.join(map(quoted, sap.codes))} )"
    best: dict[tuple[str, str], Row] = {}
    # The first that fits stays: bought as such before any other way, the plant's own, the first organisation.
    for row in sorted(
        await sap.between("EINE", "INFNR", keys, fields, where),
        key=lambda row: (row["ESOKZ"] != "0", row["WERKS"] == "", str(row["EKORG"])),
    ):
        for plant in [str(row["WERKS"])] if row["WERKS"] else sap.codes:
            best.setdefault((str(row["INFNR"]), plant), row)
    return [
        SourceRow(
            "/".join((*(str(row[name]) for name in ("INFNR", "EKORG", "ESOKZ", "WERKS")), plant)),
            {
                "plant": plant,
                "supplier": plain(str(cell(general, number, "LIFNR"))),
                "material": plain(str(cell(general, number, "MATNR"))) or None,
                "supplier_material": cell(general, number, "IDNLF") or None,
                "is_standard": row["ESOKZ"] == "0",
                "lead_time_days": row["APLFZ"],
                "minimum_order": row["MINBM"],
                "unit": sap.unit(row["BPRME"]),
                "price": sap.per_one(row["NETPR"], row["PEINH"], str(row["WAERS"])),
                "currency": row["WAERS"] or None,
            },
        )
        for (number, plant), row in best.items()
        if number in general
    ]


def _requisition_state(row: Row) -> str:
    if row["LOEKZ"]:
        return "cancelled"
    # B: made into an order; what is left of it is still asked for.
    if row["STATU"] == "N" or figure(row["BSMNG"]) < figure(row["MENGE"]):
        return "open"
    return "ordered"
