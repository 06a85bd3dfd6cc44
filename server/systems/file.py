"""The file of systems: which there are, and which sites' documents each gets."""

from __future__ import annotations

import logging
import tomllib
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from erp_adapters.demo.erp import DemoErp
from erp_adapters.errors import ConfigurationError
from erp_adapters.records import FLOOR_KINDS, DraftKind, PostedDocument
from erp_adapters.store.provision import DEMO_ERP_ROLE
from server.database import Database
from server.settings import Settings
from server.systems.connection import ConnectionFolder
from server.systems.fsmes import FsmesSystem
from server.systems.machines import MachineSystem
from server.systems.sap_odata import SapSystem
from server.systems.sap_rfc import SapRfcSystem
from server.systems.sql import SqlSystem
from server.systems.tryton import TrytonSystem

if TYPE_CHECKING:
    from erp_adapters.fsmes import Fsmes
    from erp_adapters.sap_odata import Sap
    from erp_adapters.sap_rfc import SapRfc
    from erp_adapters.tryton import Tryton

_log = logging.getLogger(__name__)

Port: TypeAlias = "DemoErp | Tryton | Sap | SapRfc | Fsmes"
System: TypeAlias = TrytonSystem | SapSystem | SapRfcSystem | SqlSystem | FsmesSystem


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    systems: dict[str, Annotated[System | MachineSystem | ConnectionFolder, Field(discriminator="adapter")]]


class Systems(Mapping[str, System]):
    """Every system of the file, by the name that it has there."""

    def __init__(
        self,
        named: Mapping[str, System],
        machines: Mapping[str, MachineSystem] | None = None,
        connections: Mapping[str, ConnectionFolder] | None = None,
    ) -> None:
        self._named = named
        self.connections: Mapping[str, ConnectionFolder] = connections or {}
        """What `plantwright connect` has made; it is loaded as a whole, and gets nobody's documents."""
        self.machines: Mapping[str, MachineSystem] = machines or {}
        """Machines' own servers, which tell of samples; they get nobody's documents."""
        self._of_site: dict[str, str] = {}
        self._floor_of: dict[str, str] = {}
        for name, system in named.items():
            # What the shop floor gets, an ERP does not, and the other way round: a site may have both.
            of_site = self._floor_of if isinstance(system, FsmesSystem) else self._of_site
            for site in system.sites:
                if other := of_site.get(site):
                    raise ConfigurationError(
                        f"site {site!r} is given to {other!r} and to {name!r}: its documents go to one system"
                    )
                of_site[site] = name

    def __getitem__(self, name: str) -> System:
        return self._named[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._named)

    def __len__(self) -> int:
        return len(self._named)

    def said(self, site: str, kind: DraftKind = "purchase_requisition") -> str:
        """What the system that gets a site's documents of a kind is called in sentences."""
        name = (self._floor_of if kind in FLOOR_KINDS else self._of_site).get(site)
        if kind in FLOOR_KINDS and name is None:
            return "no MES"
        return "the demo ERP" if name is None else f"{self._named[name].kind} ({name})"

    @asynccontextmanager
    async def opened(self, home: Database, *, needed: bool = True) -> AsyncIterator[Ports]:
        """A port for each site: of its system, or of the home's demo ERP where the file names none.

        Args:
            home: the started database of the home.
            needed: False where there is other work too: what is confirmed waits then.

        Raises:
            ConfigurationError: a password is not there, or no system and no demo ERP is.
            ErpUnavailable: the demo ERP does not answer.
        """
        async with AsyncExitStack() as stack:
            ports: dict[str, Port] = {}
            floors: dict[str, Port] = {}
            for system in self._named.values():
                # What is only read needs nothing here, such as a library that is not installed.
                if isinstance(system, SqlSystem) or not system.sites:
                    continue
                port: Port = await stack.enter_async_context(system.writer())
                own = floors if isinstance(system, FsmesSystem) else ports
                own |= dict.fromkeys(system.sites, port)
            demo: DemoErp | None = None
            try:
                demo = await stack.enter_async_context(DemoErp.open(home.dsn(DEMO_ERP_ROLE)))
            except ConfigurationError as error:
                if needed and not ports and not floors:
                    raise
                if not ports and not floors:
                    _log.warning("what is confirmed waits: %s", error)
            yield Ports(ports, demo, floors)


class Ports(Mapping[str, Port]):
    """The write port of each site; for one that no system is named for, the demo ERP."""

    def __init__(
        self, named: Mapping[str, Port], otherwise: DemoErp | None, floors: Mapping[str, Port] | None = None
    ) -> None:
        self._named = named
        self._otherwise = otherwise
        self.floors: Mapping[str, Port] = floors or {}
        """The write port of each site's MES."""

    def __getitem__(self, site: str) -> Port:
        if (port := self._named.get(site)) is not None:
            return port
        if self._otherwise is None:
            raise KeyError(site)
        return self._otherwise

    def __iter__(self) -> Iterator[str]:
        return iter(self._named)

    def __len__(self) -> int:
        return len(self._named)

    async def documents(self) -> tuple[PostedDocument, ...]:
        """Everything that every system has of ours, as it tells itself."""
        ports = {
            id(port): port for port in (*self._named.values(), *self.floors.values(), self._otherwise) if port
        }
        return tuple([posted for port in ports.values() for posted in await port.documents()])


def systems_of(settings: Settings) -> Systems:
    """The systems of the file that the settings name; none without one.

    Raises:
        ConfigurationError: the file cannot be read, or says what cannot be; the message names the place.
    """
    return Systems({}) if settings.systems is None else _read(settings.systems)


def _read(file: Path) -> Systems:
    try:
        given = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(
            f"{str(file)!r}, which PLANTWRIGHT_SYSTEMS names, cannot be read: {error.strerror}"
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{str(file)!r} is no TOML: {error}") from error
    try:
        found = _File(systems=given).systems
    except ValidationError as error:
        first = error.errors()[0]
        name, *below = first["loc"][1:] or ("",)
        # Which kind of system it is was told by the field of that name, and is no place in the file.
        path = [name, "adapter"] if first["type"].startswith("union_tag") else [name, *below[1:]]
        place = ".".join(str(part) for part in path)
        raise ConfigurationError(f"{str(file)!r}: {place}: {first['msg']}") from error
    return Systems(
        {
            name: system.model_copy(update={"source": file.parent / system.source})
            if isinstance(system, SqlSystem)
            else system
            for name, system in found.items()
            if not isinstance(system, MachineSystem | ConnectionFolder)
        },
        {
            name: system.under(file.parent)
            for name, system in found.items()
            if isinstance(system, MachineSystem)
        },
        {
            name: system.model_copy(update={"folder": file.parent / system.folder})
            for name, system in found.items()
            if isinstance(system, ConnectionFolder)
        },
    )
