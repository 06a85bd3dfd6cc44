"""Tools that foretell quantities: demand, yield, energy, and how long a work centre has until it fails."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any, Literal, TypeVar

from pydantic import Field

from tools.arguments import Arguments, SiteName, Text
from tools.languages import said
from tools.naming import Site
from tools.predicting.asking import Ask
from tools.predicting.energy import SEPARATOR
from tools.predicting.quantities import VERSION, Wanted, Wording, answer
from tools.predicting.things import Thing
from tools.registry import Tool, ToolContext, tool
from tools.results import Cell, Column, ToolResult

_LISTED = 10
_UTILITY = Column("utility", "Energy", "text", words="utility")


class DemandForecast(Arguments):
    """Of which site and material."""

    site: SiteName = None
    material: Text | None = Field(None, description="Number or name of one material only.")
    limit: int = Field(_LISTED, ge=1, le=200, description="Materials listed, the likeliest to rise first.")


class YieldForecast(Arguments):
    """Of which site and work centre."""

    site: SiteName = None
    work_centre: Text | None = Field(None, description="Id or name of one work centre only.")
    limit: int = Field(_LISTED, ge=1, le=200, description="Work centres listed, the likeliest first.")


class EnergyForecast(Arguments):
    """Of which site and cost centre."""

    site: SiteName = None
    cost_centre: Text | None = Field(None, description="Name of one cost centre only.")
    ahead: Literal["four weeks", "tomorrow"] = Field(
        "four weeks",
        description="`tomorrow`: all that a meter takes that day. Else what a planned hour of output takes.",
    )
    limit: int = Field(_LISTED, ge=1, le=200, description="Cost centres listed, the likeliest first.")


class RemainingLife(Arguments):
    """Of which site and work centre."""

    site: SiteName = None
    work_centre: Text | None = Field(None, description="Id or name of one work centre only.")
    limit: int = Field(_LISTED, ge=1, le=200, description="Work centres listed, the likeliest first.")


@tool(
    name="demand_forecast",
    examples=(
        "Which materials will probably see more demand than usual?",
        "How likely is it that demand in Kassel rises in the next four weeks?",
        "What demand is likely in Greenville, and how sure is that?",
    ),
    version=VERSION,
)
async def demand_forecast(args: DemandForecast, context: ToolContext) -> ToolResult:
    """Demand foretold for the next four weeks by material: against usual, interval, chance to rise, basis.

    Where a model was let in at the site its live endpoint is asked and judged by what came there; else a rule
    tells it from what is booked and what usually comes after. The sales plan itself, and how good it was, are
    metrics; what is short is `shortages`.

    Example: {"site": "Kassel"}.
    """
    return await _demand(args, context, None)


@tool(
    name="yield_forecast",
    examples=(
        "Which work centres in Kassel will probably scrap more than usual?",
        "How likely is a drop of yield in the next two weeks?",
        "What yield is likely at P2 in Kassel, and how sure is that?",
    ),
    version=VERSION,
)
async def yield_forecast(args: YieldForecast, context: ToolContext) -> ToolResult:
    """Yield foretold for the next two weeks by work centre: usual, interval, chance of twice the scrap.

    Where a model was let in at the site its live endpoint is asked and judged by what came there; else a rule
    tells what is usual. Scrap that has happened is a metric.

    Example: {"site": "Kassel", "work_centre": "P2"}.
    """
    return await _yield(args, context, None)


@tool(
    name="energy_forecast",
    examples=(
        "Where will we probably use more energy than usual?",
        "How likely is it that cost centres in Monterrey need more energy for the same output?",
        "What energy use is likely in the next four weeks, and how sure is that?",
        "How much electricity will Kassel probably use tomorrow?",
    ),
    version=VERSION,
)
async def energy_forecast(args: EnergyForecast, context: ToolContext) -> ToolResult:
    """Energy foretold for a planned hour of good output, next four weeks, or of tomorrow: interval, chance.

    Where a model was let in at the site its live endpoint is asked and judged by what came there; else a rule
    tells what is usual. What was used against expectation is `energy_use`.

    Example: {"site": "Monterrey"}, or {"site": "Kassel", "ahead": "tomorrow"}.
    """
    return await _energy(args, context, None)


@tool(
    name="remaining_life",
    examples=(
        "What is the remaining life of P2 in Kassel?",
        "Which machines have the shortest remaining useful life?",
        "How many days until work centres in Monterrey fail, and how sure is that?",
    ),
    version=VERSION,
)
async def remaining_life(args: RemainingLife, context: ToolContext) -> ToolResult:
    """Days until each work centre fails, up to eight weeks: interval, chance to fail within a fortnight.

    A failure is an unplanned stop of two and a half hours or more. Where a model was let in at the site its
    live endpoint is asked and judged by what came there; else a rule tells it from how often a work centre
    failed. The chance to fail within a week, and what it costs, is `failure_risk`.

    Example: {"site": "Kassel", "work_centre": "P2"}.
    """
    return await _life(args, context, None)


ArgumentsT = TypeVar("ArgumentsT", bound=Arguments)


def forecasting_with(ask: Ask) -> tuple[Tool[Any], ...]:
    """The tools with endpoints to ask."""

    def asking(
        one: Tool[ArgumentsT], run: Callable[[ArgumentsT, ToolContext, Ask | None], Awaitable[ToolResult]]
    ) -> Tool[ArgumentsT]:
        async def with_it(args: ArgumentsT, context: ToolContext) -> ToolResult:
            return await run(args, context, ask)

        return replace(one, run=with_it)

    return (
        asking(demand_forecast, _demand),
        asking(yield_forecast, _yield),
        asking(energy_forecast, _energy),
        asking(remaining_life, _life),
    )


async def _demand(args: DemandForecast, context: ToolContext, ask: Ask | None) -> ToolResult:
    wording = Wording(
        tool="demand_forecast",
        kind="demand",
        records=("sales_line", "sales_order", "material"),
        reading=said("Demand foretold for the next [[days]] days, by material", days=28),
        of=said("demand"),
        things=said("Materials that customers buy"),
        count="materials",
        crossing="Chance of a quarter more than usual",
        quantity="quantity",
        usual="Usual in that time",
        expected="Foretold",
        means=said(
            "Demand is what falls due; usual is the mean of such times in the year before, and the line is a"
            " quarter above it."
        ),
        sentence=said(
            "Of {{figures[0]}} materials, {{figures[1]}} are to be expected a quarter or more above usual"
            " demand; likeliest is {{tables[0].rows[0].name}}: {{tables[0].rows[0].expected}}, usually"
            " {{tables[0].rows[0].usual}}, chance {{tables[0].rows[0].chance}}."
        ),
        none=said("No demand of customers is loaded, so that none can be foretold."),
        shown=_rounded(0),
    )
    return await answer(wording, Wanted(args, args.site, args.material, args.limit), context, ask)


async def _yield(args: YieldForecast, context: ToolContext, ask: Ask | None) -> ToolResult:
    def shown(thing: Thing, multiple: float) -> Decimal:
        return max(Decimal(0), 100 - round(Decimal(repr(100 * thing.usual * multiple)), 2))

    wording = Wording(
        tool="yield_forecast",
        kind="yield",
        records=("operation_confirmation", "downtime", "work_centre"),
        reading=said("Yield foretold for the next [[days]] days, by work centre", days=14),
        of=said("yield"),
        things=said("Work centres"),
        count="work centres",
        crossing="Chance of twice the usual scrap",
        quantity="percent",
        usual="Usual yield",
        expected="Foretold yield",
        means=said(
            "Yield is the share of good pieces; usual is that of half a year, and the line is twice the usual"
            " scrap."
        ),
        sentence=said(
            "Of {{figures[0]}} work centres, {{figures[1]}} are to be expected at twice their usual scrap or"
            " more; likeliest is {{tables[0].rows[0].name}}: yield {{tables[0].rows[0].expected}}, usually"
            " {{tables[0].rows[0].usual}}, chance {{tables[0].rows[0].chance}}."
        ),
        none=said("No confirmations of operations are loaded, so that no yield can be foretold."),
        shown=shown,
        is_falling=True,
    )
    return await answer(wording, Wanted(args, args.site, args.work_centre, args.limit), context, ask)


async def _energy(args: EnergyForecast, context: ToolContext, ask: Ask | None) -> ToolResult:
    wording = _of_tomorrow() if args.ahead == "tomorrow" else _of_output()
    return await answer(wording, Wanted(args, args.site, args.cost_centre, args.limit), context, ask)


def _centre_and_utility(thing: Thing) -> tuple[Cell, ...]:
    centre, _, utility = thing.subject.rpartition(SEPARATOR)
    return centre, utility


def _of_output() -> Wording:
    return Wording(
        tool="energy_forecast",
        kind="energy",
        records=("utility_use", "operation_confirmation", "work_centre"),
        reading=said("Energy foretold for the next [[days]] days, by cost centre", days=28),
        of=said("energy"),
        things=said("Energy for a planned hour of good output"),
        count="cost centres",
        crossing="Chance of a tenth more than usual",
        quantity="quantity",
        usual="Usual for a planned hour",
        expected="Foretold for a planned hour",
        means=said(
            "Energy is told for a planned hour of what came out good; usual is that of the year before, and"
            " the line is a tenth above it."
        ),
        sentence=said(
            "Of {{figures[0]}} cost centres, {{figures[1]}} are to be expected a tenth or more above their"
            " usual energy; likeliest is {{tables[0].rows[0].name}}: {{tables[0].rows[0].expected}} for a"
            " planned hour, usually {{tables[0].rows[0].usual}}, chance {{tables[0].rows[0].chance}}."
        ),
        none=said("No use of energy is loaded at a site that you see."),
        shown=_rounded(2),
        extra=(_UTILITY,),
        number=_centre_and_utility,
    )


def _of_tomorrow() -> Wording:
    return Wording(
        tool="energy_forecast",
        kind="energy_day",
        records=("utility_use", "cost_centre"),
        reading=said("Energy foretold for tomorrow, by cost centre"),
        of=said("energy"),
        things=said("Energy of a day"),
        count="meters",
        crossing="Chance of a tenth more than usual",
        quantity="quantity",
        usual="Usual on such a day",
        expected="Foretold for tomorrow",
        means=said(
            "Tomorrow is the day after the data's today. Usual is the mean of the same day of the week in the"
            " weeks before, and the line is a tenth above it."
        ),
        sentence=said(
            "Of {{figures[0]}} meters, {{figures[1]}} are to be expected tomorrow a tenth or more above such"
            " a day of the week; likeliest is {{tables[0].rows[0].name}}: {{tables[0].rows[0].expected}},"
            " usually {{tables[0].rows[0].usual}}, chance {{tables[0].rows[0].chance}}."
        ),
        none=said("No use of energy is loaded at a site that you see."),
        shown=_rounded(0),
        extra=(_UTILITY,),
        number=_centre_and_utility,
    )


async def _life(args: RemainingLife, context: ToolContext, ask: Ask | None) -> ToolResult:
    def suggest(thing: Thing, site: Site) -> str:
        return said("What if [[name]] in [[site]] stops for a day?", name=thing.name, site=site.name)

    wording = Wording(
        tool="remaining_life",
        kind="remaining_life",
        records=("work_centre", "downtime", "sensor_day"),
        reading=said("Days until work centres fail, up to [[days]]", days=56),
        of=said("remaining life"),
        things=said("Work centres"),
        count="work centres",
        crossing="Chance to fail within a fortnight",
        quantity="ratio",
        usual=None,
        expected="Remaining life",
        means=said(
            "A failure is an unplanned stop of [[hours]] hours or more; a life of more than [[days]] days"
            " counts as that long.",
            hours="2.5",
            days=56,
        ),
        sentence=said(
            "Of {{figures[0]}} work centres, {{figures[1]}} are to be expected to fail within a fortnight;"
            " likeliest is {{tables[0].rows[0].name}}: {{tables[0].rows[0].expected}} left, chance"
            " {{tables[0].rows[0].chance}}."
        ),
        none=said("No work centres are loaded, so that nothing can be foretold of them."),
        shown=_rounded(0),
        suggest=suggest,
    )
    return await answer(wording, Wanted(args, args.site, args.work_centre, args.limit), context, ask)


def _rounded(places: int) -> Callable[[Thing, float], Decimal]:
    def shown(thing: Thing, multiple: float) -> Decimal:
        return round(Decimal(repr(thing.usual * multiple)), places)

    return shown
