"""A real server of OPC UA is followed through broken links, and nothing can be written to it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from asyncua import ua

from erp_adapters.caller import Caller
from erp_adapters.errors import ErpRefused
from erp_adapters.http import Secret
from erp_adapters.opc_ua import Connection, OpcUaSource, opened
from erp_adapters.opc_ua.adapter import Pace
from erp_adapters.series.batch import moment
from erp_adapters.series.keeping import Keeper
from erp_adapters.series.reading import Seen, flaws, samples, signals, sources
from erp_adapters.series.signal import Rule, Signal
from erp_adapters.series.source import StoreSink, followed
from erp_adapters.store import Store
from tests.systems.opc_ua.plant import LOGIN, PASSWORD, STATE, TEMPERATURE, WORD, Press, identity, press

pytestmark = pytest.mark.systems

PACE = Pace(publish_ms=50, read_s=0.5, keep_s=0.2)
PERSON = Caller("p", "P", frozenset({"planner"}), frozenset({"KAS"}), frozenset())
SIGNALS = (
    Signal(
        site="KAS",
        name="p2 temperature",
        address=TEMPERATURE,
        measures="temperature",
        unit="C",
        work_centre="P2",
        rule=Rule(low=-20, high=200, gap_s=2),
    ),
    Signal(
        site="KAS",
        name="p2 word",
        address=WORD,
        measures="state",
        work_centre="P2",
        rule=Rule(words={"Running": 1, "Fault": 0}, down=(0.0,)),
    ),
)


@pytest.fixture
async def plant() -> AsyncIterator[Press]:
    async with press() as made:
        yield made


@pytest.fixture
def keeper(owner_dsn: str) -> Iterator[Keeper]:
    with Keeper.open(owner_dsn) as keeper:
        yield keeper


def connection(plant: Press, **more: object) -> Connection:
    return Connection(plant.url, login=LOGIN, password=Secret(PASSWORD), timeout_s=3, **more)  # type: ignore[arg-type]


@asynccontextmanager
async def following(plant: Press, keeper: Keeper, name: str) -> AsyncIterator[None]:
    source = OpcUaSource(connection(plant), SIGNALS, PACE)
    sink = StoreSink(keeper, name, source.kind, SIGNALS)
    await sink.open()
    task = asyncio.ensure_future(followed(source, sink, first_pause_s=0.1))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def seen(store: Store, source: str) -> dict[str, Seen]:
    async with store.reading(PERSON) as tx:
        return {each.measures: each for each in await signals(tx) if each.source == source}


async def until(store: Store, source: str, holds: Callable[[dict[str, Seen]], bool]) -> dict[str, Seen]:
    for _ in range(150):
        found = await seen(store, source)
        if found and holds(found):
            return found
        await asyncio.sleep(0.1)
    raise AssertionError(f"never came: {found}")


async def all_kept(store: Store, said: list[datetime]) -> list[datetime]:
    """Every moment that is kept, once those that were said are among them."""
    kept: list[datetime] = []
    found = await seen(store, "hall")
    for _ in range(150):
        async with store.reading(PERSON) as tx:
            at, _, _ = await samples(
                tx, found["temperature"].signal, said[0] - timedelta(minutes=1), datetime.now(UTC)
            )
        kept = [moment(each) for each in at]
        if set(said) <= set(kept):
            return kept
        await asyncio.sleep(0.1)
    lost = [said.index(each) for each in said if each not in kept]
    raise AssertionError(f"lost: {lost} of {len(said)}")


async def test_what_a_server_says_while_the_link_is_down_is_read_from_its_history(
    plant: Press, keeper: Keeper, store: Store
) -> None:
    """A broken link loses no sample, repeats none, and is seen to be broken while it is."""
    said: list[datetime] = []

    async def say(number: int) -> None:
        for n in range(number):
            said.append(await plant.say(TEMPERATURE, 50.1 + n / 10))
            await asyncio.sleep(0.02)

    async with following(plant, keeper, "hall"):
        await until(store, "hall", lambda found: found["temperature"].value == 50.0)
        await say(10)
        await all_kept(store, said)
        await plant.link.cut()
        await say(25)
        await asyncio.sleep(2.5)
        async with store.reading(PERSON) as tx:
            [state] = [each for each in await sources(tx) if each.source == "hall"]
        assert state.failing_since is not None
        assert plant.url in state.problem
        await plant.link.mend()
        await say(10)
        kept = await all_kept(store, said)
    found = await seen(store, "hall")
    async with store.reading(PERSON) as tx:
        wrong = await flaws(
            tx, [found["temperature"].signal], said[0] - timedelta(minutes=1), datetime.now(UTC)
        )
        [state] = [each for each in await sources(tx) if each.source == "hall"]
    assert len(kept) == len(set(kept))
    assert {flaw.kind for flaw in wrong} <= {"gap"}
    assert state.failing_since is None


async def test_words_status_codes_and_nan_come_through(plant: Press, keeper: Keeper, store: Store) -> None:
    """A state in words stops a machine; what the server says is bad counts for nothing."""
    async with following(plant, keeper, "words"):
        await until(store, "words", lambda found: found["state"].value == 1.0)
        stopped = await plant.say(WORD, "Fault")
        await plant.say(TEMPERATURE, 55.0, status=ua.StatusCodes.BadSensorFailure)
        found = await until(
            store, "words", lambda found: found["state"].value == 0.0 and found["temperature"].quality == 2
        )
        assert found["state"].same_since is not None
        assert abs(found["state"].same_since - stopped) < timedelta(seconds=1)
        await plant.say(TEMPERATURE, float("nan"))
        found = await until(store, "words", lambda found: found["temperature"].value is None)


async def test_every_service_that_changes_something_is_refused_before_it_is_sent(plant: Press) -> None:
    """The login may write at the server, and the program still cannot."""
    async with opened(connection(plant)) as client:
        node = client.get_node(TEMPERATURE)
        before = await node.read_value()
        folder = client.get_objects_node()
        session = client.uaclient.session
        attempts = [
            lambda: node.write_value(99.0),
            lambda: node.write_attribute(ua.AttributeIds.Value, ua.DataValue(99.0)),
            lambda: folder.add_variable("ns=2;s=mine", "2:mine", 1),
            lambda: folder.call_method(ua.NodeId(1), 1),
            lambda: node.delete(),
            lambda: node.history_update(ua.UpdateDataDetails()),
            lambda: session.write(ua.WriteParameters()),
            lambda: session.call([]),
            lambda: session.delete_nodes(ua.DeleteNodesParameters()),
            lambda: session.add_references([]),
            lambda: session.delete_references([]),
            lambda: client.uaclient.protocol.send_request(ua.WriteRequest()),
        ]
        for attempt in attempts:
            with pytest.raises(ErpRefused, match="is no reading"):
                await attempt()
        assert await node.read_value() == before


async def test_every_service_of_the_protocol_is_either_a_reading_or_refused() -> None:
    """A service that a later release adds is refused until somebody has thought about it."""
    from erp_adapters.opc_ua.guarded import READS

    there = {name for name in dir(ua) if name.endswith("Request")}
    assert there >= READS
    changing = ("Write", "Call", "Add", "Delete", "HistoryUpdate")
    assert {name for name in READS if name.startswith(changing)} == {
        "DeleteSubscriptionsRequest",
        "DeleteMonitoredItemsRequest",
    }


async def test_a_wrong_password_and_a_missing_node_are_named(plant: Press) -> None:
    """Whoever sets a source up is told what to mend."""
    wrong = Connection(plant.url, login=LOGIN, password=Secret("guessed"), timeout_s=3)
    health = await OpcUaSource(wrong, SIGNALS).health()
    assert not health.is_well
    assert "does not let the program in" in health.why
    missing = (*SIGNALS, Signal(site="KAS", name="x", address="ns=2;s=Nowhere", measures="speed"))
    health = await OpcUaSource(connection(plant), missing).health()
    assert "ns=2;s=Nowhere" in health.why
    health = await OpcUaSource(connection(plant), SIGNALS).health()
    assert health.is_well


async def test_a_server_that_wants_certificates_is_read_encrypted(tmp_path: Path) -> None:
    """Without its own certificate the program is not let in; a server with another one is not read."""
    server, own, other = (identity(tmp_path, name) for name in ("server", "reader", "impostor"))
    async with press(server) as plant:
        signed = {"policy": "Basic256Sha256", "certificate": own.certificate, "private_key": own.key}
        named = connection(plant, **signed, server_certificate=server.certificate)
        assert (await OpcUaSource(named, SIGNALS).health()).is_well
        assert (await OpcUaSource(connection(plant, **signed), SIGNALS).health()).is_well
        assert not (await OpcUaSource(connection(plant), SIGNALS).health()).is_well
        impostor = connection(plant, **signed, server_certificate=other.certificate)
        assert not (await OpcUaSource(impostor, SIGNALS).health()).is_well


async def test_browsing_finds_the_plants_variables_and_not_the_servers_own(plant: Press) -> None:
    """Addresses can be picked from what there is."""
    found = {node.path: node async for node in OpcUaSource(connection(plant), SIGNALS).browse()}
    assert found["Press 2/Temperature"].address == TEMPERATURE
    assert found["Press 2/State"].address == STATE
    assert not [path for path in found if path.startswith("Server")]
