"""A real edge node is listened to through a real broker: births, data, deaths and lost messages."""

from __future__ import annotations

import asyncio
import json
import shutil
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import IO

import pytest

from erp_adapters.caller import Caller
from erp_adapters.series.keeping import Keeper
from erp_adapters.series.reading import Seen, signals
from erp_adapters.series.signal import Rule, Signal
from erp_adapters.series.source import StoreSink, followed
from erp_adapters.series.standing import sources
from erp_adapters.sparkplug import Broker, SparkplugSource
from erp_adapters.store import Store

TREE = Path(__file__).parents[3]
EDGE_NODE = TREE / ".venv-edge-node" / "bin" / "python"
MOSQUITTO = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin")
pytestmark = [
    pytest.mark.systems,
    pytest.mark.skipif(
        MOSQUITTO is None or not EDGE_NODE.exists(),
        reason="needs mosquitto (apt-get install mosquitto) and pysparkplug (make edge-node)",
    ),
]
PERSON = Caller("p", "P", frozenset({"planner"}), frozenset({"KAS"}), frozenset())
SIGNALS = (
    Signal(
        site="KAS", name="oil", address="kassel/hall/p2:Temp/Oil", measures="temperature", unit="C",
        work_centre="P2",
    ),
    Signal(
        site="KAS", name="running", address="kassel/hall/p2:Running", measures="state", work_centre="P2",
        rule=Rule(down=(0.0,)),
    ),
    Signal(site="KAS", name="load", address="kassel/hall:Load", measures="load", work_centre="P2"),
)  # fmt: skip


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    """A running mosquitto."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    file = tmp_path / "mosquitto.conf"
    file.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\n", encoding="ascii")
    assert MOSQUITTO is not None
    with subprocess.Popen(
        [MOSQUITTO, "-c", str(file)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        for _ in range(100):
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.1)
        yield Broker("127.0.0.1", port, may_ask_rebirth=True, timeout_s=3)
        process.kill()


class Edge:
    """The edge node's process."""

    def __init__(self, port: int) -> None:
        self._process = subprocess.Popen(
            [str(EDGE_NODE), str(Path(__file__).parent / "edge_node.py"), str(port)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.births = self._answer()

    def _answer(self) -> int:
        assert self._process.stdout is not None
        return int(json.loads(self._process.stdout.readline())["births"])

    def _tell(self, **order: object) -> None:
        into: IO[str] | None = self._process.stdin
        assert into is not None
        into.write(json.dumps(order) + "\n")
        into.flush()
        self.births = self._answer()

    def say(self, *metrics: tuple[object, ...]) -> None:
        self._tell(do="say", metrics=metrics)

    def lose(self) -> None:
        self._tell(do="lose")

    def kill(self) -> None:
        self._process.kill()
        self._process.communicate()


@pytest.fixture
def edge(broker: Broker) -> Iterator[Edge]:
    made = Edge(broker.port)
    yield made
    made.kill()


@pytest.fixture
def keeper(owner_dsn: str) -> Iterator[Keeper]:
    with Keeper.open(owner_dsn) as keeper:
        yield keeper


@asynccontextmanager
async def listening_to(broker: Broker, keeper: Keeper, name: str) -> AsyncIterator[None]:
    source = SparkplugSource(broker, SIGNALS, keep_s=0.1)
    sink = StoreSink(keeper, name, source.kind, SIGNALS)
    await sink.open()
    task = asyncio.ensure_future(followed(source, sink, first_pause_s=0.1))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def until(store: Store, source: str, holds: Callable[[dict[str, Seen]], bool]) -> dict[str, Seen]:
    found: dict[str, Seen] = {}
    for _ in range(150):
        async with store.reading(PERSON) as tx:
            found = {each.name: each for each in await signals(tx) if each.source == source}
        if found and holds(found):
            return found
        await asyncio.sleep(0.1)
    raise AssertionError(f"never came: {found}")


async def test_births_data_lost_messages_and_deaths_of_a_real_edge_node(
    broker: Broker, edge: Edge, keeper: Keeper, store: Store
) -> None:
    """A node that was born before anybody listened is asked again; a lost message is noticed; death shows."""
    async with listening_to(broker, keeper, "hall"):
        found = await until(store, "hall", lambda found: all(each.at for each in found.values()))
        assert (found["oil"].value, found["running"].value, found["load"].value) == (50.0, 1.0, 1.0)
        await asyncio.to_thread(edge.say, ("Temp/Oil", 51.5), ("Running", False))
        await until(store, "hall", lambda f: (f["oil"].value, f["running"].value) == (51.5, 0.0))
        born = edge.births
        await asyncio.to_thread(edge.lose)
        await asyncio.to_thread(edge.say, ("Temp/Oil", 52.5))
        found = await until(store, "hall", lambda found: found["oil"].value == 52.5)
        for _ in range(150):
            # Within ten seconds of the last request it is not asked again.
            await asyncio.to_thread(edge.say, ("Temp/Oil", 53.5))
            if edge.births > born:
                break
            await asyncio.sleep(0.2)
        else:
            raise AssertionError("it was never asked to be born again")
        await asyncio.to_thread(edge.kill)
        await until(store, "hall", lambda found: all(each.quality == 2 for each in found.values()))


async def test_a_source_that_may_not_ask_publishes_nothing(
    broker: Broker, edge: Edge, keeper: Keeper, store: Store
) -> None:
    """Listening needs no right to publish; a broker that goes away is seen to be gone, and followed again."""
    silent = Broker(broker.host, broker.port, may_ask_rebirth=False, timeout_s=3)
    async with listening_to(silent, keeper, "silent"):
        await asyncio.sleep(1.5)
        await asyncio.to_thread(edge.say, ("Temp/Oil", 60.0))
        await asyncio.sleep(1)
        assert edge.births == 1
        async with store.reading(PERSON) as tx:
            assert [each.at for each in await signals(tx) if each.source == "silent"] == [None] * 3
            [state] = [each for each in await sources(tx) if each.source == "silent"]
        assert state.heard_at is not None
        assert state.failing_since is None


async def test_a_broker_that_is_not_there_is_named(store: Store, keeper: Keeper) -> None:
    """Whoever looks at the status knows what does not answer, and since when."""
    async with listening_to(Broker("127.0.0.1", 9, timeout_s=2), keeper, "gone"):
        for _ in range(100):
            async with store.reading(PERSON) as tx:
                [state] = [each for each in await sources(tx) if each.source == "gone"]
            if state.failing_since is not None:
                break
            await asyncio.sleep(0.1)
    assert "127.0.0.1:9" in state.problem
