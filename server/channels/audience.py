"""Whether everybody who reads along in a channel may see what one of them asked for."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from erp_adapters.caller import Caller
from erp_adapters.errors import RecordNotFound
from policies.reading import Reads
from server.channels.book import ChannelBook
from server.channels.port import Channel
from server.channels.records import Account, Place
from server.house import Directory

_BY_ROLE = frozenset({"find_in_documents"})


class Audience:
    """Looks at who reads along."""

    def __init__(self, book: ChannelBook, directory: Directory, reads: Reads | None) -> None:
        self._book = book
        self._directory = directory
        self._reads = reads

    async def may_see(
        self, channel: Channel, account: Account, place: Place, caller: Caller, tools: Iterable[str] = ()
    ) -> bool:
        """True where whoever reads along is known, and sees by themselves whatever the caller sees.

        Args:
            channel: asked who reads along.
            account: the caller's.
            place: where it would be said.
            caller: for whom it was read.
            tools: what it was read with; policy may let others not read with them.
        """
        if place.is_direct:
            return True
        if place.is_shared:
            return False
        members = await channel.members(place)
        if members is None:
            return False
        others = members - {account.user}
        known = await self._book.accounts.among(account.platform, account.tenant, others)
        if others - known.keys():
            return False
        used = tuple(sorted(set(tools)))
        for subject in sorted(set(known.values())):
            try:
                other = await self._directory.caller(subject)
            except RecordNotFound:
                return False
            if not (other.sites >= caller.sites and other.companies >= caller.companies):
                return False
            # Rows are shown by site and company, documents by role as well.
            if _BY_ROLE & set(used) and not other.roles >= caller.roles:
                return False
            if used and self._reads is not None and self._reads(other, used, datetime.now(UTC)).denied:
                return False
        return True
