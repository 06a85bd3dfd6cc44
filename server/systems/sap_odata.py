"""An SAP S/4HANA of the file of systems, over OData."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from erp_adapters.http import Secret
from erp_adapters.ports import Authorisation, OwnAuthorisation
from server.settings import secret
from server.systems.connected import ConnectedSystem, Text

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from erp_adapters.ports import ReadPort
    from erp_adapters.sap_odata import Connection as SapConnection
    from erp_adapters.sap_odata import Sap
    from erp_adapters.store.port_loading import PortSource


class OAuthClient(BaseModel):
    """An OAuth client at SAP's token endpoint."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    token_url: Text
    client_id: Text
    client_secret: Text
    """Where it stands: `env:NAME` or `file:PATH`."""
    scope: str = ""


class OwnRights(OAuthClient):
    """How a person's own authorisation is used: by what this program is trusted to sign about them."""

    grant: Literal["saml-bearer", "token-exchange"] = "saml-bearer"
    issuer: Text
    audience: Text
    key: Text
    """Where the private key stands, as PEM: `env:NAME` or `file:PATH`."""
    people: dict[str, str] = Field(default_factory=dict)
    """What a person is called in SAP, by their subject here."""

    @property
    def means(self) -> str:
        """What the grant is called."""
        from erp_adapters.sap_odata.signing_in import means_of

        return means_of(self.grant)


class SapSystem(ConnectedSystem):
    """An SAP S/4HANA of the file of systems, reached over OData."""

    adapter: Literal["sap_odata"]
    url: Text
    login: str = ""
    password: str = ""
    """Where it stands: `env:NAME` or `file:PATH`; without a login there is an OAuth client."""
    oauth: OAuthClient | None = None
    own: OwnRights | None = None
    client: str = ""
    language: str = "en"
    plants: dict[str, str] = Field(default_factory=dict)
    requisitioners: dict[str, str] = Field(default_factory=dict)
    services: dict[str, str] = Field(default_factory=dict)
    requisition_type: Text = "NB"
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
    def user(self) -> str:
        """What the technical user is called there, or its OAuth client."""
        return self.oauth.client_id if self.oauth else self.login

    @property
    def written_by(self) -> Authorisation:
        """By whose rights documents are written: each requester's own, where that is set up."""
        return super().written_by if self.own is None else OwnAuthorisation(self.own.means)

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

    def rows_of(self) -> PortSource:
        """What the rows that are read of it mean."""
        from erp_adapters.sap_odata.syncing import rows_of

        return rows_of()

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
                *client(self.own),
                self.own.issuer,
                self.own.audience,
                key,
                self.own.people,
                self.own.scope,
                self.own.grant,
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
            documents=frozenset(self.documents),
            writes=bool(self.sites),
            call_s=self.call_s,
        )
