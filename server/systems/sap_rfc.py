"""An SAP ECC or S/4HANA of the file of systems, over RFC."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, model_validator

from erp_adapters.http import Secret
from server.settings import secret
from server.systems.connected import ConnectedSystem, Text

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from erp_adapters.ports import ReadPort
    from erp_adapters.sap_rfc import Connection as RfcConnection
    from erp_adapters.sap_rfc import SapRfc
    from erp_adapters.store.port_loading import PortSource

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


class SapRfcSystem(ConnectedSystem):
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
    requisition_type: Text = "NB"
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
    def user(self) -> str:
        """What the technical user is called there; where SNC signs in, SAP knows."""
        return self.login

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

    def rows_of(self) -> PortSource:
        """What the rows that are read of it mean."""
        from erp_adapters.sap_rfc.syncing import rows_of

        return rows_of()

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
