"""A fact's version changes when, and only when, something of its record that counts has changed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Any

import psycopg
import pytest

from erp_adapters.errors import DraftInvalid
from erp_adapters.store import Store
from policies.facts import FACTS, StoreFacts, drifted, fact, fact_versions
from tests.erp_adapters.store.records import insert
from tests.policies.stand_ins import caller

KAS = replace(caller("ben", "buyer", "KAS"), companies=frozenset({"1000"}))


@pytest.fixture
def owner(owner_dsn: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(owner_dsn, autocommit=True) as connection:
        for known in FACTS.values():
            connection.execute(f"delete from erp.{known.table}")
        yield connection


@pytest.fixture
async def facts_store(dsn: str) -> AsyncIterator[Store]:
    async with await Store.open(dsn) as store:
        yield store


@pytest.mark.parametrize("record", FACTS)
async def test_each_column_that_counts_counts(
    owner: psycopg.Connection[Any], facts_store: Store, record: str
) -> None:
    """Every record that drafts rely on: there, changed in each column, and gone."""
    known = FACTS[record]
    table = f"erp.{known.table}"
    insert(owner, known.table, "KAS", "", "7")
    key = ("7",)
    async with facts_store.reading(KAS) as tx:
        before = await fact(tx, record, "KAS", key)
    assert before.version.startswith("sha256:")
    for column in known.columns:
        if column in ("company", "status"):
            continue
        kept = owner.execute(f"select {column} from {table}").fetchone()[0]
        owner.execute(f"update {table} set {column} = {_other(owner, table, column)}")
        now = await StoreFacts(facts_store).versions(KAS, [before])
        assert drifted([before], now) == (f"{record.replace('_', ' ')} {' / '.join(key)} of KAS",), column
        owner.execute(f"update {table} set {column} = %s", (kept,))
    assert drifted([before], await StoreFacts(facts_store).versions(KAS, [before])) == ()
    owner.execute(f"update {table} set ingested_at = now(), load_id = gen_random_uuid()")
    assert drifted([before], await StoreFacts(facts_store).versions(KAS, [before])) == ()
    owner.execute(f"delete from {table}")
    (gone,) = await StoreFacts(facts_store).versions(KAS, [before])
    assert gone.version == "absent"


def _other(owner: psycopg.Connection[Any], table: str, column: str) -> str:
    kind = owner.execute(
        "select format_type(atttypid, null) from pg_attribute where attrelid = %s::regclass and attname = %s",
        (table, column),
    ).fetchone()[0]
    return {
        "numeric": f"coalesce({column}, 0) + 1",
        "integer": f"coalesce({column}, 0) + 1",
        "boolean": f"not coalesce({column}, false)",
        "date": "date '2031-01-01'",
        "timestamp with time zone": "timestamptz '2031-01-01 00:00+00'",
    }.get(kind, "'other'")


async def test_out_of_scope_a_fact_is_absent(owner: psycopg.Connection[Any], facts_store: Store) -> None:
    """Who sees no longer what they relied on, relies on nothing."""
    insert(owner, "supplier", "KAS", "", "7")
    async with facts_store.reading(KAS) as tx:
        before = await fact(tx, "supplier", "KAS", ("7",))
    now = await StoreFacts(facts_store).versions(caller("fred", "buyer", "OLO"), [before])
    assert drifted([before], now) == ("supplier 7 of KAS",)


async def test_unknown_records_are_named(facts_store: Store) -> None:
    """A record that nobody defined is a fault of the program, with what there is."""
    async with facts_store.reading(KAS) as tx:
        with pytest.raises(DraftInvalid, match="cannot rely on 'weather'"):
            await fact(tx, "weather", "KAS", ("7",))
        with pytest.raises(DraftInvalid, match="cannot rely on 'info_record'"):
            await fact(tx, "info_record", "KAS", ("7", "7", "7"))


async def test_many_are_read_as_each_alone(owner: psycopg.Connection[Any], facts_store: Store) -> None:
    """All kinds at once, several of a kind, with short keys, one twice, and some that are not there."""
    wanted = [(record, "KAS", (key,)) for record in FACTS for key in ("7", "8", "none")]
    wanted += [("quota", "KAS", ("7", "7")), ("material", "GRV", ("7",)), wanted[0]]
    for known in FACTS.values():
        for text in ("7", "8"):
            insert(owner, known.table, "KAS", "", text)
        insert(owner, known.table, "GRV", "", "7")
    async with facts_store.reading(KAS) as tx:
        alone = tuple([await fact(tx, *each) for each in wanted])
        assert await fact_versions(tx, wanted) == alone
    absent = [(one.record, one.site) for one in alone if one.version == "absent"]
    assert absent == [*((record, "KAS") for record in FACTS), ("material", "GRV")]
