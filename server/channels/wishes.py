"""What a person wants of a channel beside answers: what waits, a digest, quiet hours."""

from __future__ import annotations

from typing import assert_never

from erp_adapters.caller import Caller
from policies.audit.event import AuditEvent
from policies.clock import now_utc
from server.channels.accounts import Linked
from server.channels.book import ChannelBook
from server.channels.cards import Cards
from server.channels.records import Account, Note, Place
from server.channels.typed import Digest, Fresh, Help, LinkMe, Notices, Quiet, Typed, UnlinkMe, WhatWaits
from server.channels.wording import worded
from server.desk import Desk
from tools.languages import counted, said

MOST_CARDS = 3
"""Cards that are posted at a time; of more there is a list."""


class Wishes:
    """Does what a person typed that is no question."""

    def __init__(self, book: ChannelBook, desk: Desk | None, cards: Cards | None) -> None:
        self._book = book
        self._desk = desk
        self._cards = cards

    async def done(self, linked: Linked, caller: Caller, wish: Typed, place: Place) -> Note | None:
        """What to say about it; None where that was posted.

        Args:
            place: where only this person reads along.
        """
        account = linked.account
        match wish:
            case UnlinkMe():
                await self._book.accounts.unlink(account)
                await self.on_record(account, caller.subject, "unlinked")
                return Note(said("This account is yours no more; I do not know you here from now on."))
            case Notices(wanted):
                await self._book.accounts.tell_waiting(account, wanted=wanted)
                if wanted:
                    return Note(said("I tell you when something waits for you."))
                return Note(said("I do not tell you any more when something waits for you."))
            case Digest(at):
                await self._book.accounts.digest_at(account, at)
                if at is None:
                    return Note(said("You get no digest any more."))
                return Note(said("You get a digest every day at [[time]].", time=f"{at:%H:%M}"))
            case Quiet(since, till):
                await self._book.accounts.quiet(account, since, till)
                if since == till:
                    return Note(said("I write at any time of day."))
                return Note(
                    said(
                        "I write nothing unasked between [[since]] and [[till]].",
                        since=f"{since:%H:%M}",
                        till=f"{till:%H:%M}",
                    )
                )
            case WhatWaits():
                return await self._waiting(linked, caller, place)
            case Fresh() | Help() | LinkMe():
                return Note(worded("help"))
            case _:
                assert_never(wish)

    async def on_record(self, account: Account, subject: str, what: str) -> None:
        """Put on record whose account it is from now on."""
        if self._desk is None:
            return
        payload = {
            "what": what,
            "platform": account.platform,
            "tenant": account.tenant,
            "account": account.user,
        }
        await self._desk.trail.append([AuditEvent("channel", now_utc(), subject, subject, payload)])

    async def _waiting(self, linked: Linked, caller: Caller, place: Place) -> Note | None:
        if self._cards is None:
            return Note(said("Nothing waits for you."))
        posted = await self._cards.post_waiting(linked.account, place, caller, MOST_CARDS)
        if not posted:
            return Note(said("Nothing waits for you."))
        if posted > MOST_CARDS:
            return Note(
                counted(
                    posted - MOST_CARDS,
                    "[[number]] more waits for you in the panel.",
                    "[[number]] more wait for you in the panel.",
                )
            )
        return None
