"""What a ledger or a plant's records lack is told to whoever asks, in a conversation and over HTTP alike."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import psycopg
import pytest

from agents.copilot import Copilot
from agents.models.embedded.model import EmbeddedModel
from erp_adapters.store import OWNER_ROLE, Store
from server.finance.explanations import Explanations
from tests.conftest import Database
from tests.server.stand_in import house
from tests.server.test_finance_http import People
from tests.server.test_http import client
from tools.all_tools import registry

_AT = "/v1/finance/variance-explanations"
_ORDER = (
    "(select {} from erp.production_order where site = 'KAS' and end_on = '2025-10-15'"
    " order by order_id limit 1)"
)
_PRODUCT = f"site = 'KAS' and material_id = {_ORDER.format('material_id')}"
_SPOILT = (
    f"delete from erp.standard_cost_version where {_PRODUCT}",
    f"update erp.material set standard_cost = null where {_PRODUCT}",
    "update erp.production_order set ordered = 0"
    f" where site = 'KAS' and order_id = {_ORDER.format('order_id')}",
    "delete from erp.ledger_line where site = 'HAM' and scenario = 'plan'",
    "delete from erp.ledger_period where site = 'HAM' and scenario = 'plan'",
    "update erp.fx_rate set plan_rate = null where site = 'MTY'",
    "update erp.fiscal_period set status = 'open' where site = 'WRO' and period = '2025-10'",
    "update erp.ledger_line set currency = 'USD' where site = 'BRE' and account_id in ('6200', '5300')"
    " and posted_on = '2025-10-31'",
    "insert into erp.account_group (site, source_system, source_key, load_id, account_id, parent_id,"
    " valid_from, valid_to) select 'KAS', 'test', account_id, load_id, account_id, '5000', '2000-01-01',"
    " '2025-10-31' from erp.account where site = 'KAS' and account_id = '6200'",
)
OCTOBER = "2025-10"
CASES: dict[str, tuple[str, str, dict[str, object], str]] = {
    "missing standard": (
        "controller",
        "Why was Kassel over standard in October?",
        {"site": "KAS", "period": OCTOBER},
        "without a standard cost",
    ),
    "zero quantity": (
        "controller",
        "Why was Kassel over standard in October?",
        {"site": "KAS", "period": OCTOBER},
        "without a planned quantity",
    ),
    "missing plan": (
        "controller",
        "Why was Hamilton over plan in October?",
        {"site": "HAM", "period": OCTOBER, "against": "plan"},
        "no plan for these months; that is not a plan of zero",
    ),
    "plant without a plan": (
        "controller",
        "Why is group cost over plan in October?",
        {"group": True, "period": OCTOBER, "against": "plan"},
        "Hamilton is left out: it has no plan for these months; that is not a plan of zero.",
    ),
    "missing rate": (
        "controller",
        "Why was Monterrey over plan in October in EUR?",
        {"site": "MTY", "period": OCTOBER, "against": "plan", "currency": "EUR"},
        "no plan rate from MXN to EUR",
    ),
    "open period": (
        "controller",
        "Why was Wroclaw over standard in October?",
        {"site": "WRO", "period": OCTOBER},
        "The period is not closed: later postings will change this.",
    ),
    "mixed currencies": (
        "controller",
        "Why was Brescia over plan in October?",
        {"site": "BRE", "period": OCTOBER, "against": "plan"},
        "several currencies: EUR, USD",
    ),
    "account that changed group": (
        "controller",
        "Why were the operating expenses of Kassel higher in November 2025 than in October 2025?",
        {"site": "KAS", "period": "2025-11", "against": "earlier", "account": "Operating expenses"},
        "accounts that changed their group",
    ),
    "outside the ledger": (
        "controller",
        "Why was Kassel over plan in January 2019?",
        {"site": "KAS", "period": "2019-01", "against": "plan"},
        "has actual amounts from 2025-01 to 2026-03",
    ),
    "not theirs": (
        "controller.kassel",
        "Why was Monterrey over standard in October?",
        {"site": "MTY", "period": OCTOBER},
        "that you may see",
    ),
}


@pytest.fixture(scope="module")
def spoilt(demo_apart: Database) -> Database:
    """A demo that lacks something of everything."""
    with psycopg.connect(demo_apart.dsn(OWNER_ROLE)) as owner:
        for statement in _SPOILT:
            assert owner.execute(statement.encode()).rowcount, statement
    return demo_apart


@pytest.fixture
async def both(spoilt: Database) -> AsyncIterator[tuple[Copilot, httpx.AsyncClient, Store]]:
    async with await Store.open(spoilt.dsn()) as store:
        served = replace(house(directory=People(store)), explanations=Explanations(store))
        async with client(served) as http:
            yield Copilot(store, registry(), EmbeddedModel()), http, store


async def test_what_is_missing_is_said_or_refused_wherever_it_is_asked(
    both: tuple[Copilot, httpx.AsyncClient, Store],
) -> None:
    """The same reason stands in the answer and in the interface's; a refusal has no figures at all."""
    copilot, http, store = both
    for what, (who, question, body, reason) in CASES.items():
        answer = await copilot.ask(await store.caller(who), question)
        assert reason in answer.model_dump_json(), (what, answer.status)
        told = await http.post(_AT, json=body, headers={"x-plantwright-person": who})
        assert reason in told.text, (what, told.text)
        refused = told.status_code >= 400
        assert refused == (answer.status != "answered"), (what, told.status_code, answer.status)
        if refused:
            assert not answer.figures, what
            assert "bridge" not in told.json(), what
