"""A requisition confirmed in plantwright is in a real Tryton once, whatever dies on the way."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from erp_adapters.errors import ConfirmationInvalid
from erp_adapters.records import PostedDocument
from erp_adapters.tryton import Tryton
from erp_adapters.tryton.client import Client
from policies.proposals import Shown
from server.bootstrap import opened_on
from server.desk import Desk
from server.settings import Settings
from tests.conformance.proxy import FaultProxy, in_front_of
from tests.conftest import Database
from tests.server.drafted import Bought, bought, requisition
from tests.systems.tryton_erp.server import LOGIN, PASSWORD, Served, missing, serving

pytestmark = [
    pytest.mark.systems,
    pytest.mark.timeout(600),
    pytest.mark.skipif(bool(missing()), reason=missing() or "it is there"),
]
CREATES = "purchase.requisition.create"
SYSTEMS = """
[north]
adapter = "tryton"
url = "{url}"
login = "{login}"
password = "file:{password}"
reason = "Tryton's JSON-RPC takes no token of another sign-in"
sites = ["KAS"]
call_s = 20
units = {{ PC = "u", KG = "kg" }}
"""


@pytest.fixture(scope="module")
def tryton(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("tryton")) as served:
        yield served


@dataclass
class Works:
    """A plant whose requisitions go to Tryton through a network that a test can break."""

    desk: Desk
    goods: tuple[Bought, ...]
    proxy: FaultProxy
    erp: Tryton
    """Tryton itself, past the proxy."""
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
        """What Tryton has of a draft."""
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


@pytest.fixture
async def works(demo_apart: Database, tryton: Served, tmp_path: Path) -> AsyncIterator[Works]:
    file, password = tmp_path / "systems.toml", tmp_path / "password"
    password.write_text(PASSWORD + "\n")
    home = tmp_path / "home"
    async with in_front_of(tryton.url) as proxy:
        file.write_text(SYSTEMS.format(url=proxy.url, login=LOGIN, password=password))
        given = {"home": home, "systems": file, "worker": "separate"}
        async with (
            opened_on(Settings(**given), demo_apart) as house,
            Tryton.open(tryton.connection(units={"PC": "u", "KG": "kg"}, call_s=60)) as erp,
        ):
            desk = house.drafts
            goods = await bought(desk.store)
            await master_data(tryton, goods[0])
            environment = {
                **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
                "PLANTWRIGHT_HOME": str(home),
                "PLANTWRIGHT_SYSTEMS": str(file),
                "DATABASE_URL": demo_apart.dsn(),
            }
            yield Works(desk, goods, proxy, erp, environment)


async def master_data(tryton: Served, goods: Bought) -> None:
    """Let Tryton know the material and its supplier by the numbers that the plant has for them."""
    async with Client.open(tryton.url, LOGIN, tryton.connection().password, timeout_s=60) as client:
        if await client.rows("product.product", [["code", "=", goods.material.code]], ["id"]):
            return
        [unit] = await client.rows("product.uom", [["symbol", "=", "u"]], ["id"])
        template = {
            "name": goods.material.name,
            "code": goods.material.code,
            "type": "goods",
            "default_uom": unit["id"],
            "purchasable": True,
            "purchase_uom": unit["id"],
            "products": [["create", [{}]]],
        }
        await client.call("model.product.template.create", [template], effect="write")
        party = {"name": goods.supplier.name, "code": goods.supplier.code}
        await client.call("model.party.party.create", [party], effect="write")


async def test_a_confirmed_requisition_is_in_tryton_once_though_its_worker_was_killed(works: Works) -> None:
    """Killed when Tryton had committed and nobody knew: the next worker reads it back and writes nothing."""
    works.proxy.befall(CREATES, "hold")
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


@pytest.mark.slow
async def test_an_answer_that_was_lost_is_settled_in_seconds(works: Works) -> None:
    """Tryton shows what it committed at once: the first look finds it."""
    works.proxy.befall(CREATES, "drop_after")
    shown = await works.confirmed("250")
    async with works.worker():
        await works.executed(shown)
    buyer = await works.desk.person("buyer.kassel")
    steps = await works.desk.proposals.history(buyer, shown.proposal.id)
    [unknown] = [step.at for step in steps if step.what.startswith("outcome unknown")]
    [settled] = [step.at for step in steps if step.state == "executed"]
    print(f"settled {(settled - unknown).total_seconds():.1f} s after the answer was lost")
    assert (settled - unknown).total_seconds() < works.erp.traits.settle_time.total_seconds()
    assert len(await works.there(shown)) == 1
