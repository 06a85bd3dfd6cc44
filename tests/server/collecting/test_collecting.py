"""What a site collects is in the store once, however often the link breaks; who is not known is not heard."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ClassVar

import httpx2
import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from erp_adapters.caller import Caller
from erp_adapters.errors import ErpRefused, ErpUnavailable
from erp_adapters.series.batch import GOOD, moment
from erp_adapters.series.buffer import Buffer, Waiting
from erp_adapters.series.reading import flaws, samples, signals
from erp_adapters.series.signal import Rule, Signal
from erp_adapters.series.source import Columns, Sink
from erp_adapters.series.standing import SILENT_AFTER, CollectorStanding, collectors, sources
from erp_adapters.store import Store
from erp_adapters.store.provision import LOADER_ROLE
from policies.clock import Clock, now_utc
from server.collecting.running import Collector
from server.collecting.sending import Service
from server.collecting.telling import Declaration
from server.commands.status import collector_said
from server.intake.serving import taking_in
from tests.server.collecting.certificates import Authority, Pair

pytestmark = pytest.mark.slow

PERSON = Caller("p", "P", frozenset({"planner"}), frozenset({"KAS"}), frozenset())
OVEN = Signal(
    site="KAS", name="oven", address="o", measures="temperature", unit="C", rule=Rule(gap_s=600, late_s=120)
)


@dataclass
class Oven:
    """Machines whose values a test says."""

    to_say: asyncio.Queue[list[datetime]] = field(default_factory=asyncio.Queue)
    taken: int = 0

    kind = "OPC UA"
    signals: Sequence[Signal] = (OVEN,)

    def source(self) -> Oven:
        return self

    async def follow(self, sink: Sink) -> None:
        await sink.alive()
        while True:
            columns = Columns(self.signals)
            for at in await self.to_say.get():
                columns.add(0, at, 20.0 + at.second % 7, GOOD)
            await sink.take(columns)
            self.taken += len(columns)

    async def say(self, number: int, since: datetime) -> list[datetime]:
        said, before = [since + timedelta(seconds=n) for n in range(number)], self.taken
        for begin in range(0, number, 20):
            await self.to_say.put(said[begin : begin + 20])
        for _ in range(500):
            if self.taken == before + number:
                return said
            await asyncio.sleep(0.01)
        raise AssertionError("the oven waits for somebody")


class Losing(httpx2.AsyncHTTPTransport):
    """A link that can be down, and loses the first answer to each batch, which did arrive."""

    is_down = False
    _seen: ClassVar[set[bytes]] = set()

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        if self.is_down:
            raise httpx2.ConnectError("the link is down", request=request)
        answered = await super().handle_async_request(request)
        if request.url.path.endswith("/batch") and (body := await request.aread()) not in self._seen:
            self._seen.add(body)
            await answered.aread()
            raise httpx2.ReadError("the answer is lost", request=request)
        return answered


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@asynccontextmanager
async def intake(folder: Path, authority: Authority, owner_dsn: str, port: int = 0) -> AsyncIterator[int]:
    own = authority.sign("service")
    file = folder / "collectors.toml"
    file.write_text(
        f'host = "127.0.0.1"\nport = {port}\ncertificate = "{own.certificate.name}"\n'
        f'private_key = "{own.key.name}"\nauthority = "{authority.certificate.name}"\n'
        '[collectors.kassel]\nsites = ["KAS"]\n[collectors.lyon]\nsites = ["LYO"]\n'
    )
    async with taking_in(file, make_conninfo(owner_dsn, user=LOADER_ROLE)) as listening:
        yield listening


def trust(authority: Path, own: Pair | None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(authority))
    if own is not None:
        context.load_cert_chain(own.certificate, own.key)
    return context


@asynccontextmanager
async def at_work(
    folder: Path, oven: Oven, service: Service, clock: Clock = now_utc
) -> AsyncIterator[Collector]:
    with Buffer.open(folder / "b.db", 2**24) as buffer:
        collector = Collector({"hall": oven}, buffer, service, "1", clock)
        task = asyncio.create_task(collector.run(first_pause_s=0.02, tell_s=0.1))
        try:
            yield collector
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def kept(store: Store, until: Callable[[list[datetime]], bool]) -> list[datetime]:
    found: list[datetime] = []
    for _ in range(200):
        async with store.reading(PERSON) as tx:
            known = [each for each in await signals(tx) if each.source == "kassel/hall"]
            if known:
                at, _, _ = await samples(
                    tx, known[0].signal, datetime(2026, 1, 1, tzinfo=UTC), datetime.now(UTC)
                )
                found = [moment(each) for each in at]
        if until(found):
            return found
        await asyncio.sleep(0.05)
    raise AssertionError(f"{len(found)} samples came")


async def told(store: Store) -> CollectorStanding:
    found: tuple[CollectorStanding, ...] = ()
    for _ in range(100):
        async with store.reading(PERSON) as tx:
            found = await collectors(tx)
        if found and found[0].waiting_samples == 0:
            return found[0]
        await asyncio.sleep(0.05)
    raise AssertionError(f"it never said that nothing waits: {found}")


async def test_hours_without_a_link_lose_nothing_double_nothing_and_hold_nobody_up(
    tmp_path: Path, authority: Authority, owner_dsn: str, store: Store
) -> None:
    """A link that loses each first answer and is down, a program that ends: each sample is there once."""
    began = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=9)
    said: list[datetime] = []
    async with intake(tmp_path, authority, owner_dsn) as port:
        context = trust(authority.certificate, authority.sign("kassel"))
        link = Losing(verify=context)
        service = Service(f"https://localhost:{port}", context, link)
        oven = Oven()
        async with at_work(tmp_path, oven, service):
            said += await oven.say(20, began)
            await kept(store, lambda found: found == said)
            link.is_down = True
            said += await oven.say(300, began + timedelta(minutes=1))
        async with at_work(tmp_path, oven, service) as collector:
            said += await oven.say(30, began + timedelta(minutes=7))
            waiting = await asyncio.to_thread(collector.state)
            assert waiting.waiting_samples >= 300
            assert "the link is down" in collector.sending.problem
            link.is_down = False
            found = await kept(store, lambda found: len(found) >= len(said))
            assert found == said
            standing = await told(store)
        await service.close()
    async with store.reading(PERSON) as tx:
        [of] = [each for each in await signals(tx) if each.source == "kassel/hall"]
        wrong = await flaws(tx, [of.signal], began, datetime.now(UTC))
        [source] = await sources(tx)
    assert [flaw.kind for flaw in wrong if flaw.kind in ("duplicate", "out_of_order", "gap")] == []
    assert (source.source, source.failing_since, source.reached_to) == ("kassel/hall", None, said[-1])
    assert "nothing waits there" in collector_said(standing)
    assert not standing.is_silent(standing.heard_at + SILENT_AFTER)
    assert standing.is_silent(standing.heard_at + SILENT_AFTER + timedelta(seconds=1))


async def test_who_is_not_known_is_not_heard(tmp_path: Path, authority: Authority, owner_dsn: str) -> None:
    """No certificate, one of another authority, one that nobody named: refused. A site's is its own."""
    told = Declaration(kind="OPC UA", signals=(OVEN,)).model_dump_json().encode()
    piece = Waiting(1, "hall", "signals", told)
    other = Authority(tmp_path, "other")
    async with intake(tmp_path, authority, owner_dsn) as port:

        async def as_whom(own: Pair | None, believed: Path = authority.certificate) -> str:
            service = Service(f"https://localhost:{port}", trust(believed, own))
            try:
                return (await service.hand_over(piece)).outcome
            except (ErpUnavailable, ErpRefused) as error:
                return f"{type(error).__name__}: {error}"
            finally:
                await service.close()

        assert (await as_whom(None)).startswith("ErpUnavailable")
        assert (await as_whom(other.sign("kassel"))).startswith("ErpUnavailable")
        assert "cannot be reached" in await as_whom(authority.sign("kassel"), other.certificate)
        assert "no collector 'bergen' is let in" in await as_whom(authority.sign("bergen"))
        assert "may not tell of 'KAS'" in await as_whom(authority.sign("lyon"))
        assert await as_whom(authority.sign("kassel")) == "taken"
    with psycopg.connect(owner_dsn) as owner:
        named = owner.execute("select distinct source from app.signal order by 1").fetchall()
    assert ("kassel/hall",) in named
    assert all(source.startswith("kassel/") for (source,) in named)


async def test_a_service_that_forgot_a_source_is_told_again_and_nonsense_lies_aside(
    tmp_path: Path, authority: Authority, owner_dsn: str, store: Store
) -> None:
    """A database that was set back costs nothing; what is no batch holds up nothing behind it."""
    began = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
    async with intake(tmp_path, authority, owner_dsn) as port:
        service = Service(f"https://localhost:{port}", trust(authority.certificate, authority.sign("kassel")))
        oven = Oven()
        with Buffer.open(tmp_path / "b.db", 2**24) as buffer:
            buffer._insert(1, "hall", "batch", 1, b"nonsense")
            collector = Collector({"hall": oven}, buffer, service)
            task = asyncio.create_task(collector.run(first_pause_s=0.02, tell_s=0.1))
            said = await oven.say(3, began)
            await kept(store, lambda found: set(said) <= set(found))
            assert buffer.standing().set_aside == 1
            with psycopg.connect(owner_dsn) as owner:
                owner.execute("delete from app.signal_now")
                owner.execute("delete from app.signal_flaw")
                owner.execute("delete from app.samples")
                owner.execute("delete from app.signal")
            later = await oven.say(3, began + timedelta(minutes=1))
            await kept(store, lambda found: found == later)
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        await service.close()
