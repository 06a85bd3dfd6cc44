"""Explanations of variances: every step is in the ledger or said not to be, and what happened is found."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from erp_adapters.demo.plants import plants_of
from erp_adapters.demo.shopfloor import reasons_of
from erp_adapters.store import Store
from eval.benchmarks.causes import MONTHS, SITES
from tools.errors import ToolError
from tools.registry import ToolContext
from tools.results import ToolResult
from tools.rows import Queries
from tools.variance.comparing import against_earlier, against_plan, against_plant, month_before
from tools.variance.explaining import Scope, explained
from tools.variance.explanation import Explanation
from tools.variance.ledger import place_of
from tools.variance.tool import ExplainVariance, explain_variance

_PLANTS = {plant.code: plant for plant in plants_of("small")}
_LINES = "select coalesce(sum(amount), 0) from erp.ledger_line where scenario = 'actual' and site = %(site)s"
_VARIANCES = " and account_id = any(array['5200', '5210', '5250', '5300', '5400', '5500', '5600'])"


async def _explained(store: Store, site: str, month: str, centre: str | None = None) -> Explanation:
    async with store.reading(await store.caller("planner")) as tx:
        queries = Queries(tx)
        return await explained(
            queries,
            Scope(await place_of(queries, site), (month,), cost_centres=(centre,) if centre else None),
        )


async def _asked(store: Store, **arguments: object) -> ToolResult:
    caller = await store.caller("planner")
    async with store.reading(caller) as tx:
        return await explain_variance.run(ExplainVariance.model_validate(arguments), ToolContext(caller, tx))


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    site=st.sampled_from(SITES), month=st.sampled_from(MONTHS), centre=st.sampled_from([None, "4110", "4130"])
)
def test_steps_add_up_to_the_ledger_and_nothing_is_left(
    demo_dsn: str, site: str, month: str, centre: str | None
) -> None:
    """Whatever the plant, month and cost centre: the sum is the ledger's, and records explain all of it."""

    async def both() -> tuple[Explanation, Decimal]:
        async with await Store.open(demo_dsn) as store:
            found = await _explained(store, site, month, centre)
            async with store.reading(await store.caller("planner")) as tx:
                within = " and posted_on between %(first)s and %(last)s" + (
                    " and cost_centre_id = %(centre)s" if centre else ""
                )
                asked = {"site": site, "first": found.first, "last": found.last, "centre": centre}
                ledger = await tx.fetch(_LINES + _VARIANCES + within, asked)
                return found, Decimal(str(ledger.rows[0][0]))

    found, ledger = asyncio.run(both())
    assert sum((line.amount for line in found.lines), Decimal(0)) == found.total == ledger
    assert found.unexplained == 0
    assert all(account.difference == 0 for account in found.accounts) or centre


async def test_the_scrap_that_the_demo_was_given_is_found_where_it_happened(demo_store: Store) -> None:
    """Machine and reason are those that the demo's truth names, at each plant that has enough of it."""
    found = []
    for site, plant in _PLANTS.items():
        spike = plant.spike
        explanation = await _explained(demo_store, site, f"{spike.month:%Y-%m}")
        scrap = next(line for line in explanation.lines if line.name == "scrap")
        named = {(cause.subject, cause.detail) for cause in scrap.causes}
        centre = next(each.name for each in plant.work_centres if each.id == spike.work_centre)
        found.append((centre, dict(reasons_of(plant))[spike.reason]) in named)
    assert sum(found) >= len(found) - 1


async def test_monterrey_in_october_is_told_with_machine_reason_and_ledger(demo_store: Store) -> None:
    """The question of the page: a bridge that ties, and a cause that the truth confirms."""
    told = await _asked(demo_store, site="Monterrey", period="2025-10")
    assert [(figure.label, figure.value) for figure in told.figures[:2]] == [
        ("over standard", Decimal("236070.72")),
        ("in percent", Decimal("4.4")),
    ]
    rows = told.tables[1].rows
    assert ("scrap", "scrap reason", "CNC lathe 1", "Dimension out of tolerance") in [row[:4] for row in rows]
    assert told.sentence.endswith("Ledger and records agree to the cent.")


@pytest.mark.parametrize("against", ["plan", "earlier", "plant"])
async def test_every_comparison_adds_up(demo_store: Store, against: str) -> None:
    """Actual less what it is compared with, to the cent."""
    for site in ("KAS", "GRR"):
        async with demo_store.reading(await demo_store.caller("planner")) as tx:
            queries = Queries(tx)
            scope = Scope(await place_of(queries, site), ("2025-11",))
            if against == "plan":
                found = await against_plan(queries, scope)
            elif against == "earlier":
                found = await against_earlier(queries, scope, [month_before("2025-11")])
            else:
                found = await against_plant(queries, scope, await place_of(queries, "MTY"))
        steps = sum((line.amount for line in found.lines), Decimal(0))
        assert steps == found.total == found.actual - found.reference


async def test_what_was_sold_is_told_by_volume_mix_and_cost(demo_store: Store) -> None:
    """Against an earlier period the cost of goods sold is taken apart by what was billed, to the cent."""
    async with demo_store.reading(await demo_store.caller("planner")) as tx:
        queries = Queries(tx)
        scope = Scope(await place_of(queries, "MTY"), ("2025-11",), least=Decimal("0.01"))
        found = await against_earlier(queries, scope, ["2025-10"])
    sold = {line.name: line.amount for line in found.lines if line.kind == "sold"}
    goods = next(each for each in found.accounts if each.account.code == "5100")
    assert sold["volume"] > 0
    assert sum(sold.values()) == goods.ledger - goods.reference


async def test_a_product_alone_is_told_without_the_ledger(demo_store: Store) -> None:
    """The ledger knows no products, and the explanation says so instead of tying to it."""
    told = await _asked(demo_store, site="MTY", period="2025-10", product="CK-50")
    assert told.tables[2].rows == ()
    assert any("knows no products" in caveat for caveat in told.caveats)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"site": "MTY", "period": "2019-01"}, "actual amounts from 2025-01 to 2026-03"),
        (
            {"site": "MTY", "period": "2025-03", "against": "earlier", "earlier": "2024-03"},
            "no actual amounts",
        ),
        (
            {"site": "MTY", "period": "2025-10", "against": "plant", "other_site": "MTY"},
            "compared with itself",
        ),
        ({"site": "MTY", "period": "2025-10", "account": "6200"}, "holds variances against standard"),
        ({"site": "Atlantis", "period": "2025-10"}, "no site"),
    ],
)
async def test_what_cannot_be_explained_is_said(
    demo_store: Store, arguments: dict[str, object], said: str
) -> None:
    """Never a silent zero."""
    with pytest.raises(ToolError, match=said):
        await _asked(demo_store, **arguments)


async def test_a_month_that_is_open_says_so(demo_store: Store) -> None:
    """Amounts that will change are not told as if they were final."""
    told = await _asked(demo_store, site="KAS", period="2026-03")
    assert any("not closed" in caveat or "not over" in caveat for caveat in told.caveats)


async def test_who_sees_one_plant_gets_no_other(demo_store: Store) -> None:
    """The scope of the person holds for explanations as for everything."""
    caller = await demo_store.caller("planner.kassel")
    async with demo_store.reading(caller) as tx:
        with pytest.raises(ToolError, match="no site"):
            await explain_variance.run(ExplainVariance(site="MTY", period="2025-10"), ToolContext(caller, tx))
