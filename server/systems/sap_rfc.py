"""An SAP ECC or S/4HANA of the file of systems, over RFC."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from erp_adapters.errors import ConfigurationError, ErpRefused
from erp_adapters.http import Secret
from erp_adapters.ports import Authorisation, OwnAuthorisation
from server.settings import secret
from server.systems.connected import ConnectedSystem, Text

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from erp_adapters.ports import ReadPort
    from erp_adapters.sap_rfc import Connection as RfcConnection
    from erp_adapters.sap_rfc import OwnRights, SapRfc
    from erp_adapters.store.port_loading import PortSource

_SNC = frozenset({"snc_mode", "snc_myname", "snc_partnername"})
"""Without which no line is one of SNC's, or nobody knows whose it is."""
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


class RfcPerson(BaseModel):
    """Who somebody is in SAP, and what shows it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    user: Text
    """Their user in SAP."""
    shows: Annotated[str, Field(pattern=r"^(env|file):.+")]
    """Where their certificate as PEM stands, or their logon ticket: `env:NAME` or `file:PATH`."""


class RfcOwnRights(BaseModel):
    """How a person's own authorisation is used: by what of theirs is kept for this program."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    by: Literal["x509", "ticket"]
    people: Annotated[dict[str, RfcPerson], Field(min_length=1)]
    """By their subjects here."""


class SapRfcSystem(ConnectedSystem):
    """An SAP ECC or S/4HANA of the file of systems, called through RFC."""

    adapter: Literal["sap_rfc"]
    route: dict[str, str]
    """Where it is, in pyrfc's words: `ashost` and `sysnr`, or `mshost`, `sysid` and `group`."""
    client: Annotated[str, Field(pattern=r"^\d{3}$")]
    login: str = ""
    password: str = ""
    """Where it stands: `env:NAME` or `file:PATH`; neither is needed where SNC signs in."""
    own: RfcOwnRights | None = None
    """Each requester's own authorisation for what is written; without it the technical user's."""
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
        if self.own is not None and self.own.by == "x509" and not given >= _SNC:
            raise ValueError(
                "own: SAP takes a certificate over SNC alone: name `snc_mode`, `snc_myname` and"
                " `snc_partnername` in `route`"
            )
        if (quality := self.route.get("snc_qop", "9")) not in ("1", "2", "3", "8", "9"):
            raise ValueError(f"route: {quality!r} is no `snc_qop`; there are 1, 2, 3, 8 and 9")
        return self

    @property
    def user(self) -> str:
        """What the technical user is called there; where SNC signs in, SAP knows."""
        return self.login

    @property
    def written_by(self) -> Authorisation:
        """By whose rights documents are written: each requester's own, where that is set up."""
        if self.own is None:
            return super().written_by
        from erp_adapters.sap_rfc.own_rights import means_of

        return OwnAuthorisation(means_of(self.own.by))

    @property
    def kind(self) -> str:
        """What it is, in sentences."""
        return "SAP"

    @property
    def secrets(self) -> tuple[str, ...]:
        """Where its secrets stand."""
        own = [person.shows for person in self.own.people.values()] if self.own else []
        return (*([self.password] if self.password else []), *own)

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
            own=self._own(),
        )

    def _own(self) -> OwnRights | None:
        from erp_adapters.sap_rfc import OwnRights, Person

        if self.own is None:
            return None
        people = {
            subject: Person(person.user, partial(_shown, subject, person.shows))
            for subject, person in self.own.people.items()
        }
        return OwnRights(self.own.by, people)


def _shown(subject: str, reference: str) -> Secret:
    """What shows who a person is, as it stands there now.

    Raises:
        ErpRefused: there is none; nobody else's is used.
    """
    try:
        return Secret(secret(reference))
    except ConfigurationError as error:
        raise ErpRefused(
            f"what signs {subject!r} in at SAP is not there ({error}); nothing is written with another's"
            " rights"
        ) from error
