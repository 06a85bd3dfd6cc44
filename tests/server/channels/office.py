"""A home with a desk, a real copilot and a channel that writes down what is posted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from uuid import UUID

import psycopg
from fastapi import FastAPI

from agents.copilot import Copilot
from agents.models.embedded.model import EmbeddedModel
from erp_adapters.store import OWNER_ROLE, Store
from policies.execution.marker import marker_of
from policies.proposals import Shown
from server.channels.accounts import code_hash, fresh_code
from server.channels.book import ChannelBook
from server.channels.floor import Floor
from server.channels.records import Account, CardPost, Content, Incoming, Note, Place, Platform, Reply, Said
from server.desk import Desk, opened_desk
from server.errors import ChannelUnavailable
from server.house import House
from server.settings import Settings
from tests.conftest import Database
from tests.server.drafted import Bought, bought, requisition
from tests.server.stand_in import house
from tools.all_tools import registry

TENANT = "T0HOME"
_NUMBERS = count(1)
_DAYS = count()


@dataclass
class Scribe:
    """A stand-in of a platform: it writes down what is posted, or says that it is away."""

    platform: Platform = "slack"
    posts: list[tuple[Place, str, Content]] = field(default_factory=list)
    updates: list[tuple[str, Content]] = field(default_factory=list)
    told: list[tuple[str, Content]] = field(default_factory=list)
    reads_along: frozenset[str] | None = None
    is_away: bool = False
    holds: asyncio.Event | None = None
    """What an update waits for before it is shown, as one that is slow on its way does."""

    async def post(self, place: Place, content: Content) -> str:
        if self.is_away:
            raise ChannelUnavailable("the stand-in is away")
        message = f"m{next(_NUMBERS)}"
        self.posts.append((place, message, content))
        return message

    async def update(self, place: Place, message: str, content: Content) -> None:
        if self.is_away:
            raise ChannelUnavailable("the stand-in is away")
        if self.holds is not None:
            await self.holds.wait()
        self.updates.append((message, content))

    async def privately(self, account: Account, place: Place, content: Content) -> None:
        self.told.append((account.user, content))

    async def direct(self, account: Account, reference: str) -> Place:
        return Place(channel=f"D-{account.user}", is_direct=True)

    async def is_outside(self, account: Account, place: Place) -> bool:
        return place.is_shared and account.tenant != TENANT

    async def members(self, place: Place) -> frozenset[str] | None:
        return self.reads_along

    def offer(self, app: FastAPI, floor: Floor) -> None:
        return

    async def check(self) -> str:
        return "the stand-in"

    async def close(self) -> None:
        return

    def replies(self) -> list[Reply]:
        """Every answer that was posted."""
        return [content for _, _, content in self.posts if isinstance(content, Reply)]

    def cards(self) -> list[tuple[str, CardPost]]:
        """Every card that was posted, with its message."""
        return [(message, content) for _, message, content in self.posts if isinstance(content, CardPost)]

    def words(self) -> str:
        """Every note, told or posted."""
        notes = [content for _, content in self.told] + [content for _, _, content in self.posts]
        return "\n".join(note.text for note in notes if isinstance(note, Note))


@dataclass
class Office:
    """What tests of channels have at hand."""

    floor: Floor
    scribe: Scribe
    desk: Desk
    house: House
    book: ChannelBook
    database: Database
    store: Store
    goods: tuple[Bought, ...]

    def map(self, user: str, subject: str, platform: Platform = "slack", tenant: str = TENANT) -> Account:
        """An account that is somebody's, as an administrator makes it."""
        with psycopg.connect(self.database.dsn(OWNER_ROLE), autocommit=True) as owner:
            owner.execute("delete from app.channel_person where subject = %s", (subject,))
            owner.execute(
                "insert into app.channel_person (platform, tenant, account, subject, made_by)"
                " values (%s, %s, %s, %s, 'test') on conflict (platform, tenant, account) do update"
                " set subject = excluded.subject",
                (platform, tenant, user, subject),
            )
        return Account(platform, tenant, user)

    async def code(self, subject: str) -> str:
        """A code of a signed-in person, as the panel gives it."""
        code = fresh_code()
        async with self.store.remembering(await self.store.caller(subject)) as tx:
            await tx.execute(
                "insert into app.channel_code (hash, subject, expires_at)"
                " values (%(hash)s, %(who)s, %(till)s)",
                {
                    "hash": code_hash(code),
                    "who": subject,
                    "till": datetime.now(UTC) + timedelta(minutes=10),
                },
            )
        return code

    async def say(
        self, user: str, text: str, place: Place | None = None, event: str = "", **more: object
    ) -> bool:
        """Say something, and wait until it is done."""
        where = place or Place(channel=f"D-{user}", is_direct=True)
        act = Said.model_validate({"text": text, **more})
        account = Account("slack", TENANT, user)
        taken = await self.floor.take(Incoming(account, where, event or f"e{next(_NUMBERS)}", act))
        await self.floor.idle()
        return taken

    async def proposed(self, by: str = "planner.kassel") -> Shown:
        """A draft that waits for a buyer."""
        caller = await self.desk.person(by)
        day = datetime(2026, 5, 4, tzinfo=UTC).date() + timedelta(days=next(_DAYS))
        draft = requisition(self.goods[0], "500", "0.20", needed_on=day)
        proposed = await self.desk.proposals.propose(
            caller, draft, business_date=await self.desk.day(caller, draft.site)
        )
        assert proposed.is_new
        return proposed.shown

    async def documents(self, shown: Iterable[Shown]) -> int:
        """How many documents the ERP itself has of these drafts."""
        markers = {marker_of(each.proposal.id, each.digest) for each in shown}
        return sum(document.marker in markers for document in await self.desk.documents())

    async def card_of(self, user: str, subject: str, proposal: UUID, place: Place | None = None) -> CardPost:
        """A card that was posted to somebody."""
        account = self.map(user, subject)
        caller = await self.desk.person(subject)
        assert self.floor.cards is not None
        where = place or Place(channel=f"D-{user}", is_direct=True)
        await self.floor.cards.post(account, where, caller, proposal)
        return self.scribe.cards()[-1][1]


@asynccontextmanager
async def opened_office(database: Database, home: Path) -> AsyncIterator[Office]:
    """An office on a demo home."""
    settings = Settings(home=home)
    async with (
        await Store.open(database.dsn()) as store,
        opened_desk(settings, database, store) as desk,
        ChannelBook.of(database) as book,
    ):
        copilot = Copilot(store, registry(), EmbeddedModel(), desk=desk, trail=desk.trail, reads=desk.reads)
        held = replace(
            house(directory=desk.directory, settings=settings),  # type: ignore[arg-type]
            desk=desk,
            copilot=copilot,
        )
        scribe = Scribe()
        floor = Floor(held, book, {"slack": scribe}, "https://copilot.example")
        async with floor.running():
            yield Office(floor, scribe, desk, held, book, database, store, await bought(store))
