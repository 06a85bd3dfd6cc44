"""What is supposed is compared with what is, changes nothing, and leads to sentences that can be asked."""

from __future__ import annotations

from decimal import Decimal

import psycopg
import pytest

from agents.conversations import PostgresConversations
from agents.copilot import Copilot
from agents.models.embedded.model import EmbeddedModel
from erp_adapters.caller import Caller
from erp_adapters.store import OWNER_ROLE, Store
from tests.conftest import Database
from tests.tools.asking import Asking, by, cell, column
from tools.all_tools import registry
from tools.errors import ToolError
from tools.results import ToolResult
from tools.what_if.tool import what_if
from tools.where_used import where_used

_AT_KASSEL = Caller(
    "planner.kassel", "Planner", frozenset({"planner"}), frozenset({"KAS"}), frozenset({"1000"})
)


async def supposed(store: Store, *suppositions: dict[str, object], **given: object) -> ToolResult:
    asking = Asking(store, _AT_KASSEL)
    return await asking(what_if, suppositions=list(suppositions), seconds=2, workers=1, **given)


async def test_more_demand_is_netted_through_all_levels(demo_store: Store) -> None:
    """Each case beside the data as it is: no demand at all needs nothing, more of it needs no less."""
    result = await supposed(
        demo_store,
        {"kind": "demand", "rise": -100},
        {"kind": "demand", "rise": 10},
        {"kind": "demand", "rise": 100},
    )
    cases = result.tables[0]
    buys = [Decimal(str(value)) for value in column(cases, "to_buy")]
    assert buys[1] <= buys[0] <= buys[2] <= buys[3]
    assert buys[0] < buys[3]
    assert len(result.supposed) == 3
    assert column(cases, "case")[0] == "as is"
    more = result.tables[1]
    assert more.rows
    sources = set(column(more, "source"))
    assert sources == {"made", "bought"}, "components are needed for what is made"
    # Whole pieces stay whole.
    units = by(more, "material_id", "unit") if "unit" in [one.name for one in more.columns] else {}
    for row in range(len(more.rows)):
        amount = Decimal(str(cell(more, row, "quantity_3")))
        if units.get(cell(more, row, "material_id")) == "PC" and cell(more, row, "source") == "made":
            assert amount == amount.to_integral_value()


async def test_a_late_supplier_makes_customers_wait_no_less(demo_store: Store) -> None:
    """What a supplier has to bring comes later: customers wait longer, or other stock has to be bought."""
    with pytest.raises(ToolError, match="is called 'Nobody Ltd'"):
        await supposed(demo_store, {"kind": "delivery_late", "about": "Nobody Ltd", "days": 14})
    result = await supposed(demo_store, {"kind": "delivery_late", "about": "Dichtora GmbH", "days": 120})
    late = [Decimal(str(value)) for value in column(result.tables[0], "late_days")]
    buys = [Decimal(str(value)) for value in column(result.tables[0], "to_buy")]
    assert late[1] >= late[0]
    assert buys[1] >= buys[0]
    assert late[1] + buys[1] > late[0] + buys[0]


async def test_a_price_is_rolled_up_by_where_used(demo_store: Store) -> None:
    """What one product costs more is the rise times what goes into it; the margin falls by just that."""
    result = await supposed(demo_store, {"kind": "price", "about": "Ball bearing 6204", "rise": 5})
    cases, products = result.tables
    cost, dearer = (Decimal(str(value)) for value in column(cases, "cost"))
    assert dearer == cost * Decimal("1.05")
    assert Decimal(str(cell(cases, 0, "effect"))) == 0 > Decimal(str(cell(cases, 1, "effect")))
    bill = await Asking(demo_store, _AT_KASSEL)(where_used, material="Ball bearing 6204", levels="all")
    per = by(bill.tables[0], "assembly_id", "quantity_per")
    for row in range(len(products.rows)):
        before, after = (Decimal(str(cell(products, row, name))) for name in ("cost", "supposed"))
        takes = Decimal(str(per[cell(products, row, "material_id")]))
        assert abs(after - before - (dearer - cost) * takes) <= Decimal("0.01")


async def test_stops_are_set_beside_each_other(demo_store: Store) -> None:
    """As planned, pushed on in sequence, and replanned; the same seed gives the same figures and inputs."""
    asked = (
        {"kind": "machine_down", "about": "Press 2", "until": "2026-04-03"},
        {"kind": "machine_down", "about": "Press 2", "until": "2026-04-08"},
    )
    result = await supposed(demo_store, *asked)
    cases = result.tables[0]
    assert column(cases, "case")[0] == "as is"
    assert len({*column(cases, "case")}) == 3
    assert {"right-shift"} <= set(column(cases, "way"))
    assert any("is down until" in text for text in result.suggestions)
    again = await supposed(demo_store, asked[0])
    inputs = [one.evidence[0].query.rpartition("sha256:")[2] for one in (result, again)]
    assert inputs[0] == inputs[1]
    assert "seed 1" in result.evidence[0].query


async def test_nothing_is_changed_and_the_answer_says_so(demo_apart: Database) -> None:
    """From the sentence to the answer: labelled, offered as a draft's sentence, and not a row is written."""
    counts = "select sum(n_tup_ins + n_tup_upd + n_tup_del) from pg_stat_user_tables where schemaname = 'erp'"
    async with await Store.open(demo_apart.dsn()) as store:
        copilot = Copilot(store, registry(), EmbeddedModel(), conversations=PostgresConversations(store))
        with psycopg.connect(demo_apart.dsn(OWNER_ROLE)) as connection:
            before = connection.execute(counts).fetchone()
        answer = await copilot.ask(_AT_KASSEL, "What if demand in Kassel rises 30 %?")
        assert answer.status == "answered", answer.answer
        assert answer.hypothetical == ("demand for everything at Kassel up by 30 %",)
        (draft,) = [text for text in answer.suggestions if "requisition" in text][:1]
        assert draft.startswith("Draft a requisition for ")
        further = await copilot.ask(_AT_KASSEL, "and 60 %?", conversation=answer.conversation)
        assert len(further.hypothetical) == 2
        german = await copilot.ask(_AT_KASSEL, "Was wäre, wenn die Nachfrage in Kassel um 30 % steigt?")
        assert german.hypothetical == ("Nachfrage nach allem in Kassel um 30 % höher",)
        asked = await copilot.ask(_AT_KASSEL, "How many suppliers do we have?")
        assert asked.hypothetical == ()
        with psycopg.connect(demo_apart.dsn(OWNER_ROLE)) as connection:
            assert connection.execute(counts).fetchone() == before
