"""What Tryton has, loaded into the store: one warehouse as one site, all of it or nothing."""

from __future__ import annotations

import asyncio
import csv
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import psycopg

from erp_adapters.errors import ErpError, ErpRefused, ErpUnavailable
from erp_adapters.ports import Capability, Cell, ReadPort, SourceRow
from erp_adapters.store.consistency import packaged_mapping
from erp_adapters.store.ids import new_id
from erp_adapters.store.lineage import record_failure
from erp_adapters.store.loading import Progress, load_source
from erp_adapters.store.mapping import SiteSpec, SourceMapping
from erp_adapters.store.quality import LoadReport
from erp_adapters.store.syncing.plan import Made, Plan, plan

READ: Final = (
    Capability.MATERIALS,
    Capability.COSTS,
    Capability.STOCK,
    Capability.BOM,
    Capability.WORK_CENTRES,
    Capability.PRODUCTION_ORDERS,
    Capability.SUPPLIERS,
    Capability.INFO_RECORDS,
    Capability.REQUISITIONS,
    Capability.PURCHASE_ORDERS,
)
"""What the mapping has records for."""
_ORDER = {"supplier": "supplier", "ordered_on": "ordered_on", "state": "state", "currency": "currency"}


def mapping() -> SourceMapping:
    """The packaged mapping, checked."""
    return packaged_mapping("tryton")


def site_plan(site: SiteSpec, warehouse: str) -> Plan:
    """How the mapping is filled when a warehouse is read again and again."""
    here: dict[str, Cell] = {"warehouse": warehouse, "name": site.name, "read_on": datetime.now(UTC).date()}
    return plan(
        mapping(),
        frozenset(READ),
        made={"orders": Made(Capability.PURCHASE_ORDERS.value, "number")},
        stated={"sites": [SourceRow(warehouse, here)]},
    )


async def load_site(
    owner_dsn: str, port: ReadPort, site: SiteSpec, warehouse: str, progress: Progress | None = None
) -> LoadReport:
    """Read a warehouse and replace what was loaded of it before; see `load_source` for what can go wrong.

    Args:
        owner_dsn: the role that owns the tables.
        port: an opened reader.
        site: what the warehouse is as a site.
        warehouse: its code in Tryton.
        progress: called for each file.

    Raises:
        ErpUnavailable, ErpRefused: Tryton does not answer or refuses; nothing was changed, and that a load
            failed is kept.
    """
    begun = datetime.now(UTC)
    try:
        found = {capability: await _rows(port, capability, warehouse) for capability in READ}
        if not found[Capability.MATERIALS]:
            raise ErpRefused(f"{port.traits.system} shows this user no materials to load")
    except ErpError as error:
        await asyncio.to_thread(_remember, owner_dsn, site, begun, str(error))
        raise
    with tempfile.TemporaryDirectory(prefix="plantwright-tryton-") as folder:
        day = begun.astimezone(ZoneInfo(site.time_zone)).date()
        meant = mapping()
        await asyncio.to_thread(_write, Path(folder), meant, found, site, warehouse, day)
        return await load_source(owner_dsn, meant, Path(folder), progress, site=site, as_of=begun)


def _remember(owner_dsn: str, site: SiteSpec, begun: datetime, why: str) -> None:
    """Let answers say that their data is older than was wanted, and the status say why."""
    with psycopg.connect(owner_dsn, connect_timeout=15) as connection:
        record_failure(connection, new_id(), mapping().source, site.code, begun, why)


async def _rows(port: ReadPort, capability: Capability, warehouse: str) -> list[SourceRow]:
    """Every row of the warehouse, and those that are of none."""
    rows: list[SourceRow] = []
    is_whole = False
    async for page in port.pages(capability):
        rows += [row for row in page.rows if row.cells.get("warehouse", warehouse) == warehouse]
        is_whole = page.is_last
    if not is_whole:
        raise ErpUnavailable(
            f"reading {capability.value} of {port.traits.system} was cut short; load it again"
        )
    return rows


def _write(
    folder: Path,
    meant: SourceMapping,
    found: Mapping[Capability, Sequence[SourceRow]],
    site: SiteSpec,
    warehouse: str,
    day: date,
) -> None:
    heads = {name: list(spec.columns) for name, spec in meant.files.items()}
    files = {capability.value: _plain(rows) for capability, rows in found.items()}
    files["sites"] = [{"key": warehouse, "warehouse": warehouse, "name": site.name, "read_on": day}]
    orders = {row["number"]: row for row in files[Capability.PURCHASE_ORDERS.value]}
    files["orders"] = [
        {"key": number, **{name: row[of] for name, of in _ORDER.items()}} for number, row in orders.items()
    ]
    for name, rows in files.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(heads[name])
            writer.writerows([_text(row[column]) for column in heads[name]] for row in rows)


def _plain(rows: Iterable[SourceRow]) -> list[Mapping[str, Cell]]:
    return [{"key": row.key, **row.cells} for row in rows]


def _text(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case bool():
            return "true" if cell else "false"
        case Decimal():
            return f"{cell:f}"
        case datetime() | date():
            return cell.isoformat()
        case _:
            return str(cell)
