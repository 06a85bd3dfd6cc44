"""Where a call to an address goes: the one IP address that was looked at, and whether it may be called."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import SplitResult

from server.origins import DEFAULT_PORTS

_NAT64 = ip_network("64:ff9b::/96")


class NoSuchHost(Exception):
    """A name that nothing is found under."""


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


async def looked_up(parts: SplitResult) -> list[Reached]:
    """Every place that the host of an address stands for, in the order in which they are tried.

    Raises:
        NoSuchHost: its name is not known.
    """
    host = parts.hostname or ""
    port = parts.port or DEFAULT_PORTS[parts.scheme]
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as exc:
        raise NoSuchHost(host) from exc
    return [Reached(parts, host, str(entry[4][0]), port) for entry in found]


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
