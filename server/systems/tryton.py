"""A Tryton of the file of systems."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from erp_adapters.http import Secret
from server.settings import secret
from server.systems.connected import ConnectedSystem, Text

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from erp_adapters.ports import ReadPort
    from erp_adapters.store.port_loading import PortSource
    from erp_adapters.tryton import Connection, Tryton


class TrytonSystem(ConnectedSystem):
    """A Tryton database of the file of systems, whose address ends in its name."""

    adapter: Literal["tryton"]
    url: Text
    login: Text
    password: Text
    """Where it stands: `env:NAME` or `file:PATH`."""
    warehouses: dict[str, str] = Field(default_factory=dict)
    submits: bool = True

    def place(self, site: str) -> str:
        """What Tryton calls a site: its warehouse."""
        return self.warehouses.get(site, site)

    @property
    def user(self) -> str:
        """What the technical user is called there."""
        return self.login

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

    def rows_of(self) -> PortSource:
        """What the rows that are read of it mean."""
        from erp_adapters.tryton.syncing import rows_of

        return rows_of()

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
