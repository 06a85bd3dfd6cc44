"""The ledger benchmark measures right answers: exact sums, each asker's own companies, and says when not."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from erp_adapters.store import Store
from eval.benchmarks.ledger import COMPANIES, Yardstick, crowd, explain, fill, measure, person, report

LINES = 20_000


@pytest.fixture(scope="module")
def filled(owner_dsn: str) -> str:
    """Address, for the owner, of a store with synthetic ledger lines."""
    fill(owner_dsn, LINES, lambda text: None)
    return owner_dsn


async def test_answers_from_sums_are_compared_with_answers_from_lines(filled: str, store: Store) -> None:
    """A period sum that differs by a cent ends the benchmark instead of being timed."""
    timings = await measure(store, None)
    assert {timing.scope for timing in timings} == {"12 companies", "1 company"}
    assert "by account and month" in report(timings, await crowd(store, askers=4, rounds=1), 4, 8)
    change = (
        "update erp.ledger_period set amount = amount + %s where ctid = (select ctid from erp.ledger_period"
        " where scenario = 'actual' and company = '1000' order by month, account_id, cost_centre_id limit 1)"
    )
    with psycopg.connect(filled, autocommit=True) as connection:
        connection.execute(change, ["0.01"])
        with pytest.raises(SystemExit, match="do not give what the lines give"):
            await measure(store, None)
        connection.execute(change, ["-0.01"])


async def test_a_year_of_all_companies_is_explained_to_the_cent(filled: str, store: Store) -> None:
    """The benchmark ends where the steps do not tie to the sums, and says what it took."""
    explained = await explain(store, rounds=1)
    assert explained.p95 > 0
    assert explained.spent[0].computed > 0
    assert explained.peak > 20
    with psycopg.connect(filled, autocommit=True) as connection:
        change = "update erp.ledger_line set amount = amount + %s where line_id = '1'"
        connection.execute(change, [1])
        await explain(store, rounds=1)  # From the sums alone, whatever single lines say.
        connection.execute(change, [-1])


async def test_the_catalogue_says_the_same_on_the_yardstick(
    filled: str, store: Store, tmp_path: Path
) -> None:
    """It gives what Postgres and a statement by hand give over the same lines, to the last decimal."""
    timings = await measure(store, Yardstick(filled, tmp_path))
    assert all(timing.beside for timing in timings if timing.scope == "12 companies")


async def test_each_scope_sums_to_its_own_companies(filled: str, store: Store) -> None:
    """What single companies see adds up, to the last decimal, to what a person of all companies sees."""
    total = "select sum(amount) from erp.ledger_period"

    async def seen(companies: tuple[str, ...]) -> object:
        async with store.reading(person(companies)) as tx:
            return (await tx.fetch(total)).rows[0][0]

    parts = [await seen((company,)) for company in COMPANIES]
    assert len(set(parts)) == len(COMPANIES)
    assert sum(parts) == await seen(COMPANIES)  # type: ignore[arg-type]
    assert await seen(()) is None
