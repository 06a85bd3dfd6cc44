"""A database of the file of systems, which is only read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from erp_adapters.ports import Authorisation
from erp_adapters.readers import Readers
from server.systems.connected import EVERY, ReadSite, site_spec

if TYPE_CHECKING:
    from erp_adapters.store.mapping import SiteSpec


class SqlSystem(BaseModel):
    """A database of the file of systems, which is only read."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    adapter: Literal["sql"]
    source: Path
    """The file that says what is read of it, from where the file of systems lies."""
    reads: Annotated[dict[str, ReadSite], Field(min_length=1)]
    plants: dict[str, str] = Field(default_factory=dict)
    """What the database calls a site, where it is not the site's own code."""
    documents: Readers = Field(default_factory=dict)
    """Files and notes that are read of it; none where nothing is said."""
    every: Annotated[str, Field(pattern=EVERY)] = ""
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

    @property
    def written_by(self) -> Authorisation:
        """By whose rights documents would be written, which none are."""
        return self.read_by

    @property
    def read_by(self) -> Authorisation:
        """By whose rights it is read.

        Raises:
            ConfigurationError: its file cannot be read.
        """
        from erp_adapters.sql.source import read_source

        return read_source(self.source).read_by

    def place(self, site: str) -> str:
        """What the database calls a site."""
        return self.plants.get(site, site)

    def site(self, code: str) -> SiteSpec:
        """What one of those that are read is; see `site_spec`."""
        return site_spec(self.reads, code)
