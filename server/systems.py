"""The systems that are written to: how each is reached, and which sites' documents it gets."""

from __future__ import annotations

import tomllib
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, Self, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from erp_adapters.demo.erp import DemoErp
from erp_adapters.errors import ConfigurationError
from erp_adapters.http import Secret
from erp_adapters.records import PostedDocument
from erp_adapters.store.provision import DEMO_ERP_ROLE
from server.database import Database
from server.settings import Settings, secret

if TYPE_CHECKING:
    from erp_adapters.store.mapping import SiteSpec
    from erp_adapters.tryton import Connection, Tryton

Port: TypeAlias = "DemoErp | Tryton"
_Text: TypeAlias = Annotated[str, Field(min_length=1)]


class ReadSite(BaseModel):
    """A warehouse that is read as a site, where the site is not known from elsewhere."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: _Text
    country: _Text
    time_zone: _Text
    currency: _Text


class TrytonSystem(BaseModel):
    """A Tryton database of the file of systems."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    adapter: Literal["tryton"]
    url: _Text
    """Address that ends in the name of the database."""
    login: _Text
    password: _Text
    """Where it stands: `env:NAME` or `file:PATH`."""
    reason: _Text
    """Why a technical user writes, and not the person with their own login."""
    sites: tuple[_Text, ...] = ()
    """Whose documents it gets."""
    reads: dict[str, ReadSite] = Field(default_factory=dict)
    """Sites that `plantwright import system` loads of it."""
    warehouses: dict[str, str] = Field(default_factory=dict)
    units: dict[str, str] = Field(default_factory=dict)
    submits: bool = True
    every: Annotated[str, Field(pattern=r"^([1-9]\d{0,4}[smhd])?$")] = ""
    """How often the worker reads it, such as `5m`; empty where nobody but `plantwright sync` does."""
    events: str = ""
    """Where the secret stands that its events are signed with: `env:NAME` or `file:PATH`."""
    call_s: Annotated[float, Field(gt=0, le=120)] = 10.0

    @model_validator(mode="after")
    def _is_for_something(self) -> Self:
        if not self.sites and not self.reads:
            raise ValueError("name `sites` that it gets the documents of, or `reads` to load from it")
        return self

    def place(self, site: str) -> str:
        """What Tryton calls a site: its warehouse."""
        return self.warehouses.get(site, site)

    def site(self, code: str) -> SiteSpec:
        """What one of those that are read is; see `site_spec`."""
        return site_spec(self, code)

    def connection(self) -> Connection:
        """How it is reached, with its password.

        Raises:
            ConfigurationError: the password is not where it is said to be.
        """
        from erp_adapters.tryton import Connection

        return Connection(
            self.url,
            self.login,
            Secret(secret(self.password)),
            self.reason,
            self.warehouses,
            self.units,
            self.submits,
            self.call_s,
        )


class SqlSystem(BaseModel):
    """A database of the file of systems, which is only read."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    adapter: Literal["sql"]
    source: Path
    """The file that says what is read of it, from where the file of systems lies."""
    reads: Annotated[dict[str, ReadSite], Field(min_length=1)]
    plants: dict[str, str] = Field(default_factory=dict)
    """What the database calls a site, where it is not the site's own code."""
    every: Annotated[str, Field(pattern=r"^([1-9]\d{0,4}[smhd])?$")] = ""
    """How often the worker reads it, such as `5m`; empty where nobody but `plantwright sync` does."""
    events: str = ""
    """Where the secret stands that its events are signed with: `env:NAME` or `file:PATH`."""
    call_s: Annotated[float, Field(gt=0, le=120)] = 15.0

    @property
    def sites(self) -> tuple[str, ...]:
        """Whose documents it gets: nobody's."""
        return ()

    def place(self, site: str) -> str:
        """What the database calls a site."""
        return self.plants.get(site, site)


System: TypeAlias = TrytonSystem | SqlSystem
_KINDS = frozenset({"tryton", "sql"})


def site_spec(system: System, code: str) -> SiteSpec:
    """What one of the sites is that are read of a system.

    Raises:
        ConfigurationError: it is not said, or cannot be.
    """
    from erp_adapters.store.mapping import SiteSpec

    try:
        return SiteSpec(code=code, **system.reads[code].model_dump())
    except ValidationError as error:
        why = error.errors()[0]["msg"]
        raise ConfigurationError(f"site {code!r} of the file of systems: {why}") from error


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    systems: dict[str, Annotated[System, Field(discriminator="adapter")]]


class Systems(Mapping[str, System]):
    """Every system of the file, by the name that it has there."""

    def __init__(self, named: Mapping[str, System]) -> None:
        self._named = named
        self._of_site: dict[str, str] = {}
        for name, system in named.items():
            for site in system.sites:
                if other := self._of_site.get(site):
                    raise ConfigurationError(
                        f"site {site!r} is given to {other!r} and to {name!r}: its documents go to one system"
                    )
                self._of_site[site] = name

    def __getitem__(self, name: str) -> System:
        return self._named[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._named)

    def __len__(self) -> int:
        return len(self._named)

    def said(self, site: str) -> str:
        """What the system that gets a site's documents is called in sentences."""
        name = self._of_site.get(site)
        return "the demo ERP" if name is None else f"Tryton ({name})"

    @asynccontextmanager
    async def opened(self, home: Database) -> AsyncIterator[Ports]:
        """A port for each site: of its system, or of the home's demo ERP where the file names none.

        Raises:
            ConfigurationError: a password is not there, or no system and no demo ERP is.
            ErpUnavailable: the demo ERP does not answer.
        """
        async with AsyncExitStack() as stack:
            ports: dict[str, Port] = {}
            for system in self._named.values():
                if not isinstance(system, TrytonSystem):
                    continue
                from erp_adapters.tryton import Tryton

                port = await stack.enter_async_context(Tryton.open(system.connection()))
                ports |= dict.fromkeys(system.sites, port)
            demo: DemoErp | None = None
            try:
                demo = await stack.enter_async_context(DemoErp.open(home.dsn(DEMO_ERP_ROLE)))
            except ConfigurationError:
                if not ports:
                    raise
            yield Ports(ports, demo)


class Ports(Mapping[str, Port]):
    """The write port of each site; for one that no system is named for, the demo ERP."""

    def __init__(self, named: Mapping[str, Port], otherwise: DemoErp | None) -> None:
        self._named = named
        self._otherwise = otherwise

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
        ports = {id(port): port for port in (*self._named.values(), self._otherwise) if port is not None}
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
        # The kind of system stands in the place as well, where it is known.
        place = ".".join(str(part) for part in first["loc"][1:] if part not in _KINDS)
        if first["type"].startswith("union_tag"):
            place += ".adapter"
        raise ConfigurationError(f"{str(file)!r}: {place}: {first['msg']}") from error
    return Systems(
        {
            name: system.model_copy(update={"source": file.parent / system.source})
            if isinstance(system, SqlSystem)
            else system
            for name, system in found.items()
        }
    )
