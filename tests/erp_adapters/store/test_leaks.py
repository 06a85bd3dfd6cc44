"""A person of one site gets no row, number or text of another, however they ask."""

from __future__ import annotations

import asyncio

import psycopg
import pytest

from erp_adapters.caller import Caller
from erp_adapters.errors import ErpError
from erp_adapters.store import OWNER_ROLE, Store
from tests.conftest import Database
from tests.erp_adapters.store.records import insert, scoped_tables

SECRET = "SECRET"
COMPANIES = {"KS": "1000", "VI": "2000"}
TEXTS = {"KS": "10", "VI": SECRET}
KASSEL = Caller("anna", "Anna", frozenset({"planner"}), frozenset({"KS"}), frozenset({"1000"}))
VIENNA = Caller("vera", "Vera", frozenset({"planner"}), frozenset({"VI"}), frozenset({"2000"}))
VIEWS = ("ledger_day",)
"""What shows the rows of a table in another shape, under the scope of whoever asks."""
NOBODY = Caller("nemo", "Nemo", frozenset(), frozenset(), frozenset())


@pytest.fixture(scope="module", autouse=True)
def tables(database: Database, second_database: Database) -> list[str]:
    """A row of Kassel in every table of both databases, and in the first one a row of Vienna beside it.

    Vienna's rows are poison: a cast or a division that touched them would fail.
    """
    names: list[str] = []
    for place, sites in ((database, ("KS", "VI")), (second_database, ("KS",))):
        with psycopg.connect(place.dsn(OWNER_ROLE)) as connection:
            names = scoped_tables(connection)
            for table in names:
                for site in sites:
                    insert(connection, table, site, COMPANIES[site], TEXTS[site])
            connection.execute("update erp.document_chunk set embedding = '[0,1,0]' where site = 'KS'")
            connection.execute("update erp.stock set quantity = 5 where site = 'KS'")
            connection.execute("analyze erp.stock")
    return names


async def rows(store: Store, caller: Caller, sql: str) -> list[tuple[object, ...]]:
    async with store.reading(caller) as tx:
        return list((await tx.fetch(sql)).rows)


async def test_every_table_shows_a_person_only_their_site(store: Store, tables: list[str]) -> None:
    assert len(tables) > 60
    for caller, site in ((KASSEL, "KS"), (VIENNA, "VI")):
        async with store.reading(caller) as tx:
            for table in (*tables, *VIEWS):
                assert (await tx.fetch(f"select site, count(*) from erp.{table} group by 1")).rows == (
                    (site, 1),
                ), table


async def test_no_scope_shows_nothing(store: Store, dsn: str, tables: list[str]) -> None:
    async with store.reading(NOBODY) as tx:
        for table in (*tables, *VIEWS):
            assert (await tx.fetch(f"select count(*) from erp.{table}")).rows == ((0,),), table
    with psycopg.connect(dsn) as raw:
        for table in tables:
            assert raw.execute(f"select count(*) from erp.{table}").fetchone() == (0,), table


@pytest.mark.parametrize("table", ["ledger_line", "ledger_period", "budget", "company", "fiscal_period"])
async def test_a_ledger_needs_the_company_as_well_as_the_site(store: Store, table: str) -> None:
    outsider = Caller("otto", "Otto", frozenset(), frozenset({"KS", "VI"}), frozenset({"2000"}))
    assert await rows(store, outsider, f"select company from erp.{table}") == [("2000",)]
    planner = Caller("paul", "Paul", frozenset(), frozenset({"KS", "VI"}), frozenset())
    assert await rows(store, planner, f"select company from erp.{table}") == []


async def test_ledger_rows_without_a_company_belong_to_their_site(store: Store, owner_dsn: str) -> None:
    with psycopg.connect(owner_dsn) as connection:
        insert(connection, "ledger_line", "KS", "", "whole-site", line_id="whole-site")
    try:
        asked = "select count(*) from erp.ledger_line where company = ''"
        assert await rows(store, KASSEL, asked) == [(1,)]
        assert await rows(store, VIENNA, asked) == [(0,)]
        assert await rows(store, NOBODY, asked) == [(0,)]
    finally:
        with psycopg.connect(owner_dsn) as connection:
            connection.execute("delete from erp.ledger_line where company = ''")


@pytest.mark.parametrize(
    "sql",
    [
        "select count(*), sum(quantity), min(shelf), max(shelf) from erp.stock where site <> 'KS'",
        "select string_agg(distinct shelf, ',') from erp.stock",
        "select json_agg(s)::text from erp.stock s",
        "select sum(amount), sum(lines) from erp.ledger_period where company = '2000'",
        "select count(*) from erp.stock where quantity / quantity = 1",
        "select sum(1 / quantity) from erp.stock",
        "select count(*) from erp.stock where shelf::int = 10",
        "select shelf::int from erp.stock",
        "select count(*) from erp.stock where shelf::int > 0 and site = 'VI'",
        "select sum(shelf::int) over () from erp.stock",
        "select site, sum(shelf::int) from erp.stock group by 1 having sum(shelf::int) > 0",
        "select count(*) from (select * from erp.stock offset 0) s where shelf::int > 0",
        "select x from erp.stock s, lateral (select s.shelf::int as x) y",
        "select case when shelf::int > 0 then shelf end from erp.stock",
        "select count(*) from erp.stock where shelf ~ '^SEC'",
        "select exists (select from erp.stock where shelf = 'SECRET')",
        "select exists (select from erp.stock where shelf like 'SEC%')",
        "select m.number from erp.material m where exists (select from erp.stock s where s.shelf::int > 0)",
        "select count(*) from erp.material m where not exists (select from erp.stock s where s.site = 'VI')",
        "select k.site, v.site from erp.material k join erp.material v on v.site <> k.site",
        "select s.shelf from erp.stock s full join erp.material m using (site)",
        "(select shelf from erp.stock) union (select name from erp.material) except (select '10')",
        "select text from erp.document_chunk order by embedding <-> '[1,0,0]' limit 3",
        "select text, embedding <=> '[1,0,0]' from erp.document_chunk order by 2 limit 3",
        "select avg(embedding)::text from erp.document_chunk where embedding <-> '[1,0,0]' < 0.1",
        "select row from erp.quarantine",
        "select count(*) from erp.stock, erp.material, erp.supplier, erp.ledger_line",
        "select percentile_disc(0.1) within group (order by quantity) from erp.stock",
        "select quantity from erp.stock order by quantity limit 1",
        "select count(*) from erp.stock tablesample system (100)",
        "select count(*) from erp.stock where ctid is not null",
        "select name from erp.person",
        "select most_common_vals::text from pg_stats where schemaname = 'erp'",
        "select histogram_bounds::text from pg_stats where schemaname = 'erp'",
        "with w as materialized (select app.enter_scope('x', array['VI'], array['2000'], 1000))"
        " select shelf from w, erp.stock",
        "with w as materialized (select set_config('plantwright.sites', 'VI', true))"
        " select shelf from w, erp.stock",
        "select shelf, set_config('plantwright.sites', 'KS,VI', true) from erp.stock",
        "select 1; set local plantwright.sites = 'KS,VI'; select shelf from erp.stock",
    ],
)
async def test_a_query_answers_as_if_the_other_site_did_not_exist(
    store: Store, second_database: Database, sql: str
) -> None:
    """The same rows, or the same error, as in a database that holds only the person's own site."""
    async with await Store.open(second_database.dsn()) as alone:
        assert await outcome(store, sql) == await outcome(alone, sql)


async def outcome(store: Store, sql: str) -> str:
    try:
        return str(await rows(store, KASSEL, sql))
    except ErpError as error:
        return f"{error} | {error.__cause__}"


async def test_errors_about_ones_own_values_do_not_quote_them(store: Store, owner_dsn: str) -> None:
    with pytest.raises(ErpError) as caught:
        await rows(store, VIENNA, "select shelf::int from erp.stock")
    assert SECRET not in str(caught.value)


async def _fail_while_reading(store: Store) -> None:
    async with store.reading(VIENNA) as tx:
        await tx.fetch("select site from erp.stock")
        raise ZeroDivisionError


async def test_a_pooled_connection_forgets_its_person(dsn: str) -> None:
    """One connection, many borrowers: after success, errors and cancellation the next sees only its own."""
    asked = "select site from erp.stock"
    async with await Store.open(dsn, max_size=1, acquire_timeout_s=2.0) as store:
        for round_ in range(3):
            assert await rows(store, VIENNA, asked) == [("VI",)]
            with pytest.raises(ErpError):
                await rows(store, VIENNA, "select 1 / 0")
            assert await rows(store, KASSEL, asked) == [("KS",)]
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(rows(store, VIENNA, "select pg_sleep(60)"), 0.05)
            assert await rows(store, NOBODY, asked) == []
            with pytest.raises(ZeroDivisionError):
                await _fail_while_reading(store)
            assert await rows(store, KASSEL, asked) == [("KS",)], round_


async def test_crossing_askers_never_see_each_other(dsn: str) -> None:
    """Two hundred reads of two people over three connections, a third of them cancelled midway."""
    async with await Store.open(dsn, max_size=3) as store:

        async def ask(number: int) -> None:
            caller, site = ((KASSEL, "KS"), (VIENNA, "VI"))[number % 2]
            if number % 3 == 0:
                with pytest.raises(asyncio.TimeoutError):
                    await asyncio.wait_for(rows(store, caller, "select pg_sleep(1)"), 0.03)
            else:
                async with store.reading(caller) as tx:
                    await asyncio.sleep(0.001 * (number % 5))
                    found = await tx.fetch(
                        "select distinct site from erp.stock union all select site from erp.material"
                    )
                    assert set(found.rows) == {(site,)}

        await asyncio.gather(*(ask(number) for number in range(200)))


async def test_answers_and_choices_belong_to_one_person(store: Store) -> None:
    """Conversations cannot be read, changed, or written under another's name."""
    choose = (
        "insert into app.chosen_reading (subject, wording, words, calls) values (%(subject)s, 'w', 'x', '[]')"
    )
    async with store.remembering(KASSEL) as tx:
        await tx.execute(choose, {"subject": "anna"})
    asked = "select words from app.chosen_reading"
    assert await rows(store, KASSEL, asked) == [("x",)]
    assert await rows(store, VIENNA, asked) == []
    async with store.remembering(VIENNA) as tx:
        assert await tx.execute("update app.chosen_reading set words = 'y'") == 0
    with pytest.raises(ErpError, match="does not allow"):
        async with store.remembering(VIENNA) as tx:
            await tx.execute(choose, {"subject": "anna"})
    with pytest.raises(ErpError, match="does not allow"):
        async with store.remembering(KASSEL) as tx:
            await tx.execute("update app.chosen_reading set subject = 'vera'")
