"""Microsoft's clouds: who signs what Teams sends, where tokens come from, and which hosts are written to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias
from urllib.parse import urlsplit

from server.errors import UsageError
from server.origins import is_loopback_host

CloudName: TypeAlias = Literal["public", "usgov", "usgovdod"]


@dataclass(frozen=True, slots=True)
class Cloud:
    """One of them."""

    login: str
    """Where the program gets its own tokens."""
    scope: str
    keys: str
    """Address of the keys that activities are signed with."""
    issuer: str
    service: str
    """Where somebody is written to of whom nothing is kept."""
    hosts: frozenset[str]
    """Of service addresses that may be written to."""


CLOUDS: Final[dict[CloudName, Cloud]] = {
    "public": Cloud(
        "https://login.microsoftonline.com",
        "https://api.botframework.com/.default",
        "https://login.botframework.com/v1/.well-known/keys",
        "https://api.botframework.com",
        "https://smba.trafficmanager.net/teams",
        frozenset({"smba.trafficmanager.net", "smba.infra.gcc.teams.microsoft.com"}),
    ),
    "usgov": Cloud(
        "https://login.microsoftonline.us",
        "https://api.botframework.us/.default",
        "https://login.botframework.azure.us/v1/.well-known/keys",
        "https://api.botframework.us",
        "https://smba.infra.gov.teams.microsoft.us/teams",
        frozenset({"smba.infra.gov.teams.microsoft.us"}),
    ),
    "usgovdod": Cloud(
        "https://login.microsoftonline.us",
        "https://api.botframework.us/.default",
        "https://login.botframework.azure.us/v1/.well-known/keys",
        "https://api.botframework.us",
        "https://smba.infra.dod.teams.microsoft.us/teams",
        frozenset({"smba.infra.dod.teams.microsoft.us"}),
    ),
}


def stand_in(origin: str) -> Cloud:
    """A cloud that a program of this machine stands in for, for tests and rehearsals."""
    return Cloud(
        f"{origin}/login",
        "https://api.botframework.com/.default",
        f"{origin}/keys",
        "https://api.botframework.com",
        f"{origin}/teams",
        frozenset({urlsplit(origin).netloc}),
    )


def service_of(address: str, cloud: Cloud) -> str:
    """The service address, without a slash at its end.

    Raises:
        UsageError: it is none that is written to.
    """
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        raise UsageError("the service address is no web address") from None
    is_here = parts.scheme == "http" and is_loopback_host(parts.netloc)
    if parts.netloc.lower() not in cloud.hosts or not (parts.scheme == "https" or is_here):
        raise UsageError(f"the service address names the host {parts.netloc[:80]!r}, which is not written to")
    if parts.query or parts.fragment or ".." in parts.path or not address.isprintable():
        raise UsageError("the service address has more than a host and a path")
    return address.rstrip("/")
