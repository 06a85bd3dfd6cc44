"""A requisition that is confirmed in plantwright and written to a connected ERP, whatever dies on the way."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pytest

from erp_adapters.errors import ConfirmationInvalid
from erp_adapters.records import PostedDocument
from policies.proposals import Shown
from server.bootstrap import opened_on
from server.desk import Desk
from server.settings import Settings
from tests.conformance.proxy import in_front_of
from tests.conftest import Database
from tests.server.drafted import Bought, bought, requisition


class Documented(Protocol):
    """An ERP that tells everything that it has of ours."""

    async def documents(self) -> tuple[PostedDocument, ...]: ...


class Event(Protocol):
    """Something that happens once."""

    async def wait(self) -> object: ...

    def set(self) -> None: ...


class Network(Protocol):
    """What stands between the program and an ERP, and lets calls meet with faults."""

    @property
    def url(self) -> str: ...

    @property
    def seen(self) -> int: ...

    @property
    def answered(self) -> Event: ...

    @property
    def released(self) -> Event: ...

    def befall(self, call: str, *faults: Any) -> None: ...


@dataclass
class Works:
    """A plant whose requisitions go to an ERP through a network that a test can break."""

    desk: Desk
    goods: tuple[Bought, ...]
    proxy: Network
    erp: Documented
    """The ERP itself, past the proxy."""
    environment: dict[str, str]

    async def confirmed(self, quantity: str) -> Shown:
        """A requisition that its planner has drafted and a buyer has confirmed."""
        planner, buyer = [await self.desk.person(who) for who in ("planner.kassel", "buyer.kassel")]
        draft = requisition(self.goods[0], quantity, "0.20")
        day = await self.desk.day(planner, "KAS")
        shown = (await self.desk.propose(planner, draft, business_date=day)).shown
        return await self.desk.confirmations.confirm(
            buyer, shown.proposal.id, str(shown.digest), business_date=day
        )

    async def there(self, shown: Shown) -> tuple[PostedDocument, ...]:
        """What the ERP has of a draft."""
        row = await self.desk.proposals.read(await self.desk.person("buyer.kassel"), shown.proposal.id)
        return tuple(
            posted
            for posted in await self.erp.documents()
            if posted.document == row.proposal.draft.document(row.proposal.requester)
        )

    async def executed(self, shown: Shown, within_s: float = 240) -> Shown:
        buyer = await self.desk.person("buyer.kassel")
        async with asyncio.timeout(within_s):
            while (now := await self.desk.read(buyer, shown.proposal.id)).state != "executed":
                assert now.state in ("confirmed", "dispatching"), (now.state, now.reason)
                await asyncio.sleep(0.2)
        return now

    async def command(self, *arguments: str) -> str:
        """What a command prints; it ends well."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "server", *arguments),
            env=self.environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await process.communicate()
        assert process.returncode == 0, said.decode()
        return said.decode()

    @asynccontextmanager
    async def worker(self) -> AsyncIterator[asyncio.subprocess.Process]:
        """`plantwright worker`, a process of its own."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "server", "worker", env=self.environment, stderr=asyncio.subprocess.DEVNULL
        )
        try:
            yield process
        finally:
            if process.returncode is None:
                process.send_signal(signal.SIGTERM)
            await process.wait()


@asynccontextmanager
async def opened_works(
    database: Database,
    folder: Path,
    url: str,
    systems: str,
    password: str,
    erp: AbstractAsyncContextManager[Documented],
    *,
    network: AbstractAsyncContextManager[Network] | None = None,
    environment: Mapping[str, str] | None = None,
) -> AsyncIterator[Works]:
    """The plant, on a database of its own.

    Args:
        database: with the demo enterprise in it.
        folder: takes the home and the file of systems.
        url: of the ERP.
        systems: the file of systems, in which `{url}` stands for the network in front of the ERP, and
            `{password}` for the file that holds its password.
        password: what stands in that file.
        erp: the ERP itself, to be opened.
        network: in front of it, where it is not called over HTTP.
        environment: of the worker and of commands, besides what every one has.
    """
    file, secret = folder / "systems.toml", folder / "password"
    secret.write_text(password + "\n")
    home = folder / "home"
    async with network or in_front_of(url) as proxy:
        file.write_text(systems.replace("{url}", proxy.url).replace("{password}", str(secret)))
        settings = Settings(home=home, systems=file, worker="separate")
        async with opened_on(settings, database) as house, erp as opened:
            desk = house.drafts
            inherited = {
                **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
                "PLANTWRIGHT_HOME": str(home),
                "PLANTWRIGHT_SYSTEMS": str(file),
                "DATABASE_URL": database.dsn(),
            }
            given = {**inherited, **(environment or {})}
            yield Works(desk, await bought(desk.store), proxy, opened, given)


async def written_once_though_killed(works: Works, creates: str) -> None:
    """Killed when the ERP had committed and nobody knew: the next worker reads it back and writes nothing.

    Args:
        works: the plant.
        creates: part of the body of the call that creates.
    """
    works.proxy.befall(creates, "hold")
    shown = await works.confirmed("500")
    async with works.worker() as worker:
        async with asyncio.timeout(120):
            await works.proxy.answered.wait()
        worker.send_signal(signal.SIGKILL)
        await worker.wait()
    assert len(await works.there(shown)) == 1
    buyer = await works.desk.person("buyer.kassel")
    assert (await works.desk.read(buyer, shown.proposal.id)).state == "dispatching"
    works.proxy.released.set()

    async with works.worker():
        now = await works.executed(shown)
        [posted] = await works.there(shown)
        assert now.document_number == posted.number
        with pytest.raises(ConfirmationInvalid):
            await works.desk.confirmations.confirm(
                buyer,
                shown.proposal.id,
                str(shown.digest),
                business_date=await works.desk.day(buyer, "KAS"),
            )
        # The worker goes on with others while nothing more comes of this one.
        other = await works.executed(await works.confirmed("40"))
        assert [each.number for each in await works.there(other)] == [other.document_number]
    assert [each.number for each in await works.there(shown)] == [posted.number]
    assert works.proxy.seen == 2
    matched = await works.command("audit", "reconcile")
    assert "everything on record is in the ERP" in matched
