"""What the floor needs of a platform; each is one file beside this one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from fastapi import FastAPI

from server.channels.records import Account, Content, Place, Platform

if TYPE_CHECKING:
    from server.channels.floor import Floor


class Channel(Protocol):
    """Posts to one platform.

    Every method raises ChannelUnavailable where the platform does not take it; the message says why.
    """

    @property
    def platform(self) -> Platform:
        """Which one it is."""
        ...

    async def post(self, place: Place, content: Content) -> str:
        """What the platform calls the new message."""
        ...

    async def update(self, place: Place, message: str, content: Content) -> None:
        """Show other content in a message."""
        ...

    async def privately(self, account: Account, place: Place, content: Content) -> None:
        """Tell one person in a place that others read too."""
        ...

    async def direct(self, account: Account, reference: str) -> Place:
        """Where only this person and the program read along.

        Args:
            reference: what was kept of the account; empty where nothing was.
        """
        ...

    async def is_outside(self, account: Account, place: Place) -> bool:
        """True of whoever is of another organisation, a guest, or nobody in particular: refused."""
        ...

    async def members(self, place: Place) -> frozenset[str] | None:
        """Who reads along there, by account; None where it cannot be told or there are too many."""
        ...

    def offer(self, app: FastAPI, floor: Floor) -> None:
        """Take what the platform sends, at an address below `/v1/channels/`, and hand it to the floor."""
        ...

    async def check(self) -> str:
        """As whom the program is there, in words."""
        ...

    async def close(self) -> None:
        """Let connections go."""
        ...
