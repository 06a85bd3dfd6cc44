"""A served demo home whose worker runs: where browser tests draft and decide for real."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

import psycopg

from erp_adapters.store import OWNER_ROLE
from policies.drafts.requisition import RequisitionDraft
from policies.proposals import Shown
from server.bootstrap import opened_on
from server.desk import Desk
from server.serving import address, bound, server
from server.settings import Settings
from tests.conftest import Database
from tests.server.drafted import NEEDED_ON, Bought, bought, requisition

_DAYS = count()


@dataclass
class Office:
    """The home, and what there is to buy."""

    desk: Desk
    goods: tuple[Bought, ...]
    url: str
    """Without a slash at its end."""
    database: Database

    def was_away(self, source: str, site: str, since: datetime, until: datetime) -> None:
        """Have it known that a source of a site was away, and is back."""
        with psycopg.connect(self.database.dsn(OWNER_ROLE)) as owner:
            owner.execute("insert into app.outage values (%s, %s, %s, %s)", (site, source, since, until))

    def draft(self, quantity: str = "500", price: str = "0.20") -> RequisitionDraft:
        """A requisition that no other draft covers."""
        return requisition(
            self.goods[0], quantity, price, needed_on=NEEDED_ON + timedelta(weeks=1, days=7 * next(_DAYS))
        )

    async def proposed(self, draft: RequisitionDraft | None = None, by: str = "planner.kassel") -> Shown:
        planner = await self.desk.person(by)
        made = draft or self.draft()
        day = await self.desk.day(planner, made.site)
        return (await self.desk.proposals.propose(planner, made, business_date=day)).shown

    async def now(self, shown: Shown) -> Shown:
        return await self.desk.proposals.read(await self.desk.person("buyer"), shown.proposal.id)


@asynccontextmanager
async def opened_office(
    database: Database,
    folder: Path,
    *,
    listening: socket.socket | None = None,
    embed_origins: tuple[str, ...] = (),
) -> AsyncIterator[Office]:
    """The office on a database of its own, which keeps its files in a folder of its own.

    Args:
        listening: where it is to be found, where that has to be known before it opens.
        embed_origins: of pages that may embed its panel.
    """
    settings = Settings(home=folder / f"home-{database.name}", embed_origins=embed_origins)
    async with AsyncExitStack() as stack:
        opened = await stack.enter_async_context(opened_on(settings, database))
        desk = opened.drafts
        await stack.enter_async_context(desk.working())
        listening = listening or bound("127.0.0.1", 0, may_move=False)
        made = server(opened)
        running = asyncio.create_task(made.serve(sockets=[listening]))
        yield Office(desk, await bought(desk.store), address(listening).rstrip("/"), database)
        made.should_exit = True
        await running
