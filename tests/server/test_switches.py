"""The kill switch: off in one process is off in every other within a second."""

from __future__ import annotations

import asyncio
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest

from erp_adapters.errors import SwitchedOff
from erp_adapters.store import Store
from policies.switches import SwitchTarget
from server.desk import opened_desk
from server.settings import Settings
from tests.conftest import Database
from tests.server.drafted import NEEDED_ON, bought, requisition

# Proposes again and again, and says when the first refusal came.
_OTHER = """
import asyncio, sys, time
from datetime import timedelta
from pathlib import Path
from erp_adapters.errors import SwitchedOff
from erp_adapters.store import Store
from server.desk import opened_desk
from server.settings import Settings
from tests.conftest import Database
from tests.server.drafted import NEEDED_ON, bought, requisition

class Home:
    def __init__(self, dsn): self._dsn = dsn
    def dsn(self, role):
        from psycopg.conninfo import make_conninfo
        return make_conninfo(self._dsn, user=role)
    def start(self): pass
    def stop(self): pass

async def main(dsn, home):
    settings = Settings(home=Path(home))
    async with await Store.open(dsn) as store, opened_desk(settings, Home(dsn), store) as desk:
        goods = await bought(store)
        caller = await desk.person("planner.kassel")
        day = await desk.day(caller, "KAS")
        for number in range(10_000):
            draft = requisition(goods[1], needed_on=NEEDED_ON + timedelta(days=number % 200))
            try:
                await desk.proposals.propose(caller, draft, business_date=day)
            except SwitchedOff as error:
                print("off", time.time(), error, flush=True)
                return
            if not number:
                print("proposing", flush=True)
            await asyncio.sleep(0.02)

asyncio.run(main(*sys.argv[1:]))
"""


@pytest.mark.parametrize(
    "target",
    [SwitchTarget("all"), SwitchTarget("site", "KAS"), SwitchTarget("flow", "purchase_requisition")],
    ids=str,
)
async def test_off_is_off_in_another_process_within_a_second(
    demo_copy: Database, tmp_path: Path, target: SwitchTarget
) -> None:
    """A process that proposes all the time is refused, with the reason, in less than a second."""
    settings = Settings(home=tmp_path)
    async with (
        await Store.open(demo_copy.dsn()) as store,
        opened_desk(settings, demo_copy, store) as desk,
    ):
        command = [sys.executable, "-c", _OTHER, demo_copy.dsn(), str(tmp_path)]
        other = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
        try:
            assert other.stdout is not None
            assert await other.stdout.readline() == b"proposing\n"
            await desk.switches.off(await desk.person("admin"), target, "A wrong price list")
            switched = time.time()
            word, at, why = (await other.stdout.readline()).decode().split(" ", 2)
        finally:
            other.kill()
            await other.wait()
        assert word == "off"
        assert float(at) - switched < 1.0
        assert "A wrong price list" in why
        caller = await desk.person("planner.kassel")
        draft = requisition((await bought(store))[2], needed_on=NEEDED_ON + timedelta(days=3))
        with pytest.raises(SwitchedOff, match="A wrong price list"):
            await desk.proposals.propose(caller, draft, business_date=await desk.day(caller, "KAS"))
