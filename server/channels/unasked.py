"""What people are told unasked: what waits for them, and a digest a day; never in their quiet hours."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from erp_adapters.caller import Caller
from erp_adapters.errors import CopilotError, RecordNotFound
from policies.clock import Clock, now_utc
from policies.proposals import Shown
from policies.states import State
from server.channels.accounts import Linked
from server.channels.book import ChannelBook
from server.channels.cards import Cards
from server.channels.port import Channel
from server.channels.records import Link, Note, Platform
from server.channels.wording import states_in_words
from server.desk import Desk
from server.draft_records import summary_of
from tools.languages import counted, said, speaking
from tools.languages.locales import language_for

log = logging.getLogger(__name__)
LOOKED_EVERY = timedelta(seconds=30)
_MOST_CARDS = 3
_MOST_LISTED = 10
_MOVING: frozenset[State] = frozenset(
    {"awaiting_confirmation", "confirmed", "dispatching", "needs_reconciliation"}
)
_ZONE = "select time_zone from erp.site order by site limit 1"


class Unasked:
    """Follows posted cards, and tells each person what is theirs to know; any number may run.

    Args:
        desk: where drafts are read, each in the person's own scope.
        book: whose accounts are whose, and what they want.
        channels: where they are told.
        origin: under which people reach the panel.
        clock: the wall clock.
    """

    def __init__(
        self,
        desk: Desk,
        book: ChannelBook,
        channels: Mapping[Platform, Channel],
        origin: str,
        clock: Clock = now_utc,
    ) -> None:
        self._desk = desk
        self._book = book
        self._channels = channels
        self._origin = origin
        self._clock = clock
        self._cards = Cards(desk, book, channels, origin)
        self._next: datetime | None = None

    async def sweep(self) -> None:
        """Bring cards up to date; twice a minute look at what people are to be told."""
        await self._cards.follow()
        now = self._clock()
        if self._next is not None and now < self._next:
            return
        await self._cards.follow_documents()
        for linked in await self._book.accounts.everybody(self._channels):
            try:
                await self._tell(linked, now)
            except RecordNotFound:
                # Let in no more: told no more.
                continue
            except CopilotError as error:
                log.warning("somebody is told later in %s: %s", linked.account.platform, error)
        self._next = now + LOOKED_EVERY

    async def _tell(self, linked: Linked, now: datetime) -> None:
        caller = await self._desk.person(linked.subject)
        here = now.astimezone(await self._zone(caller))
        with speaking(language_for(caller.locale)):
            # Whoever wants a digest at an hour wants it at that hour, quiet or not.
            at = linked.digest_at
            if at is not None and linked.digest_on != here.date() and here.time() >= at:
                await self._digest(linked, caller, here)
            if linked.waiting and not is_quiet(here.time(), linked.quiet_from, linked.quiet_till):
                await self._waiting(linked, caller)

    async def _waiting(self, linked: Linked, caller: Caller) -> None:
        account = linked.account
        waits = await self._cards.waiting(caller)
        names = {_name(shown): shown for shown in waits}
        known = await self._book.accounts.told(account.platform, caller.subject, list(names))
        fresh = [shown for name, shown in names.items() if name not in known]
        if not fresh:
            return
        try:
            channel = self._channels[account.platform]
            place = await channel.direct(account, linked.reference)
            if await channel.is_outside(account, place):
                return
            if len(fresh) > _MOST_CARDS:
                await channel.post(place, self._listed(account.platform, fresh))
                return
            for shown in fresh:
                await self._cards.post(account, place, caller, shown.proposal.id, said("This waits for you."))
        except CopilotError:
            await self._book.accounts.untold(
                account.platform, caller.subject, [_name(each) for each in fresh]
            )
            raise

    async def _digest(self, linked: Linked, caller: Caller, here: datetime) -> None:
        account = linked.account
        if not await self._book.accounts.give_digest(account, here.date()):
            return
        waits = await self._cards.waiting(caller)
        own = await self._desk.proposals.list(
            caller, states=_MOVING, requester=caller.subject, limit=_MOST_LISTED
        )
        lines = [said("Your day in plantwright:")]
        lines.append(
            counted(len(waits), "[[number]] draft waits for you", "[[number]] drafts wait for you")
            if waits
            else said("Nothing waits for you.")
        )
        lines += self._summaries(account.platform, waits)
        if own:
            lines.append(said("What you asked for:"))
            lines += [
                f"{line}: {states_in_words(shown.state)}"
                for line, shown in zip(self._summaries(account.platform, own), own, strict=True)
            ]
        channel = self._channels[account.platform]
        place = await channel.direct(account, linked.reference)
        if not await channel.is_outside(account, place):
            await channel.post(place, Note("\n".join(lines), self._links()))

    def _listed(self, platform: Platform, waits: list[Shown]) -> Note:
        lines = [
            counted(len(waits), "[[number]] draft waits for you", "[[number]] drafts wait for you") + ":"
        ]
        lines += self._summaries(platform, waits)
        return Note("\n".join(lines), self._links())

    def _summaries(self, platform: Platform, drafts: Sequence[Shown]) -> list[str]:
        """A line for each of the first drafts; of what may not leave only the site."""
        return [
            f"• {summary_of(draft) if self._cards.posts(platform, draft.sites) else draft.site}"
            for draft in (shown.proposal.draft for shown in drafts[:_MOST_LISTED])
        ]

    def _links(self) -> tuple[Link, ...]:
        if not self._origin:
            return ()
        return (Link(said("Open in the panel"), f"{self._origin}/panel/#/drafts"),)

    async def _zone(self, caller: Caller) -> ZoneInfo:
        async with self._desk.store.reading(caller) as tx:
            found = (await tx.fetch(_ZONE)).rows
        try:
            return ZoneInfo(str(found[0][0]) if found else "UTC")
        except (ZoneInfoNotFoundError, ValueError):
            return ZoneInfo("UTC")


def is_quiet(at: time, since: time, till: time) -> bool:
    """True between the two times of day, past midnight too; never where they are the same."""
    return since <= at < till if since <= till else at >= since or at < till


def _name(shown: Shown) -> str:
    return f"waits {shown.proposal.id}"
