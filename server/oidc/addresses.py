"""Which addresses of an identity provider are called: no endpoint of its documents reaches into a network."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

from server.errors import ProviderUnavailable
from server.origins import DEFAULT_PORTS, is_loopback_host

_NAT64 = ip_network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class Reached:
    """Where a call goes: the name that it is for, and the one address that was looked at."""

    parts: SplitResult
    host: str
    ip: str
    port: int

    @property
    def url(self) -> str:
        """The same with the address in place of the name, so that nobody looks the name up a second time."""
        ip = f"[{self.ip}]" if ":" in self.ip else self.ip
        return self.parts._replace(netloc=f"{ip}:{self.port}").geturl()


def usable(url: str) -> SplitResult:
    """The parts of an address that may be called or be shown to a browser.

    Raises:
        ProviderUnavailable: it is neither https nor on this machine, or names a login.
    """
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise ProviderUnavailable(f"the identity provider names {url!r}, which is no web address") from None
    is_here = parts.scheme == "http" and is_loopback_host(parts.netloc)
    if not parts.hostname or "@" in parts.netloc or not (parts.scheme == "https" or is_here):
        raise ProviderUnavailable(
            f"the identity provider names {url!r}; its addresses must be https (http only on this machine)"
        )
    return parts


async def reached(url: str, issuer: str) -> Reached:
    """The address that a call of the provider goes to.

    Addresses of this machine and of private networks are called only where the issuer itself is there: its
    host is what an administrator has set, every other host is what somebody's document says.

    Raises:
        ProviderUnavailable: the name is not known, or stands for an address that is not called.
    """
    parts = usable(url)
    host = parts.hostname or ""
    port = parts.port or DEFAULT_PORTS[parts.scheme]
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as exc:
        raise ProviderUnavailable(f"the identity provider's host {host!r} is not found") from exc
    is_issuers = host == urlsplit(issuer).hostname
    ips = [str(entry[4][0]) for entry in found]
    for ip in ips:
        if not may_be_called(ip, is_issuers=is_issuers):
            raise ProviderUnavailable(
                f"the identity provider's host {host!r} is at {ip}, an address that is not called"
                + ("" if is_issuers else "; only the issuer's own host may be in a private network")
            )
    return Reached(parts, host, ips[0], port)


def may_be_called(address: str, *, is_issuers: bool = False) -> bool:
    """Whether a call may go to that IP address: one of the public network, or of the issuer's own."""
    ip = _meant(ip_address(address.partition("%")[0]))
    if ip.is_link_local or ip.is_multicast or ip.is_unspecified:
        return False
    return is_issuers or (ip.is_global and not ip.is_reserved)


def _meant(ip: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address that an IPv6 one carries, where it does."""
    if isinstance(ip, IPv4Address):
        return ip
    if ip in _NAT64:
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or ip
