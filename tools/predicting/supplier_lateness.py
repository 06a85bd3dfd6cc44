"""Which open purchase lines will probably come late, how sure that is, and what they are worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from pydantic import Field

from policies.predictors.registered import REGISTERED, Registered
from tools.arguments import Arguments, SiteName, Text
from tools.errors import NotRecorded, ToolError
from tools.languages import said
from tools.naming import all_sites, site_of
from tools.predicting.asking import Ask, Foretold, Speaker, foretold, speaking
from tools.predicting.kinds import KINDS
from tools.predicting.lateness import HORIZON, Line, by_rule_of_lines, lines_of
from tools.predicting.tool import AS_OF, Moment, basis, percent
from tools.presenting import common, figure, table
from tools.registry import Tool, ToolContext, tool
from tools.results import Column, Figure, Table, ToolResult
from tools.rows import Queries

_VERSION = "1.0.0"


class SupplierLateness(Arguments):
    """Of which site and supplier."""

    site: SiteName = None
    supplier: Text | None = Field(None, description="Name of one supplier only, or the beginning of it.")
    limit: int = Field(20, ge=1, le=200, description="Lines listed, those likeliest to be late first.")


@dataclass(frozen=True, slots=True)
class _Plant:
    speaker: Speaker
    name: str


@tool(
    name="supplier_lateness",
    examples=(
        "Which open purchase orders will probably be late?",
        "Which deliveries to Kassel are likely to come late, and how sure is that?",
        "How likely is it that suppliers deliver late in the next four weeks?",
    ),
    version=_VERSION,
)
async def supplier_lateness(args: SupplierLateness, context: ToolContext) -> ToolResult:
    """Open purchase lines due within four weeks that will probably come late: chance, interval, basis, value.

    Late is later than the supplier's confirmed date, or the due date where none was confirmed. Where a model
    was let in at the site its endpoint is asked and calibrated on what came there; else a rule tells the
    chance from how many of the supplier's lines of a year came late. What is overdue already is told by
    `attention`; how reliable a supplier was, by `supplier_reliability`.

    Example: {"site": "Kassel"}.
    """
    return await _answer(args, context, None)


def lateness_with(ask: Ask) -> Tool[SupplierLateness]:
    """The tool with endpoints to ask."""

    async def run(args: SupplierLateness, context: ToolContext) -> ToolResult:
        return await _answer(args, context, ask)

    return replace(supplier_lateness, run=run)


async def _answer(args: SupplierLateness, context: ToolContext, ask: Ask | None) -> ToolResult:
    queries = Queries(context.tx)
    wanted = await site_of(context.tx, args.site)
    sites = [site for site in await all_sites(context.tx) if wanted in (None, site.site)]
    codes = {"sites": [site.site for site in sites]}
    moments = {each.site: each.as_of for each in await queries.rows(Moment, AS_OF, codes)}
    entries = await queries.rows(Registered, REGISTERED, {"site": wanted, "kind": "supplier_lateness"})
    plants: list[_Plant] = []
    found: list[Foretold[Line]] = []
    for site in sites:
        lines = await lines_of(queries, [site.site], moments[site.site])
        if not lines:
            continue
        rules = by_rule_of_lines(lines)
        asked = [each for each in lines if _is_of(each, args.supplier)]
        speaker = speaking(entries, site.site, KINDS["supplier_lateness"].can_tell)
        speaker, told = await foretold(speaker, asked, rules, ask)
        plants.append(_Plant(speaker, site.name))
        found += told
    if not plants:
        raise NotRecorded(said("No open purchase line is due within [[days]] days.", days=HORIZON.days))
    if not found:
        raise ToolError(
            said("No open purchase line of [[asked]] is due in that time.", asked=repr(args.supplier))
        )
    found.sort(key=lambda each: (-each.chance.p, each.of.due_on, each.of.site, each.of.line))
    notes = tuple(basis(plant.speaker, plant.name, said("late deliveries")) for plant in plants)
    proof = await queries.evidence(
        tool="supplier_lateness",
        version=_VERSION,
        arguments=args,
        records=["purchase_line", "purchase_order", "supplier"],
        flags=notes,
        site=wanted,
    )
    what = said("Chance that open purchase lines come late, due within [[days]] days", days=HORIZON.days)
    return ToolResult(
        tool="supplier_lateness",
        reading=f"{what}, {said('at [[site]]', site=wanted)}" if wanted else what,
        tables=(_table(found, args.limit),),
        figures=_figures(found, proof.id),
        evidence=(proof,),
        sentence=_sentence(found),
        caveats=(said("Late is later than confirmed, or than due where nothing was confirmed."), *notes),
    )


def _is_of(line: Line, supplier: str | None) -> bool:
    return supplier is None or line.supplier.casefold().startswith(supplier.strip().casefold())


def _table(found: Sequence[Foretold[Line]], limit: int) -> Table:
    several_sites = len({each.of.site for each in found}) > 1
    currency = common(each.of.currency for each in found)
    columns = (
        *((Column("site", "Site", "id"),) if several_sites else ()),
        Column("order_id", "Purchase order", "id"),
        Column("supplier", "Supplier", "text"),
        Column("material", "Material", "text"),
        Column("due_on", "Due", "date"),
        Column("chance", "Chance to be late", "percent", "%", good="down"),
        Column("low", "95 % interval from", "percent", "%"),
        Column("high", "95 % interval to", "percent", "%"),
        Column("basis", "Told by", "text", words="foretold"),
        Column("verdict", "What may be done", "text", words="foretold"),
        Column("why", "Why", "text", words="foretold"),
        Column("quality", "Inputs there and sound", "percent", "%", good="up"),
        *((Column("value", "Value", "money", currency),) if currency else ()),
    )
    rows = [
        (
            *((each.of.site,) if several_sites else ()),
            each.of.order,
            each.of.supplier,
            each.of.material,
            each.of.due_on,
            percent(each.chance.p),
            percent(each.chance.low),
            percent(each.chance.high),
            "model" if each.by_model else "rule",
            each.decision.verdict,
            each.decision.reason,
            percent(each.of.quality),
            *((each.of.value,) if currency else ()),
        )
        for each in found
    ]
    return table(said("Open purchase lines"), columns, rows, limit=limit)


def _figures(found: Sequence[Foretold[Line]], proof: str) -> tuple[Figure, ...]:
    expected = sum((Decimal(repr(each.chance.p)) for each in found), Decimal(0))
    figures = [
        figure("open purchase lines", len(found), "count", proof),
        figure("to be expected late", round(expected, 1), "ratio", proof),
        figure("above their threshold", sum(f.decision.verdict == "act" for f in found), "count", proof),
        figure("told by a model", sum(f.by_model for f in found), "count", proof),
    ]
    return tuple(figures)


def _sentence(found: Sequence[Foretold[Line]]) -> str:
    first = said(
        "Of {{figures[0]}} purchase lines that are due, {{figures[1]}} are to be expected late; likeliest is"
        " {{tables[0].rows[0].order_id}} of {{tables[0].rows[0].supplier}}: {{tables[0].rows[0].chance}}."
    )
    if any(each.by_model for each in found):
        return f"{first} {said('{{figures[3]}} of them are told by a model, the others by a rule.')}"
    told = said("This is told by a rule, from how many of the supplier's lines came late, not by a model.")
    return f"{first} {told}"
