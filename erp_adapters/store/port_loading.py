"""What a connected system has, loaded into the store: one place of it as one site, all of it or nothing."""

from __future__ import annotations

import asyncio
import csv
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import psycopg

from erp_adapters.errors import ErpError, ErpRefused, ErpUnavailable
from erp_adapters.ports import Capability, Cell, ReadPort, SourceRow, text_of
from erp_adapters.store.ids import new_id
from erp_adapters.store.lineage import record_failure
from erp_adapters.store.loading import Progress, load_source
from erp_adapters.store.mapping import SiteSpec, SourceMapping
from erp_adapters.store.quality import LoadReport


@dataclass(frozen=True, slots=True)
class PortSource:
    """How the rows of one kind of system become files that its mapping describes."""

    mapping: SourceMapping
    reads: tuple[Capability, ...]
    """What the mapping has files for."""
    place: str
    """The column that says where a row belongs; one without it, or without a value, belongs everywhere."""
    order: Mapping[str, str] | None = None
    """Columns of the file of orders, by those of the lines that they are taken from; None without one."""


async def load_place(
    owner_dsn: str,
    port: ReadPort,
    source: PortSource,
    site: SiteSpec,
    place: str,
    progress: Progress | None = None,
) -> LoadReport:
    """Read a place and replace what was loaded of it before; see `load_source` for what can go wrong.

    Args:
        owner_dsn: the role that owns the tables.
        port: an opened reader.
        source: what its rows mean.
        site: what the place is as a site.
        place: what the system calls it.
        progress: called for each file.

    Raises:
        ErpUnavailable, ErpRefused, CapabilityMissing: the system does not answer, refuses, or lacks something
            that is read; nothing was changed, and that a load failed is kept.
    """
    begun = datetime.now(UTC)
    try:
        found = {
            capability: await _rows(port, capability, source.place, place) for capability in source.reads
        }
        if not found.get(Capability.MATERIALS, [True]):
            raise ErpRefused(f"{port.traits.system} shows this user no materials to load")
    except ErpError as error:
        await asyncio.to_thread(_remember, owner_dsn, source, site, begun, str(error))
        raise
    with tempfile.TemporaryDirectory(prefix="plantwright-load-") as folder:
        day = begun.astimezone(ZoneInfo(site.time_zone)).date()
        await asyncio.to_thread(_write, Path(folder), source, found, site, place, day)
        return await load_source(owner_dsn, source.mapping, Path(folder), progress, site=site, as_of=begun)


def _remember(owner_dsn: str, source: PortSource, site: SiteSpec, begun: datetime, why: str) -> None:
    """Let answers say that their data is older than was wanted, and the status say why."""
    with psycopg.connect(owner_dsn, connect_timeout=15) as connection:
        record_failure(connection, new_id(), source.mapping.source, site.code, begun, why)


async def _rows(port: ReadPort, capability: Capability, column: str, place: str) -> list[SourceRow]:
    """Every row of the place, and those that are of none."""
    rows: list[SourceRow] = []
    is_whole = False
    async for page in port.pages(capability):
        rows += [row for row in page.rows if row.cells.get(column) in (place, None)]
        is_whole = page.is_last
    if not is_whole:
        raise ErpUnavailable(
            f"reading {capability.value} of {port.traits.system} was cut short; load it again"
        )
    return rows


def _write(
    folder: Path,
    source: PortSource,
    found: Mapping[Capability, Sequence[SourceRow]],
    site: SiteSpec,
    place: str,
    day: date,
) -> None:
    heads = {name: list(spec.columns) for name, spec in source.mapping.files.items()}
    files = {capability.value: _plain(rows) for capability, rows in found.items()}
    files["sites"] = [{"key": place, source.place: place, "name": site.name, "read_on": day}]
    if source.order is not None:
        orders = {row["number"]: row for row in files[Capability.PURCHASE_ORDERS.value]}
        files["orders"] = [
            {"key": number, **{name: row[of] for name, of in source.order.items()}}
            for number, row in orders.items()
        ]
    for name, rows in files.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(heads[name])
            writer.writerows([text_of(row[column]) for column in heads[name]] for row in rows)


def _plain(rows: Iterable[SourceRow]) -> list[Mapping[str, Cell]]:
    return [{"key": row.key, **row.cells} for row in rows]
