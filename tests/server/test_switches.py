"""The kill switch: off in one process is off in every other within a second."""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path

from erp_adapters.store import Store
from policies.switches import SwitchTarget
from server.desk import opened_desk
from server.settings import Settings
from tests.conftest import Database

# Proposes again and again, and says when it begins to be refused, and when no more.
_OTHER = """
import asyncio, sys, time
from datetime import timedelta
from pathlib import Path
from psycopg.conninfo import make_conninfo
from erp_adapters.errors import SwitchedOff
from erp_adapters.store import Store
from server.desk import opened_desk
from server.settings import Settings
from tests.server.drafted import NEEDED_ON, bought, requisition

class Home:
    def __init__(self, dsn): self._dsn = dsn
    def dsn(self, role): return make_conninfo(self._dsn, user=role)

async def main(dsn, home):
    settings = Settings(home=Path(home))
    async with await Store.open(dsn) as store, opened_desk(settings, Home(dsn), store) as desk:
        goods = await bought(store)
        caller = await desk.person("planner.kassel")
        day = await desk.day(caller, "KAS")
        is_off = None
        while True:
            draft = requisition(goods[1], price="0.01", needed_on=NEEDED_ON + timedelta(days=1))
            try:
                await desk.propose(caller, draft, business_date=day)
                if is_off is not False:
                    print("on", time.time(), "", flush=True)
                is_off = False
            except SwitchedOff as error:
                if not is_off:
                    print("off", time.time(), error, flush=True)
                is_off = True
            await asyncio.sleep(0.02)

asyncio.run(main(*sys.argv[1:]))
"""
_TARGETS = (
    SwitchTarget("all"),
    SwitchTarget("site", "KAS"),
    SwitchTarget("tool", "draft_requisition"),
    SwitchTarget("flow", "purchase_requisition"),
)


async def test_off_is_off_in_another_process_within_a_second(demo_copy: Database, tmp_path: Path) -> None:
    """A process that proposes all the time is refused within a second, with the reason, then goes on."""
    settings = Settings(home=tmp_path)
    async with (
        await Store.open(demo_copy.dsn()) as store,
        opened_desk(settings, demo_copy, store) as desk,
    ):
        admin = await desk.person("admin")
        command = [sys.executable, "-c", _OTHER, demo_copy.dsn(), str(tmp_path)]
        other = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
        assert other.stdout is not None
        try:
            assert (await other.stdout.readline()).startswith(b"on ")
            for target in _TARGETS:
                await desk.switches.off(admin, target, f"Wrong prices at {target}")
                switched = time.time()
                word, at, why = (await other.stdout.readline()).decode().split(" ", 2)
                assert (word, f"Wrong prices at {target}" in why) == ("off", True)
                assert float(at) - switched < 1.0
                await desk.switches.on(admin, target, "Corrected")
                assert (await other.stdout.readline()).startswith(b"on ")
        finally:
            other.kill()
            await other.wait()
