"""A model names candidates; which value of the data is meant is found by the linker, or nothing is run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agents.models.linking import DataLinks, Linked
from agents.models.protocol import ToolCall, Turn
from erp_adapters.store.session import ReadTransaction, Rows, Store
from tools.all_tools import registry
from tools.naming import Kind, one
from tools.purchasing import SuppliersOf

RATE: Mapping[str, Any] = {"measures": [{"name": "a", "metric": "scrap_rate"}]}
REASONS: Mapping[str, Any] = {
    "measures": [{"name": "a", "metric": "scrapped_quantity"}],
    "by": [{"entity": "scrap_reason"}],
}


def _category(*values: str) -> dict[str, Any]:
    return {**RATE, "where": [{"test": "value", "path": "material.category", "values": values}]}


def _dated(start: str, end: str) -> dict[str, Any]:
    return {**RATE, "where": [{"test": "date", "start": start, "end": end}]}


def _named(path: str, value: str) -> dict[str, Any]:
    return {"rows_of": "material", "where": [{"test": "value", "path": path, "values": [value]}]}


def _part(text: str) -> dict[str, Any]:
    return {"rows_of": "material", "where": [{"test": "contains", "path": "material.name", "text": text}]}


def _ledger(start: str, end: str) -> dict[str, Any]:
    company, account = "central division", "travel transportation"
    return {"company": company, "account": account, "period_from": start, "period_to": end}


BIKES = "scrap rate of bikes in 2014"
BOUGHT = "what do we buy from vision cycles"
BLACK = "the mountain-200 black bikes"
TRAVEL = "travel transportation of the central division in March 2011"

RESOLVED: list[tuple[str, str, Mapping[str, Any], str]] = [
    (BIKES, "query_metrics", _category("bike"), '"Bikes"'),
    (BIKES, "query_metrics", _category("BIKES", "Accessory"), '"Accessories"'),
    (BIKES, "query_metrics", _dated("2014-01-01", "2014-12-31"), "2014-12-31"),
    ("top five scrap reasons", "query_metrics", {**REASONS, "limit": 5}, '"limit":5'),
    (BOUGHT, "supplied_by", {"supplier": "vision cycles"}, '"Vision Cycles, Inc."'),
    (
        "what do we buy from visoin cycles",
        "supplied_by",
        {"supplier": "visoin cycles"},
        '"Vision Cycles, Inc."',
    ),
    ("stock of cb 2903", "stock_and_requirements", {"material": "cb-2903"}, '"CB-2903"'),
    (BLACK, "query_metrics", _part("Mountain-200 Black"), '"Mountain-200 Black"'),
    (TRAVEL, "ledger_lines", _ledger("2011-03", "2011-03"), '"Travel Transportation"'),
    # Nobody has it, and the person said it: the tool says so.
    ("what do we buy from acme rockets", "supplied_by", {"supplier": "Acme Rockets"}, '"Acme Rockets"'),
]

REFUSED: list[tuple[str, str, Mapping[str, Any], str]] = [
    (BIKES, "query_metrics", _category("Scooters"), "'Components'"),
    (BIKES, "query_metrics", _category("Bikes", "Scooters"), "'Scooters'"),
    (BIKES, "query_metrics", _dated("2013-01-01", "2013-12-31"), "2013-01-01"),
    (
        BIKES,
        "query_metrics",
        {"measures": [{"name": "a", "metric": "scrap_rates"}]},
        "no metric 'scrap_rates'",
    ),
    ("top scrap reasons", "query_metrics", {**REASONS, "limit": 5}, "limit 5"),
    (
        "top scrap reasons",
        "query_metrics",
        {**REASONS, "having": [{"left": "a", "op": ">", "value": "300"}]},
        "having 300",
    ),
    (BOUGHT, "supplied_by", {"supplier": "Acme Rockets"}, "'Acme Rockets' is no supplier"),
    (
        "stock of cb 2903",
        "stock_and_requirements",
        {"material": "CB-2903", "horizon_days": 30},
        "horizon_days 30",
    ),
    (BLACK, "query_metrics", _part("Zebra"), "'Zebra'"),
    (BLACK, "query_metrics", _named("material.name", "Mountain-200 Black"), "'Mountain-200 Black, 38'"),
    (BLACK, "query_metrics", _named("material.name", "BK-M68B-38"), "material.number"),
    (TRAVEL, "ledger_lines", _ledger("2011-01", "2011-06"), "2011-01"),
    (BOUGHT, "find_material", {"text": "zzyzx"}, "'zzyzx'"),
]


async def _linked(
    store: Store, links: DataLinks, question: str, tool: str, given: Mapping[str, Any]
) -> Linked | str:
    caller = await store.caller("planner")
    call = ToolCall(tool, registry().get(tool).arguments.model_validate(given))
    async with store.reading(caller) as tx:
        (found,) = await links.linked([call], Turn(question), tx)
    return found


async def test_values_become_the_datas_own(adventureworks_store: Store) -> None:
    """Another form, a slip or a part of a name is written out; what the person said stays as it was said."""
    links = DataLinks()
    for question, tool, given, held in RESOLVED:
        found = await _linked(adventureworks_store, links, question, tool, given)
        assert isinstance(found, Linked), (question, found)
        assert held in found.call.arguments.model_dump_json(), question


class _Asked(ReadTransaction):
    """A transaction that tells what was asked."""

    def __init__(self, tx: ReadTransaction) -> None:
        self.caller = tx.caller
        self._tx = tx
        self.asked: list[tuple[str, object]] = []

    async def fetch(self, sql: str, params: Mapping[str, object] | None = None) -> Rows:
        self.asked.append((sql, params))
        return await self._tx.fetch(sql, params)


async def test_a_tool_asks_for_what_it_is_about_as_its_linker_did(demo_store: Store) -> None:
    """In one snapshot the same is asked once: a linker that looked everywhere would make it two."""
    caller = await demo_store.caller("planner")
    call = ToolCall("suppliers_of", SuppliersOf(material="BR-6206", site="KAS"))
    async with demo_store.reading(caller) as tx:
        links, tool = _Asked(tx), _Asked(tx)
        await DataLinks().linked([call], Turn("Who supplies BR-6206 at KAS?"), links)
        await one(tool, Kind.MATERIAL, "BR-6206", "KAS")
    assert [asked for asked in tool.asked if asked not in links.asked] == []


async def test_what_its_site_does_not_have_is_found_elsewhere(demo_store: Store) -> None:
    """The tool then says where it is kept, in its own words."""
    caller = await demo_store.caller("planner")
    call = ToolCall("suppliers_of", SuppliersOf(material="BR-6206", site="OLO"))
    async with demo_store.reading(caller) as tx:
        (found,) = await DataLinks().linked([call], Turn("Who supplies BR-6206 at OLO?"), tx)
    assert isinstance(found, Linked)
    assert isinstance(found.call.arguments, SuppliersOf)
    assert found.call.arguments.material == "BR-6206"


async def test_values_without_a_source_go_back(adventureworks_store: Store) -> None:
    """The model is told which value, and what there is instead."""
    links = DataLinks()
    for question, tool, given, named in REFUSED:
        found = await _linked(adventureworks_store, links, question, tool, given)
        assert isinstance(found, str), (question, given)
        assert named in found, (question, found)


async def test_a_value_that_nobody_said_is_known_as_such(adventureworks_store: Store) -> None:
    """It may be a translation, or made up: the reading that holds it is trusted less."""
    links = DataLinks()
    red = {**RATE, "where": [{"test": "value", "path": "material.colour", "values": ["red"]}]}
    for question, given, said in (
        (BIKES, _category("Bikes"), True),
        (BIKES, red, False),
        ("Ausschussquote der Fahrräder", _category("Bikes"), False),
    ):
        found = await _linked(adventureworks_store, links, question, "query_metrics", given)
        assert isinstance(found, Linked)
        assert found.said is said, question
    dollars = {"from_currency": "USD", "to_currency": "EUR", "amount": "100"}
    found = await _linked(adventureworks_store, links, "100 dollars in euro", "exchange_rate", dollars)
    assert isinstance(found, Linked)
    assert found.said
