"""A collector that is killed, beside a service that is away, loses and doubles nothing of a real server."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from erp_adapters.caller import Caller
from erp_adapters.series.batch import moment
from erp_adapters.series.reading import flaws, samples, signals
from erp_adapters.store import Store
from tests.server.collecting.certificates import Authority
from tests.server.collecting.test_collecting import intake
from tests.systems.opc_ua.plant import LOGIN, PASSWORD, TEMPERATURE, Press, free_port, press

pytestmark = pytest.mark.systems
PERSON = Caller("p", "P", frozenset({"planner"}), frozenset({"KAS"}), frozenset())


def written(folder: Path, authority: Authority, plant: Press, port: int) -> Path:
    own = authority.sign("kassel")
    (folder / "password").write_text(PASSWORD)
    (folder / "signals.toml").write_text(
        f'[[signals]]\nsite = "KAS"\nname = "warm"\naddress = "{TEMPERATURE}"\nmeasures = "temperature"\n'
        'unit = "C"\nrule = { gap_s = 2 }\n'
    )
    file = folder / "collector.toml"
    file.write_text(
        f'service = "https://localhost:{port}"\ncertificate = "{own.certificate.name}"\n'
        f'private_key = "{own.key.name}"\nauthority = "{authority.certificate.name}"\n'
        f'[sources.hall]\nadapter = "opc_ua"\nurl = "{plant.url}"\npolicy = "None"\nlogin = "{LOGIN}"\n'
        f'password = "file:{folder / "password"}"\nsignals = "signals.toml"\n'
        "publish_ms = 50\nread_s = 1\nkeep_s = 0.2\n"
    )
    return file


@asynccontextmanager
async def collector(file: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    made = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "server", "collect", str(file), stderr=asyncio.subprocess.DEVNULL,
        env={"PATH": os.environ["PATH"]},
    )  # fmt: skip
    try:
        yield made
    finally:
        # As a machine that loses its power: nothing is brought to an end.
        made.send_signal(signal.SIGKILL)
        await made.wait()


async def kept(store: Store, said: list[datetime], begins: datetime) -> list[datetime]:
    at: list[datetime] = []
    for _ in range(300):
        async with store.reading(PERSON) as tx:
            for each in [each for each in await signals(tx) if each.source == "kassel/hall"]:
                found, _, _ = await samples(tx, each.signal, begins, datetime.now(UTC))
                at = [moment(one) for one in found]
        if set(said) <= set(at):
            return at
        await asyncio.sleep(0.1)
    raise AssertionError(f"lost: {[n for n, each in enumerate(said) if each not in at]} of {len(said)}")


async def test_a_killed_collector_and_a_service_that_is_away_cost_nothing(
    tmp_path: Path, owner_dsn: str, store: Store
) -> None:
    """Every value that the server said is in the store once, and nothing of it is marked late."""
    authority, port, begins = Authority(tmp_path), free_port(), datetime.now(UTC) - timedelta(minutes=1)
    said: list[datetime] = []
    async with press() as plant:
        file = written(tmp_path, authority, plant, port)

        async def say(number: int) -> None:
            for n in range(number):
                said.append(await plant.say(TEMPERATURE, 40.0 + len(said) + n / 10))
                await asyncio.sleep(0.02)

        async with collector(file):
            async with intake(tmp_path, authority, owner_dsn, port):
                said.append(await plant.say(TEMPERATURE, 39.0))
                await kept(store, said, begins)
            # The service is away: what is said meanwhile waits, and the collector is killed with it.
            await say(40)
        await say(20)
        async with intake(tmp_path, authority, owner_dsn, port), collector(file):
            await say(20)
            at = await kept(store, said, begins)
    assert len(at) == len(set(at))
    async with store.reading(PERSON) as tx:
        [of] = [each for each in await signals(tx) if each.source == "kassel/hall"]
        wrong = await flaws(tx, [of.signal], begins, datetime.now(UTC))
    assert {flaw.kind for flaw in wrong} <= {"gap"}
