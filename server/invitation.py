"""The link that lets one browser into a demo home from another machine: printed at start, good once."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from urllib.parse import parse_qs

from fastapi import Request
from fastapi.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from server.door import door_page, language_of
from server.errors import SIGN_IN
from server.house import House
from server.sessions import SESSION_COOKIE

_USED = {
    "en": (
        "This link was used already",
        "It lets one browser in, once. Start the demo again for a new one.",
    ),
    "de": (
        "Dieser Link wurde schon benutzt",
        "Er lässt einen Browser einmal ein. Für einen neuen wird die Demo neu gestartet.",
    ),
}


class Invitation:
    """A token that is good once."""

    def __init__(self) -> None:
        self.token = secrets.token_urlsafe(32)
        self._hash = hashlib.sha256(self.token.encode()).digest()
        self._is_open = True

    def accept(self, token: str) -> bool:
        """True for the right token, the first time."""
        is_right = hmac.compare_digest(hashlib.sha256(token.encode()).digest(), self._hash)
        accepted, self._is_open = is_right and self._is_open, self._is_open and not is_right
        return accepted


class Doorstep:
    """Exchanges the token in the start page's address for a session, and lets every other request through."""

    def __init__(self, app: ASGIApp, house: House, invitation: Invitation) -> None:
        self.app = app
        self.house = house
        self.invitation = invitation

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer `GET /?token=...`; pass on what is anything else."""
        if scope["type"] == "http" and scope["path"] == "/" and scope["method"] == "GET":
            token = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0]
            if token:
                response = await self._answered(Request(scope), token)
                await response(scope, receive, send)
                return
        await self.app(scope, receive, send)

    async def _answered(self, request: Request, token: str) -> Response:
        # A browser that only looks ahead must not use the token up.
        if "prefetch" in request.headers.get("sec-purpose", ""):
            return Response(status_code=503)
        if not self.invitation.accept(token):
            language = language_of(request)
            title, detail = _USED[language]
            body = f'<div class="narrow"><h1>{title}</h1><p class="detail">{detail}</p></div>'
            return door_page(title, body, language, status=403)
        sessions = self.house.door.sessions
        made = await sessions.begin(self.house.settings.person)
        # Now somebody is here, and may pick who to be.
        response = RedirectResponse(f"{SIGN_IN}?next=/", status_code=303)
        response.set_cookie(SESSION_COOKIE, made.secret, httponly=True, samesite="lax", path="/")
        response.headers["cache-control"] = "no-store"
        return response
