"""Ledger lines behind a figure: one account of one company over some periods, with a total that ties."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from tools.arguments import first_day
from tools.engines.structure import ZERO
from tools.evidence import remarks, shares
from tools.languages import counted, said
from tools.languages.forms import day_text, month_text
from tools.ledger import Drill, LedgerLines, Scenario, drilled
from tools.presenting import figure, several, table, unit_column
from tools.registry import ToolContext, tool
from tools.results import Cell, Column, Figure, SourceShare, Table, ToolResult
from tools.rows import Queries

_VERSION = "1.0.0"
_SCENARIOS: dict[Scenario, str] = {"actual": "actual", "plan": "plan", "forecast": "forecast"}


@tool(
    name="ledger_lines",
    examples=(
        "Show the ledger lines of Travel Lodging in Central Division for January to March 2011",
        "Which postings make up Salaries of Canadian Division in 2012-06?",
        "Budget lines of Operating Expenses in Northeast Division for 2011-05",
    ),
    version=_VERSION,
)
async def ledger_lines(args: LedgerLines, context: ToolContext) -> ToolResult:
    """The postings behind a ledger figure, with their number and total, by date.

    One account (a summary account takes in those below it) of one company (a parent takes in its
    subsidiaries), from month to month, in one scenario: actual, plan (the budget) or forecast. Amounts are
    in the company's own currency with the sign they were posted with. The total is over all lines, also
    those beyond `limit`, and is checked against the sums kept by month. An account without lines says until
    when there are any.

    Example: {"company": "Central Division", "account": "Travel Lodging", "period_from": "2011-01",
    "period_to": "2011-03"}.
    """
    queries = Queries(context.tx)
    drill = await drilled(args, context, queries)
    site = drill.company.thing.site
    proof = await queries.evidence(
        tool="ledger_lines",
        version=_VERSION,
        arguments=args,
        records=_sources(drill),
        flags=(*remarks("ledger lines", drill.lines), *_untied(drill)),
        site=site,
    )
    return ToolResult(
        tool="ledger_lines",
        reading=_reading(args, drill),
        tables=(_lines_table(drill, args.limit), _totals_table(drill)),
        figures=_figures(drill, proof.id),
        evidence=(proof,),
        sentence=_sentence(args, drill),
        caveats=_caveats(args, drill),
        suggestions=_suggestions(args, drill),
    )


def _sources(drill: Drill) -> list[str | SourceShare]:
    shown = shares("ledger_line", drill.lines)
    if not shown:
        return ["ledger_line"]
    # Lines beyond the limit were summed as well; which system they are from was not asked.
    counted = drill.count if len(shown) == 1 else None
    return [replace(share, rows=counted) for share in shown]


def _lines_table(drill: Drill, limit: int) -> Table:
    currencies = [line.currency for line in drill.lines]
    own_currency = unit_column(currencies, "Currency")
    columns = (
        Column("line_id", "Line", "id"),
        Column("posted_on", "Posted", "date"),
        Column("company", "Company", "text"),
        Column("account_code", "Account code", "id"),
        Column("account", "Account", "text"),
        Column("cost_centre", "Cost centre", "text"),
        Column("amount", "Amount", "money" if drill.unit else "quantity", drill.unit),
        *own_currency,
        Column("document", "Document", "id"),
    )
    rows: list[list[Cell]] = []
    for line in drill.lines:
        row: list[Cell] = [line.line_id, line.posted_on, line.company, line.account_code, line.account]
        row += [line.cost_centre, line.amount]
        rows.append([*row, *((line.currency,) if own_currency else ()), line.document])
    return table("Ledger lines", columns, rows, limit=limit, total=drill.count)


def _totals_table(drill: Drill) -> Table:
    own_currency = unit_column([total.currency for total in drill.totals], "Currency")
    columns = (
        Column("company", "Company", "text"),
        Column("account_code", "Account code", "id"),
        Column("account", "Account", "text"),
        Column("amount", "Amount", "money" if drill.unit else "quantity", drill.unit),
        *own_currency,
        Column("lines", "Lines", "count"),
    )
    rows: list[list[Cell]] = []
    for total in drill.totals:
        row: list[Cell] = [total.company, total.account_code, total.account, total.amount]
        rows.append([*row, *((total.currency,) if own_currency else ()), total.lines])
    return table("Totals by company and account", columns, rows)


def _figures(drill: Drill, proof: str) -> tuple[Figure, ...]:
    figures = [figure("lines", drill.count, "count", proof)]
    if drill.adds_up:
        total = sum((each.amount for each in drill.totals), ZERO)
        kind: Literal["money", "quantity"] = "money" if drill.unit else "quantity"
        figures.append(figure("total", total, kind, proof, drill.unit))
    return tuple(figures)


def _untied(drill: Drill) -> tuple[str, ...]:
    """Says where the lines do not add up to the sums kept by month."""
    apart = [
        said("[[account]] of [[company]]", account=total.account, company=total.company)
        for total in drill.totals
        if total.by_month is not None and total.by_month != total.amount
    ]
    if not apart:
        return ()
    return (said("Lines do not add up to the sums kept by month: [[accounts]].", accounts=several(apart)),)


def _reading(args: LedgerLines, drill: Drill) -> str:
    found = [
        said(
            "Ledger lines ([[scenario]]) of account [[account]], company [[company]]",
            scenario=said(_SCENARIOS[args.scenario]),
            account=drill.account.thing,
            company=drill.company.thing,
        )
    ]
    if drill.cost_centre:
        found.append(said("cost centre [[centre]]", centre=drill.cost_centre.thing.name))
    return ", ".join([*found, _period(args), said("at [[site]]", site=drill.company.thing.site)])


def _period(args: LedgerLines) -> str:
    first, last = (_period_text(period) for period in (args.period_from, args.period_to))
    if first and last:
        return said("from [[first]] to [[last]]", first=first, last=last)
    if first:
        return said("from [[first]] to the end", first=first)
    return said("from the beginning to [[last]]", last=last) if last else said("all periods")


def _period_text(period: str | None) -> str:
    if period is None:
        return ""
    return day_text(first_day(period)) if len(period) == len("2011-01-15") else month_text(first_day(period))


def _sentence(args: LedgerLines, drill: Drill) -> str:
    if not drill.totals:
        scenario = said(_SCENARIOS[args.scenario])
        return said("The ledger has no [[scenario]] lines like that.", scenario=scenario)
    if drill.adds_up:
        return counted(
            drill.count,
            "{{figures[0]}} line makes up {{figures[1]}}.",
            "{{figures[0]}} lines make up {{figures[1]}}.",
        )
    return said("{{figures[0]}} lines, in several currencies or units; totals are given for each.")


def _caveats(args: LedgerLines, drill: Drill) -> tuple[str, ...]:
    named = (drill.company, drill.account, drill.cost_centre)
    found = [caveat for each in named if each for caveat in each.caveats]
    found += [] if drill.totals else [_nothing(args, drill)]
    companies = sorted({total.company for total in drill.totals} - {drill.company.thing.name})
    if companies:
        found.append(
            said(
                "Takes in the companies below: [[companies]]. Shares of ownership are not applied, and "
                "nothing between companies is eliminated.",
                companies=several(companies),
            )
        )
    accounts = {total.account_id for total in drill.totals} - {drill.account.thing.id}
    if accounts:
        found.append(
            counted(
                len(accounts),
                "Takes in [[number]] account below the one named.",
                "Takes in [[number]] accounts below the one named.",
            )
        )
    against = sorted({total.account for total in drill.totals if total.counts_against})
    if against and accounts:
        found.append(
            said(
                "[[accounts]] count against the others in the chart of accounts; the total is the plain "
                "sum of the lines.",
                accounts=several(against),
            )
        )
    if any(total.is_balance and total.months > 1 for total in drill.totals):
        found.append(
            said(
                "Balance accounts may hold a balance for each month rather than movements; then a sum over "
                "months means nothing."
            )
        )
    if any(not total.is_money for total in drill.totals):
        found.append(said("Statistical accounts hold counts, not money."))
    return tuple(found)


def _nothing(args: LedgerLines, drill: Drill) -> str:
    """Why there are no lines: not in the period, or not at all."""
    scenario, reach = said(_SCENARIOS[args.scenario]), drill.reach
    if reach.first_on and reach.last_on:
        return said(
            "It has [[scenario]] lines from [[first]] to [[last]].",
            scenario=scenario,
            first=month_text(reach.first_on),
            last=month_text(reach.last_on),
        )
    account, company = drill.account.thing.name, drill.company.thing.name
    if drill.cost_centre is None:
        return said(
            "[[company]] has no [[scenario]] lines on [[account]] in any period; that is not an amount of"
            " zero.",
            company=company,
            scenario=scenario,
            account=account,
        )
    return said(
        "[[company]] has no [[scenario]] lines on [[account]] in [[centre]] in any period; that is not an"
        " amount of zero.",
        company=company,
        scenario=scenario,
        account=account,
        centre=drill.cost_centre.thing.name,
    )


def _suggestions(args: LedgerLines, drill: Drill) -> tuple[str, ...]:
    account, company = drill.account.thing.name, drill.company.thing.name
    return (
        said("[[account]] of [[company]] by month, actual against budget", account=account, company=company),
        said(
            "Budget lines of [[account]] in [[company]]"
            if args.scenario == "actual"
            else "Actual ledger lines of [[account]] in [[company]]",
            account=account,
            company=company,
        ),
        said("[[account]] by organisation", account=account),
    )
