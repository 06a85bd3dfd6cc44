"""Ledger lines behind a figure: one account of one company over some periods, with a total that ties."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Literal

from pydantic import Field, model_validator

from tools.arguments import Arguments, Period, SiteName, Text, first_day, last_day
from tools.engines.structure import ZERO
from tools.evidence import remarks, shares
from tools.languages import counted, said
from tools.languages.forms import day_text, month_text
from tools.naming import Kind, Named, Thing, one
from tools.presenting import common, figure, several, table, unit_column
from tools.registry import ToolContext, tool
from tools.results import Cell, Column, Figure, SourceShare, Table, ToolResult
from tools.rows import PROVENANCE, Queries, SourcedRow

_VERSION = "1.0.0"
Scenario = Literal["actual", "plan", "forecast"]
_SCENARIOS: dict[Scenario, str] = {"actual": "actual", "plan": "plan", "forecast": "forecast"}


class LedgerLines(Arguments):
    """Which lines of the ledger."""

    company: Text = Field(description="Company (organisation): its code or name, such as 'Central Division'.")
    account: Text = Field(
        description="Account: its code ('6200') or name ('Travel Transportation'). A summary account such as "
        "'Operating Expenses' takes in all accounts below it. Where a number is one account's code and "
        "another's id, write 'code:60' or 'id:60'."
    )
    period_from: Period | None = Field(
        None, description="First month ('2011-01') or day ('2011-01-15'); the beginning if left out."
    )
    period_to: Period | None = Field(
        None, description="Last month ('2011-03') or day, included; the end if left out."
    )
    scenario: Scenario = Field("actual", description="'actual', 'plan' (budget) or 'forecast'.")
    cost_centre: Text | None = Field(None, description="Only this cost centre (department): id or name.")
    limit: int = Field(50, ge=1, le=1000, description="At most so many lines; totals are over all of them.")
    site: SiteName = None

    @model_validator(mode="after")
    def _in_order(self) -> LedgerLines:
        if self.period_from and self.period_to and first_day(self.period_from) > last_day(self.period_to):
            raise ValueError("period_from lies after period_to")
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line(SourcedRow):
    line_id: str
    posted_on: date
    company: str
    account_id: str
    account_code: str
    account: str
    cost_centre: str | None
    amount: Decimal
    currency: str
    document: str | None


@dataclass(frozen=True, slots=True)
class _Total:
    company: str
    account_id: str
    account_code: str
    account: str
    counts_against: bool
    is_money: bool
    is_balance: bool
    months: int
    currency: str
    amount: Decimal
    lines: int
    by_month: Decimal | None
    """The same from the sums that are kept by month; None where part of a month was asked for."""


@dataclass(frozen=True, slots=True)
class _Id:
    id: str


@dataclass(frozen=True, slots=True)
class _Reach:
    first_on: date | None
    last_on: date | None


@dataclass(frozen=True, slots=True)
class _Drill:
    """What was asked, by name, and what was found."""

    company: Named
    account: Named
    cost_centre: Named | None
    lines: list[_Line]
    totals: list[_Total]
    reach: _Reach

    @property
    def count(self) -> int:
        return sum(total.lines for total in self.totals)

    @property
    def unit(self) -> str:
        return common(total.currency if total.is_money else "" for total in self.totals)

    @property
    def adds_up(self) -> bool:
        """Whether one sum over all of it means something."""
        return len({(total.currency, total.is_money) for total in self.totals}) == 1


_COMPANIES = """
with recursive below(id) as (
    select %(top)s::text
    union select c.company from erp.company c join below on c.parent = below.id where c.site = %(site)s
) select id from below
"""
_ACCOUNTS = """
with recursive below(id) as (
    select %(top)s::text
    union select a.account_id from erp.account a join below on a.parent_id = below.id where a.site = %(site)s
) select id from below
"""
# Arrays rather than the recursion itself, so that the ledger's index is used.
_WHERE = """
l.site = %(site)s and l.company = any(%(companies)s) and l.account_id = any(%(accounts)s)
and l.scenario = %(scenario)s and (%(cost_centre)s::text is null or l.cost_centre_id = %(cost_centre)s)
"""
_BETWEEN = """
and (%(from)s::date is null or l.posted_on >= %(from)s) and (%(to)s::date is null or l.posted_on <= %(to)s)
"""
_LINES = f"""
select l.line_id, l.posted_on, coalesce(c.name, l.company) as company, l.account_id,
       coalesce(a.code, '') as account_code, coalesce(a.name, l.account_id) as account,
       coalesce(k.name, l.cost_centre_id) as cost_centre, l.amount, l.currency, l.document,
       {PROVENANCE.format("l")}
from erp.ledger_line l
left join erp.company c on c.site = l.site and c.company = l.company
left join erp.account a on a.site = l.site and a.account_id = l.account_id
left join erp.cost_centre k on k.site = l.site and k.cost_centre_id = l.cost_centre_id
where {_WHERE} {_BETWEEN}
order by l.posted_on, length(l.line_id), l.line_id limit %(limit)s
"""
_TOTALS = f"""
with lines as (
    select l.company, l.account_id, l.currency, sum(l.amount) as amount, count(*) as lines,
           count(distinct date_trunc('month', l.posted_on)) as months
    from erp.ledger_line l where {_WHERE} {_BETWEEN} group by l.company, l.account_id, l.currency
), months as (
    select l.company, l.account_id, l.currency, sum(l.amount) as amount
    from erp.ledger_period l
    where %(whole_months)s and {_WHERE}
      and (%(from)s::date is null or l.month >= %(from)s) and (%(to)s::date is null or l.month <= %(to)s)
    group by l.company, l.account_id, l.currency
)
select coalesce(c.name, s.company) as company, s.account_id, coalesce(a.code, '') as account_code,
       coalesce(a.name, s.account_id) as account, coalesce(a.operator = '-', false) as counts_against,
       coalesce(a.value_type = 'Currency', true) as is_money,
       coalesce(a.kind in ('Assets', 'Liabilities', 'Balances'), false) as is_balance, s.months, s.currency,
       s.amount, s.lines, m.amount as by_month
from lines s
left join months m on m.company = s.company and m.account_id = s.account_id and m.currency = s.currency
left join erp.company c on c.site = %(site)s and c.company = s.company
left join erp.account a on a.site = %(site)s and a.account_id = s.account_id
order by company, account_code, account, s.currency
"""
_REACH = f"""
select min(l.month) as first_on, max(l.month) as last_on from erp.ledger_period l where {_WHERE}
"""


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
    drill = await _drill(args, context, queries)
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


async def _drill(args: LedgerLines, context: ToolContext, queries: Queries) -> _Drill:
    company = await one(context.tx, Kind.COMPANY, args.company, args.site)
    site = company.thing.site
    account = await one(context.tx, Kind.ACCOUNT, args.account, site)
    centre = await one(context.tx, Kind.COST_CENTRE, args.cost_centre, site) if args.cost_centre else None
    params: dict[str, object] = {
        "site": site,
        "companies": await _below(queries, _COMPANIES, company.thing),
        "accounts": await _below(queries, _ACCOUNTS, account.thing),
        "cost_centre": centre.thing.id if centre else None,
        "scenario": args.scenario,
        "from": first_day(args.period_from) if args.period_from else None,
        "to": last_day(args.period_to) if args.period_to else None,
        "whole_months": all(len(period) == 7 for period in (args.period_from, args.period_to) if period),
        "limit": args.limit,
    }
    return _Drill(
        company,
        account,
        centre,
        await queries.rows(_Line, _LINES, params),
        await queries.rows(_Total, _TOTALS, params),
        (await queries.rows(_Reach, _REACH, params))[0],
    )


async def _below(queries: Queries, sql: str, top: Thing) -> list[str]:
    """Ids of a company or account and of all below it that the caller sees."""
    found = await queries.rows(_Id, sql, {"site": top.site, "top": top.id})
    return [each.id for each in found]


def _sources(drill: _Drill) -> list[str | SourceShare]:
    shown = shares("ledger_line", drill.lines)
    if not shown:
        return ["ledger_line"]
    # Lines beyond the limit were summed as well; which system they are from was not asked.
    counted = drill.count if len(shown) == 1 else None
    return [replace(share, rows=counted) for share in shown]


def _lines_table(drill: _Drill, limit: int) -> Table:
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


def _totals_table(drill: _Drill) -> Table:
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


def _figures(drill: _Drill, proof: str) -> tuple[Figure, ...]:
    figures = [figure("lines", drill.count, "count", proof)]
    if drill.adds_up:
        total = sum((each.amount for each in drill.totals), ZERO)
        kind: Literal["money", "quantity"] = "money" if drill.unit else "quantity"
        figures.append(figure("total", total, kind, proof, drill.unit))
    return tuple(figures)


def _untied(drill: _Drill) -> tuple[str, ...]:
    """Says where the lines do not add up to the sums kept by month."""
    apart = [
        said("[[account]] of [[company]]", account=total.account, company=total.company)
        for total in drill.totals
        if total.by_month is not None and total.by_month != total.amount
    ]
    if not apart:
        return ()
    return (said("Lines do not add up to the sums kept by month: [[accounts]].", accounts=several(apart)),)


def _reading(args: LedgerLines, drill: _Drill) -> str:
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


def _sentence(args: LedgerLines, drill: _Drill) -> str:
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


def _caveats(args: LedgerLines, drill: _Drill) -> tuple[str, ...]:
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


def _nothing(args: LedgerLines, drill: _Drill) -> str:
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


def _suggestions(args: LedgerLines, drill: _Drill) -> tuple[str, ...]:
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
