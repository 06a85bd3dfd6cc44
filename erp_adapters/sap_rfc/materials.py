"""Materials in their plants, what they cost, what of them lies where, and what is made of what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Final

from erp_adapters.ports import SourceRow
from erp_adapters.sap import plain
from erp_adapters.sap_rfc.plants import Plants, by_key, cell, figure
from erp_adapters.sap_rfc.tables import Row, quoted

_STOCK: Final[Mapping[str, str]] = {
    "LABST": "unrestricted",
    "INSME": "quality",
    "SPEME": "blocked",
    "UMLME": "transit",
}
"""Stock of a storage location, by what may be done with it."""


async def materials(sap: Plants, keys: Sequence[str]) -> list[SourceRow]:
    """A material in each plant that has it."""
    there = await sap.between(
        "MARC",
        "MATNR",
        keys,
        ["MATNR", "WERKS", "LVORM", "BESKZ", "DISPO", "EKGRP", "PLIFZ", "WEBAZ", "EISBE"],
        sap.here,
    )
    general = by_key(await sap.between("MARA", "MATNR", keys, ["MATNR", "MEINS", "MTART", "LVORM"]), "MATNR")
    spoken = f"SPRAS = {quoted(sap.set_to.language)}"
    texts = by_key(await sap.between("MAKT", "MATNR", keys, ["MATNR", "MAKTX"], spoken), "MATNR")
    return [
        SourceRow(
            f"{row['MATNR']}/{row['WERKS']}",
            {
                "plant": row["WERKS"],
                "material": plain(str(row["MATNR"])),
                # Not every material has a text in the language of the user.
                "name": cell(texts, row["MATNR"], "MAKTX") or plain(str(row["MATNR"])),
                "unit": sap.unit(cell(general, row["MATNR"], "MEINS")),
                "type": cell(general, row["MATNR"], "MTART"),
                "is_bought": row["BESKZ"] in ("F", "X"),
                "is_made": row["BESKZ"] in ("E", "X"),
                "is_deleted": bool(row["LVORM"] or cell(general, row["MATNR"], "LVORM")),
                "mrp_controller": row["DISPO"] or None,
                "purchasing_group": row["EKGRP"] or None,
                "delivery_days": row["PLIFZ"],
                "receipt_days": row["WEBAZ"],
                "safety_stock": row["EISBE"],
            },
        )
        for row in there
        if row["MATNR"] in general
    ]


async def costs(sap: Plants, keys: Sequence[str]) -> list[SourceRow]:
    """What one of a material costs in each plant, by the plant's valuation area."""
    areas: dict[str, list[str]] = {}
    for plant in sap.codes:
        areas.setdefault(sap.areas.get(plant, plant), []).append(plant)
    where = f"BWKEY IN ( {', '.join(map(quoted, areas))} ) AND BWTAR = ' '"
    rows = await sap.between(
        "MBEW", "MATNR", keys, ["MATNR", "BWKEY", "VPRSV", "VERPR", "STPRS", "PEINH"], where
    )
    found = []
    for row in rows:
        currency = sap.currencies.get(str(row["BWKEY"]), "")
        price = row["STPRS"] if row["VPRSV"] == "S" else row["VERPR"]
        found += [
            SourceRow(
                f"{row['MATNR']}/{plant}",
                {
                    "plant": plant,
                    "material": plain(str(row["MATNR"])),
                    "cost": sap.per_one(price, row["PEINH"], currency),
                    "currency": currency or None,
                    "is_standard": row["VPRSV"] == "S",
                },
            )
            for plant in areas[str(row["BWKEY"])]
        ]
    return found


async def stock(sap: Plants, keys: Sequence[str]) -> list[SourceRow]:
    """What lies in each storage location, by what may be done with it."""
    rows = await sap.between("MARD", "MATNR", keys, ["MATNR", "WERKS", "LGORT", *_STOCK], sap.here)
    units = by_key(await sap.between("MARA", "MATNR", keys, ["MATNR", "MEINS"]), "MATNR")
    return [
        SourceRow(
            f"{row['MATNR']}/{row['WERKS']}/{row['LGORT']}/{status}",
            {
                "plant": row["WERKS"],
                "location": row["LGORT"],
                "material": plain(str(row["MATNR"])),
                "status": status,
                "quantity": row[field],
                "unit": sap.unit(cell(units, row["MATNR"], "MEINS")),
            },
        )
        for row in rows
        for field, status in _STOCK.items()
        if row[field]
    ]


async def bom(sap: Plants, keys: Sequence[str]) -> list[SourceRow]:
    """Components that are valid today, of bills for production."""
    made = await sap.between("MAST", "STLNR", keys, ["MATNR", "WERKS", "STLNR", "STLAL"], sap.here)
    heads = await sap.between("STKO", "STLNR", keys, ["STLNR", "STLAL", "BMENG", "LKENZ"], "STLTY = 'M'")
    nodes = await sap.between("STAS", "STLNR", keys, ["STLNR", "STLAL", "STLKN", "LKENZ"], "STLTY = 'M'")
    items = await sap.between(
        "STPO",
        "STLNR",
        keys,
        ["STLNR", "STLKN", "STPOZ", "DATUV", "LKENZ", "IDNRK", "POSNR", "MEINS", "MENGE"],
        "STLTY = 'M'",
    )
    base = {(row["STLNR"], row["STLAL"]): row["BMENG"] for row in heads if not row["LKENZ"]}
    gone = {(row["STLNR"], row["STLAL"], row["STLKN"]) for row in nodes if row["LKENZ"]}
    of_alternative = {(row["STLNR"], row["STLAL"], row["STLKN"]) for row in nodes if not row["LKENZ"]} - gone
    current = _valid(items, datetime.now(UTC).date())
    found = []
    for head in made:
        for item in current:
            node = (head["STLNR"], head["STLAL"], item["STLKN"])
            per = base.get((head["STLNR"], head["STLAL"]))
            if node not in of_alternative or not isinstance(per, Decimal) or not per:
                continue
            quantity = figure(item["MENGE"])
            found.append(
                SourceRow(
                    f"{head['MATNR']}/{head['WERKS']}/{'/'.join(map(str, node))}",
                    {
                        "plant": head["WERKS"],
                        "made": plain(str(head["MATNR"])),
                        "alternative": head["STLAL"],
                        "material": plain(str(item["IDNRK"])),
                        "position": item["POSNR"],
                        "quantity": quantity,
                        "unit": sap.unit(item["MEINS"]),
                        "per_made": (quantity / per).quantize(Decimal("0.000001")),
                    },
                )
            )
    return found


def _valid(items: Iterable[Row], on: date) -> list[Row]:
    """Of each item's versions the one that holds on a day."""
    current: dict[tuple[str, str], Row] = {}
    for item in sorted(items, key=lambda row: (_from(row), str(row["STPOZ"]))):
        if _from(item) <= on:
            current[(str(item["STLNR"]), str(item["STLKN"]))] = item
    return [item for item in current.values() if not item["LKENZ"] and item["IDNRK"]]


def _from(item: Row) -> date:
    begins = item["DATUV"]
    return begins if isinstance(begins, date) else date.min
