"""What is not comparable is not ranked, and the answer says why, as a finding of its own."""

from __future__ import annotations

import psycopg
import pytest

from erp_adapters.store import OWNER_ROLE, Store
from tests.conftest import Database
from tests.tools.asking import Asking, column, of_two_plants
from tests.tools.languages.test_texts import _OTHERS
from tests.tools.metrics.questions import metric
from tools.languages import speaking
from tools.languages.speaking import texts
from tools.metrics.comparability import WORDS
from tools.metrics.tool import query_metrics

_BY_SITE = {"by": [{"entity": "site"}], "order": [{"by": "m"}], "limit": 1}

_DIFFERENT = {
    "cost_year": (
        "average_standard_cost",
        "update erp.standard_cost_version set valid_from = valid_from - 730 where site = 'GRV'",
        "standard costs are of different years: ",
    ),
    "planned_time": (
        "oee_performance",
        "update erp.operation_confirmation c set planned_minutes = r.run_minutes * (c.good + c.scrapped)"
        " from erp.production_order o join erp.routing_operation r using (site, material_id)"
        " where c.site = 'GRV' and o.site = c.site and o.order_id = c.order_id and r.operation = c.operation",
        "planned times are defined otherwise: without set-up at Greenville and with set-up at Kassel",
    ),
    "inspected_share": (
        "inspection_reject_rate",
        "update erp.quality_lot set inspected = inspected / 10 where site = 'GRV'",
        "quality lots are inspected otherwise: samples at Greenville and every piece at Kassel",
    ),
    "fiscal_periods": (
        "actual_amount",
        "update erp.fiscal_period set starts_on = starts_on + 4 where site = 'GRV'",
        "their periods are not the same days: weeks (4-4-5) at Greenville and calendar months at Kassel",
    ),
}


@pytest.mark.parametrize("rule", _DIFFERENT)
async def test_sites_that_differ_are_not_ranked(demo_copy: Database, rule: str) -> None:
    """Each rule finds the difference in the records, names it, and lists all the sites by name."""
    name, change, reason = _DIFFERENT[rule]
    with psycopg.connect(demo_copy.dsn(OWNER_ROLE), autocommit=True) as connection:
        connection.execute(change.encode())
    when = [{"test": "date", "start": "2026-01-01", "end": "2026-01-31"}] if rule == "fiscal_periods" else []
    async with await Store.open(demo_copy.dsn()) as store:
        asking = Asking(store, of_two_plants(await store.caller("planner")))
        result = await asking(query_metrics, measures=[metric("m", name)], where=when, **_BY_SITE)
        with speaking("de"):
            in_german = await asking.unchecked(
                query_metrics, measures=[metric("m", name)], where=when, **_BY_SITE
            )
    (finding,) = result.not_comparable
    assert finding.rule == rule
    assert finding.reason.startswith(reason)
    assert [each.site for each in finding.sites] == ["Greenville", "Kassel"]
    assert column(result.tables[0], "site") == ["Greenville", "Kassel"]
    assert result.sentence.startswith("The sites are not ranked")
    assert result.caveats[0].startswith("Not comparable across sites (")
    assert in_german.caveats[0].startswith("Zwischen den Werken nicht vergleichbar (")
    assert in_german.sentence.startswith("Die Werke werden nicht gereiht")


@pytest.mark.parametrize("rule", _DIFFERENT)
async def test_sites_that_do_not_differ_are_ranked(both: Asking, rule: str) -> None:
    """The two plants of the demo value, plan, inspect and close alike."""
    result = await both(query_metrics, measures=[metric("m", _DIFFERENT[rule][0])], **_BY_SITE)
    assert not result.not_comparable
    assert "not ranked" not in result.sentence


async def test_one_site_is_comparable_with_itself(at_kassel: Asking) -> None:
    result = await at_kassel(query_metrics, measures=[metric("m", "oee_performance")])
    assert not result.not_comparable


@pytest.mark.parametrize("spoken", _OTHERS)
def test_bases_are_said_in_every_language(spoken: str) -> None:
    """`without set-up` reaches a person by way of a value."""
    assert set(WORDS) <= set(texts(spoken))
