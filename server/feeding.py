"""What is read of a connected system again and again: its plan, an opened port, and whose rows are whose."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, assert_never

from erp_adapters.errors import (
    CapabilityMissing,
    ConfigurationError,
    ErpRefused,
    ErpUnavailable,
    StoreUnavailable,
)
from erp_adapters.http import Secret
from erp_adapters.ports import Capability, DocumentPort, ReadPort, SourceRow
from server.settings import secret
from server.systems import FsmesSystem, SapRfcSystem, SapSystem, SqlSystem, System, TrytonSystem

if TYPE_CHECKING:
    from erp_adapters.documents.embedding import Embedder
    from erp_adapters.store.syncing.plan import Plan
    from erp_adapters.store.syncing.running import PartRead, Progress, SyncReport

_EVERY = re.compile(r"(?P<count>[1-9]\d{0,4})(?P<unit>[smhd])\Z")
_DOCUMENTS = Capability.DOCUMENTS.value
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a system is to be read."""

    parts: frozenset[str] | None = None
    anew: bool = False
    removals: bool = False


def every(text: str) -> timedelta:
    """The time between two readings.

    Raises:
        ConfigurationError: it is none.
    """
    found = _EVERY.match(text)
    if found is None:
        raise ConfigurationError(f"{text!r} is no time between two readings; write 30s, 5m, 2h or 1d")
    return timedelta(**{_UNITS[found["unit"]]: int(found["count"])})


def plan_of(system: System, code: str) -> Plan:
    """How the mapping of a system is filled for one of its sites.

    Raises:
        ConfigurationError: its files cannot be read, or say what cannot be.
    """
    match system:
        case TrytonSystem() | SapSystem() | SapRfcSystem() | FsmesSystem():
            from erp_adapters.store.syncing.places import place_plan

            return place_plan(system.rows_of(), system.site(code), system.place(code))
        case SqlSystem():
            from erp_adapters.sql import read_source
            from erp_adapters.sql.mapping import sql_plan

            return sql_plan(read_source(system.source), system.source.parent)
        case _ as never:
            assert_never(never)


@asynccontextmanager
async def opened_port(system: System, code: str | None) -> AsyncIterator[ReadPort]:
    """A port of the system, for one site's rows or for all.

    Raises:
        ConfigurationError: its files or its password cannot be read.
        ErpUnavailable, ErpRefused: it does not answer, or does not let the program in.
    """
    match system:
        case TrytonSystem() | SapSystem() | SapRfcSystem() | FsmesSystem():
            async with system.reader() as reader:
                yield reader
        case SqlSystem():
            from erp_adapters.sql import SqlReader, read_source

            source = read_source(system.source)
            password = None if source.password is None else Secret(secret(source.password))
            plant = None if code is None else system.place(code)
            async with SqlReader.open(source, password, site=plant, timeout_s=system.call_s) as database:
                yield database
        case _ as never:
            assert_never(never)


def belonging(system: System, code: str) -> Callable[[SourceRow], bool] | None:
    """Whether a row that the port hands over is the site's; None where all of them are."""
    match system:
        case TrytonSystem():
            warehouse = system.place(code)
            return lambda row: row.cells.get("warehouse") in (warehouse, None)
        case SapSystem() | SapRfcSystem() | FsmesSystem():
            plant = system.place(code)
            return lambda row: row.cells.get("plant") in (plant, None)
        case SqlSystem():
            return None
        case _ as never:
            assert_never(never)


async def read_again(
    owner_dsn: str,
    system: System,
    code: str,
    wanted: Wanted,
    embedder: Callable[[], Embedder],
    progress: Progress | None = None,
) -> SyncReport:
    """Read what changed of one site, and what hangs on its objects; see `sync_site` and `follow_documents`.

    Args:
        owner_dsn: the role that owns the tables.
        system: of the file of systems.
        code: of the site.
        wanted: which parts, and how.
        embedder: asked for where files are read.
        progress: see `sync_site`.

    Raises:
        ErpUnavailable, ErpRefused: the system cannot be opened, which is kept where its parts are looked for.
    """
    from erp_adapters.store.syncing.running import note_failure, sync_site

    plan = plan_of(system, code)
    try:
        async with opened_port(system, code) as port:
            report = await sync_site(
                owner_dsn,
                plan,
                port,
                system.site(code),
                belongs=belonging(system, code),
                parts=wanted.parts,
                anew=wanted.anew,
                removals=wanted.removals,
                progress=progress,
            )
            if not system.documents or (wanted.parts is not None and _DOCUMENTS not in wanted.parts):
                return report
            part = await _read_documents(owner_dsn, system, code, port, report.source, wanted, embedder())
            return replace(report, parts=(*report.parts, part))
    except StoreUnavailable:
        raise
    except (ErpUnavailable, ErpRefused) as error:
        await note_failure(owner_dsn, plan, code, error)
        raise


async def _read_documents(
    owner_dsn: str,
    system: System,
    code: str,
    port: ReadPort,
    source: str,
    wanted: Wanted,
    embedder: Embedder,
) -> PartRead:
    from erp_adapters.documents.following import Following, follow_documents
    from erp_adapters.store.syncing.running import PartRead

    if not isinstance(port, DocumentPort):
        missing = CapabilityMissing(
            f"{port.traits.system} is read for no documents: take `documents` out of the file of systems"
        )
        return PartRead(_DOCUMENTS, 0, 0, 0, 0, str(missing))
    following = Following(source, code, system.documents, belonging(system, code))
    return await follow_documents(owner_dsn, port, following, embedder, anew=wanted.anew)
