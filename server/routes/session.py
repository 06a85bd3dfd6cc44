"""Signing in and out: who is there, the way to the identity provider and back, and tokens for other pages."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated, Final
from urllib.parse import quote

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from pydantic import BaseModel

from erp_adapters.errors import CopilotError
from server.door import door_page, language_of
from server.door.page import opener_kept
from server.door.refusals import refused
from server.entrance import RETURN_PATH
from server.errors import SIGN_IN, NotKnown, NotSignedIn, OtherPage, SignInFailed
from server.house import House
from server.identity import BY_THE_LINK, guard, house_of, known, place_refusal, present, refuse_other_pages
from server.oidc.flow import COOKIE, LIFE_S, Flow, taken_up
from server.origins import origin_of
from server.routes.person import PersonShown, person_shown
from server.sessions import SESSION_COOKIE

router = APIRouter(prefix="/v1/session", tags=["session"])

HINT_COOKIE: Final = "plantwright_hint"
"""Holds the provider's ID token, which it may want to see when its session ends; kept nowhere else."""
_HINT_PATH: Final = "/v1/session/end"
_LONGEST_HINT: Final = 3_500
"""Browsers keep cookies of 4 KiB."""
_ENDED_PATH: Final = "/v1/session/ended"
_HANDOVER = "/v1/session/handover"
_DELIVER: Final = """
const { origin, ...message } = JSON.parse(document.getElementById("handover").textContent);
if (window.opener) {
  window.opener.postMessage(message, origin);
  window.close();
}
"""
_HANDED_OVER = {
    "en": ("You are signed in", "You can close this window."),
    "de": ("Sie sind angemeldet", "Sie können dieses Fenster schließen."),
}


_ENDED = {"en": ("You have signed out", "Sign in again"), "de": ("Sie sind abgemeldet", "Wieder anmelden")}


class SessionShown(BaseModel):
    """Whether somebody is signed in, who, and until when."""

    signed_in: bool
    person: PersonShown | None
    sign_in: str = SIGN_IN
    """Where a browser begins to sign in."""
    is_demo: bool
    """True where people are picked and have no passwords."""
    expires_at: datetime | None


class SessionEnded(BaseModel):
    """Where a browser goes on to, so that its session at the identity provider ends as well."""

    sign_out: str


@router.get("")
async def session(request: Request) -> SessionShown:
    """Who is signed in; never refused."""
    house = house_of(request)
    try:
        found = await present(request, guard(request))
    except (NotSignedIn, NotKnown, OtherPage):
        found = None
    return SessionShown(
        signed_in=found is not None,
        person=person_shown(found.caller) if found else None,
        is_demo=house.is_demo,
        expires_at=found.expires_at if found else None,
    )


@router.post(
    "/end",
    status_code=204,
    responses={
        200: {"model": SessionEnded, "description": "Signed out here; the provider is still to be told."}
    },
)
async def end(
    request: Request,
    everywhere: Annotated[bool, Query(description="End every session of this person.")] = False,
) -> Response:
    """Sign out here, or everywhere; whoever is not signed in stays so."""
    house = guard(request)
    secret = request.cookies.get(SESSION_COOKIE, "")
    elsewhere = None
    if secret:
        refuse_other_pages(request, house)
        await house.door.sessions.end(secret, everywhere=everywhere)
        if house.door.provider is not None:
            back = house.door.origin(request) + _ENDED_PATH
            elsewhere = await house.door.provider.end(back, request.cookies.get(HINT_COOKIE, ""))
    response = JSONResponse({"sign_out": elsewhere}) if elsewhere else Response(status_code=204)
    response.delete_cookie(SESSION_COOKIE, path="/", httponly=True, samesite="lax")
    response.delete_cookie(HINT_COOKIE, path=_HINT_PATH, httponly=True, samesite="lax")
    return response


# The rest is for browsers that go from page to page, so what goes wrong is a page as well.


@router.get("/begin", include_in_schema=False)
async def begin(request: Request, next: str = "/") -> Response:
    """On to the identity provider."""
    try:
        house = await _opened(request)
        origin = house.door.origin(request)
        flow = Flow.begin(next)
        address = await house.door.asked(request).begin(flow, origin + RETURN_PATH)
    except CopilotError as error:
        return refused(request, error)
    response = _on_to(address)
    response.set_cookie(
        flow.cookie,
        flow.written(),
        max_age=LIFE_S,
        path="/v1/session",
        httponly=True,
        samesite="lax",
        secure=origin.startswith("https://"),
    )
    return response


@router.get("/return", include_in_schema=False)
async def come_back(
    request: Request, code: str = "", state: str = "", iss: str = "", error: str = ""
) -> Response:
    """Back from the identity provider: a new session, and on to where the person wanted to go."""
    try:
        house = await _opened(request)
        flow = _flow(request, state)
        if error:
            raise SignInFailed(f"the identity provider did not let you in; it says {error[:100]!r}")
        origin = house.door.origin(request)
        claims, token = await house.door.asked(request).finished(flow, code, iss, origin + RETURN_PATH)
        caller = await known(house, claims.subject)
        before = request.cookies.get(SESSION_COOKIE, "")
        made = await house.door.sessions.begin(caller.subject, before=before)
    except CopilotError as failed:
        return refused(request, failed)
    response = _on_to(flow.next)
    set_session(response, house, request, made.secret)
    if house.door.provider is not None and len(token) <= _LONGEST_HINT:
        response.set_cookie(
            HINT_COOKIE,
            token,
            httponly=True,
            samesite="lax",
            path=_HINT_PATH,
            secure=origin.startswith("https://"),
        )
    response.delete_cookie(flow.cookie, path="/v1/session", httponly=True, samesite="lax")
    return response


@router.get("/ended", include_in_schema=False)
async def ended(request: Request) -> Response:
    """What somebody sees who has signed out."""
    language = language_of(request)
    title, again = _ENDED[language]
    body = f'<div class="narrow"><h1>{title}</h1><p><a class="go" href="{SIGN_IN}">{again}</a></p></div>'
    return door_page(title, body, language)


@router.get("/handover", include_in_schema=False)
async def hand_over(request: Request, origin: str = "") -> Response:
    """A token for the page that opened this window, where it is one that may have one."""
    try:
        house = await _opened(request)
        wanted = _embedding(house, request, origin)
        found = await present(request, house)
        secret = request.cookies.get(SESSION_COOKIE, "")
        is_session = found is not None and found.by == "session"
        made = await house.door.sessions.hand_over(secret, wanted) if is_session else None
        if made is None:
            back = f"{_HANDOVER}?origin={quote(wanted, safe='')}"
            return _on_to(f"{SIGN_IN}?next={quote(back, safe='')}")
    except CopilotError as error:
        return refused(request, error)
    language = language_of(request)
    title, detail = _HANDED_OVER[language]
    message = json.dumps(
        {
            "origin": wanted,
            "type": "plantwright.token",
            "token": made.secret,
            "expires_at": made.expires_at.isoformat(),
        }
    )
    body = (
        f'<div class="narrow"><h1>{title}</h1><p class="lead">{detail}</p></div>'
        # Origins, tokens and moments hold no `<`; it is data, which no policy runs.
        f'<script type="application/json" id="handover">{message.replace("<", chr(92) + "u003c")}</script>'
    )
    return door_page(title, body, language, script=_DELIVER)


def set_session(response: Response, house: House, request: Request, secret: str) -> None:
    """Let the browser keep its session's secret, out of reach of scripts."""
    response.set_cookie(
        SESSION_COOKIE,
        secret,
        httponly=True,
        samesite="lax",
        path="/",
        secure=house.door.origin(request).startswith("https://"),
    )


async def _opened(request: Request) -> House:
    """The house, where a browser may come to its door from wherever it was."""
    house = house_of(request)
    if house.door.is_open_to_here and (reason := place_refusal(request)):
        raise NotSignedIn(reason)
    if house.door.invitation is not None and await present(request, house) is None:
        raise NotSignedIn(BY_THE_LINK)
    return house


def _flow(request: Request, state: str) -> Flow:
    flow = taken_up(request.cookies.get(COOKIE + state[:8], ""), state)
    if flow is not None:
        return flow
    raise SignInFailed(
        "this sign-in was not begun in this browser, or too long ago, or it is finished; begin again"
    )


def _embedding(house: House, request: Request, origin: str) -> str:
    try:
        wanted = origin_of(origin)
    except ValueError as exc:
        raise OtherPage(str(exc)) from exc
    # Our own page in a frame of a listed one: the browser withholds the session's cookie there.
    is_framed = bool(house.settings.embed_origins) and wanted == house.door.origin(request)
    if wanted not in house.settings.embed_origins and not is_framed:
        raise OtherPage(
            f"pages of {wanted!r} may not embed this service; an administrator allows it with"
            " PLANTWRIGHT_EMBED_ORIGINS"
        )
    if request.headers.get("sec-fetch-dest", "document") != "document":
        raise OtherPage("a token is handed over in a window of its own alone")
    return wanted


def _on_to(address: str) -> Response:
    return opener_kept(RedirectResponse(address, status_code=302))
