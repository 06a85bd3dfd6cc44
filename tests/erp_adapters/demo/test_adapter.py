"""The demo in the store: complete, the same at each build, seen by site, and never half there."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from erp_adapters.demo.adapter import DemoReport, build_demo
from erp_adapters.demo.plants import plants_of
from erp_adapters.demo.storing import take_lock
from erp_adapters.errors import ConfigurationError, ImportRunning
from erp_adapters.store import Person, Store, freshness, save_people
from erp_adapters.store.lineage import lineage
from erp_adapters.store.loading import LoadProgress
from tools.metrics.catalogue import packaged_catalogue

PLANTS = plants_of("small")
PROCESS_ONLY = {"recipe", "recipe_phase"}


@pytest.fixture(scope="module")
def report(owner_dsn: str) -> DemoReport:
    return asyncio.run(build_demo(owner_dsn, size="small"))


@pytest.fixture
def owner(owner_dsn: str, report: DemoReport) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(owner_dsn) as connection:
        yield connection


def counts(owner: psycopg.Connection[Any]) -> dict[tuple[str, str], int]:
    """Rows of the demo by table and site."""
    tables = owner.execute(
        "select c.table_name from information_schema.columns c join information_schema.tables t"
        " using (table_schema, table_name) where c.table_schema = 'erp' and t.table_type = 'BASE TABLE'"
        " and c.column_name = 'ingested_at' and c.table_name <> 'provenance'"
    ).fetchall()
    found = {}
    for (table,) in tables:
        query = f"select site, count(*) from erp.{table} where source_system = 'demo' group by site"
        found.update({(table, site): rows for site, rows in owner.execute(query.encode()).fetchall()})
    return found


def test_report_says_what_is_there(owner: psycopg.Connection[Any], report: DemoReport) -> None:
    """Rows by table and site as stored, under the demo's name and the load's id."""
    reported = {(r.record, load.site): r.loaded for load in report.loads for r in load.records}
    stored = counts(owner)
    own = {"site", "ledger_period", "ledger_balance"}  # made from the others
    assert {key: rows for key, rows in stored.items() if key[0] not in own} == reported
    assert report.loaded == sum(reported.values())
    loads = owner.execute("select site, load_id, rows from erp.load where status = 'loaded'").fetchall()
    assert {(load.site, load.load_id, load.loaded) for load in report.loads} <= set(loads)
    named = owner.execute("select site, name, currency, time_zone from erp.site order by site").fetchall()
    assert named == sorted((plant.code, plant.name, plant.currency, plant.time_zone) for plant in PLANTS)
    assert len({currency for _, _, currency, _ in named}) == 6


def test_every_table_of_the_catalogue_has_rows(owner: psycopg.Connection[Any]) -> None:
    """No metric is without data at any plant; recipes are the process plant's, changeovers the others'."""
    stored = counts(owner)
    entities = packaged_catalogue().entities.values()
    tables = {entity.table for entity in entities} | {e.lines_table for e in entities if e.lines_table}
    missing = {(table, plant.code) for table in tables for plant in PLANTS} - stored.keys()
    of_process = {plant.code for plant in PLANTS if plant.is_process}
    assert {(table, site) for table, site in missing if table not in ("recipe", "recipe_phase")} == set()
    assert {site for _, site in missing} == {plant.code for plant in PLANTS} - of_process


def test_periods_are_the_sums_of_their_lines(owner: psycopg.Connection[Any]) -> None:
    """What period questions read is what the lines say."""
    apart = owner.execute(
        "select count(*) from (select site, company, date_trunc('month', posted_on)::date as month,"
        " account_id, coalesce(cost_centre_id, '') as cost_centre_id, scenario, currency,"
        " sum(amount) as amount, count(*) as lines from erp.ledger_line group by 1, 2, 3, 4, 5, 6, 7) l"
        " full join erp.ledger_period p"
        " using (site, company, month, account_id, cost_centre_id, scenario, currency, amount, lines)"
        " where l.site is null or p.site is null"
    ).fetchone()
    assert apart == (0,)


@pytest.mark.slow
def test_building_again_gives_the_same(owner_dsn: str, report: DemoReport) -> None:
    """Same rows in the place of the old ones, same checksums; somebody who waits sees progress."""
    told: list[LoadProgress] = []
    with psycopg.connect(owner_dsn) as owner:
        before = counts(owner)
    again = asyncio.run(build_demo(owner_dsn, told.append, size="small"))
    with psycopg.connect(owner_dsn) as owner:
        assert counts(owner) == before
    assert again.checksums == report.checksums
    assert [load.checksum for load in again.loads] == [load.checksum for load in report.loads]
    assert {load.load_id for load in again.loads}.isdisjoint(load.load_id for load in report.loads)
    assert [now.name for now in told if now.step == "reading"] == [plant.name for plant in PLANTS]
    assert {"material of Kassel", "ledger_line of Greenville"} <= {now.name for now in told}


@pytest.mark.slow
def test_a_stopped_build_leaves_what_was_there(owner_dsn: str, report: DemoReport) -> None:
    """Ctrl-C in the middle of storing: the rows, loads and their ids stay those of the last build."""
    with psycopg.connect(owner_dsn) as owner:
        before = counts(owner), owner.execute("select * from erp.load order by 1").fetchall()

    async def stopped() -> None:
        build: asyncio.Task[DemoReport]
        loop = asyncio.get_running_loop()

        def progress(now: LoadProgress) -> None:
            if now.step == "storing" and now.position == 2 and "stock" in now.name:
                loop.call_soon_threadsafe(build.cancel)

        build = asyncio.create_task(build_demo(owner_dsn, progress, size="small"))
        with pytest.raises(asyncio.CancelledError):
            await build

    asyncio.run(stopped())
    with psycopg.connect(owner_dsn) as owner:
        assert (counts(owner), owner.execute("select * from erp.load order by 1").fetchall()) == before


def test_only_one_builds_at_a_time(owner_dsn: str, report: DemoReport) -> None:
    """The second is told so, and changes nothing."""
    with psycopg.connect(owner_dsn) as first:
        take_lock(first)
        with pytest.raises(ImportRunning, match="already"):
            asyncio.run(build_demo(owner_dsn, size="small"))


async def test_people_see_their_sites(dsn: str, owner_dsn: str, report: DemoReport) -> None:
    """A planner of one plant sees nothing of the other, in any table; the planner of both sees both."""
    with psycopg.connect(owner_dsn) as owner:
        tables = sorted({table for table, _ in counts(owner)})
    every = " union ".join(f"select '{table}', site from erp.{table}" for table in [*tables, "load"])
    async with await Store.open(dsn) as store:
        for subject, sites in (
            ("planner.kassel", {"KAS"}),
            ("planner.greenville", {"GRV"}),
            ("planner", {plant.code for plant in PLANTS}),
        ):
            caller = await store.caller(subject)
            async with store.reading(caller) as tx:
                seen = {(str(table), str(site)) for table, site in (await tx.fetch(every)).rows}
                assert {site for _, site in seen} == sites
                assert {table for table, _ in seen} >= set(tables) - PROCESS_ONLY
                assert {one.site for one in await freshness(tx)} == sites
        for person in report.people:
            assert (await store.caller(person.subject)).roles == set(person.roles)
    roles = {"planner", "buyer", "controller", "inventory", "production", "steward", "admin"}
    slugs = [plant.name.lower().replace(" ", "-") for plant in PLANTS]
    at_a_site = {f"{role}.{slug}" for role in ("planner", "buyer", "controller") for slug in slugs}
    assert {person.subject for person in report.people} == roles | at_a_site
    kassel = next(person for person in report.people if person.subject == "planner.kassel")
    assert kassel.mrp_controllers == ("K01",)


async def test_a_flag_can_be_traced(dsn: str, report: DemoReport) -> None:
    """Lineage names the load and the reason of the flag."""
    async with (
        await Store.open(dsn) as store,
        store.reading(await store.caller("planner.kassel")) as tx,
    ):
        (row,) = await lineage(tx, "material", "material/5008")
    assert row.source_system == "demo"
    assert "standard cost" in row.flags["no_standard_cost"]


def test_a_home_with_people_of_its_own_is_left_alone(owner_dsn: str) -> None:
    """Runs last: it takes the demo's mark from the home."""
    with psycopg.connect(owner_dsn) as owner:
        owner.execute("update app.home set is_demo = false")
        owner.execute("delete from erp.person")
        before = owner.execute("select count(*) from erp.load").fetchone()
    save_people(owner_dsn, [Person("p-1", "Somebody", ("planner",), ("X",))])
    with pytest.raises(ConfigurationError, match="people of its own"):
        asyncio.run(build_demo(owner_dsn, size="small"))
    with psycopg.connect(owner_dsn) as owner:
        assert owner.execute("select count(*) from erp.load").fetchone() == before
