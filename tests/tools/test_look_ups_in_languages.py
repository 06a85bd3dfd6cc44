"""Look-ups answer in German, Spanish and French: the same figures and rows, and no English around them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg.types.json import Jsonb

from agents.rendering import answer_figure, answer_table, worded
from erp_adapters.store import Store
from tests.tools.asking import Asking
from tests.tools.plant import BOTH, Builder, build
from tools.ageing import inventory_ageing
from tools.bom import explode_bom
from tools.buildable import buildable
from tools.contract_prices import price_against_contract
from tools.cost_build_up import cost_build_up
from tools.data_quality import data_quality
from tools.errors import ToolError
from tools.exception_messages import exception_messages
from tools.finance import ledger_lines
from tools.freshness import freshness
from tools.inventory import stock_and_requirements
from tools.languages import Language, speaking
from tools.languages.speaking import texts
from tools.lateness import why_late
from tools.lineage import lineage
from tools.master_data import find_material, find_supplier
from tools.materials import material_card
from tools.orders import order_status
from tools.pegging import pegging
from tools.prices import price_history
from tools.purchasing import supplied_by, suppliers_of
from tools.rates import exchange_rate
from tools.registry import Tool
from tools.reliability import supplier_reliability
from tools.results import ToolResult
from tools.shortages import shortages
from tools.substitutes import substitutes
from tools.where_used import where_used

KASSEL = {"site": "KS"}
QUESTIONS: list[tuple[Tool[Any], dict[str, object]]] = [
    (cost_build_up, {"material": "Wheel"}),
    (cost_build_up, {"material": "Spoke"}),
    (cost_build_up, {"material": "City Bike", "lot_size": 10}),
    (inventory_ageing, {"by": "category"}),
    (inventory_ageing, {"by": "location", "site": "KS", "cover_days": 30}),
    (supplier_reliability, {}),
    (supplier_reliability, {"supplier": "Huber", "since": "2024-01-01"}),
    (price_against_contract, {"site": "KS"}),
    (price_against_contract, {"over_only": True, "until": "2030-01-01"}),
    (find_material, {"text": "steel"}),
    (find_material, {"text": "Wheel", "site": "KS"}),
    (find_material, {"text": "no such thing at all"}),
    (find_supplier, {"text": "huber"}),
    (find_supplier, {"text": "Alt GmbH"}),
    (material_card, {"material": "Wheel"}),
    (material_card, {"material": "Gift Box", "site": "LY"}),
    (material_card, {"material": "Frame"}),
    (stock_and_requirements, {"material": "Wheel"}),
    (stock_and_requirements, {"material": "Spoke", "horizon_days": 30}),
    (stock_and_requirements, {"material": "Gift Box", "site": "KS"}),
    (order_status, {"order": "WO 500"}),
    (order_status, {"order": "501"}),
    (order_status, {"order": "WO 504"}),
    (order_status, {"order": "PO 500"}),
    (order_status, {"order": "700"}),
    (explode_bom, {"material": "City Bike", "quantity": 10, "short_only": True}),
    (explode_bom, {"material": "City Bike", "levels": "direct"}),
    (explode_bom, {"material": "City Bike", "levels": "direct", "quantity": 10, "short_only": True}),
    (explode_bom, {"material": "City Bike", "purchased_only": True}),
    (explode_bom, {"material": "City Bike", "priced_at": "lowest_vendor_price"}),
    (explode_bom, {"material": "City Bike", "levels": "direct", "priced_at": "standard_cost"}),
    (explode_bom, {"material": "City Bike", "component": "Spoke", "with_stock": True}),
    (explode_bom, {"material": "City Bike", "component": "spoek"}),
    (explode_bom, {"material": "Spoke"}),
    (where_used, {"material": "Spoke"}),
    (where_used, {"material": "Spoke", "levels": "all"}),
    (where_used, {"material": "Spoke", "levels": "top"}),
    (where_used, {"material": "City Bike"}),
    (buildable, {"material": "City Bike"}),
    (buildable, {"material": "City Bike", "level": "purchased", "quantity": 1500}),
    (buildable, {"material": "City Bike", "level": "all", "quantity": 2}),
    (buildable, {}),
    (buildable, {"site": "KS", "level": "all", "on": "2025-06-01"}),
    (shortages, {}),
    (shortages, {"site": "KS", "mine": True, "source": "bought", "short_only": True, "horizon_days": 3}),
    (shortages, {"product": "City Bike", "source": "made"}),
    (exception_messages, {}),
    (exception_messages, {"messages": ["cancel", "expedite"], "orders": "purchase_order", "site": "KS"}),
    (exception_messages, {"supplier": "Huber", "tolerance_days": 1}),
    (pegging, {"order": "PO 700"}),
    (pegging, {"supplier": "Huber", "late_days": 5}),
    (pegging, {"material": "Wheel", "late_only": True}),
    (pegging, {"order": "SO S1"}),
    (pegging, {"order": "500", "kind": "work_order", "direction": "down"}),
    (why_late, {"order": "501"}),
    (why_late, {"order": "WO 503"}),
    (why_late, {"order": "WO 504"}),
    (why_late, {"order": "PO 700"}),
    (why_late, {"order": "PO 500"}),
    (why_late, {"order": "SO S1"}),
    (suppliers_of, {"material": "Spoke"}),
    (suppliers_of, {"material": "Spoke", "limit": 1, "active_only": True}),
    (suppliers_of, {"material": "Spoke", "limit": 2}),
    (suppliers_of, {"material": "Rim"}),
    (supplied_by, {"supplier": "Huber"}),
    (supplied_by, {"supplier": "Alt GmbH"}),
    (substitutes, {"material": "Spoke"}),
    (substitutes, {"material": "Rim"}),
    (substitutes, {"material": "Tube"}),
    (price_history, {"material": "Wheel"}),
    (price_history, {"material": "Wheel", "kind": "list_price"}),
    (price_history, {"material": "Wheel", "kind": "purchase"}),
    (price_history, {"material": "Spoke"}),
    (exchange_rate, {"to_currency": "USD", "on": "2025-06-01", "amount": 1000}),
    (exchange_rate, {"from_currency": "USD", "to_currency": "EUR", "rate": "average"}),
    (exchange_rate, {"from_currency": "EUR", "to_currency": "GBP", "on": "2025-06-05"}),
    (exchange_rate, {"from_currency": "EUR", "to_currency": "EUR"}),
    (ledger_lines, {"company": "Velo AG", "account": "Travel", "site": "KS"}),
    (ledger_lines, {"company": "1000", "account": "Travel", "period_to": "2025-01", "site": "KS"}),
    (
        ledger_lines,
        {"company": "1000", "account": "Travel", "period_from": "2026-01-15", "site": "KS"},
    ),
    (ledger_lines, {"company": "1000", "account": "Travel", "scenario": "plan", "site": "KS"}),
    (ledger_lines, {"company": "1000", "account": "Headcount", "site": "KS"}),
    (lineage, {"record": "supplier", "key": "Vendor/V8"}),
    (data_quality, {}),
    (data_quality, {"record": "material"}),
    (freshness, {}),
    (freshness, {"site": "KS"}),
]
"""Every tool, in every way in which it words its answers over the plants."""
REFUSALS: list[tuple[Tool[Any], dict[str, object]]] = [
    (material_card, {"material": "no such thing at all"}),
    (material_card, {"material": "wheeel frame"}),
    (material_card, {"material": "Gift Box"}),
    (material_card, {"material": "loop"}),
    (material_card, {"material": "Wheel", "site": "XX"}),
    (order_status, {"order": "500"}),
    (order_status, {"order": "9"}),
    (order_status, {"order": "PO 9"}),
    (explode_bom, {"material": "Loop One"}),
    (explode_bom, {"material": "City Bike", "component": "no such thing"}),
    (buildable, {"material": "Spoke"}),
    (exchange_rate, {"to_currency": "CHF"}),
    (exchange_rate, {"to_currency": "dollar"}),
    (exchange_rate, {"to_currency": "doubloon"}),
    (exchange_rate, {"to_currency": "USD", "on": "2020-01-01"}),
    (exchange_rate, {"to_currency": "USD", "site": "LY"}),
    (lineage, {"record": "supplier", "key": "none"}),
]
_ENGLISH = re.compile(
    r"\b(the|of|and|is|are|it|its|with|without|from|that|this|these|which|what|where|how|many|who|when|by|"
    r"was|were|has|have|been|be|not|only|than|at|to|for|goes|go|into|each|lines?|orders?|rows?|"
    r"stock (?:on|record)|valid|today|latest|called|several|named?|there|supplies|"
    r"suppliers?|materials?|components?)\b"
)
_OF_OTHERS = {"es": {"has", "material"}, "de": {"material", "name", "was"}, "fr": {"valid"}}
"""Words that are none but English ones only elsewhere."""


_RATES = (
    ("EUR", "2025-04-01", 0.9),
    ("EUR", "2025-06-02", 0.8),
    ("GBP", "2025-06-03", 0.7),
    ("CAD", "2025-06-03", 1.3),
)


@pytest.fixture(scope="module")
def plants(owner_dsn: str, dsn: str) -> str:
    """The plants, with exchange rates at Kassel and rows that a load flagged."""
    build(owner_dsn)
    with psycopg.connect(owner_dsn) as connection:
        put = Builder(connection)
        names = {"EUR": "Euro", "USD": "US Dollar", "CAD": "Canadian Dollar", "CHF": "Franc"}
        for code, name in names.items():
            put("currency", currency=code, name=name)
        for target, day, rate in _RATES:
            pair = {"from_currency": "USD", "to_currency": target, "valid_on": day}
            put("fx_rate", **pair, average_rate=rate, closing_rate=rate)
        put("supplier", supplier_id="V8", name="Felgen Neu", source_key="Vendor/V8")
        connection.execute("update erp.stock set flags = '{negative_stock}' where material_id = '1-WHEEL'")
        connection.execute(
            "insert into erp.load (load_id, source_system, site, finished_at, status, rows, report)"
            " values (%s, 'legacy', 'LY', %s, 'failed', 0, %s)",
            (UUID(int=7), datetime(2025, 6, 12, 4, tzinfo=UTC), Jsonb({})),
        )
    return dsn


@pytest.mark.parametrize("spoken", ["de", "es", "fr"])
@pytest.mark.parametrize(
    ("tool", "arguments"), QUESTIONS, ids=[f"{tool.name}{at}" for at, (tool, _) in enumerate(QUESTIONS)]
)
async def test_an_answer_in_the_language(
    plants: str, tool: Tool[Any], arguments: dict[str, object], spoken: Language
) -> None:
    """Sentence, reading, headings, caveats and suggestions change; figures and rows do not."""
    async with await Store.open(plants) as store:
        asking = Asking(store, BOTH)
        english = await asking(tool, **arguments)
        with speaking(spoken):
            other = await asking(tool, **arguments)
            said = [*_said(other)]
            headings = [*_headings(other)]
    assert [(each.value, each.kind) for each in other.figures] == [
        (each.value, each.kind) for each in english.figures
    ]
    assert [_kept(each) for each in other.tables] == [_kept(each) for each in english.tables]
    assert len([*_said(english)]) == len(said)
    for before, after in zip(_said(english), said, strict=True):
        assert before != after
        assert not _left_in(after, spoken), after
    for before, after in zip(_headings(english), headings, strict=True):
        assert before != after or _is_said_alike(before, spoken), before


@pytest.mark.parametrize("spoken", ["de", "es", "fr"])
@pytest.mark.parametrize(
    ("tool", "arguments"), REFUSALS, ids=[f"{tool.name}{at}" for at, (tool, _) in enumerate(REFUSALS)]
)
async def test_a_question_back_in_the_language(
    plants: str, tool: Tool[Any], arguments: dict[str, object], spoken: Language
) -> None:
    """What a name may mean, and that there is nothing of the kind, is said in the language too."""
    async with await Store.open(plants) as store:
        asking = Asking(store, BOTH)
        with pytest.raises(ToolError) as english:
            await asking(tool, **arguments)
        with speaking(spoken), pytest.raises(ToolError) as other:
            await asking(tool, **arguments)
    assert str(english.value) != str(other.value)
    assert not _left_in(str(other.value), spoken), str(other.value)


def _is_said_alike(text: str, spoken: Language) -> bool:
    """True of a text that the language has and says as English does, such as `Status`."""
    return texts(spoken).get(text) == text


def _said(result: ToolResult) -> Iterator[str]:
    yield result.sentence
    yield result.reading
    yield from result.caveats
    yield from result.suggestions
    for proof in result.evidence:
        yield from proof.flags


_WORDED_UNITS = ("days", "rate")
"""Kinds of numbers whose unit is a word; the others' are codes."""


def _headings(result: ToolResult) -> Iterator[str]:
    """Headings and words of ours as they are sent."""
    for each in result.figures:
        sent = answer_figure(each)
        yield sent.label
        yield from (sent.unit,) if each.kind in _WORDED_UNITS else ()
    for table in result.tables:
        shown = answer_table(table)
        yield from (shown.title, *shown.columns)
        yield from (
            unit for unit, kind in zip(shown.units, shown.kinds, strict=True) if kind in _WORDED_UNITS
        )
        for row in table.rows:
            cells = zip(row, table.columns, strict=True)
            yield from (str(worded(cell, column)) for cell, column in cells if column.words and cell)


def _kept(table: Any) -> object:
    """A table's rows without what the clock says."""
    at = [place for place, column in enumerate(table.columns) if column.name != "hours_since_load"]
    return [tuple(row[place] for place in at) for row in table.rows]


def _left_in(text: str, spoken: Language) -> set[str]:
    plain = re.sub(r"\{\{.*?\}\}|(?<!\w)'[^']*'|\([^)]*\)|\b[A-Z][\w.]*", "", text)
    return {found[1] for found in _ENGLISH.finditer(plain)} - _OF_OTHERS[spoken]
