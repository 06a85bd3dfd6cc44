"""Requests that do nothing twice: asked again under its key, one is answered as the first time."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import AsyncIterable, AsyncIterator, Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol

from fastapi import Request
from fastapi.responses import Response, StreamingResponse
from fastapi.routing import APIRoute

from erp_adapters.caller import Caller
from erp_adapters.errors import CopilotError
from erp_adapters.store.session import Store
from server.errors import KeyReused, StillAnswering, UsageError
from server.identity import caller_of, house_of

HEADER = "idempotency-key"
REPLAYED = "idempotency-replayed"
KEPT_HOURS = 24
ABANDONED_AFTER_S = 120
"""A request that has had no response for longer died with its process: its key is free again."""
_KEY = re.compile(r"[\x21-\x7e]{1,128}")


@dataclass(frozen=True, slots=True)
class Given:
    """The response that was given under a key."""

    request: str
    """Digest of the request."""
    status: int | None
    """None while it is being answered."""
    kind: str = ""
    body: bytes = b""


class KeyBook(Protocol):
    """Keeps responses by key; nobody sees another person's."""

    async def take(self, caller: Caller, key: str, request: str) -> Given | None:
        """What stands under the key already; None where it is this request's from now on."""
        ...

    async def give(self, caller: Caller, key: str, given: Given) -> None:
        """Keep the response."""
        ...

    async def release(self, caller: Caller, key: str) -> None:
        """Let the key go: nothing was done under it."""
        ...


_TAKE = """
insert into app.idempotency as k (subject, key, request) values (%(subject)s, %(key)s, %(request)s)
on conflict (subject, key) do update
set request = excluded.request, taken = now(), status = null, kind = '', body = null
where k.taken < now() - %(kept)s * interval '1 hour'
   or (k.status is null and k.taken < now() - %(abandoned)s * interval '1 second')
"""
_SWEEP = """
delete from app.idempotency where subject = %(subject)s and taken < now() - %(kept)s * interval '1 hour'
"""


class PostgresKeys:
    """Keys in schema `app`, under row-level security by subject."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def take(self, caller: Caller, key: str, request: str) -> Given | None:
        params = {
            "subject": caller.subject,
            "key": key,
            "request": request,
            "kept": KEPT_HOURS,
            "abandoned": ABANDONED_AFTER_S,
        }
        async with self._store.remembering(caller) as tx:
            await tx.execute(_SWEEP, params)
            if await tx.execute(_TAKE, params):
                return None
            found = await tx.fetch(
                "select request, status, kind, body from app.idempotency"
                " where subject = %(subject)s and key = %(key)s",
                params,
            )
        if not found.rows:
            # It was released this very moment: whoever comes next has it.
            return Given(request, None)
        digest, status, kind, body = found.rows[0]
        return Given(
            str(digest),
            None if status is None else int(str(status)),
            str(kind),
            body if isinstance(body, bytes) else b"",
        )

    async def give(self, caller: Caller, key: str, given: Given) -> None:
        async with self._store.remembering(caller) as tx:
            await tx.execute(
                "update app.idempotency set status = %(status)s, kind = %(kind)s, body = %(body)s"
                " where subject = %(subject)s and key = %(key)s and request = %(request)s",
                {
                    "subject": caller.subject,
                    "key": key,
                    "request": given.request,
                    "status": given.status,
                    "kind": given.kind,
                    "body": given.body,
                },
            )

    async def release(self, caller: Caller, key: str) -> None:
        async with self._store.remembering(caller) as tx:
            await tx.execute(
                "delete from app.idempotency"
                " where subject = %(subject)s and key = %(key)s and status is null",
                {"subject": caller.subject, "key": key},
            )


class Once(APIRoute):
    """A route that honours `Idempotency-Key` where it changes something."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The route's handler, asked only where no response stands under the key."""
        answer = super().get_route_handler()

        async def once(request: Request) -> Response:
            key = request.headers.get(HEADER)
            keys = house_of(request).keys
            if request.method != "POST" or key is None or keys is None:
                return await answer(request)
            if not _KEY.fullmatch(key):
                raise UsageError(
                    f"Idempotency-Key: {key[:40]!r} is none; it has 1 to 128 visible ASCII characters"
                )
            caller = await caller_of(request)
            digest = await _digest(request)
            given = await keys.take(caller, key, digest)
            if given is not None:
                return _again(given, digest, key)
            return await _first(keys, caller, key, digest, answer(request), self.kept_body)

        return once

    @staticmethod
    def kept_body(body: bytes) -> bytes:
        """What of a response is kept for the next request under its key."""
        return body


class OnceWithSecret(Once):
    """The same where a response tells a secret: it is told to the first request alone, and kept nowhere."""

    @staticmethod
    def kept_body(body: bytes) -> bytes:
        """All but the secret."""
        held = json.loads(body)
        return json.dumps({**held, "secret": None}).encode() if "secret" in held else body


async def _digest(request: Request) -> str:
    made = hashlib.sha256(f"{request.method} {request.url.path}?{request.url.query}\0".encode())
    made.update(await request.body())
    return made.hexdigest()


def _again(given: Given, digest: str, key: str) -> Response:
    if given.request != digest:
        raise KeyReused(f"Idempotency-Key: {key!r} was sent with another request; take a new one for this")
    if given.status is None:
        raise StillAnswering(
            f"Idempotency-Key: the request with {key!r} is still being answered; try again later"
        )
    headers = {REPLAYED: "true"}
    return Response(given.body, given.status, headers, media_type=given.kind or None)


async def _first(
    keys: KeyBook,
    caller: Caller,
    key: str,
    digest: str,
    answering: Coroutine[Any, Any, Response],
    kept_body: Callable[[bytes], bytes],
) -> Response:
    """The response, kept; where there is none the key is let go, since nothing was done."""
    try:
        response = await answering
    except BaseException:
        await _released(keys, caller, key)
        raise
    kind = response.headers.get("content-type", "")
    if isinstance(response, StreamingResponse):
        began = Given(digest, response.status_code, kind)
        response.body_iterator = _kept(keys, caller, key, began, response.body_iterator)
    else:
        kept = kept_body(bytes(response.body))
        await keys.give(caller, key, Given(digest, response.status_code, kind, kept))
    return response


async def _kept(
    keys: KeyBook, caller: Caller, key: str, given: Given, stream: AsyncIterable[str | bytes | memoryview]
) -> AsyncIterator[bytes]:
    """The stream; kept whole once it has ended."""
    parts: list[bytes] = []
    is_whole = False
    try:
        async for part in stream:
            parts.append(part.encode() if isinstance(part, str) else bytes(part))
            yield parts[-1]
        is_whole = True
    finally:
        if is_whole:
            whole = Given(given.request, given.status, given.kind, b"".join(parts))
            await keys.give(caller, key, whole)
        else:
            await _released(keys, caller, key)


async def _released(keys: KeyBook, caller: Caller, key: str) -> None:
    # What went wrong is the caller's to hear, not that the key is taken for a while longer.
    with suppress(CopilotError):
        await keys.release(caller, key)
