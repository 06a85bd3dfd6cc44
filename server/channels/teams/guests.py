"""Who is of the organisation, as Teams itself says it: no guest, and nobody of another directory."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from microsoft_teams.api import TeamsChannelAccount

OUTSIDE: Final = frozenset({"guest", "anonymous"})
"""Roles of people whom the organisation has only let in."""
_KNOWN_FOR_S: Final = 3_600.0
_MOST_KNOWN: Final = 10_000


class Guests:
    """Remembers for an hour of whom it was asked.

    Args:
        tenant: the organisation's directory.
        clock: seconds that go on.
    """

    def __init__(self, tenant: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._tenant = tenant
        self._clock = clock
        self._known: dict[str, tuple[float, bool]] = {}

    async def has(self, user: str, asked: Callable[[], Awaitable[TeamsChannelAccount | None]]) -> bool:
        """True of somebody from outside, and of whom the conversation does not know.

        Args:
            user: object id of the account.
            asked: what the conversation says of them; None where they are not in it.
        """
        until, outside = self._known.get(user, (0.0, True))
        if self._clock() < until:
            return outside
        member = await asked()
        outside = member is None or self.is_one(member)
        if len(self._known) >= _MOST_KNOWN:
            self._known.clear()
        if member is not None:
            self._known[user] = (self._clock() + _KNOWN_FOR_S, outside)
        return outside

    def is_one(self, member: TeamsChannelAccount) -> bool:
        """True of a guest, of somebody of another directory, and of somebody who is in none."""
        tenant = (member.tenant_id or self._tenant).lower()
        return (
            (member.user_role or "").lower() in OUTSIDE or tenant != self._tenant or not member.aad_object_id
        )
