"""Who a request comes from: a browser's session, a program's token, or in a demo home who is named here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address
from typing import Annotated, Final, Literal

from fastapi import Depends, Request, Response

from erp_adapters.caller import Caller
from erp_adapters.errors import RecordNotFound
from server.desk import Desk
from server.errors import NotJson, NotKnown, NotSignedIn, OtherPage
from server.house import NOT_SIGNED_IN, House
from server.origins import is_loopback_host
from server.sessions import PANEL_PREFIX, SESSION_COOKIE, Held
from tools.languages import Language
from tools.languages.locales import language_for

PERSON_HEADER = "x-plantwright-person"
SIGNED_IN_HEADER = "x-plantwright-signed-in"

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")
BY_THE_LINK: Final = (
    "this demo home is open to other machines, so the link that was printed at its start has to be"
    " opened first"
)


@dataclass(frozen=True, slots=True)
class Present:
    """Somebody who was made out behind a request."""

    caller: Caller
    by: Literal["session", "panel", "token", "name"]
    expires_at: datetime | None = None
    """When they have to sign in again; None where they were only named."""


def house_of(request: Request) -> House:
    """The opened home that this application serves."""
    house: House = request.app.state.house
    return house


def refusal(request: Request) -> str:
    """Why this request may not name its own person, or an empty string."""
    return place_refusal(request) or page_refusal(request)


def place_refusal(request: Request) -> str:
    """Why a request does not come from this machine, or an empty string.

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
    return ""


def page_refusal(request: Request) -> str:
    """Why a request comes from a page of others, or an empty string."""
    host = request.headers.get("host", "")
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


def refuse_other_pages(request: Request, house: House) -> None:
    """Let a request that a cookie vouches for change something only where a page of ours sends it.

    Raises:
        OtherPage: its origin is another, or it names neither an origin nor where it comes from.
    """
    origin = request.headers.get("origin")
    site = request.headers.get("sec-fetch-site")
    is_ours = site == "same-origin" if origin is None else origin == house.door.origin(request)
    if not is_ours or site not in (None, "same-origin"):
        raise OtherPage(
            f"a page of {origin or 'an unknown origin'!r} may change nothing with somebody's session; send a"
            " token, or ask from a page of this service"
        )


def guard(request: Request) -> House:
    """The home, where this request may use it at all; who asks is another question.

    Raises:
        NotSignedIn: a demo home is asked from elsewhere, or by a page of others without a token.
        NotJson: the body is of another content type.
    """
    refuse_other_than_json(request)
    house = house_of(request)
    if house.is_demo:
        reason = place_refusal(request) if house.door.is_open_to_here else ""
        if not reason and not _token(request):
            reason = page_refusal(request)
        if reason:
            raise NotSignedIn(reason)
    return house


async def present(request: Request, house: House) -> Present | None:
    """Who is there, with the roles and sites of this moment; None where nobody has signed in.

    Raises:
        NotSignedIn: a token is not valid, or a name is not known.
        NotKnown: whoever signed in is nobody here.
        OtherPage: a page of others sends what it may not.
    """
    if token := _token(request):
        return await _by_token(request, house, token)
    named = request.headers.get(PERSON_HEADER)
    if named is not None and house.door.is_open_to_here:
        return await _by_name(house, named)
    secret = request.cookies.get(SESSION_COOKIE, "")
    held = await house.door.sessions.held(secret) if secret else None
    if held is None or held.origin:
        return None
    if request.method not in _SAFE and not house.door.is_open_to_here:
        refuse_other_pages(request, house)
    return Present(_known(held), "session", held.expires_at)


async def caller_of(request: Request) -> Caller:
    """The person who asks.

    Raises:
        NotSignedIn: nobody has signed in, or what was sent does not say who.
        NotKnown: whoever signed in is nobody here.
        OtherPage: a page of others sends what it may not.
    """
    house = guard(request)
    found = await present(request, house)
    # A page with a sign-in of its own asks as whoever has signed in, or as nobody.
    is_said = SESSION_COOKIE in request.cookies or SIGNED_IN_HEADER in request.headers
    if found is None and house.door.is_open_to_here and not is_said:
        found = await _by_name(house, house.settings.person)
    if found is None:
        raise NotSignedIn(NOT_SIGNED_IN if house.door.invitation is None else BY_THE_LINK)
    request.state.locale = found.caller.locale
    return found.caller


def spoken_to(request: Request) -> Language:
    """The language of what is said about a request: the one that it names, else that of whoever asks."""
    for part in request.headers.get("accept-language", "").split(","):
        tag = part.partition(";")[0].strip()
        if language_for(tag) != "en" or tag[:2].lower() == "en":
            return language_for(tag)
    return language_for(getattr(request.state, "locale", ""))


def desk_of(request: Request) -> Desk:
    """Where drafts are made and decided; CapabilityMissing where this service only answers."""
    return house_of(request).drafts


def _token(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


async def _by_token(request: Request, house: House, token: str) -> Present:
    if token.startswith(PANEL_PREFIX):
        held = await house.door.sessions.held(token)
        if held is None:
            raise NotSignedIn("this token has expired or its session was ended; sign in again")
        if not _comes_from(request, house, held.origin):
            raise NotSignedIn(f"this token is for pages of {held.origin!r} alone")
        return Present(_known(held), "panel", held.expires_at)
    if house.door.provider is None:
        raise NotSignedIn("access tokens are taken where an identity provider is set, never in a demo home")
    claims = await house.door.provider.bearer(token)
    return Present(await known(house, claims.subject), "token", claims.expires_at)


def _comes_from(request: Request, house: House, origin: str) -> bool:
    """True where a page of that origin asks, and still may: a listed one, or ours in a frame of one."""
    named, listed = request.headers.get("origin"), house.settings.embed_origins
    if origin in listed:
        return named == origin
    # Browsers name no origin where a page reads from its own.
    is_own = request.headers.get("sec-fetch-site") == "same-origin" and named in (None, origin)
    return bool(listed) and is_own and origin == house.door.origin(request)


async def _by_name(house: House, named: str) -> Present:
    try:
        return Present(await house.person(named), "name")
    except RecordNotFound as exc:
        raise NotSignedIn(str(exc)) from exc


def _known(held: Held) -> Caller:
    if held.caller is None:
        raise NotKnown(unknown(held.subject))
    return held.caller


async def known(house: House, subject: str) -> Caller:
    """The person whom the identity provider calls so; NotKnown where nobody active has that subject."""
    try:
        return await house.directory.caller(subject)
    except RecordNotFound:
        raise NotKnown(unknown(subject)) from None


def unknown(subject: str) -> str:
    """What somebody is told whom the people table does not have."""
    return (
        f"the identity provider says that you are {subject!r}, and nobody active is known by that here; an"
        f" administrator adds you with `plantwright people add {subject}`"
    )


Asker = Annotated[Caller, Depends(caller_of)]


# Coroutines, though nothing in them is waited for: what is none, FastAPI sends to a thread for each request.
async def _house(request: Request) -> House:
    return house_of(request)


async def _desk(request: Request) -> Desk:
    return desk_of(request)


async def _guarded(request: Request) -> House:
    return guard(request)


async def _spoken(request: Request, response: Response, caller: Asker) -> Language:
    # Who asks is known by now, and so which language they read where the request names none.
    spoken = spoken_to(request)
    response.headers["content-language"] = spoken
    return spoken


Spoken = Annotated[Language, Depends(_spoken)]
"""What the answer is worded in, which its `Content-Language` says."""
OpenHouse = Annotated[House, Depends(_house)]
OpenDesk = Annotated[Desk, Depends(_desk)]
GuardedHouse = Annotated[House, Depends(_guarded)]
