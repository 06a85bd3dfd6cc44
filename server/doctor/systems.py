"""The systems that are written to: whether each answers, and lets the program in."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import Iterator
from pathlib import Path

from erp_adapters.errors import ConfigurationError, ErpError
from erp_adapters.ports import Health
from server.doctor.finding import Finding, broken, ok, warning
from server.settings import Settings
from server.systems import System, Systems, systems_of

_MEND = "mend what it says in the file that PLANTWRIGHT_SYSTEMS names; what is confirmed waits until then"
_MEND_MACHINES = "mend what it says in the file that PLANTWRIGHT_SYSTEMS names, or in the file of its signals"


def systems(settings: Settings) -> Iterator[Finding]:
    """A finding for each system of the file; none without one."""
    try:
        named = systems_of(settings)
    except ConfigurationError as error:
        yield broken("systems", str(error), "correct the file that PLANTWRIGHT_SYSTEMS names")
        return
    for name, system in named.items():
        place = f"system {name}"
        try:
            health = asyncio.run(_health(system))
        except ConfigurationError as error:
            yield broken(place, str(error), _MEND)
            continue
        if not health.is_well:
            yield broken(place, health.why, _MEND)
        elif found := [
            (each, mode) for each in system.secrets if (mode := _open_to_others(each)) is not None
        ]:
            [(reference, mode), *_] = found
            file = reference.removeprefix("file:")
            yield warning(place, f"its secret's file has the rights {mode:04o}", f"chmod 600 {file}")
        else:
            yield ok(place, f"{', '.join(system.sites or system.reads)}: {health.why}")
    yield from _machines(named)
    yield from _connections(named)


def _connections(named: Systems) -> Iterator[Finding]:
    if not named.connections:
        return
    from erp_adapters.connect.source import read_connection

    for name, connection in named.connections.items():
        place = f"system {name}"
        try:
            connected = read_connection(connection.folder)
        except ConfigurationError as error:
            yield broken(place, str(error), f"plantwright connect check {connection.folder}")
            continue
        sites = ", ".join(site.code for site in connected.connection.sites)
        if connected.folder is not None and not connected.folder.is_dir():
            yield broken(place, f"there is no folder {str(connected.folder)!r}", _MEND)
        else:
            yield ok(place, f"{sites}: {connected.mapping.source}, a connection")


def _machines(named: Systems) -> Iterator[Finding]:
    for name, system in named.machines.items():
        place = f"system {name}"
        try:
            health = asyncio.run(system.health())
        except ConfigurationError as error:
            yield broken(place, str(error), _MEND)
            continue
        yield ok(place, health.why) if health.is_well else broken(place, health.why, _MEND_MACHINES)


async def _health(system: System) -> Health:
    from server.feeding import opened_port

    try:
        async with opened_port(system, None) as port:
            return await port.health()
    except ErpError as error:
        return Health(False, str(error))


def _open_to_others(reference: str) -> int | None:
    kind, _, where = reference.partition(":")
    if kind != "file":
        return None
    mode = stat.S_IMODE(Path(where).stat().st_mode)
    return mode if mode & 0o007 else None
