"""Which addresses are told of events: https of the public network, in a demo home also this machine."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from server.errors import UsageError
from server.origins import DEFAULT_PORTS, is_loopback_host
from server.reaching import NoSuchHost, Reached, looked_up, may_be_called

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
    try:
        places = await looked_up(parts)
    except NoSuchHost as exc:
        raise NotCalled(f"the host {parts.hostname!r} is not found") from exc
    for place in places:
        # Only what calls itself this machine may be it: a public name that stands for it is a trap.
        is_this = ip_address(place.ip.partition("%")[0]).is_loopback
        is_here = is_demo and is_loopback_host(parts.netloc) and is_this
        if not (is_here or may_be_called(place.ip)):
            raise NotCalled(f"the host {place.host!r} is at {place.ip}, an address that is not called")
    return places[0]
