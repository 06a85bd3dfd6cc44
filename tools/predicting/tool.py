"""Which work centres and lines are likely to fail within a week, how sure that is, and what it costs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from math import prod
from statistics import median

from pydantic import Field

from policies.predictors.registered import REGISTERED, Registered
from tools.arguments import Arguments, SiteName, Text
from tools.errors import NotRecorded, ToolError
from tools.languages import counted, said
from tools.languages.forms import day_text
from tools.naming import Site, all_sites, site_of
from tools.predicting.asking import Ask, Foretold, Speaker, foretold, speaking
from tools.predicting.inputs import FAILURE_MINUTES, HORIZON, Centre, centres_of
from tools.predicting.kinds import KINDS, as_told
from tools.predicting.rules import by_rule
from tools.presenting import common, figure, several, table
from tools.registry import Tool, ToolContext, tool
from tools.results import Cell, Column, Figure, Table, ToolResult
from tools.rows import Queries

_VERSION = "1.0.0"
_LISTED = 10
_HOUR = Decimal(60)


class FailureRisk(Arguments):
    """Where failures are foretold, and of which line or work centre."""

    site: SiteName = None
    line: Text | None = Field(None, description="One line only, such as 'Machining'.")
    work_centre: Text | None = Field(None, description="Id or name of one work centre only, such as 'P2'.")
    limit: int = Field(_LISTED, ge=1, le=200, description="Work centres listed, the likeliest first.")


@dataclass(frozen=True, slots=True)
class Moment:
    """The business now of a site."""

    site: str
    as_of: datetime


@dataclass(frozen=True, slots=True)
class _Cost:
    """What a failure of a work centre takes and costs."""

    minutes: Decimal
    amount: Decimal | None
    """Of its machine hours; None where it has no rate."""


@dataclass(frozen=True, slots=True)
class _Plant:
    """What is said of one site."""

    site: Site
    speaker: Speaker
    found: tuple[Foretold[Centre], ...]


AS_OF = "select site, coalesce(as_of, now()) as as_of from erp.site where site = any(%(sites)s) order by site"


@tool(
    name="failure_risk",
    examples=(
        "Which lines in Kassel are likely to stop this week, how sure are we, and what would it cost?",
        "Which machines in Monterrey will probably fail?",
        "How likely is a breakdown of P2 in Kassel?",
    ),
    version=_VERSION,
)
async def failure_risk(args: FailureRisk, context: ToolContext) -> ToolResult:
    """Work centres and lines that are likely to fail within a week: chance, interval, basis, expected cost.

    A failure is an unplanned stop of two and a half hours or more. Where a model was let in at the site, its
    live endpoint is asked and its scores are calibrated on what came there; else, and where its inputs are
    poor or it has drifted, a rule tells the chance from how often a work centre failed, and the answer says
    so. Only what a model says above its threshold may start a draft. Stops that have happened are the metric
    `downtime`; what a stop that did happen does to the orders is `replan`.

    Example: {"site": "Kassel"}.
    """
    return await _answer(args, context, None)


def foretelling_with(ask: Ask) -> Tool[FailureRisk]:
    """The tool with endpoints to ask."""

    async def run(args: FailureRisk, context: ToolContext) -> ToolResult:
        return await _answer(args, context, ask)

    return replace(failure_risk, run=run)


async def _answer(args: FailureRisk, context: ToolContext, ask: Ask | None) -> ToolResult:
    queries = Queries(context.tx)
    wanted = await site_of(context.tx, args.site)
    sites = [site for site in await all_sites(context.tx) if wanted in (None, site.site)]
    codes = [site.site for site in sites]
    moments = {each.site: each.as_of for each in await queries.rows(Moment, AS_OF, {"sites": codes})}
    entries = await queries.rows(Registered, REGISTERED, {"site": wanted, "kind": "failure"})
    plants = []
    for site in sites:
        centres = await centres_of(queries, [site.site], moments[site.site])
        if not centres:
            continue
        rules = by_rule(centres)
        asked = _wanted(centres, args)
        speaker = speaking(entries, site.site, KINDS["failure"].can_tell)
        if speaker.entry is not None and speaker.why is None:
            asked = await as_told(asked, speaker.entry.inputs, queries, moments[site.site])
        speaker, told = await foretold(speaker, asked, rules, ask)
        plants.append(_Plant(site, speaker, told))
    found = sorted((each for plant in plants for each in plant.found), key=_likeliest)
    _check(args, plants, found)
    costs = {_key(each): _cost(each.of, found) for each in found}
    proof = await queries.evidence(
        tool="failure_risk",
        version=_VERSION,
        arguments=args,
        records=["work_centre", "downtime", "sensor_day"],
        flags=tuple(_basis(plant) for plant in plants),
        site=wanted,
    )
    several_sites = len({each.of.site for each in found}) > 1
    return ToolResult(
        tool="failure_risk",
        reading=_reading(args, plants, wanted),
        tables=(
            _lines_table(found, costs, sites, several_sites=several_sites),
            _centres_table(found, costs, sites, args.limit, several_sites=several_sites),
        ),
        figures=_figures(found, costs, proof.id),
        evidence=(proof,),
        sentence=_sentence(found),
        caveats=_caveats(plants, found),
        suggestions=_suggestions(found, {site.site: site for site in sites}),
    )


def _wanted(centres: Sequence[Centre], args: FailureRisk) -> Sequence[Centre]:
    line, centre = ((text or "").strip().casefold() for text in (args.line, args.work_centre))
    return [
        each
        for each in centres
        if (not line or (each.line or "").casefold() == line)
        and (not centre or centre in (each.centre.casefold(), each.name.casefold()))
    ]


def _check(args: FailureRisk, plants: Sequence[_Plant], found: Sequence[Foretold[Centre]]) -> None:
    if found:
        return
    if not plants:
        raise NotRecorded(said("No work centres are loaded, so that nothing can be foretold of them."))
    if args.line is not None:
        raise ToolError(said("There is no line [[asked]].", asked=repr(args.line)))
    raise ToolError(said("There is no work centre [[asked]].", asked=repr(args.work_centre)))


def _key(each: Foretold[Centre]) -> tuple[str, str]:
    return each.of.site, each.of.centre


def _likeliest(each: Foretold[Centre]) -> tuple[float, str, str]:
    return -each.chance.p, *_key(each)


def _cost(centre: Centre, found: Sequence[Foretold[Centre]]) -> _Cost:
    """The usual length of its failures, or of those of its site, at its own hourly rate."""
    lasted = centre.failure_minutes or [
        minutes for each in found if each.of.site == centre.site for minutes in each.of.failure_minutes
    ]
    minutes = Decimal(median(lasted)) if lasted else Decimal(FAILURE_MINUTES)
    rate = centre.hourly_rate
    return _Cost(minutes, None if rate is None else round(minutes / _HOUR * rate, 2))


def percent(share: float) -> Decimal:
    """A share as a percentage with one place."""
    return round(Decimal(repr(100 * share)), 1)


def _expected(each: Foretold[Centre], cost: _Cost) -> Decimal | None:
    """What is to be expected of it: its cost, as often as it comes."""
    return None if cost.amount is None else round(cost.amount * Decimal(repr(each.chance.p)), 2)


def _currencies(found: Sequence[Foretold[Centre]]) -> str:
    return common(each.of.currency for each in found)


def _lines_table(
    found: Sequence[Foretold[Centre]],
    costs: Mapping[tuple[str, str], _Cost],
    sites: Sequence[Site],
    *,
    several_sites: bool,
) -> Table:
    lines: dict[tuple[str, str], list[Foretold[Centre]]] = defaultdict(list)
    for each in found:
        lines[each.of.site, each.of.line or ""].append(each)
    currency, names = _currencies(found), {site.site: site.name for site in sites}
    columns = (
        *((Column("site", "Site", "text"),) if several_sites else ()),
        Column("line", "Line", "text"),
        Column("chance", "Chance that a work centre of it fails", "percent", "%", good="down"),
        Column("likeliest", "Likeliest", "text"),
        Column("work_centres", "Work centres", "count"),
        *((Column("expected", "Expected cost", "money", currency, good="down"),) if currency else ()),
    )
    rows: list[tuple[float, list[Cell]]] = []
    for (site, line), of_line in lines.items():
        fails = 1 - prod(1 - each.chance.p for each in of_line)
        amounts = [_expected(each, costs[_key(each)]) for each in of_line]
        known = [amount for amount in amounts if amount is not None]
        row: list[Cell] = [names[site]] if several_sites else []
        row += [line or said("without a line"), percent(fails), of_line[0].of.name, len(of_line)]
        rows.append((-fails, [*row, *([sum(known, Decimal(0)) if known else None] if currency else [])]))
    return table(said("Lines"), columns, [row for _, row in sorted(rows, key=lambda each: each[0])])


def _centres_table(
    found: Sequence[Foretold[Centre]],
    costs: Mapping[tuple[str, str], _Cost],
    sites: Sequence[Site],
    limit: int,
    *,
    several_sites: bool,
) -> Table:
    currency, names = _currencies(found), {site.site: site.name for site in sites}
    columns = (
        *((Column("site", "Site", "text"),) if several_sites else ()),
        Column("work_centre", "Work centre", "id"),
        Column("name", "Name", "text"),
        Column("line", "Line", "text"),
        Column("chance", "Chance of a failure", "percent", "%", good="down"),
        Column("low", "95 % interval from", "percent", "%"),
        Column("high", "95 % interval to", "percent", "%"),
        Column("basis", "Told by", "text", words="foretold"),
        Column("verdict", "What may be done", "text", words="foretold"),
        Column("why", "Why", "text", words="foretold"),
        Column("quality", "Inputs there and sound", "percent", "%", good="up"),
        Column("hours", "Usual length", "ratio", "h"),
        *((Column("cost", "Cost of a failure", "money", currency, good="down"),) if currency else ()),
        *((Column("reasons", "What speaks for it", "quote"),) if any(f.reasons for f in found) else ()),
    )
    rows: list[list[Cell]] = []
    for each in found:
        centre, cost = each.of, costs[_key(each)]
        row: list[Cell] = [names[centre.site]] if several_sites else []
        row += [centre.centre, centre.name, centre.line, percent(each.chance.p)]
        row += [percent(each.chance.low), percent(each.chance.high)]
        row += ["model" if each.by_model else "rule", each.decision.verdict, each.decision.reason]
        row += [percent(centre.quality), round(cost.minutes / _HOUR, 1)]
        row += [cost.amount] if currency else []
        row += ["; ".join(each.reasons)] if any(one.reasons for one in found) else []
        rows.append(row)
    return table(said("Work centres"), columns, rows, limit=limit)


def _figures(
    found: Sequence[Foretold[Centre]], costs: Mapping[tuple[str, str], _Cost], proof: str
) -> tuple[Figure, ...]:
    figures = [
        figure("work centres", len(found), "count", proof),
        figure("above their threshold", sum(f.decision.verdict == "act" for f in found), "count", proof),
        figure("told by a model", sum(f.by_model for f in found), "count", proof),
    ]
    currency = _currencies(found)
    amounts = [_expected(each, costs[_key(each)]) for each in found]
    known = [amount for amount in amounts if amount is not None]
    if currency and known:
        figures.append(figure("expected cost", sum(known, Decimal(0)), "money", proof, currency))
    return tuple(figures)


def _sentence(found: Sequence[Foretold[Centre]]) -> str:
    first = said(
        "The likeliest to fail within a week is {{tables[1].rows[0].name}}: {{tables[1].rows[0].chance}}"
        " (95 % interval {{tables[1].rows[0].low}} to {{tables[1].rows[0].high}})."
    )
    by_model = sum(each.by_model for each in found)
    if not by_model:
        told = said("This is told by a rule, from how often each work centre failed, not by a model.")
    elif by_model == len(found):
        told = said("{{figures[1]}} of {{figures[0]}} work centres are above the threshold for acting.")
    else:
        told = said(
            "{{figures[1]}} of {{figures[0]}} work centres are above the threshold for acting; {{figures[2]}}"
            " are told by a model, the others by a rule."
        )
    return f"{first} {told}"


def _reading(args: FailureRisk, plants: Sequence[_Plant], wanted: str | None) -> str:
    days = HORIZON.days
    what = args.work_centre or args.line
    if what is not None:
        text = said("Chance that [[what]] fails within [[days]] days", what=what, days=days)
    else:
        text = said("Chance of failures within [[days]] days by line and work centre", days=days)
    place = ", ".join(plant.site.name for plant in plants) if wanted else said("all sites")
    return f"{text}, {place}"


def _basis(plant: _Plant) -> str:
    return basis(plant.speaker, plant.site.name, said("failures"))


def basis(speaker: Speaker, site: str, of: str) -> str:
    """Who speaks at a site, in words; `of` is what is foretold."""
    entry = speaker.entry
    if entry is None:
        return said("[[site]]: no model of [[what]] is registered; a rule tells them.", site=site, what=of)
    named = {"site": site, "model": entry.name, "version": entry.version}
    match speaker.why:
        case None if entry.outcomes:
            return said(
                "[[site]]: [[model]] version [[version]], calibrated on [[outcomes]] outcomes there, judged"
                " last on [[day]].",
                **named,
                outcomes=entry.outcomes,
                day=day_text(_day(entry.judged_at)),
            )
        case None:
            return said("[[site]]: [[model]] version [[version]], not calibrated there yet.", **named)
        case "shadow" | "none":
            return said("[[site]]: [[model]] version [[version]] runs in shadow; a rule tells.", **named)
        case "suspended":
            return said(
                "[[site]]: [[model]] version [[version]] is suspended ([[reason]]); a rule tells.",
                **named,
                reason=speaker.said,
            )
        case "other inputs":
            return said(
                "[[site]]: [[model]] version [[version]] was trained on other inputs; a rule tells.", **named
            )
        case "failed":
            return said(
                "[[site]]: [[model]] version [[version]] gave no answer ([[reason]]); a rule tells.",
                **named,
                reason=speaker.said,
            )


def _day(moment: datetime | None) -> date:
    assert moment is not None  # what has outcomes was judged
    return moment.date()


def _caveats(plants: Sequence[_Plant], found: Sequence[Foretold[Centre]]) -> tuple[str, ...]:
    notes = [
        said(
            "A failure is an unplanned stop of [[hours]] hours or more within [[days]] days.",
            hours="2.5",
            days=HORIZON.days,
        ),
        *(_basis(plant) for plant in plants),
    ]
    poor = [each.of.name for each in found if each.decision.reason == "data too poor"]
    if poor:
        notes.append(
            counted(
                len(poor),
                "The inputs of [[number]] work centre are too poor for a model: [[names]].",
                "The inputs of [[number]] work centres are too poor for a model: [[names]].",
                names=several(poor),
            )
        )
    if not _currencies(found):
        notes.append(said("Costs are in several currencies: ask for one site to see them."))
    else:
        notes.append(said("Costs are machine hours lost; late orders come on top: `What if` tells them."))
    return tuple(notes)


def _suggestions(found: Sequence[Foretold[Centre]], sites: Mapping[str, Site]) -> tuple[str, ...]:
    """Only what is above its threshold starts anything."""
    act = [each for each in found if each.decision.verdict == "act"]
    return tuple(
        said(
            "What if [[name]] in [[site]] stops for a day?",
            name=each.of.name,
            site=sites[each.of.site].name,
        )
        for each in act[:2]
    )
