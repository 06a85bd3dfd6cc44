"""The floor that every chat channel stands on: what comes in is kept once, done later, and answered."""

from __future__ import annotations

import asyncio
import logging
import re
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import replace
from uuid import UUID
from weakref import WeakValueDictionary

from agents.answer import Answer
from agents.models.embedded.languages.detecting import language_of
from erp_adapters.caller import Caller
from erp_adapters.errors import CopilotError, RecordNotFound, StoreUnavailable
from policies.egress import egress_of
from server.channels.accounts import Linked
from server.channels.audience import Audience
from server.channels.book import ChannelBook
from server.channels.cards import Cards
from server.channels.events import Taken
from server.channels.port import Channel
from server.channels.records import (
    Account,
    Chose,
    Decided,
    Incoming,
    Link,
    Note,
    Place,
    Platform,
    Reply,
    Said,
)
from server.channels.typed import Fresh, Help, LinkMe, typed
from server.channels.wishes import Wishes
from server.channels.wording import Words, worded
from server.errors import ChannelUnavailable, problem
from server.house import House
from server.pace import Pace
from tools.languages import Language, said, speaking
from tools.languages.locales import language_for

log = logging.getLogger("plantwright.channels")

LINK_PATH = "/v1/channels/link"
"""Where a signed-in person gets a code."""
MOST_CHARACTERS = 4_000
"""Of a question."""
_CODE = re.compile(r"\b[A-Z0-9]{5}-[A-Z0-9]{5}\b", re.IGNORECASE)
"""A code for linking: its letters are of no language."""
_HERE_AT_ONCE = 4
"""Events that one process does at a time: the next ones have to be acknowledged meanwhile."""
_ASKED_AT_ONCE = 2
"""Of these, those whose answer is sought, which takes the processor; the others wait for a platform."""
_STEPS_BACK_FOR_S = 1.0
"""At most so long an answer waits for requests that are not acknowledged yet."""
_SWEEP_EVERY_S = 2.0
_ALIVE_EVERY_S = 30.0
_MOST_ATTEMPTS = 8
_PAUSE_S = 5.0
"""Before the second attempt; each later one waits twice as long."""


class Floor:
    """Takes events of all channels of one process, and does them.

    Args:
        house: whose copilot answers.
        book: what is kept, shared with other processes.
        channels: where answers are posted.
        origin: under which people reach the panel; empty where they cannot be given a link.
    """

    def __init__(
        self, house: House, book: ChannelBook, channels: Mapping[Platform, Channel], origin: str = ""
    ) -> None:
        self._house = house
        self.book = book
        self._channels = channels
        self._origin = origin
        self.cards = Cards(house.drafts, book, channels, origin) if house.desk is not None else None
        self._audience = Audience(book, house.directory, house.desk.reads if house.desk else None)
        self._egress = egress_of(house.settings.egress)
        self._wishes = Wishes(book, house.desk, self.cards)
        self._pace = Pace(house.settings.requests_a_minute)
        self._tasks: dict[UUID, asyncio.Task[None]] = {}
        self._at_once: defaultdict[str, asyncio.Semaphore] = defaultdict(
            lambda: asyncio.Semaphore(house.settings.runs_at_once)
        )
        self._here_at_once = asyncio.Semaphore(_HERE_AT_ONCE)
        self._asked_at_once = asyncio.Semaphore(_ASKED_AT_ONCE)
        self._unacknowledged = 0
        self._all_acknowledged = asyncio.Event()
        self._all_acknowledged.set()
        self._in_order: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @contextmanager
    def acknowledging(self) -> Iterator[None]:
        """While a platform waits for its answer: no question is begun with until it has it."""
        self._unacknowledged += 1
        self._all_acknowledged.clear()
        try:
            yield
        finally:
            self._unacknowledged -= 1
            if not self._unacknowledged:
                self._all_acknowledged.set()

    async def take(self, incoming: Incoming) -> bool:
        """Keep an event and begin with it; False where it was taken before, or the person sends too many.

        Once this returns it may be acknowledged: it is done even where this process dies.

        Raises:
            StoreUnavailable: it could not be kept; the platform sends it again.
        """
        account = incoming.account
        if self._pace.take(f"{account.platform} {account.tenant} {account.user}"):
            log.warning("an account of %s sends more than one may", account.platform)
            return False
        id = await self.book.events.take(incoming)
        if id is None:
            return False
        self._begin(Taken(id, incoming, 1))
        return True

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Takes up what was left until the block ends; what is not done then is left to others."""
        sweeping = asyncio.create_task(self._sweep(), name="events of channels")
        try:
            yield
        finally:
            sweeping.cancel()
            tasks = dict(self._tasks)
            for task in tasks.values():
                task.cancel()
            if tasks:
                await asyncio.wait(tasks.values())
            for id in tasks:
                try:
                    await self.book.events.release(id)
                except CopilotError as error:
                    log.warning("an event is taken up again once its lease ends: %s", error)
            for channel in self._channels.values():
                await channel.close()

    async def language_of(self, account: Account) -> Language:
        """What the person whose account it is speaks; English of everybody else."""
        linked = await self.book.accounts.linked(account)
        try:
            return (
                language_for((await self._house.directory.caller(linked.subject)).locale) if linked else "en"
            )
        except RecordNotFound:
            return "en"

    async def idle(self) -> None:
        """Return once nothing is being done."""
        while self._tasks:
            await asyncio.wait(list(self._tasks.values()))

    def _begin(self, taken: Taken) -> None:
        task = asyncio.create_task(self._run(taken), name=f"event of {taken.incoming.account.platform}")
        self._tasks[taken.id] = task
        task.add_done_callback(lambda _: self._tasks.pop(taken.id, None))

    async def _sweep(self) -> None:
        while True:
            try:
                for taken in await self.book.events.left():
                    if taken.incoming.account.platform in self._channels:
                        self._begin(taken)
            except CopilotError as error:
                log.warning("events of channels are looked for again later: %s", error)
            await asyncio.sleep(_SWEEP_EVERY_S)

    async def _run(self, taken: Taken) -> None:
        """Do one event to its end, or leave it to be done again."""
        alive = asyncio.create_task(self._alive(taken.id))
        try:
            await self._done(taken)
        except (ChannelUnavailable, StoreUnavailable) as error:
            await self._again(taken, error)
        except Exception as error:  # noqa: BLE001  # a fault of ours is a number in the log, and never a loop
            await self._failed(taken, problem(error).detail)
        finally:
            alive.cancel()

    async def _done(self, taken: Taken) -> None:
        incoming = taken.incoming
        if not incoming.place.channel:
            # Of a command that was typed somewhere: it is answered where nobody else reads along.
            direct = await self._channels[incoming.account.platform].direct(incoming.account, "")
            incoming = replace(incoming, place=direct)
        if taken.attempts > _MOST_ATTEMPTS:
            await self.book.events.end(taken.id, is_done=False)
            log.error("an event of %s is given up", incoming.account.platform)
            return
        async with self._at_once[incoming.account.user], self._here_at_once:
            await self._for_whom(replace(taken, incoming=incoming))
        await self.book.events.end(taken.id, is_done=True)

    async def _again(self, taken: Taken, error: CopilotError) -> None:
        log.warning("an event of %s is done again later: %s", taken.incoming.account.platform, error)
        try:
            await self.book.events.release(taken.id, _PAUSE_S * 2 ** (taken.attempts - 1))
        except CopilotError as failed:
            log.warning("it is taken up once its lease ends: %s", failed)

    async def _failed(self, taken: Taken, words: str) -> None:
        incoming = taken.incoming
        try:
            await self._tell(incoming, words)
            await self.book.events.end(taken.id, is_done=False)
        except CopilotError as error:
            await self._again(taken, error)

    async def _alive(self, id: UUID) -> None:
        while True:
            await asyncio.sleep(_ALIVE_EVERY_S)
            try:
                await self.book.events.lives(id)
            except CopilotError as error:
                log.warning("an event could not be said to live: %s", error)

    # Who it is.

    async def _for_whom(self, taken: Taken) -> None:
        """Do it for the person whose account it is; everybody else is told that they are not known."""
        incoming = taken.incoming
        account = incoming.account
        wish = typed(incoming.act.text) if isinstance(incoming.act, Said) else None
        # Before a code counts: who is outside stays there, whoever's code they have.
        if await self._channels[account.platform].is_outside(account, incoming.place):
            await self._refuse(incoming, "guest")
            return
        if isinstance(wish, LinkMe):
            await self._link(incoming, wish.code)
            return
        linked = await self.book.accounts.linked(account)
        if linked is None:
            await self._refuse(incoming, "outside" if incoming.place.is_shared else "not known")
            return
        try:
            caller = await self._house.directory.caller(linked.subject)
        except RecordNotFound:
            await self._refuse(incoming, "not active")
            return
        if incoming.place.is_direct and incoming.place.reference not in ("", linked.reference):
            await self.book.accounts.keep_reference(account, incoming.place.reference)
        with speaking(language_for(caller.locale)):
            try:
                await self._act(taken, linked, caller)
            except (ChannelUnavailable, StoreUnavailable):
                raise
            except CopilotError as error:
                await self._tell(incoming, str(error))

    async def _refuse(self, incoming: Incoming, what: Words) -> None:
        """Say so in the language in which they wrote: nothing else is known of them."""
        text = _CODE.sub("", incoming.act.text[:500]) if isinstance(incoming.act, Said) else ""
        with speaking(language_of(text, "en")):
            links: tuple[Link, ...] = ()
            if self._origin and what in ("not known", "code wrong"):
                links = (Link(said("Get a code"), self._origin + LINK_PATH),)
            await self._channels[incoming.account.platform].privately(
                incoming.account, incoming.place, Note(worded(what), links)
            )

    async def _link(self, incoming: Incoming, code: str) -> None:
        subject = await self.book.accounts.redeem(code, incoming.account)
        if subject is None:
            await self._refuse(incoming, "code wrong")
            return
        caller = await self._house.directory.caller(subject)
        await self._wishes.on_record(incoming.account, subject, "linked by code")
        with speaking(language_for(caller.locale)):
            await self._tell(incoming, said("Good day, [[name]]. I know you now.", name=caller.name))
            await self._tell(incoming, worded("help"))

    async def _act(self, taken: Taken, linked: Linked, caller: Caller) -> None:
        incoming = taken.incoming
        match incoming.act:
            case Said() | Chose() if taken.answer is not None:
                # It was answered, and could not be posted: to ask again would draft again.
                known = await self._house.directory.answer(caller, str(taken.answer))
                await self._answer(incoming, linked, caller, known)
            case Said() as words:
                await self._said(taken, linked, caller, words)
            case Chose(answer=answer, key=key):
                # Of the person's own alone; an answer may have been posted elsewhere than it was asked.
                conversation = (await self._house.directory.answer(caller, answer)).conversation
                chosen = await self._house.copilot.choose(caller, conversation, answer, key)
                await self.book.events.answered(taken.id, UUID(chosen.id))
                await self._answer(incoming, linked, caller, chosen)
            case Decided() as decided:
                if self.cards is not None:
                    await self.cards.decide(incoming.account, incoming.place, caller, decided)

    async def _said(self, taken: Taken, linked: Linked, caller: Caller, words: Said) -> None:
        incoming = taken.incoming
        text = words.text.strip()
        wish = typed(text)
        if words.is_cut or len(text) > MOST_CHARACTERS:
            await self._tell(incoming, worded("too long", most=f"{MOST_CHARACTERS:,}"))
            return
        if words.files:
            await self._tell(incoming, worded("no files"))
        if not text:
            if not words.files:
                await self._tell(incoming, worded("nothing asked"))
            return
        if isinstance(wish, Fresh):
            await self._conversation(incoming, caller, fresh=True)
            await self._tell(incoming, said("A new conversation begins here."))
            return
        if isinstance(wish, Help):
            await self._tell(incoming, worded("help"))
            return
        if wish is not None:
            place = await self._own_place(incoming, linked)
            note = await self._wishes.done(linked, caller, wish, place)
            if note is not None:
                await self._channels[incoming.account.platform].privately(
                    incoming.account, incoming.place, note
                )
            return
        conversation = await self._conversation(incoming, caller)
        # What is asked in one conversation is answered in the order in which it was asked.
        lock = self._in_order.setdefault(conversation, asyncio.Lock())
        async with lock, self._asked_at_once:
            with suppress(TimeoutError):
                async with asyncio.timeout(_STEPS_BACK_FOR_S):
                    await self._all_acknowledged.wait()
            answer = await self._house.copilot.ask(caller, text, conversation=conversation)
        await self.book.events.answered(taken.id, UUID(answer.id))
        await self._answer(incoming, linked, caller, answer)

    # What is said back.

    async def _answer(self, incoming: Incoming, linked: Linked, caller: Caller, answer: Answer) -> None:
        account = incoming.account
        channel = self._channels[account.platform]
        used = () if answer.draft is not None else [call.name for call in answer.tool_calls]
        place = incoming.place
        with speaking(answer.language):
            if not await self._audience.may_see(channel, account, place, caller, used):
                await channel.privately(account, place, Note(worded("elsewhere")))
                place = await channel.direct(account, linked.reference)
            is_kept_back = not self._egress.posts(account.platform, caller.sites)
            await channel.post(place, Reply(answer, self._link_to(answer), is_kept_back))
            if answer.draft is not None and self.cards is not None:
                await self.cards.post(account, place, caller, UUID(answer.draft.id))

    def _link_to(self, answer: Answer) -> Link | None:
        if not self._origin or not answer.conversation:
            return None
        return Link(
            said("All rows and evidence in the panel"),
            f"{self._origin}/panel/#/conversations/{answer.conversation}",
        )

    async def _conversation(self, incoming: Incoming, caller: Caller, *, fresh: bool = False) -> str:
        return str(
            await self.book.posted.conversation(incoming.account, incoming.place, caller.subject, fresh=fresh)
        )

    async def _own_place(self, incoming: Incoming, linked: Linked) -> Place:
        if incoming.place.is_direct:
            return incoming.place
        return await self._channels[incoming.account.platform].direct(incoming.account, linked.reference)

    async def _tell(self, incoming: Incoming, words: str) -> None:
        await self._channels[incoming.account.platform].privately(
            incoming.account, incoming.place, Note(words)
        )
