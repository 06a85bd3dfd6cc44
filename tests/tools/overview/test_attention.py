"""What needs somebody is counted as the questions beside it count it, and at the plants of whoever asks."""

from __future__ import annotations

import psycopg
import pytest

from erp_adapters.caller import Caller
from erp_adapters.store import OWNER_ROLE, Store
from tests.conftest import Database
from tests.tools.asking import Asking, cell, column
from tools.metrics.catalogue import packaged_catalogue
from tools.metrics.tool import query_metrics
from tools.overview.attention import attention
from tools.overview.matters import matters
from tools.shortages import shortages

_AT_KASSEL = Caller(
    "planner.kassel", "Planner", frozenset({"planner"}), frozenset({"KAS"}), frozenset({"1000"})
)
# By statements of this test's own; `today` is that of the plant's data.
_BY_HAND = {
    "work orders overdue": "erp.production_order where site = 'KAS' and end_on is null and due_on < {today}",
    "quality holds open": "erp.quality_hold where site = 'KAS' and released_at is null",
    "maintenance orders overdue": (
        "erp.maintenance_order where site = 'KAS' and completed_on is null and planned_on < {today}"
    ),
    "requisitions open after the day of need": (
        "erp.requisition where site = 'KAS' and status = 'open' and needed_on < {today}"
    ),
}


@pytest.mark.parametrize("name", list(matters()))
def test_a_matter_is_a_condition_of_the_catalogue(name: str) -> None:
    """A condition or field that is renamed there is missed here at once."""
    matter = matters()[name]
    entity = packaged_catalogue().entity(matter.record)
    assert matter.condition in entity.conditions
    assert entity.fields[matter.since].kind == "date"


async def test_numbers_are_those_of_the_records(demo_store: Store, demo: Database) -> None:
    """As counted by hand, and as listed by the query behind each question and by the tool of shortages."""
    asking = Asking(demo_store, _AT_KASSEL)
    result = await asking(attention)
    found = dict(zip(column(result.tables[0], "matter"), column(result.tables[0], "number"), strict=True))
    today = "(select as_of::date from erp.site where site = 'KAS')"
    with psycopg.connect(demo.dsn(OWNER_ROLE)) as connection:
        for matter, rows in _BY_HAND.items():
            counted = connection.execute(f"select count(*) from {rows.format(today=today)}".encode())
            assert found.get(matter, 0) == counted.fetchall()[0][0], matter
    for each in matters().values():
        listed = await asking.unchecked(query_metrics, **each.listed().model_dump())
        assert found.get(each.matter, 0) == len(listed.tables[0].rows), each.matter
    short = await asking(shortages, horizon_days=14, short_only=True)
    assert found.get("materials short", 0) == len(short.tables[0].rows)
    assert sum(map(bool, found.values())) >= 3
    assert len(result.tables) == 1


async def test_several_plants_are_told_apart_and_a_plant_can_be_named(demo_store: Store) -> None:
    """The sums of the first table are those of the second; of one plant only its own count."""
    asking = Asking(demo_store, await demo_store.caller("planner"))
    whole = await asking(attention)
    together, by_site = whole.tables
    assert sum(column(together, "number")) == sum(column(by_site, "number")) == whole.figures[1].value
    assert len(set(column(by_site, "site"))) > 1
    there = await asking(attention, site="Kassel")
    assert len(there.tables) == 1
    of_kassel = [row for row in by_site.rows if row[0] == "Kassel"]
    assert [row[1:] for row in of_kassel] == [row[:3] for row in there.tables[0].rows]


async def test_each_question_beside_it_is_one_that_lists_it(demo_store: Store) -> None:
    """What is offered can be asked, the most pressing first, and what waits for a signature as well."""
    result = await Asking(demo_store, _AT_KASSEL)(attention)
    assert [cell(result.tables[0], at, "ask") for at in range(len(result.tables[0].rows))][:3] == list(
        result.suggestions[:3]
    )
    assert result.suggestions[-1] == "What is waiting for me?"
