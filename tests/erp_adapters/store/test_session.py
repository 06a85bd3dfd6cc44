"""A read is one consistent snapshot, read only, and fails with words that say what to do."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import psycopg
import pytest

from erp_adapters.caller import Caller
from erp_adapters.errors import ConfigurationError, ErpError, RecordNotFound, StoreUnavailable
from erp_adapters.store import ADMIN_ROLE, Person, Store, make_demo_home, save_people
from erp_adapters.store.ids import new_id
from tests.conftest import Database
from tests.erp_adapters.store.records import insert

ANNA = Caller("anna", "Anna", frozenset({"planner"}), frozenset({"KS"}), frozenset({"1000"}))


async def test_rows_come_with_names_and_exact_values(store: Store) -> None:
    async with store.reading(ANNA) as tx:
        found = await tx.fetch(
            "select 0.100000::numeric(20,6) as share, %(when)s::timestamptz as at, null as nothing",
            {"when": datetime(2014, 5, 1, tzinfo=UTC)},
        )
    assert found.columns == ("share", "at", "nothing")
    assert found.rows == ((Decimal("0.100000"), datetime(2014, 5, 1, tzinfo=UTC), None),)


async def test_a_percent_sign_needs_doubling_only_beside_parameters(store: Store) -> None:
    async with store.reading(ANNA) as tx:
        assert (await tx.fetch("select 'a' like '%a'")).rows == ((True,),)
        assert (await tx.fetch("select %(x)s::text like '%%a'", {"x": "a"})).rows == ((True,),)


async def test_all_queries_of_a_transaction_see_the_same_data(store: Store, owner_dsn: str) -> None:
    count = "select count(*) from erp.supplier"
    async with store.reading(ANNA) as tx:
        before = await tx.fetch(count)
        with psycopg.connect(owner_dsn) as loader:
            insert(loader, "supplier", "KS", "1000", "late")
        assert await tx.fetch(f"{count} where true") == before
    async with store.reading(ANNA) as tx:
        assert await tx.fetch(count) != before


async def test_what_a_transaction_asked_is_not_asked_again(store: Store) -> None:
    """Unless a value differs: by its type or its places, too."""
    moment, value = "select clock_timestamp(), %(x)s::text", {"x": Decimal("1.0")}
    async with store.reading(ANNA) as tx:
        first = await tx.fetch(moment, value)
        assert await tx.fetch(moment, dict(value)) is first
        for other in (Decimal("1.00"), 1, True, "1", [1]):
            assert (await tx.fetch(moment, {"x": other})).rows != first.rows
    async with store.reading(ANNA) as tx:
        assert (await tx.fetch(moment, value)).rows != first.rows


_BEGIN = "insert into app.conversation (id, subject, title) values (%(id)s, %(subject)s, %(title)s)"
_TITLES = "select title, current_setting('plantwright.subject') from app.conversation where id = %(id)s"


@pytest.mark.parametrize("title", ["it's", "a \\' b; commit; --", "100 % %(id)s", "ü \U0001f600\n"])
async def test_statements_at_once_are_one_transaction(store: Store, title: str) -> None:
    """Their values stay values, nothing of the scope is left, and they see what those before them wrote."""
    key = new_id()
    values = {"id": key, "subject": "anna", "title": title}
    nothing, found = await store.at_once(ANNA, (_BEGIN, values), (_TITLES, {"id": key}), read_only=False)
    assert (nothing.rows, found.columns[0], found.rows) == ((), "title", ((title, "anna"),))
    other = Caller("ben", "Ben", frozenset(), frozenset(), frozenset())
    (hidden,) = await store.at_once(other, (_TITLES, {"id": key}))
    assert hidden.rows == ()
    left = await store.at_the_door("select current_setting('plantwright.subject', true)", {})
    assert left.rows[0][0] in (None, "")


async def test_of_statements_at_once_all_or_none_are_kept(store: Store) -> None:
    """One that fails takes the others along, and the next question finds a connection that works."""
    key = new_id()
    begun = (_BEGIN, {"id": key, "subject": "anna", "title": ""})
    with pytest.raises(ErpError):
        await store.at_once(ANNA, begun, ("select 1 / 0", {}), read_only=False)
    with pytest.raises(ErpError):
        await store.at_once(ANNA, begun)
    (found,) = await store.at_once(ANNA, (_TITLES, {"id": key}))
    assert found.rows == ()


@pytest.mark.parametrize(
    "sql",
    [
        "insert into app.conversation (id, subject) values (gen_random_uuid(), 'anna')",
        "create temporary table t (x int)",
        "select nextval('x')",
    ],
)
async def test_a_read_transaction_writes_nothing(store: Store, sql: str) -> None:
    with pytest.raises(ErpError):
        async with store.reading(ANNA) as tx:
            await tx.fetch(sql)


async def test_two_statements_in_one_text_are_refused(store: Store) -> None:
    with pytest.raises(ErpError, match="multiple commands"):
        async with store.reading(ANNA) as tx:
            await tx.fetch("select 1; select 2")


async def test_an_unknown_column_is_named(store: Store) -> None:
    with pytest.raises(ErpError, match="nonsense"):
        async with store.reading(ANNA) as tx:
            await tx.fetch("select nonsense from erp.stock")


async def test_a_slow_query_is_stopped(dsn: str) -> None:
    async with await Store.open(dsn, statement_timeout_ms=50) as store:
        with pytest.raises(ErpError, match="shorter period"):
            async with store.reading(ANNA) as tx:
                await tx.fetch("select pg_sleep(5)")


async def test_a_full_pool_says_so(dsn: str) -> None:
    async with await Store.open(dsn, max_size=1, acquire_timeout_s=0.1) as store, store.reading(ANNA):
        with pytest.raises(StoreUnavailable, match="overloaded"):
            async with store.reading(ANNA):
                pass


async def test_a_database_that_is_not_there(database: Database) -> None:
    for dsn in (database.server.dsn(database="absent"), "postgresql://x@127.0.0.1:1/x"):
        with pytest.raises(StoreUnavailable, match="database"):
            await Store.open(dsn, acquire_timeout_s=0.5)


async def test_a_closed_store_says_so(dsn: str) -> None:
    store = await Store.open(dsn)
    await store.close()
    with pytest.raises(StoreUnavailable, match="closed"):
        await store.caller("anna")


@pytest.mark.parametrize("codes", [{"KS,VI"}, {""}, {"KS\x00"}, {"K" * 65}])
async def test_codes_that_could_widen_a_scope_never_reach_the_database(store: Store, codes: set[str]) -> None:
    for caller in (
        Caller("anna", "Anna", frozenset(), frozenset(codes), frozenset()),
        Caller("anna", "Anna", frozenset(), frozenset({"KS"}), frozenset(codes)),
    ):
        with pytest.raises(ConfigurationError, match="cannot be a site, company or role code"):
            async with store.reading(caller):
                pass


async def test_a_subject_that_no_database_can_hold_is_refused(store: Store) -> None:
    with pytest.raises(ConfigurationError, match="subject"):
        await store.caller("a\x00b")


async def test_callers_come_from_the_people_table(store: Store, owner_dsn: str) -> None:
    save_people(
        owner_dsn,
        [
            Person("anna", "Anna", ("planner", "buyer"), ("KS", "VI"), ("1000",), locale="de"),
            Person("left", "Left", ("planner",), ("KS",), active=False),
        ],
    )
    assert await store.caller("anna") == Caller(
        "anna", "Anna", frozenset({"planner", "buyer"}), frozenset({"KS", "VI"}), frozenset({"1000"}), "de"
    )
    for subject in ("left", "nemo", "", "anna' or true --"):
        with pytest.raises(RecordNotFound) as caught:
            await store.caller(subject)
        assert str(caught.value) == f"nobody is known as {subject!r}"
    with pytest.raises(ConfigurationError, match="people of its own"):
        make_demo_home(owner_dsn)


async def test_a_connection_that_the_server_ended_is_replaced(store: Store, database: Database) -> None:
    """Nobody's question meets it, although the server is not asked before each."""
    async with store.reading(ANNA) as tx:
        ended = (await tx.fetch("select pg_backend_pid()")).rows[0][0]
    with psycopg.connect(database.dsn(ADMIN_ROLE)) as admin:
        admin.execute("select pg_terminate_backend(%s, 2000)", (ended,))
    async with store.reading(ANNA) as tx:
        assert (await tx.fetch("select pg_backend_pid()")).rows[0][0] != ended


async def test_one_reading_after_another_has_the_same_connection(store: Store) -> None:
    """Server processes have caches of their own: one that is warm answers sooner than eight by turns."""
    async with store.reading(ANNA), store.reading(ANNA), store.reading(ANNA):
        assert store.connections()["pool_size"] >= 3
    taken = set()
    for _ in range(6):
        async with store.reading(ANNA) as tx:
            taken |= set((await tx.fetch("select pg_backend_pid()")).rows)
    assert len(taken) == 1


async def test_what_is_surely_asked_comes_with_the_beginning(store: Store) -> None:
    """In the same snapshot and scope, and is not asked again."""
    asked = "select clock_timestamp()::text, current_setting('plantwright.subject', true)"
    async with store.reading(ANNA, asked, "select 'second'") as tx:
        first = await tx.fetch(asked)
        assert first.rows[0][1] == ANNA.subject
        assert await tx.fetch(asked) == first
        assert (await tx.fetch("select 'second'")).rows == (("second",),)
