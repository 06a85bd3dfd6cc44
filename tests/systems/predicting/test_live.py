"""A quantity of a live endpoint from its training to its suspension, in a home, as people see it."""

from __future__ import annotations

import asyncio
import csv
import subprocess
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest

from erp_adapters.caller import Caller
from erp_adapters.store import OWNER_ROLE, Store
from erp_adapters.store.provision import WORKER_ROLE
from eval.reference_models.history import header, history, wanted
from policies.predictors.register import Predictors
from policies.predictors.registered import registration_of
from server.predicting.endpoints import Endpoints
from server.predicting.running import DailyRun, Ran
from tests.conftest import Database
from tests.policies.recorded import Recorded
from tests.systems.predicting.mlserver import IS_THERE, WHY, serving, train
from tests.tools.asking import Asking, column
from tests.tools.predicting.test_supplier_lateness import Trail
from tools.predicting.forecasts import forecasting_with
from tools.results import ToolResult

pytestmark = [pytest.mark.systems, pytest.mark.skipif(not IS_THERE, reason=WHY)]
PLANNER = Caller("planner", "P", frozenset({"planner"}), frozenset({"KAS"}), frozenset())
NOW = datetime(2026, 4, 1, 8, tzinfo=UTC)
MODEL = "demand_four_weeks"


class Plant:
    """Kassel with a model of its own demand, and everybody who has to do with it."""

    def __init__(self, home: Database, endpoints: Endpoints) -> None:
        self.home, self.endpoints = home, endpoints
        self.predictors = Predictors(home.dsn(), Recorded(), lambda: NOW)

    async def asked(self) -> ToolResult:
        async with await Store.open(self.home.dsn()) as store:
            return await Asking(store, PLANNER)(forecasting_with(self.endpoints.ask)[0], site="Kassel")

    async def ran(self, weeks_back: int = 0) -> Ran:
        async with await Store.open(self.home.dsn(WORKER_ROLE)) as worker:
            run = DailyRun(self.home.dsn(WORKER_ROLE), worker, self.endpoints.ask, Trail(), lambda: NOW)
            [done] = await run.run(weeks_back=weeks_back, only="KAS")
            return done

    async def let_in(self, reason: str) -> None:
        async with await Store.open(self.home.dsn()) as store:
            admin = await store.caller("admin")
            await self.predictors.decide(admin, MODEL, "1", "KAS", "active", reason)


@pytest.fixture(scope="module")
def served(
    demo_apart: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Path, str, subprocess.Popen[bytes]]]:
    """A model of demand that was trained on the home's own history."""
    folder = tmp_path_factory.mktemp("models")
    everyone = frozenset(("KAS", "HAM"))
    upkeep = Caller("system", "system", frozenset(), everyone, frozenset())

    async def rows() -> list[tuple[object, ...]]:
        async with await Store.open(demo_apart.dsn()) as store, store.reading(upkeep) as tx:
            return [tuple(row) for row in await history(tx, wanted("demand", 300))]

    found = asyncio.run(rows())
    with (folder / "rows.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(header("demand"))
        writer.writerows(["" if cell is None else cell for cell in row] for row in found)
    train(folder / "rows.csv", folder, "--kind", "demand")
    with serving(folder, MODEL) as (url, process):
        yield folder, url, process


@pytest.fixture
async def plant(
    demo_apart: Database, served: tuple[Path, str, subprocess.Popen[bytes]]
) -> AsyncIterator[Plant]:
    # Nobody waits here: another program of the machine may well hold the server up for seconds.
    async with Endpoints(timeout_s=60.0) as endpoints:
        yield Plant(demo_apart, endpoints)


def notes(found: ToolResult) -> str:
    return " ".join(found.caveats)


async def test_from_shadow_to_suspension_and_back(
    plant: Plant, served: tuple[Path, str, subprocess.Popen[bytes]]
) -> None:
    """It speaks only where a person let it in; drifted or silent, the rule answers and says so."""
    folder, url, process = served
    entry = registration_of(folder / MODEL / "registration.toml").model_copy(update={"url": url})
    async with await Store.open(plant.home.dsn()) as store:
        await plant.predictors.register(await store.caller("admin"), entry, ("KAS",))
    in_shadow = await plant.asked()
    assert set(column(in_shadow.tables[0], "basis")) == {"rule"}
    assert f"{MODEL} version 1 runs in shadow" in notes(in_shadow)

    done = await plant.ran(weeks_back=30)
    assert (done.trouble, done.suspended) == ("", "")
    assert done.record.outcomes >= 50
    await plant.let_in("as good as the rule in shadow")
    live = await plant.asked()
    assert set(column(live.tables[0], "basis")) == {"model"}
    assert f"{MODEL} version 1, calibrated on {done.record.outcomes} outcomes" in notes(live)
    assert any(f"{MODEL} version 1" in flag for proof in live.evidence for flag in proof.flags)
    for low, value, high in zip(
        *(column(live.tables[0], name) for name in ("low", "expected", "high")), strict=True
    ):
        assert isinstance(low, Decimal)
        assert isinstance(high, Decimal)
        assert low <= value <= high  # type: ignore[operator]
        assert low < high

    # What half of the materials see is another business than the one that it was trained on.
    with psycopg.connect(plant.home.dsn(OWNER_ROLE), autocommit=True) as owner:
        owner.execute(
            "update erp.sales_line l set ordered = ordered * 9 from erp.sales_order o"
            " where o.site = l.site and o.order_id = l.order_id and l.site = 'KAS'"
            " and o.ordered_on > %s::date - 120 and hashtext(l.material_id) %% 2 = 0",
            (NOW.date(),),
        )
        owner.execute("alter table app.foretold disable trigger user")
        owner.execute(
            "delete from app.foretold where site = 'KAS' and for_day > %s::date - 56", (NOW.date(),)
        )
        owner.execute("alter table app.foretold enable trigger user")
    off = await plant.ran(weeks_back=8)
    assert off.suspended, "what it was trained on is no more"
    after = await plant.asked()
    assert set(column(after.tables[0], "basis")) == {"rule"}
    assert after.suggestions == ()
    assert "is suspended" in notes(after)
    await plant.let_in("looked at: the new customer stays")
    assert set(column((await plant.asked()).tables[0], "basis")) == {"model"}
    process.kill()
    process.wait(20)
    async with Endpoints() as endpoints:
        silent = await Plant(plant.home, endpoints).asked()
    assert set(column(silent.tables[0], "basis")) == {"rule"}
    assert "gave no answer" in notes(silent)
