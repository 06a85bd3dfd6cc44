"""Sessions: who a secret stands for, kept in the database so that every replica knows it at once."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol, cast

from erp_adapters.caller import Caller
from erp_adapters.store.session import Store
from policies.clock import Clock, now_utc
from server.settings import Settings

SESSION_COOKIE: Final = "plantwright_session"
PANEL_PREFIX: Final = "pwp_"
"""Begins the token of a page that embeds the panel, so that it is told from a JWT."""
PANEL_LIFE: Final = timedelta(hours=1)
_LONGEST_SECRET: Final = 100


@dataclass(frozen=True, slots=True)
class Made:
    """A secret that was just made; it is told once and kept nowhere."""

    secret: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Held:
    """Whom a secret stands for now."""

    subject: str
    expires_at: datetime
    caller: Caller | None
    """With the roles and sites of this moment; None where the person is not known any more."""
    origin: str = ""
    """Origin of the page that a panel's token is for; empty for a browser's session."""


class Sessions(Protocol):
    """Where sessions are kept."""

    async def begin(self, subject: str, *, before: str = "") -> Made:
        """A new session; the one that the browser had before ends."""
        ...

    async def hand_over(self, session: str, origin: str) -> Made | None:
        """A token for a page of that origin, which ends with the session; None where there is no session."""
        ...

    async def held(self, secret: str) -> Held | None:
        """Whom the secret stands for; None where it has expired, was ended or never was."""
        ...

    async def end(self, secret: str, *, everywhere: bool = False) -> None:
        """End what the secret stands for, or every session of its person."""
        ...


class StoredSessions:
    """Sessions in table `app.session`, under the SHA-256 of their secrets.

    Nothing is remembered in between: an ended session, a role or a person taken away counts for the next
    request of every replica.
    """

    def __init__(self, store: Store, settings: Settings, clock: Clock = now_utc) -> None:
        self._store = store
        self._idle = timedelta(hours=settings.session_idle_hours)
        self._life = timedelta(hours=settings.session_hours)
        self._clock = clock

    async def begin(self, subject: str, *, before: str = "") -> Made:
        """A new session; the one that the browser had before ends."""
        now, secret = self._clock(), secrets.token_urlsafe(32)
        until = now + self._life
        await self._store.at_the_door(
            "select app.begin_session(%(hash)s, %(who)s, %(now)s, %(until)s, %(before)s)",
            {"hash": _hash(secret), "who": subject, "now": now, "until": until, "before": _hash(before)},
        )
        return Made(secret, until)

    async def hand_over(self, session: str, origin: str) -> Made | None:
        """A token for a page of that origin, which ends with the session; None where there is no session."""
        now, secret = self._clock(), PANEL_PREFIX + secrets.token_urlsafe(32)
        found = await self._store.at_the_door(
            "select app.hand_over(%(hash)s, %(session)s, %(origin)s, %(now)s, %(until)s, %(idle)s)",
            {
                "hash": _hash(secret),
                "session": _hash(session),
                "origin": origin,
                "now": now,
                "until": now + PANEL_LIFE,
                "idle": self._idle,
            },
        )
        until = found.rows[0][0]
        return Made(secret, until) if isinstance(until, datetime) else None

    async def held(self, secret: str) -> Held | None:
        """Whom the secret stands for; None where it has expired, was ended or never was."""
        if not secret or len(secret) > _LONGEST_SECRET:
            return None
        found = await self._store.at_the_door(
            "select subject, origin, expires_at, active, name, roles, sites, companies, locale"
            " from app.session_of(%(hash)s, %(now)s, %(idle)s)",
            {"hash": _hash(secret), "now": self._clock(), "idle": self._idle},
        )
        for subject, origin, expires_at, active, name, roles, sites, companies, locale in found.rows:
            assert isinstance(expires_at, datetime), "a column of moments"
            caller = None
            if active:
                caller = Caller(
                    str(subject), str(name), _codes(roles), _codes(sites), _codes(companies), str(locale)
                )
            return Held(str(subject), expires_at, caller, str(origin))
        return None

    async def end(self, secret: str, *, everywhere: bool = False) -> None:
        """End what the secret stands for, or every session of its person."""
        await self._store.at_the_door(
            "select app.end_session(%(hash)s, %(everywhere)s, %(now)s)",
            {"hash": _hash(secret), "everywhere": everywhere, "now": self._clock()},
        )


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).digest()


def _codes(column: object) -> frozenset[str]:
    return frozenset(cast("Iterable[str]", column))
