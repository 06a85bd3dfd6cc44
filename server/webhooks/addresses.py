"""Which addresses are told of events: https of the public network, in a demo home also this machine."""

from __future__ import annotations

import asyncio
import socket
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from server.errors import UsageError
from server.oidc.addresses import Reached, may_be_called
from server.origins import DEFAULT_PORTS, is_loopback_host

_LONGEST = 500


class NotCalled(UsageError):
    """An address that is not called; the message says why."""


def usable(address: str, *, is_demo: bool) -> SplitResult:
    """The parts of an address that may be given.

    Raises:
        NotCalled: it is no https address, names a login, or is of this machine outside of a demo home.
    """
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        raise NotCalled(
            f"{address[:80]!r} is no web address; give one such as https://erp.example/hook"
        ) from None
    is_here = is_loopback_host(parts.netloc)
    if not address.isascii() or not address.isprintable() or " " in address or len(address) > _LONGEST:
        raise NotCalled(f"{address[:80]!r} is no web address; give one such as https://erp.example/hook")
    if not parts.hostname or "@" in parts.netloc or parts.fragment or parts.scheme not in DEFAULT_PORTS:
        raise NotCalled(f"{address[:80]!r} is no web address; give one such as https://erp.example/hook")
    if is_here and not is_demo:
        raise NotCalled(f"{address!r} is on this machine; only a demo home calls that")
    if parts.scheme == "http" and not is_here:
        raise NotCalled(f"{address!r} is not https; messages about figures are not sent in the clear")
    return parts


async def reached(address: str, *, is_demo: bool) -> Reached:
    """Where a call of the address goes: the one IP address that was looked at.

    Raises:
        NotCalled: as `usable`; or its name is not known, or stands for an address of a private network.
    """
    parts = usable(address, is_demo=is_demo)
    host = parts.hostname or ""
    port = parts.port or DEFAULT_PORTS[parts.scheme]
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as exc:
        raise NotCalled(f"the host {host!r} is not found") from exc
    ips = [str(entry[4][0]) for entry in found]
    for ip in ips:
        # Only what calls itself this machine may be it: a public name that stands for it is a trap.
        is_here = is_demo and is_loopback_host(parts.netloc) and ip_address(ip.partition("%")[0]).is_loopback
        if not (is_here or may_be_called(ip)):
            raise NotCalled(f"the host {host!r} is at {ip}, an address that is not called")
    return Reached(parts, host, ips[0], port)
