"""What every connected system says of itself, and what a site is that is read of one."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Self, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from erp_adapters.errors import ConfigurationError
from erp_adapters.ports import Authorisation, TechnicalUser
from erp_adapters.readers import Readers

if TYPE_CHECKING:
    from erp_adapters.ports import ReadPort
    from erp_adapters.store.loading import Progress
    from erp_adapters.store.mapping import SiteSpec
    from erp_adapters.store.port_loading import PortSource
    from erp_adapters.store.quality import LoadReport

Text: TypeAlias = Annotated[str, Field(min_length=1)]
EVERY = r"^([1-9]\d{0,4}[smhd])?$"


class ReadSite(BaseModel):
    """A warehouse that is read as a site, where the site is not known from elsewhere."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Text
    country: Text
    time_zone: Text
    currency: Text


class ConnectedSystem(BaseModel, ABC):
    """What every system of the file says, whatever it is."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    reason: Text
    """Why a technical user is used, and not the person with their own login."""
    sites: tuple[Text, ...] = ()
    """Whose documents it gets."""
    reads: dict[str, ReadSite] = Field(default_factory=dict)
    """Sites that `plantwright import system` loads of it."""
    documents: Readers = Field(default_factory=dict)
    """Files and notes that are read of it; none where nothing is said."""
    units: dict[str, str] = Field(default_factory=dict)
    every: Annotated[str, Field(pattern=EVERY)] = ""
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
        return site_spec(self.reads, code)

    @abstractmethod
    def place(self, site: str) -> str:
        """What the system calls a site."""

    @property
    @abstractmethod
    def user(self) -> str:
        """What the technical user is called there."""

    @property
    def read_by(self) -> Authorisation:
        """By whose rights it is read: by the clock and for everybody, so that nobody is signed in."""
        return TechnicalUser(self.user, self.reason)

    @property
    def written_by(self) -> Authorisation:
        """By whose rights documents are written."""
        return TechnicalUser(self.user, self.reason)

    @abstractmethod
    def rows_of(self) -> PortSource:
        """What the rows that are read of it mean."""

    async def load(
        self, owner_dsn: str, port: ReadPort, code: str, progress: Progress | None = None
    ) -> LoadReport:
        """Load one of the sites that are read; see `load_place`."""
        from erp_adapters.store.port_loading import load_place

        return await load_place(owner_dsn, port, self.rows_of(), self.site(code), self.place(code), progress)


def site_spec(reads: Mapping[str, ReadSite], code: str) -> SiteSpec:
    """What one of the sites is that are read of a system.

    Raises:
        ConfigurationError: it is not said, or cannot be.
    """
    from erp_adapters.store.mapping import SiteSpec

    try:
        return SiteSpec(code=code, **reads[code].model_dump())
    except ValidationError as error:
        why = error.errors()[0]["msg"]
        raise ConfigurationError(f"site {code!r} of the file of systems: {why}") from error
