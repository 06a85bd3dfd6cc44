"""The systems that are written to: how each is reached, and which sites' documents it gets."""

from __future__ import annotations

import re
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
    from contextlib import AbstractAsyncContextManager

    from erp_adapters.ports import ReadPort
    from erp_adapters.sap_odata import Connection as SapConnection
    from erp_adapters.sap_odata import Sap
    from erp_adapters.sap_rfc import Connection as RfcConnection
    from erp_adapters.sap_rfc import SapRfc
    from erp_adapters.store.loading import Progress
    from erp_adapters.store.mapping import SiteSpec
    from erp_adapters.store.quality import LoadReport
    from erp_adapters.tryton import Connection, Tryton

Port: TypeAlias = "DemoErp | Tryton | Sap | SapRfc"
_Text: TypeAlias = Annotated[str, Field(min_length=1)]
_EVERY = r"^([1-9]\d{0,4}[smhd])?$"


class ReadSite(BaseModel):
    """A warehouse that is read as a site, where the site is not known from elsewhere."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: _Text
    country: _Text
    time_zone: _Text
    currency: _Text


class _ConnectedSystem(BaseModel):
    """What every system of the file says, whatever it is."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    reason: _Text
    """Why a technical user is used, and not the person with their own login."""
    sites: tuple[_Text, ...] = ()
    """Whose documents it gets."""
    reads: dict[str, ReadSite] = Field(default_factory=dict)
    """Sites that `plantwright import system` loads of it."""
    units: dict[str, str] = Field(default_factory=dict)
    every: Annotated[str, Field(pattern=_EVERY)] = ""
    """How often the worker reads it, such as `5m`; empty where nobody but `plantwright sync` does."""
    events: str = ""
    """Where the secret stands that its events are signed with: `env:NAME` or `file:PATH`."""
    call_s: Annotated[float, Field(gt=0, le=120)] = 10.0

    @model_validator(mode="after")
    def _is_for_something(self) -> Self:
        if not self.sites and not self.reads:
            raise ValueError("name `sites` that it gets the documents of, or `reads` to load from it")
        return self

    def site(self, code: str) -> SiteSpec:
        """What one of those that are read is; see `site_spec`."""
        from erp_adapters.store.mapping import SiteSpec

        try:
            return SiteSpec(code=code, **self.reads[code].model_dump())
        except ValidationError as error:
            why = error.errors()[0]["msg"]
            raise ConfigurationError(f"site {code!r} of the file of systems: {why}") from error


class TrytonSystem(_ConnectedSystem):
    """A Tryton database of the file of systems, whose address ends in its name."""

    adapter: Literal["tryton"]
    url: _Text
    login: _Text
    password: _Text
    """Where it stands: `env:NAME` or `file:PATH`."""
    warehouses: dict[str, str] = Field(default_factory=dict)
    submits: bool = True

    def place(self, site: str) -> str:
        """What Tryton calls a site: its warehouse."""
        return self.warehouses.get(site, site)

    @property
    def kind(self) -> str:
        """What it is, in sentences."""
        return "Tryton"

    @property
    def secrets(self) -> tuple[str, ...]:
        """Where its secrets stand."""
        return (self.password,)

    def writer(self) -> AbstractAsyncContextManager[Tryton]:
        """Its write port, to be opened."""
        from erp_adapters.tryton import Tryton

        return Tryton.open(self.connection())

    def reader(self) -> AbstractAsyncContextManager[ReadPort]:
        """Its read port, to be opened."""
        from erp_adapters.tryton import TrytonReader

        return TrytonReader.open(self.connection())

    async def load(
        self, owner_dsn: str, port: ReadPort, code: str, progress: Progress | None = None
    ) -> LoadReport:
        """Load one of the sites that are read; see `load_place`."""
        from erp_adapters.tryton.syncing import load_site

        place = self.connection().warehouse(code)
        return await load_site(owner_dsn, port, self.site(code), place, progress)

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


class OAuthClient(BaseModel):
    """An OAuth client at SAP's token endpoint."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    token_url: _Text
    client_id: _Text
    client_secret: _Text
    """Where it stands: `env:NAME` or `file:PATH`."""
    scope: str = ""


class OwnAuthorisation(OAuthClient):
    """How a person's own authorisation is used: by a SAML assertion that SAP trusts this program to sign."""

    issuer: _Text
    audience: _Text
    key: _Text
    """Where the private key stands, as PEM: `env:NAME` or `file:PATH`."""
    people: dict[str, str] = Field(default_factory=dict)
    """What a person is called in SAP, by their subject here."""


class SapSystem(_ConnectedSystem):
    """An SAP S/4HANA of the file of systems, reached over OData."""

    adapter: Literal["sap_odata"]
    url: _Text
    login: str = ""
    password: str = ""
    """Where it stands: `env:NAME` or `file:PATH`; without a login there is an OAuth client."""
    oauth: OAuthClient | None = None
    own: OwnAuthorisation | None = None
    client: str = ""
    language: str = "en"
    plants: dict[str, str] = Field(default_factory=dict)
    requisitioners: dict[str, str] = Field(default_factory=dict)
    services: dict[str, str] = Field(default_factory=dict)
    requisition_type: _Text = "NB"
    purchasing_group: str = ""

    def place(self, site: str) -> str:
        """What SAP calls a site: its plant."""
        return self.plants.get(site, site)

    @model_validator(mode="after")
    def _signs_in_one_way(self) -> Self:
        if bool(self.login and self.password) == (self.oauth is not None):
            raise ValueError("name either `login` and `password`, or `oauth`")
        return self

    @property
    def kind(self) -> str:
        """What it is, in sentences."""
        return "SAP"

    @property
    def secrets(self) -> tuple[str, ...]:
        """Where its secrets stand."""
        own = (self.own.client_secret, self.own.key) if self.own else ()
        return (self.oauth.client_secret if self.oauth else self.password, *own)

    def writer(self) -> AbstractAsyncContextManager[Sap]:
        """Its write port, to be opened."""
        from erp_adapters.sap_odata import Sap

        return Sap.open(self.connection())

    def reader(self) -> AbstractAsyncContextManager[ReadPort]:
        """Its read port, to be opened."""
        from erp_adapters.sap_odata import SapReader

        return SapReader.open(self.connection())

    async def load(
        self, owner_dsn: str, port: ReadPort, code: str, progress: Progress | None = None
    ) -> LoadReport:
        """Load one of the sites that are read; see `load_place`."""
        from erp_adapters.sap_odata.syncing import load_site

        return await load_site(owner_dsn, port, self.site(code), self.connection().plant(code), progress)

    def connection(self) -> SapConnection:
        """How it is reached, with its secrets.

        Raises:
            ConfigurationError: a secret is not where it is said to be.
        """
        from erp_adapters.sap_odata import Basic, ClientCredentials, Propagation
        from erp_adapters.sap_odata import Connection as SapConnection

        def client(given: OAuthClient) -> tuple[str, str, Secret]:
            return given.token_url, given.client_id, Secret(secret(given.client_secret))

        own = None
        if self.own is not None:
            key = Secret(secret(self.own.key))
            own = Propagation(
                *client(self.own), self.own.issuer, self.own.audience, key, self.own.people, self.own.scope
            )
        return SapConnection(
            url=self.url,
            technical=ClientCredentials(*client(self.oauth), self.oauth.scope)
            if self.oauth
            else Basic(self.login, Secret(secret(self.password))),
            reason=self.reason,
            propagation=own,
            client=self.client,
            language=self.language,
            plants=self.plants,
            units=self.units,
            requisitioners=self.requisitioners,
            services=self.services,
            requisition_type=self.requisition_type,
            purchasing_group=self.purchasing_group,
            writes=bool(self.sites),
            call_s=self.call_s,
        )


_ROUTE = frozenset(
    (
        "ashost",
        "sysnr",
        "mshost",
        "msserv",
        "sysid",
        "group",
        "saprouter",
        "gwhost",
        "gwserv",
        "wshost",
        "wsport",
    )
)
"""How the library is told where a system is; `snc_...` and `tls_...` besides."""


class SapRfcSystem(_ConnectedSystem):
    """An SAP ECC or S/4HANA of the file of systems, called through RFC."""

    adapter: Literal["sap_rfc"]
    route: dict[str, str]
    """Where it is, in pyrfc's words: `ashost` and `sysnr`, or `mshost`, `sysid` and `group`."""
    client: Annotated[str, Field(pattern=r"^\d{3}$")]
    login: str = ""
    password: str = ""
    """Where it stands: `env:NAME` or `file:PATH`; neither is needed where SNC signs in."""
    language: str = "EN"
    plants: dict[str, str] = Field(default_factory=dict)
    requisition_type: _Text = "NB"
    purchasing_organisation: str = ""
    purchasing_group: str = ""
    settle_s: Annotated[float, Field(gt=0, le=600)] = 30.0

    def place(self, site: str) -> str:
        """What SAP calls a site: its plant."""
        return self.plants.get(site, site)

    @model_validator(mode="after")
    def _is_somewhere(self) -> Self:
        given = self.route.keys()
        if unknown := sorted(name for name in given - _ROUTE if not name.startswith(("snc_", "tls_"))):
            raise ValueError(f"route: {unknown[0]!r} says nothing about where the system is")
        if not {"ashost", "mshost", "wshost"} & given:
            raise ValueError("route: name `ashost` and `sysnr`, or `mshost`, `sysid` and `group`")
        if re.search(r"/[WP]/", self.route.get("saprouter", "")):
            raise ValueError("route: a password of the SAProuter may not stand in the file")
        if "snc_partnername" not in given and not (self.login and self.password):
            raise ValueError("name `login` and `password`, or sign in by SNC (`route.snc_partnername`)")
        return self

    @property
    def kind(self) -> str:
        """What it is, in sentences."""
        return "SAP"

    @property
    def secrets(self) -> tuple[str, ...]:
        """Where its secrets stand."""
        return (self.password,) if self.password else ()

    def writer(self) -> AbstractAsyncContextManager[SapRfc]:
        """Its write port, to be opened."""
        from erp_adapters.sap_rfc import SapRfc

        return SapRfc.open(self.connection())

    def reader(self) -> AbstractAsyncContextManager[ReadPort]:
        """Its read port, to be opened."""
        from erp_adapters.sap_rfc import SapRfcReader

        return SapRfcReader.open(self.connection())

    async def load(
        self, owner_dsn: str, port: ReadPort, code: str, progress: Progress | None = None
    ) -> LoadReport:
        """Load one of the sites that are read; see `load_place`."""
        from erp_adapters.sap_rfc.syncing import load_site

        return await load_site(owner_dsn, port, self.site(code), self.connection().plant(code), progress)

    def connection(self) -> RfcConnection:
        """How it is reached, with its password.

        Raises:
            ConfigurationError: the password is not where it is said to be.
        """
        from erp_adapters.sap_rfc import Connection as RfcConnection
        from erp_adapters.sap_rfc import Logon

        password = Secret(secret(self.password) if self.password else "")
        return RfcConnection(
            logon=Logon(self.client, self.login, password, self.route, self.language),
            reason=self.reason,
            plants={code: self.plants.get(code, code) for code in sorted({*self.sites, *self.reads})},
            units=self.units,
            document_type=self.requisition_type,
            purchasing_organisation=self.purchasing_organisation,
            purchasing_group=self.purchasing_group,
            call_s=self.call_s,
            settle_s=self.settle_s,
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
    every: Annotated[str, Field(pattern=_EVERY)] = ""
    """How often the worker reads it, such as `5m`; empty where nobody but `plantwright sync` does."""
    events: str = ""
    """Where the secret stands that its events are signed with: `env:NAME` or `file:PATH`."""
    call_s: Annotated[float, Field(gt=0, le=120)] = 15.0

    @property
    def kind(self) -> str:
        """What it is, in sentences."""
        return "the database"

    @property
    def sites(self) -> tuple[str, ...]:
        """Whose documents it gets: nobody's."""
        return ()

    @property
    def secrets(self) -> tuple[str, ...]:
        """Where its secrets stand, beside the password that its own file names."""
        return (self.events,) if self.events else ()

    def place(self, site: str) -> str:
        """What the database calls a site."""
        return self.plants.get(site, site)


System: TypeAlias = TrytonSystem | SapSystem | SapRfcSystem | SqlSystem


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
        return "the demo ERP" if name is None else f"{self._named[name].kind} ({name})"

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
                # What is only read needs nothing here, such as a library that is not installed.
                if isinstance(system, SqlSystem) or not system.sites:
                    continue
                port: Port = await stack.enter_async_context(system.writer())
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
        }
    )
