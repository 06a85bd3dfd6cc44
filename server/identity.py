"""Who a request comes from: in demo homes, the person named by the page, and only from this very machine."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request

from erp_adapters.caller import Caller
from erp_adapters.errors import RecordNotFound
from server.desk import Desk
from server.errors import NotJson, NotSignedIn
from server.house import NO_DEMO, House

PERSON_COOKIE = "plantwright_person"
PERSON_HEADER = "x-plantwright-person"

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")


def house_of(request: Request) -> House:
    """The opened home that this application serves."""
    house: House = request.app.state.house
    return house


def is_loopback_host(host: str) -> bool:
    """True for `localhost`, 127.0.0.0/8 and ::1, with or without a port; not for names that resolve there."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
        return name == "localhost" or ip_address(name).is_loopback
    except ValueError:
        return False


def refusal(request: Request) -> str:
    """Why this request may not name its own person, or an empty string.

    The Host must be a loopback name as well as the peer, or a page of another site whose name was rebound to
    127.0.0.1 could ask. A proxy on this machine would make everybody look local, so its marks refuse too.
    """
    peer = request.client.host if request.client else ""
    try:
        is_local = ip_address(peer).is_loopback
    except ValueError:
        is_local = False
    if not is_local:
        return "a demo home answers only requests from the machine it runs on; open it there, at 127.0.0.1"
    host = request.headers.get("host", "")
    if not is_loopback_host(host):
        return f"a demo home is reached as 127.0.0.1 or localhost, not as {host!r}"
    marks = [name for name in _FORWARDED if name in request.headers]
    if marks:
        return f"a demo home is not served through a proxy (the request carries {marks[0]})"
    origin = request.headers.get("origin")
    if origin is not None and origin.partition("://")[2] != host:
        return f"requests from pages of another origin ({origin!r}) are refused"
    site = request.headers.get("sec-fetch-site", "none")
    # A browser says `none` for an address that was typed: that is never how something is changed.
    typed = "sec-fetch-site" in request.headers and site == "none" and request.method not in _SAFE
    if site not in ("same-origin", "none") or typed:
        return "requests from pages of another site are refused"
    return ""


def refuse_other_than_json(request: Request) -> None:
    """Let a body through only as JSON: what a form of another site can send is of another type.

    Raises:
        NotJson: the body has another content type, or none.
    """
    has_body = request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers
    if request.method in _SAFE or not has_body:
        return
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise NotJson(f"the body has the content type {kind or 'of nothing'!r}; send application/json")


def guard(request: Request) -> House:
    """The home, where this request may use it at all.

    Raises:
        NotSignedIn: this is no demo home, or the request does not come from this machine.
        NotJson: the body is of another content type.
    """
    refuse_other_than_json(request)
    house = house_of(request)
    if not house.is_demo:
        raise NotSignedIn(NO_DEMO)
    reason = refusal(request)
    if reason:
        raise NotSignedIn(reason)
    return house


async def caller_of(request: Request) -> Caller:
    """The person who asks, from the header or the cookie that the page set.

    Raises:
        NotSignedIn: nobody may be named here, or the name is not known.
    """
    house = guard(request)
    named = request.headers.get(PERSON_HEADER) or request.cookies.get(PERSON_COOKIE)
    try:
        return await house.person(named)
    except RecordNotFound as exc:
        raise NotSignedIn(str(exc)) from exc


def desk_of(request: Request) -> Desk:
    """Where drafts are made and decided; CapabilityMissing where this service only answers."""
    return house_of(request).drafts


Asker = Annotated[Caller, Depends(caller_of)]
OpenHouse = Annotated[House, Depends(house_of)]
OpenDesk = Annotated[Desk, Depends(desk_of)]
GuardedHouse = Annotated[House, Depends(guard)]
