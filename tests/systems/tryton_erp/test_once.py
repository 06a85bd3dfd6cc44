"""A requisition confirmed in plantwright is in a real Tryton once, whatever dies on the way."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from erp_adapters.tryton import Tryton
from erp_adapters.tryton.client import Client
from tests.conftest import Database
from tests.server.drafted import Bought
from tests.systems.tryton_erp.server import LOGIN, PASSWORD, Served, missing, serving
from tests.systems.works import Works, opened_works, written_once_though_killed

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
login = "admin"
password = "file:{password}"
reason = "Tryton's JSON-RPC takes no token of another sign-in"
sites = ["KAS"]
call_s = 8
units = { PC = "u", KG = "kg" }
"""


@pytest.fixture(scope="module")
def tryton(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("tryton")) as served:
        yield served


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of all tests here: one database's record has one home's keys."""
    return tmp_path_factory.mktemp("works")


@pytest.fixture
async def works(demo_apart: Database, tryton: Served, folder: Path) -> AsyncIterator[Works]:
    erp = Tryton.open(tryton.connection(units={"PC": "u", "KG": "kg"}, call_s=60))
    async with opened_works(demo_apart, folder, tryton.url, SYSTEMS, PASSWORD, erp) as works:
        await master_data(tryton, works.goods[0])
        yield works


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
    await written_once_though_killed(works, CREATES)


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
