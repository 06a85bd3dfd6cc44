"""The entrance of a home: where sessions are kept, and who says who a person is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from fastapi import Request

from erp_adapters.errors import ConfigurationError
from erp_adapters.store.session import Store
from server.dev_idp.issuing import CLIENT_ID, PATH, Issuing
from server.invitation import Invitation
from server.origins import is_loopback_host
from server.sessions import Sessions, StoredSessions
from server.settings import Settings

if TYPE_CHECKING:
    from server.oidc.provider import Provider

RETURN_PATH: Final = "/v1/session/return"
_MOST_ORIGINS: Final = 8

NO_PROVIDER: Final = (
    "nobody can sign in yet: set PLANTWRIGHT_OIDC_ISSUER and PLANTWRIGHT_OIDC_CLIENT_ID to those of your"
    " identity provider (docs/signing_in.md)"
)


@dataclass(slots=True)
class Entrance:
    """How people come in."""

    settings: Settings
    sessions: Sessions
    is_demo: bool
    provider: Provider | None = None
    """The configured one; None where none is, and in demo homes."""
    issuing: Issuing = field(default_factory=Issuing)
    """Of the development provider."""
    invitation: Invitation | None = None
    """Lets one browser in from another machine; None where a demo home answers only this one."""
    _within: dict[str, Provider] = field(default_factory=dict)

    @property
    def is_open_to_here(self) -> bool:
        """True where whoever is at this machine may be anybody."""
        return self.is_demo and self.invitation is None

    def origin(self, request: Request) -> str:
        """The origin under which the browser reaches this service.

        Raises:
            ConfigurationError: it is not set, and what the request says is not believed.
        """
        if self.settings.public_url:
            return self.settings.public_url
        host = request.headers.get("host", "")
        if is_loopback_host(host) or self.is_demo:
            return f"{request.url.scheme}://{host}"
        raise ConfigurationError(
            f"set PLANTWRIGHT_PUBLIC_URL to the address that people type, such as https://copilot.example:"
            f" the name {host!r} of a request is not believed"
        )

    def link(self, address: str) -> str:
        """What to open in a browser first, for a service at this address."""
        return f"{address}?token={self.invitation.token}" if self.invitation else address

    def asked(self, request: Request) -> Provider:
        """The provider that says who a browser's person is.

        Raises:
            ConfigurationError: none is set.
        """
        if self.is_demo:
            return self._development(request)
        if self.provider is None:
            raise ConfigurationError(NO_PROVIDER)
        return self.provider

    def _development(self, request: Request) -> Provider:
        """The development provider under the name that the browser has for it, called within the process."""
        from server.oidc.fetching import Fetcher, within
        from server.oidc.provider import Provider, Registration

        origin = self.origin(request)
        if origin not in self._within:
            while len(self._within) >= _MOST_ORIGINS:
                del self._within[next(iter(self._within))]
            issuer = origin + PATH
            inside = within(request.app)
            self._within[origin] = Provider(Registration(issuer, CLIENT_ID), Fetcher(issuer, within=inside))
        return self._within[origin]


def entrance_of(settings: Settings, store: Store, *, is_demo: bool) -> Entrance:
    """The entrance that these settings describe.

    Raises:
        ConfigurationError: `PLANTWRIGHT_DEMO_BIND` is set in a home that is no demo home.
    """
    sessions = StoredSessions(store, settings)
    if is_demo:
        invitation = Invitation() if settings.demo_bind else None
        return Entrance(settings, sessions, is_demo, invitation=invitation)
    if settings.demo_bind:
        raise ConfigurationError(
            "PLANTWRIGHT_DEMO_BIND is for demo homes; this home has people of its own: use PLANTWRIGHT_HOST"
        )
    return Entrance(settings, sessions, is_demo, _configured(settings) if settings.oidc_issuer else None)


def _configured(settings: Settings) -> Provider:
    from server.oidc.fetching import Fetcher
    from server.oidc.provider import Provider, Registration

    secret = settings.oidc_client_secret
    registration = Registration(
        settings.oidc_issuer,
        settings.oidc_client_id,
        secret.get_secret_value() if secret else "",
        settings.oidc_audience,
        settings.oidc_subject_claim,
        settings.oidc_tenant,
    )
    return Provider(registration, Fetcher(settings.oidc_issuer))
