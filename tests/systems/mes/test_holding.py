"""Holds and resumptions in a real MES: the one that was seen, once, and nobody else's taken for ours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from erp_adapters.errors import CapabilityMissing, ErpRefused, ErpUnavailable
from erp_adapters.fsmes import Fsmes, FsmesReader
from erp_adapters.http import Secret
from erp_adapters.ports import Capability
from erp_adapters.records import OrderHold
from policies.execution.outcome import documents
from policies.execution.readback import AsSent, judge
from tests.conformance.adapters import MES, new_marker
from tests.systems.mes.server import Served, serving

pytestmark = MES


@pytest.fixture(scope="module")
def mes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("mes")) as served:
        yield served


def running(mes: Served) -> str:
    """A new order that the floor may work on."""
    code = f"WO-{uuid4().hex[:8].upper()}"
    mes.call("POST", "/workorders", {"code": code, "material": "FG-BRACKET", "quantity": 10})
    mes.call("POST", f"/workorders/{code}/release")
    return code


async def test_a_hold_ends_once_and_only_the_hold_that_was_seen(mes: Served) -> None:
    """Another hold that was placed meanwhile stands; what somebody there ended is no document of ours."""
    order = running(mes)
    hold = OrderHold("KAS", "planner.kassel", order, "hold", "burr on the edge", None)
    async with Fsmes.open(mes.connection()) as port:
        posted = await port.create(hold, new_marker())
        resume = OrderHold("KAS", "steward.kassel", order, "resume", "filed off", posted.posted_at)
        mes.call("POST", f"/workorders/{order}/resume")
        mes.call("POST", f"/workorders/{order}/hold", {"reason": "another burr"})
        marker = new_marker()
        with pytest.raises(ErpRefused, match="look at why"):
            await port.create(resume, marker)
        assert await documents(port, resume, marker) == ()
        record = mes.call("GET", f"/audit?entity_type=workorder&entity_id={order}")
        [placed] = [one["ts"] for one in record if (one["after"] or {}).get("reason") == "another burr"]
        async with FsmesReader.open(mes.connection()) as reader:
            rows = [row async for page in reader.pages(Capability.ORDER_HOLDS) for row in page.rows]
        [since] = [row.cells["placed_at"] for row in rows if row.cells["order"] == order]
        resume = replace(resume, held_since=since)
        assert str(placed) in next(row.key for row in rows if row.cells["order"] == order)
        ended = await port.create(resume, marker)
        assert judge((ended,), resume, marker) == AsSent(order)
        # Once more changes nothing, and neither does a hold that was over before.
        assert await port.create(resume, marker) == ended
        with pytest.raises(ErpRefused):
            await port.create(replace(resume, held_since=posted.posted_at - timedelta(days=1)), new_marker())


async def test_what_cannot_be_stopped_is_refused_by_name(mes: Served) -> None:
    """An unknown order, one that is done, one of another plant: nothing is done to any."""
    hold = OrderHold("KAS", "planner.kassel", "WO-NOWHERE", "hold", "burr on the edge", None)
    async with Fsmes.open(mes.connection()) as port:
        for order, said in (("WO-NOWHERE", "WO-NOWHERE"), ("WO-NG-7001", "completed")):
            with pytest.raises(ErpRefused, match=said):
                await port.create(replace(hold, order=order), new_marker())
        with pytest.raises(ErpRefused, match="HAM"):
            await port.create(replace(hold, site="HAM", order="WO-NG-7002"), new_marker())


async def test_who_may_not_write_is_told_so_and_who_may_not_come_in_too(mes: Served) -> None:
    """A right that is missing is no fault of the network; a wrong password is shown nowhere."""
    name = f"R{uuid4().hex[:8].upper()}"
    user = {"code": name, "name": "Reader", "password": "reads-only-here", "role": "analyst"}
    mes.call("POST", "/auth/users", user)
    reading = replace(mes.connection(), login=name, password=Secret("reads-only-here"))
    hold = OrderHold("KAS", "planner.kassel", "WO-NG-7002", "hold", "burr on the edge", None)
    async with Fsmes.open(reading) as port:
        with pytest.raises(CapabilityMissing, match=r"orders\.close"):
            await port.create(hold, new_marker())
    async with Fsmes.open(replace(reading, password=Secret("wrong-one"))) as port:
        with pytest.raises(ErpUnavailable, match="let") as told:
            await port.create(hold, new_marker())
        assert "wrong-one" not in str(told.value)
