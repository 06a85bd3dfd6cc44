"""Evidence names source rows, the statement, and the age of what was read, for the sites in scope."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from pydantic import BaseModel

from erp_adapters.caller import Caller
from erp_adapters.store import Store
from tests.tools.asking import Asking
from tests.tools.plant import BOTH, KASSEL, NOBODY
from tools.evidence import evidence, keyed, readable
from tools.results import Evidence, SourceShare


class _Arguments(BaseModel):
    text: str = "x"
    limit: int = 10


async def of(store: Store, caller: Caller, site: str | None = None) -> Evidence:
    async with store.reading(caller) as tx:
        return await evidence(
            tx,
            id="e1",
            tool="t",
            version="1",
            arguments=_Arguments(text="ä"),
            records=["material"],
            query="q",
            site=site,
        )


@pytest.fixture
def store(asking: Callable[[Caller], Asking]) -> Store:
    return asking(BOTH).store


async def test_age_and_keys_are_those_of_the_sites_in_scope(store: Store) -> None:
    kassel = await of(store, KASSEL)
    assert kassel.data_as_of == datetime(2025, 6, 10, 10, tzinfo=UTC)
    assert kassel.loaded_at == datetime(2025, 6, 11, 4, tzinfo=UTC)
    assert [share.system for share in kassel.sources] == ["legacy"]
    assert len(kassel.sources[0].sample_keys) == 3


async def test_several_sites_have_the_age_of_the_oldest(store: Store) -> None:
    both = await of(store, BOTH)
    assert both.data_as_of == datetime(2025, 6, 9, 10, tzinfo=UTC)
    assert both.flags == ("Sites reach to different days: from 2025-06-09 to 2025-06-10.",)
    assert (await of(store, BOTH, "KS")).flags == ()


async def test_nobody_learns_nothing(store: Store) -> None:
    nothing = await of(store, NOBODY)
    assert (nothing.data_as_of, nothing.loaded_at, nothing.sources) == (None, None, ())


async def test_equal_arguments_have_equal_text(store: Store) -> None:
    assert (await of(store, KASSEL)).arguments == '{"text": "ä"}'


async def test_only_records_of_the_store_are_counted(store: Store) -> None:
    async with store.reading(KASSEL) as tx:
        with pytest.raises(ValueError, match="no record"):
            await evidence(
                tx, id="e", tool="t", version="1", arguments=_Arguments(), records=["x; drop"], query=""
            )


def test_a_statement_reads_with_its_parameters_bound() -> None:
    sql = (
        "select *\n  from t where a = %(a)s and b like 'x%%' and c = any(%(c)s) and d > %(d)s and e is %(e)s"
    )
    assert readable(sql, {"a": "it's", "c": [1, Decimal("2.5")], "d": date(2025, 1, 2), "e": None}) == (
        "select * from t where a = 'it''s' and b like 'x%' and c = any(array[1, 2.5]) and d > '2025-01-02'"
        " and e is null"
    )


def test_a_key_that_comes_twice_is_one_row() -> None:
    assert keyed("supplier", [("a", "1"), ("b", "9"), ("a", "1"), ("a", None)]) == (
        SourceShare("a", "supplier", 1, ("1",)),
        SourceShare("b", "supplier", 1, ("9",)),
    )
