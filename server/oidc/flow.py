"""One sign-in on its way: a secret that stays in the browser, and what is derived of it for the provider."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

LIFE_S: Final = 600
COOKIE: Final = "plantwright_signing_in_"
"""Begins the name of a cookie for each sign-in on its way: people open several tabs."""
_LONGEST_PATH: Final = 2000


@dataclass(frozen=True, slots=True)
class Flow:
    """State, nonce and PKCE are hashes of a secret that only the browser's own cookie holds.

    So the service keeps nothing, any replica can go on, and what the provider and the address bar see does
    not tell the secret.
    """

    secret: str
    begun: int
    """Seconds of the wall clock."""
    next: str
    """Path of ours to go to."""

    @classmethod
    def begin(cls, next_path: str, clock: Callable[[], float] = time.time) -> Flow:
        """A sign-in that begins now."""
        return cls(secrets.token_urlsafe(32), int(clock()), own_path(next_path))

    @property
    def state(self) -> str:
        """Binds the provider's answer to this browser."""
        return self._derived("state")

    @property
    def nonce(self) -> str:
        """Binds the ID token to this sign-in."""
        return self._derived("nonce")

    @property
    def verifier(self) -> str:
        """PKCE: shows the provider that the code is redeemed by whoever asked for it."""
        return self._derived("verifier")

    @property
    def challenge(self) -> str:
        """S256 of the verifier."""
        return challenge_of(self.verifier)

    @property
    def cookie(self) -> str:
        """Name of the cookie."""
        return COOKIE + self.state[:8]

    def written(self) -> str:
        """Value of the cookie."""
        return f"{self.secret}.{self.begun}.{_base64(self.next.encode())}"

    def _derived(self, purpose: str) -> str:
        told = f"{purpose}\0{self.secret}\0{self.begun}\0{self.next}"
        return _base64(hashlib.sha256(told.encode()).digest())


def taken_up(value: str, state: str, clock: Callable[[], float] = time.time) -> Flow | None:
    """The sign-in that a cookie's value is of; None where it is too old or of another state."""
    try:
        secret, begun, path = value.split(".")
        flow = Flow(secret, int(begun), base64.urlsafe_b64decode(path + "==").decode())
    except ValueError:
        return None
    # Clocks of two replicas are never quite the same.
    is_fresh = -5 <= clock() - flow.begun <= LIFE_S
    if not is_fresh or not hmac.compare_digest(flow.state, state):
        return None
    return flow if own_path(flow.next) == flow.next else None


def own_path(wanted: str) -> str:
    """The path where it is one of ours, or the start page; what may mean another host is none of ours."""
    is_ours = wanted.startswith("/") and not wanted.startswith("//") and "\\" not in wanted
    return wanted if is_ours and wanted.isprintable() and len(wanted) <= _LONGEST_PATH else "/"


def challenge_of(verifier: str) -> str:
    """S256 as RFC 7636 says."""
    return _base64(hashlib.sha256(verifier.encode()).digest())


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
