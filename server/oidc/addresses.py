"""Which addresses of an identity provider are called: no endpoint of its documents reaches into a network."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit

from server.errors import ProviderUnavailable
from server.origins import is_loopback_host
from server.reaching import NoSuchHost, Reached, looked_up, may_be_called


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
    try:
        places = await looked_up(parts)
    except NoSuchHost as exc:
        raise ProviderUnavailable(f"the identity provider's host {parts.hostname!r} is not found") from exc
    is_issuers = parts.hostname == urlsplit(issuer).hostname
    for place in places:
        if not may_be_called(place.ip, is_issuers=is_issuers):
            raise ProviderUnavailable(
                f"the identity provider's host {place.host!r} is at {place.ip}, an address that is not called"
                + ("" if is_issuers else "; only the issuer's own host may be in a private network")
            )
    return places[0]
