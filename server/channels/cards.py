"""Cards in channels: posted as they were read, decided from, and kept as the draft stands."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping
from dataclasses import replace
from uuid import UUID

from erp_adapters.caller import Caller
from erp_adapters.errors import ConfirmationInvalid, CopilotError, RecordNotFound
from erp_adapters.store.ids import new_id
from policies.audit.event import AuditEvent
from policies.egress import egress_of
from policies.proposals import Shown
from policies.states import State
from server.channels.book import ChannelBook
from server.channels.port import Channel
from server.channels.posted import PostedCard
from server.channels.records import Account, CardPost, Content, Decided, Link, Note, Place, Platform
from server.channels.wording import outcome_of, worded
from server.desk import Desk
from server.draft_records import MOST_COUNTED, DraftShown, shown_of
from server.errors import ChannelUnavailable
from server.wording import plain
from tools.languages import said, speaking
from tools.languages.locales import language_for
from tools.requisition_trail import as_of, in_words, is_over, steps_of, trail_of
from tools.rows import Queries

log = logging.getLogger(__name__)
_WAITING: frozenset[State] = frozenset({"awaiting_confirmation"})
_ENDED: frozenset[State] = frozenset(
    {"executed", "partly_written", "refused", "rejected", "expired", "superseded", "needs_reconciliation"}
)
"""What is told in the thread as well: an updated message alone would be overlooked."""
_UNTIL_KEPT_S = (0.05, 0.1, 0.2, 0.4, 0.8)
"""Pauses between looks for a card: the platform shows one before its message's number is back here."""


class Cards:
    """The cards of a home's channels.

    Args:
        desk: where drafts are read and decided.
        book: what was posted.
        channels: where it is posted.
        origin: under which people reach the panel; empty where they cannot be given a link.
    """

    def __init__(
        self, desk: Desk, book: ChannelBook, channels: Mapping[Platform, Channel], origin: str
    ) -> None:
        self._desk = desk
        self._book = book
        self._channels = channels
        self._origin = origin
        self._egress = egress_of(desk.settings.egress)

    def link(self, proposal: UUID | str) -> Link | None:
        """Where the draft is to be seen in the panel."""
        if not self._origin:
            return None
        return Link(said("Open in the panel"), f"{self._origin}/panel/#/drafts/{proposal}")

    async def post(
        self, account: Account, place: Place, caller: Caller, proposal: UUID, headline: str = ""
    ) -> None:
        """Post the card of a draft as the caller sees it."""
        shown = await self._desk.proposals.read(caller, proposal)
        id = new_id()
        content = await self._content(id, account.platform, caller, shown, headline)
        message = await self._channels[account.platform].post(place, content)
        await self._book.posted.keep_card(
            PostedCard(
                id,
                account.platform,
                account.tenant,
                place,
                message,
                caller.subject,
                proposal,
                shown.digest,
                shown.state,
                len(shown.signed),
            )
        )

    async def waiting(self, caller: Caller) -> tuple[Shown, ...]:
        """What this person could confirm now, the oldest first."""
        found = await self._desk.proposals.list(caller, states=_WAITING, limit=MOST_COUNTED)
        return tuple(reversed([shown for shown in found if "confirm" in shown.may]))

    async def post_waiting(self, account: Account, place: Place, caller: Caller, most: int) -> int:
        """Post what waits for this person, up to so many cards; how much waits in all."""
        waits = await self.waiting(caller)
        for shown in waits[:most]:
            await self.post(account, place, caller, shown.proposal.id, said("This waits for you."))
        return len(waits)

    async def decide(self, account: Account, place: Place, caller: Caller, act: Decided) -> None:
        """Do what the pressed button says: by the panel's own path, for exactly the digest that was posted.

        Whoever may not, or comes too late, is told so alone.
        """
        card = await self._pressed(account, act)
        if card is None or card.place.channel != place.channel:
            await self._tell(account, place, Note(worded("not this card")))
            return
        try:
            await self._decided(account, caller, card, act)
        except ConfirmationInvalid as error:
            await self._tell(account, place, Note(await self._too_late(caller, card.proposal, str(error))))
        except CopilotError as error:
            link = self.link(card.proposal) if not isinstance(error, RecordNotFound) else None
            await self._tell(account, place, Note(str(error), (link,) if link else ()))
        await self.follow()

    async def _pressed(self, account: Account, act: Decided) -> PostedCard | None:
        """The card whose button that is; one pressed before its posting was kept is waited for."""
        card = await self._book.posted.card(account, act.card, act.message)
        for pause in _UNTIL_KEPT_S:
            if card is not None:
                break
            await asyncio.sleep(pause)
            card = await self._book.posted.card(account, act.card, act.message)
        return card

    async def _decided(self, account: Account, caller: Caller, card: PostedCard, act: Decided) -> None:
        desk = self._desk
        shown = await desk.proposals.read(caller, card.proposal)
        if act.decision == "confirm":
            day = await desk.day(caller, shown.proposal.draft.site)
            await desk.confirmations.confirm(caller, card.proposal, card.digest, business_date=day)
        else:
            await desk.confirmations.reject(caller, card.proposal, card.digest, act.reason)
        payload = {
            "what": act.decision,
            "platform": account.platform,
            "tenant": account.tenant,
            "account": account.user,
            "message": card.message,
        }
        await desk.trail.append(
            [
                AuditEvent(
                    "channel",
                    desk.proposals.clock(),
                    caller.subject,
                    caller.subject,
                    payload,
                    proposal=str(card.proposal),
                    site=shown.proposal.draft.site,
                )
            ]
        )

    async def _too_late(self, caller: Caller, proposal: UUID, otherwise: str) -> str:
        """Who was first, for whoever was not."""
        shown = await shown_of(self._desk, await self._desk.proposals.read(caller, proposal))
        outcome = outcome_of(shown, await self._decided_by(caller, proposal, shown))
        if not outcome:
            return otherwise
        if any(each.by == caller.subject for each in shown.signed):
            return said("You have confirmed it already. [[outcome]]", outcome=outcome)
        return said("Somebody was first. [[outcome]]", outcome=outcome)

    async def follow(self) -> None:
        """Bring every posted card to how its draft stands, and tell in its thread what became of it."""
        for card in await self._book.posted.changed(self._channels):
            try:
                await self._follow(card)
            except CopilotError as error:
                log.warning("a card in %s is brought up to date later: %s", card.platform, error)

    async def _follow(self, card: PostedCard) -> None:
        try:
            caller = await self._desk.person(card.subject)
            state, shown = await self._stands(caller, card.proposal)
        except RecordNotFound:
            # Whoever it was shown to sees it no more: it stays as it is, and its buttons refuse.
            await self._book.posted.shows(card, await self._book.posted.state(card.proposal), card.signed)
            return
        # First kept, then shown: of several processes one posts.
        if not await self._book.posted.shows(card, state, len(shown.signed)):
            return
        now = replace(card, state=state, signed=len(shown.signed))
        try:
            with speaking(language_for(caller.locale)):
                await self._show(now, caller, shown)
        except ChannelUnavailable:
            state, signed = await self._book.posted.kept(now)
            await self._book.posted.shows(replace(card, state=state, signed=signed), card.state, card.signed)
            raise

    async def _stands(self, caller: Caller, proposal: UUID) -> tuple[str, Shown]:
        """A draft's state and the draft in that very state, which may go on while it is read."""
        while True:
            state = await self._book.posted.state(proposal)
            shown = await self._desk.proposals.read(caller, proposal)
            if state == await self._book.posted.state(proposal):
                return state, shown

    async def follow_documents(self) -> None:
        """Tell in each thread what became of its requisition in the ERP: order and receipts, each once."""
        for card in await self._book.posted.in_the_erp(self._channels):
            try:
                await self._follow_document(card)
            except RecordNotFound:
                # Whoever it was shown to sees it no more, and is told no more.
                continue
            except CopilotError as error:
                log.warning("news of a document in %s is told later: %s", card.platform, error)

    async def _follow_document(self, card: PostedCard) -> None:
        caller = await self._desk.person(card.subject)
        shown = await self._desk.proposals.read(caller, card.proposal)
        site = shown.proposal.draft.site
        with speaking(language_for(caller.locale)):
            async with self._desk.store.reading(caller) as tx:
                lines = await trail_of(Queries(tx), shown.document_number, site)
                since = await as_of(tx, site)
            steps = steps_of(lines, card.told)
            fresh = [step for step in steps if step.name not in card.told]
            is_ended = is_over(lines, steps)
            told = card.told | {step.name for step in fresh}
            if not fresh or not await self._book.posted.tells(card, told, is_over=is_ended):
                return
            words = [in_words(step, shown.document_number) for step in fresh]
            systems = ", ".join(dict.fromkeys(line.order_system or line.source_system for line in lines))
            words.append(said("As [[system]] has it; data as of [[day]].", system=systems, day=since))
            if not self.posts(card.platform, shown.proposal.draft.sites):
                words = [said("There is news of a draft in the panel.")]
            link = self.link(card.proposal)
            place = card.place if card.place.thread else _under(card)
            try:
                await self._channels[card.platform].post(
                    place, Note(plain("\n".join(words), lines=True), (link,) if link else ())
                )
            except ChannelUnavailable:
                await self._book.posted.untold(card, told, is_over=is_ended)
                raise

    async def _show(self, card: PostedCard, caller: Caller, shown: Shown) -> None:
        channel = self._channels[card.platform]
        content = await self._content(card.id, card.platform, caller, shown)
        await channel.update(card.place, card.message, content)
        if content.shown.state in _ENDED:
            place = card.place if card.place.thread else _under(card)
            words = f"{content.shown.summary}: {content.outcome}"
            if content.is_kept_back:
                words = said("There is news of a draft in the panel.")
            await channel.post(place, Note(words, (content.link,) if content.link else ()))
        while (kept := await self._book.posted.kept(card)) != (card.state, card.signed):
            # Another showed a later state meanwhile, and this one may have come after it.
            card = replace(card, state=kept[0], signed=kept[1])
            shown = await self._desk.proposals.read(caller, card.proposal)
            content = await self._content(card.id, card.platform, caller, shown)
            await channel.update(card.place, card.message, content)

    async def _content(
        self, id: UUID, platform: Platform, caller: Caller, shown: Shown, headline: str = ""
    ) -> CardPost:
        whole = await shown_of(self._desk, shown)
        by = await self._decided_by(caller, shown.proposal.id, whole)
        is_kept_back = not self.posts(platform, whole.sites)
        return CardPost(
            id, whole, self.link(shown.proposal.id), headline, outcome_of(whole, by), is_kept_back
        )

    def posts(self, platform: Platform, sites: Iterable[str]) -> bool:
        """True where what a draft of these sites says may be posted there."""
        return self._egress.posts(platform, sites)

    async def _decided_by(self, caller: Caller, proposal: UUID, shown: DraftShown) -> str:
        if shown.state != "rejected":
            return ""
        steps = await self._desk.proposals.history(caller, proposal)
        actors = [step.actor for step in steps if step.state == "rejected"]
        return plain(await self._desk.name(actors[-1])) if actors else ""

    async def _tell(self, account: Account, place: Place, content: Content) -> None:
        await self._channels[account.platform].privately(account, place, content)


def _under(card: PostedCard) -> Place:
    """The thread below the card's own message."""
    return card.place.model_copy(update={"thread": card.message})
