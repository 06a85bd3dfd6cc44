"""What every response carries and every request must keep to: security headers and a limit on bodies."""

from __future__ import annotations

import json
from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.errors import Problem

_COMMON: tuple[tuple[bytes, bytes], ...] = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
)
PANEL = "/panel/"
CHANNELS = "/v1/channels/"
MOST_OF_CHANNELS = 1024 * 1024
"""Bytes of what a chat platform sends: its JSON has a message of 40,000 characters several times over."""
# Pages that a window of another origin opened and has to hear from. Where a chain of pages passes one that
# breaks with its opener, the window that opened it never hears anything.
_OPENED = ("/v1/session",)


def policy_of(frame_ancestors: tuple[str, ...] = (), *, is_panel: bool = False) -> str:
    """A content security policy under which a page loads from nowhere else.

    Args:
        frame_ancestors: origins whose pages may show the page in a frame.
        is_panel: True to let in what the panel's own folder has: fonts, and pictures that it draws itself.
    """
    own = "img-src 'self' data:; font-src 'self'" if is_panel else "img-src 'self'"
    framed = " ".join(("'self'", *frame_ancestors)) if frame_ancestors else "'none'"
    return (
        f"default-src 'none'; script-src 'self'; style-src 'self'; {own}; connect-src 'self'; "
        f"manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors {framed}"
    )


def headers_of(path: str, embed_origins: tuple[str, ...] = ()) -> tuple[tuple[bytes, bytes], ...]:
    """The security headers of a path; one that a route sets itself goes before them."""
    is_panel = path.startswith(PANEL)
    policy = policy_of(embed_origins, is_panel=True) if is_panel else policy_of()
    opener = b"unsafe-none" if path.startswith(_OPENED) else b"same-origin"
    found: tuple[tuple[bytes, bytes], ...] = (
        (b"content-security-policy", policy.encode()),
        *_COMMON,
        (b"cross-origin-opener-policy", opener),
        (b"cross-origin-resource-policy", b"cross-origin" if is_panel else b"same-origin"),
        (b"cache-control", b"no-store" if path.startswith("/v1/") else b"no-cache"),
    )
    # The panel's files are the same for everybody, and another page's script tag has to be able to read them.
    return (*found, (b"access-control-allow-origin", b"*")) if is_panel else found


class SecurityHeaders:
    """Adds the headers to every response, errors included; answers are never cached."""

    def __init__(self, app: ASGIApp, embed_origins: tuple[str, ...] = ()) -> None:
        self.app = app
        self.embed_origins = embed_origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with a `send` that adds the headers."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = {name.lower() for name, _ in message["headers"]}
                added = headers_of(str(scope["path"]), self.embed_origins)
                message["headers"] = [*message["headers"], *(h for h in added if h[0] not in present)]
            await send(message)

        await self.app(scope, receive, with_headers)


class BodyLimit:
    """Refuses bodies over the limit, whether announced or only sent.

    Args:
        app: what is asked where the body is within it.
        limit: bytes of a body.
        larger: what holds in place of the limit at addresses that begin so.
    """

    def __init__(self, app: ASGIApp, limit: int, larger: Mapping[str, int] | None = None) -> None:
        self.app = app
        self.limit = limit
        self._larger = larger or {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count what is received; answer 413 once it is too much."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        path = str(scope["path"])
        limit = max([self.limit, *(most for begins, most in self._larger.items() if path.startswith(begins))])
        detail = f"the body is larger than {limit} bytes; a question is a sentence or two"
        announced = next((v for k, v in scope["headers"] if k == b"content-length"), b"0")
        if not announced.isdigit() or int(announced) > limit:
            await refuse(send, Problem("Body too large", 413, detail))
            return
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > limit:
                # An HTTPException: FastAPI lets no other exception through while it reads a body.
                raise HTTPException(413, detail)
            return message

        await self.app(scope, counted, send)


async def refuse(send: Send, shown: Problem, headers: Mapping[str, str] | None = None) -> None:
    """Answer with a problem where no route has been reached."""
    body = json.dumps(shown.body()).encode()
    sent = {"content-type": "application/problem+json", "content-length": str(len(body)), **(headers or {})}
    raw = [(name.encode(), value.encode()) for name, value in sent.items()]
    await send({"type": "http.response.start", "status": shown.status, "headers": raw})
    await send({"type": "http.response.body", "body": body})
