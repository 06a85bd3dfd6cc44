"""A FactorySemantics MES of the file of systems."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from erp_adapters.http import Secret
from server.settings import secret
from server.systems.connected import EVERY, ConnectedSystem, Text

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from erp_adapters.fsmes import Connection, Fsmes
    from erp_adapters.ports import ReadPort
    from erp_adapters.store.port_loading import PortSource


class FsmesSystem(ConnectedSystem):
    """The MES of one plant: its floor is read, and work orders, holds and resumptions go to it."""

    adapter: Literal["fsmes"]
    url: Text
    login: Text
    password: Text
    """Where it stands: `env:NAME` or `file:PATH`."""
    plants: dict[str, str] = Field(default_factory=dict)
    machines: dict[str, str] = Field(default_factory=dict)
    """The site's id of a work centre, for a machine of the MES that has another code."""
    replans: dict[str, str] = Field(default_factory=dict)
    """In whose name a replanning is drafted at a site where a machine stands still; at no other is any."""
    replans_after: Annotated[str, Field(pattern=EVERY)] = "30m"
    beside_erp: bool = False
    """True where an ERP has the site's orders and master data: then only what the floor knows is read."""
    history_days: Annotated[int, Field(ge=1, le=365)] = 30

    def place(self, site: str) -> str:
        """What the MES calls a site: its equipment of that level."""
        return self.plants.get(site, site)

    @property
    def user(self) -> str:
        """What the technical user is called there."""
        return self.login

    @property
    def kind(self) -> str:
        """What it is, in sentences."""
        return "the MES"

    @property
    def secrets(self) -> tuple[str, ...]:
        """Where its secrets stand."""
        return (self.password,)

    def writer(self) -> AbstractAsyncContextManager[Fsmes]:
        """Its write port, to be opened."""
        from erp_adapters.fsmes import Fsmes

        return Fsmes.open(self.connection())

    def reader(self) -> AbstractAsyncContextManager[ReadPort]:
        """Its read port, to be opened."""
        from erp_adapters.fsmes import FsmesReader

        return FsmesReader.open(self.connection())

    def rows_of(self) -> PortSource:
        """What the rows that are read of it mean."""
        from erp_adapters.fsmes.syncing import rows_of

        return rows_of(beside_an_erp=self.beside_erp)

    def connection(self) -> Connection:
        """How it is reached, with its password.

        Raises:
            ConfigurationError: the password is not where it is said to be.
        """
        from erp_adapters.fsmes import Connection

        return Connection(
            self.url,
            self.login,
            Secret(secret(self.password)),
            self.reason,
            self.plants,
            self.units,
            self.machines,
            self.history_days,
            self.call_s,
        )
