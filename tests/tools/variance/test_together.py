"""Several companies as one, in one currency: rates apart from performance, and every ledger still tied."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Literal

import pytest

from erp_adapters.store import Store
from tools.engines.variance import Item, Sold, bridge
from tools.errors import ToolError
from tools.registry import ToolContext
from tools.results import ToolResult
from tools.rows import Queries
from tools.variance.comparing import against_plan
from tools.variance.explaining import Scope
from tools.variance.explanation import Explanation
from tools.variance.ledger import place_of
from tools.variance.quotes import quotes_of, spans_of
from tools.variance.together import Against, Together, explained_together
from tools.variance.tool import ExplainVariance, explain_variance

_PLANTS = ("BRE", "GRR", "GRV", "HAM", "KAS", "MTY", "OLO", "WRO")
_COSTS = (
    "select coalesce(sum(l.amount) filter (where l.scenario = 'actual'), 0),"
    " coalesce(sum(l.amount) filter (where l.scenario = 'plan'), 0)"
    " from erp.ledger_line l join erp.account a using (site, account_id)"
    " where l.site = %(site)s and a.kind = 'Expenditures' and l.posted_on between %(first)s and %(last)s"
)


async def _told(
    store: Store,
    *sites: str,
    currency: str = "EUR",
    against: Against = "plan",
    months: tuple[str, ...] = ("2025-10",),
    earlier: tuple[str, ...] = (),
    constant: bool = False,
) -> Explanation:
    async with store.reading(await store.caller("planner")) as tx:
        queries = Queries(tx)
        places = tuple([await place_of(queries, site) for site in sites])
        asked = Together("these", places, months, currency, constant)
        return await explained_together(queries, asked, against, earlier)


async def _asked(store: Store, who: str = "planner", **arguments: object) -> ToolResult:
    caller = await store.caller(who)
    async with store.reading(caller) as tx:
        return await explain_variance.run(ExplainVariance.model_validate(arguments), ToolContext(caller, tx))


@pytest.mark.parametrize(
    ("against", "months", "earlier"),
    [
        ("plan", ("2025-10",), ()),
        ("plan", ("2025-10", "2025-11", "2025-12"), ()),
        ("earlier", ("2025-11",), ("2025-10",)),
        ("standard", ("2025-10",), ()),
    ],
)
async def test_steps_and_plants_add_up_to_the_total(
    demo_store: Store, against: Against, months: tuple[str, ...], earlier: tuple[str, ...]
) -> None:
    """To the cent, by step and by plant; and what rates did is nothing in constant currency."""
    found = await _told(demo_store, *_PLANTS, against=against, months=months, earlier=earlier)
    steps = sum((line.amount for line in found.lines), Decimal(0))
    assert steps == found.total == found.actual - found.reference
    assert sum((plant.amount for plant in found.plants), Decimal(0)) == found.total
    if against != "standard":
        held = await _told(
            demo_store, *_PLANTS, against=against, months=months, earlier=earlier, constant=True
        )
        assert found.rates
        assert held.rates == 0
        assert abs(found.total - found.rates - held.total) <= Decimal("0.08")
        assert not any(line.kind == "rates" for line in held.lines)


async def test_each_plant_ties_to_its_own_ledger(demo_store: Store) -> None:
    """In its own currency, over the days of its own calendar, from sums by month and from lines alike."""
    found = await _told(demo_store, *_PLANTS)
    assert [plant.site for plant in found.plants] == list(_PLANTS)
    async with demo_store.reading(await demo_store.caller("planner")) as tx:
        queries = Queries(tx)
        for plant in found.plants:
            span = (await spans_of(queries, [await place_of(queries, plant.site)], ["2025-10"]))[0]
            assert span.is_calendar is (plant.site != "GRR")
            booked = await tx.fetch(_COSTS, {"site": plant.site, "first": span.first, "last": span.last})
            assert booked.rows[0] == (plant.actual, plant.reference)


async def test_rates_are_split_as_the_engine_splits_them(demo_store: Store) -> None:
    """What was spent more at the plan's rates, and all that was spent at the change of the rate."""
    found = await _told(demo_store, "GRV", "MTY")
    async with demo_store.reading(await demo_store.caller("planner")) as tx:
        queries = Queries(tx)
        places = [await place_of(queries, site) for site in ("GRV", "MTY")]
        spans = await spans_of(queries, places, ["2025-10"])
        quotes = await quotes_of(queries, "EUR", spans, ["USD", "MXN"])
        items = []
        for plant, span in zip(found.plants, spans, strict=True):
            now, then = (
                Fraction(quotes.rate(span, plant.currency, kind) or 0) for kind in ("average", "plan")
            )
            before, after = (
                Sold(Fraction(amount), Fraction(1), rate=rate)
                for amount, rate in ((plant.reference, then), (plant.actual, now))
            )
            items.append(Item(plant.site, before, after))
    parts = bridge(items, factors=("quantity", "fx"), side="cost", digits=2)
    performance = found.total - found.rates
    assert abs(parts["fx"].delta - found.rates) <= Decimal("0.02")
    assert abs(parts["quantity"].delta - performance) <= Decimal("0.02")


async def test_one_plant_in_another_currency_keeps_its_drivers(demo_store: Store) -> None:
    """Monterrey in euros is told with the same machine and reason; the ledger stands beside it in pesos."""
    told = await _asked(demo_store, site="MTY", period="2025-10", currency="EUR")
    steps = told.tables[0].rows
    assert [figure.unit for figure in told.figures] == ["EUR", "%", "EUR"]
    assert ("scrap", "Dimension out of tolerance at CNC lathe 1") in [(row[0], row[-1]) for row in steps]
    assert sum((Decimal(str(row[1])) for row in steps), Decimal(0)) == told.figures[0].value
    plant = dict(zip((column.name for column in told.tables[2].columns), told.tables[2].rows[0], strict=True))
    assert (plant["kept_in"], plant["ledger"]) == ("MXN", Decimal("236070.72"))
    named = await _asked(demo_store, site="MTY", period="2025-10", currency="EUR", against="plan")
    async with demo_store.reading(await demo_store.caller("planner")) as tx:
        queries = Queries(tx)
        own = await against_plan(queries, Scope(await place_of(queries, "MTY"), ("2025-10",)))
    assert {row[0] for row in named.tables[0].rows} >= {
        line.name for line in own.lines if line.kind == "account"
    }
    assert "exchange rates" in [row[0] for row in named.tables[0].rows]


async def test_the_group_says_who_is_in_it_and_where_it_comes_from(demo_store: Store) -> None:
    """The currency, the plants that were added, rates and calendars are said; a plant leads to its cause."""
    told = await _asked(demo_store, group=True, period="2025-10")
    assert told.reading == "Why the cost of the group differs from standard, in EUR, 2025-10"
    said = " ".join(told.caveats)
    for words in (
        "Told in EUR",
        "Added up: Brescia",
        "not eliminated",
        "by weeks at Grand Rapids",
        "average",
    ):
        assert words in said
    assert any(str(row[-1]).startswith("at Kassel: longer than planned") for row in told.tables[0].rows)
    assert len(told.figures) == 1


@pytest.mark.parametrize(
    ("name", "expected"), [("Demo Actuation Inc.", "Demo Actuation Inc."), ("2100", "Demo Actuation Inc.")]
)
async def test_a_company_is_a_scope(demo_store: Store, name: str, expected: str) -> None:
    """By name or number, in its own currency; nobody converted anything."""
    told = await _asked(demo_store, company=name, period="2025-10", against="plan")
    plant = await _asked(demo_store, site="GRR", period="2025-10", against="plan")
    assert f"the cost of {expected} differs" in told.reading
    assert told.tables == plant.tables


@pytest.mark.parametrize("against", ["plan", "earlier"])
async def test_a_summary_account_or_cost_centre_is_what_lies_below_it(
    demo_store: Store, against: Literal["plan", "earlier"]
) -> None:
    """`Operating expenses` and `Production` hold no lines themselves: that is no zero."""
    whole = await _asked(
        demo_store, site="KAS", period="2025-10", against=against, account="Operating expenses"
    )
    assert {row[0] for row in whole.tables[2].rows} == {f"6{n}00" for n in range(1, 9)}
    parts = [
        await _asked(demo_store, site="KAS", period="2025-10", against=against, cost_centre=centre)
        for centre in ("Machining", "Assembly", "Test and paint")
    ]
    below = await _asked(demo_store, site="KAS", period="2025-10", against=against, cost_centre="Production")
    signed = [
        sum((Decimal(str(row[1])) for row in each.tables[0].rows), Decimal(0)) for each in (below, *parts)
    ]
    assert signed[0] == sum(signed[1:])


async def test_a_scope_that_is_not_the_callers_is_refused_with_its_reason(demo_store: Store) -> None:
    """A plant among several, and a company: neither is left out silently."""
    with pytest.raises(ToolError, match="no site 'Monterrey' that you may see"):
        await _asked(demo_store, "planner.kassel", plants=("Kassel", "Monterrey"), period="2025-10")
    with pytest.raises(ToolError, match="company"):
        await _asked(demo_store, "planner.kassel", company="Demo Actuation Inc.", period="2025-10")
    own = await _asked(demo_store, "planner.kassel", group=True, period="2025-10", against="plan")
    assert own.caveats[0] == "Of the group you may see Kassel alone: this is its cost."
    assert "the cost of Kassel" in own.reading


@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments",
    [
        {"group": True, "site": "KAS"},
        {"plants": ("KAS",), "company": "1000"},
        {"group": True, "against": "plant", "other_site": "KAS"},
        {"currency": "EUR", "site": "MTY", "product": "CK-50"},
    ],
)
def test_scopes_that_contradict_each_other_are_refused(arguments: dict[str, object]) -> None:
    """Nothing that was asked is dropped without a word."""
    with pytest.raises(ValueError, match=r"site, plants, company|one plant in its own currency"):
        ExplainVariance.model_validate({"period": "2025-10", **arguments})
