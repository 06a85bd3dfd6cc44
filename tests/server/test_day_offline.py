"""A day on which one plant is away for nine hours: nothing is lost, and everything says how old it is."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from agents.answer import AnswerSource
from erp_adapters.caller import Caller
from erp_adapters.documents.embedding import packaged_embedder
from erp_adapters.errors import CopilotError
from erp_adapters.series.batch import moment
from erp_adapters.series.reading import samples, signals
from erp_adapters.store import OWNER_ROLE, Person, Store, save_people
from erp_adapters.store.outages import Outage
from policies.confirmation import Confirmations
from policies.proposals import Proposals
from server.collecting.sending import Service
from server.directory import StoreDirectory
from server.feeding import Wanted, read_again
from server.lateness import of_draft, outage_said
from server.settings import Settings
from server.systems import systems_of
from server.worker import working
from tests.conftest import Database
from tests.policies.fault_erp import FaultErp
from tests.policies.stand_ins import BUYER, PLANNER, StandInPolicy, StandInTrail, requisition
from tests.server.collecting.certificates import Authority
from tests.server.collecting.test_collecting import Losing, Oven, at_work, intake, kept, trust
from tests.server.stand_in import EVIDENCE, ranking
from tests.server.test_sync_command import make, sell
from tools.machines.tool import MachineValues, machine_values
from tools.registry import ToolContext

pytestmark = pytest.mark.slow
HOUR = timedelta(hours=1)
POLICY, TRAIL = StandInPolicy(), StandInTrail()


@dataclass
class Clock:
    """The wall's, of an hour of the day that a test has come to: the day ends now."""

    hours_left: float

    def __call__(self) -> datetime:
        return datetime.now(UTC) - self.hours_left * HOUR


class Day:
    """The plant, its ERP that is read, its ERP that is written to, and its machines."""

    def __init__(self, database: Database, folder: Path, store: Store) -> None:
        self.owner, self.folder, self.store = database.dsn(OWNER_ROLE), folder, store
        self.clock = Clock(10)
        self.erp = FaultErp(self.clock)
        self.system = systems_of(Settings(systems=folder / "systems.toml"))["shop"]

    async def read(self) -> None:
        with suppress(CopilotError):
            await read_again(self.owner, self.system, "KAS", Wanted(), packaged_embedder)

    def at(self, hours_left: float) -> None:
        """The hour comes: what the database noted since the plant was lost is as old as it would be."""
        passed = self.clock.hours_left - hours_left
        with psycopg.connect(self.owner) as owner:
            owner.execute("update erp.sync_feed set failing_since = failing_since - %s", (passed * HOUR,))
            owner.execute("alter table app.collector disable trigger user")
            owner.execute("update app.collector set heard_at = heard_at - %s", (passed * HOUR,))
            owner.execute("alter table app.collector enable trigger user")
        self.clock.hours_left = hours_left

    async def oldest(self) -> list[str]:
        """What is said of the machines' values."""
        async with self.store.reading(PLANNER) as tx:
            found = await machine_values.run(MachineValues(site="KAS"), ToolContext(PLANNER, tx))
        return list(found.caveats)

    async def stock(self) -> object:
        async with self.store.reading(PLANNER) as tx:
            found = await tx.fetch("select quantity::int from erp.stock where material_id = 'A1'")
        return found.rows[0][0]


@pytest.fixture
async def day(database: Database, tmp_path: Path, store: Store) -> Day:
    make(tmp_path)
    for file in ("systems.toml", "shop.yaml"):
        text = (tmp_path / file).read_text().replace("NOR", "KAS").replace('events = "env:SHOP_EVENTS"\n', "")
        (tmp_path / file).write_text(text)
    save_people(
        database.dsn(OWNER_ROLE),
        [Person("paula", "Paula", ("planner",), ("KAS",)), Person("ben", "Ben", ("buyer",), ("KAS",))],
    )
    return Day(database, tmp_path, store)


async def remembered(store: Store, caller: Caller, owner: str, asked_at: datetime) -> UUID:
    """An answer of that hour about the plant's stock."""
    answer = ranking("What is in stock in Kassel?")
    evidence = EVIDENCE.model_copy(update={"sources": (AnswerSource(system="shop", record="stock", rows=2),)})
    answer = answer.model_copy(update={"evidence": (evidence,), "caveats": ()})
    with psycopg.connect(owner) as made:
        made.execute(
            "insert into app.conversation (id, subject) values (%s, %s)",
            (answer.conversation, caller.subject),
        )
        made.execute(
            "insert into app.answer (id, conversation, subject, question, asked_at, answer)"
            " values (%s, %s, %s, %s, %s, %s)",
            (
                answer.id,
                answer.conversation,
                caller.subject,
                answer.question,
                asked_at,
                answer.model_dump_json(),
            ),
        )
    return UUID(answer.id)


async def becomes(holds: Callable[[], bool]) -> None:
    for _ in range(200):
        if holds():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it never came")


async def over(directory: StoreDirectory) -> Sequence[Outage]:
    found: Sequence[Outage] = ()
    for _ in range(100):
        found = await directory.outages(PLANNER)
        if len(found) == 2 and all(each.ended_at for each in found):
            return found
        await asyncio.sleep(0.05)
    raise AssertionError(f"they are not over: {found}")


async def test_a_plant_that_is_away_for_nine_hours_loses_nothing(
    day: Day, database: Database, tmp_path: Path, store: Store
) -> None:
    """Drafts queue and are written once, answers say their age, late data comes whole and is told."""
    authority, directory = Authority(tmp_path), StoreDirectory(store)
    began = datetime.now(UTC).replace(microsecond=0) - 10 * HOUR - timedelta(seconds=45)
    oven, said = Oven(), []
    async with intake(tmp_path, authority, day.owner) as port:
        context = trust(authority.certificate, authority.sign("kassel"))
        link = Losing(verify=context)
        service = Service(f"https://localhost:{port}", context, link)
        async with at_work(tmp_path, oven, service, day.clock):
            # Six o'clock: everything answers.
            await day.read()
            said += await oven.say(40, began)
            await kept(store, lambda found: found == said)
            assert await day.stock() == 40
            assert not any("does not answer" in each for each in await day.oldest())

            # Seven: the link is lost. The ERP cannot be read or written, machines go on, so does work.
            day.clock.hours_left = 9
            link.is_down = True
            day.erp.faults = deque(["unavailable"] * 1000)
            shop = (tmp_path / "shop.db").rename(tmp_path / "away.db")
            await day.read()
            for hour in range(9, 0, -1):
                day.at(hour)
                said += await oven.say(40, began + (10 - hour) * HOUR)
            day.at(5)
            assert any("kassel does not answer since" in each for each in await day.oldest())
            asked = await remembered(store, PLANNER, day.owner, day.clock())
            async with (
                await Proposals.open(
                    database.dsn(), policy=POLICY, trail=TRAIL, clock=day.clock
                ) as proposals,
                working(
                    database,  # type: ignore[arg-type]
                    {"KAS": day.erp},
                    policy=POLICY,
                    trail=TRAIL,
                    clock=day.clock,
                    sweep_every_s=0.1,
                ),
            ):
                today = day.clock().date()
                draft = requisition(needed_on=today + timedelta(days=5))
                draft = type(draft).model_validate(draft.model_dump(exclude={"grounds"}))
                made = await proposals.propose(PLANNER, draft, business_date=today)
                shown = made.shown
                await Confirmations(proposals).confirm(
                    BUYER, shown.proposal.id, shown.digest, business_date=today
                )
                await becomes(lambda: day.erp.calls > 0)
                assert (await proposals.read(PLANNER, shown.proposal.id)).state in (
                    "confirmed",
                    "dispatching",
                )
                assert (await directory.answer(PLANNER, str(asked))).caveats == ()

                # Four in the afternoon: the plant is back.
                day.at(0)
                shop.rename(tmp_path / "shop.db")
                sell(tmp_path, "update stock set qty = 35 where item = 'A1'")
                day.erp.faults.clear()
                link.is_down = False
                await day.read()
                found = await kept(store, lambda found: len(found) >= len(said))
                for _ in range(200):
                    if (await proposals.read(PLANNER, shown.proposal.id)).state == "executed":
                        break
                    await asyncio.sleep(0.05)
                assert [len(calls) for calls in day.erp.writers.values()] == [1]
            outages = await over(directory)
        await service.close()
    assert found == said
    assert len(day.erp.documents()) == 1
    assert await day.stock() == 35
    assert not any("does not answer" in each for each in await day.oldest())
    assert [
        (each.source, round((each.ended_at - each.began_at) / HOUR)) for each in outages if each.ended_at
    ] == [
        ("kassel", 9),
        ("shop", 9),
    ]
    assert "what it told later is here" in outage_said(outages[0])
    [caveat] = (await directory.answer(PLANNER, str(asked))).caveats
    assert "shop at KAS was away" in caveat
    async with store.reading(PLANNER) as tx:
        assert len(await of_draft(tx, "KAS", shown.proposal.created_at)) == 2
        assert await of_draft(tx, "HAM", shown.proposal.created_at) == ()
        [of] = await signals(tx)
        at, _, qualities = await samples(tx, of.signal, began, datetime.now(UTC))
    assert [moment(each) for each in at] == said
    assert not qualities.any(), "what was collected in time is not late"
