"""What the floor needs of a platform; each is one file beside this one."""

from __future__ import annotations

from typing import Protocol

from server.channels.records import Account, Content, Place, Platform


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

    async def members(self, place: Place) -> frozenset[str] | None:
        """Who reads along there, by account; None where it cannot be told or there are too many."""
        ...

    async def check(self) -> str:
        """As whom the program is there, in words."""
        ...

    async def close(self) -> None:
        """Let connections go."""
        ...
