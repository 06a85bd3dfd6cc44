"""Explains why a plant's cost differs from standard, plan, an earlier period or another plant."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal, assert_never

from pydantic import Field, model_validator

from tools.arguments import Arguments, CurrencyName, MaterialName, SiteName, Text
from tools.errors import ToolError
from tools.languages import said
from tools.languages.forms import month_text
from tools.naming import Kind, one, site_of
from tools.presenting import figure, table
from tools.registry import ToolContext, tool
from tools.results import Cell, Column, Figure, Table, ToolResult
from tools.rows import Queries
from tools.variance.comparing import against_earlier, against_plan, against_plant, month_before
from tools.variance.explaining import Scope, days_of, explained
from tools.variance.explanation import Comparison, Explanation
from tools.variance.ledger import Apart, Place, apart, is_whole_months, place_of
from tools.variance.quotes import calendar_days
from tools.variance.scopes import at_each_site, below_account_on, below_centre, currency_meant, places_meant
from tools.variance.together import Together, explained_together
from tools.variance.wording import COMPARED, EVENTS, balance_caveats, causes_text, caveats, reading, step_name

_VERSION = "1.1.0"
_MOST_MONTHS = 24
_MONTH = r"^\d{4}-\d{2}$"
_PERCENT = Decimal(100)
_REFERENCE = "standard cost of what was made"
_AT_RATES = "Actual at reference rates"
_NAMED = """
select material_id as id, name || ' (' || number || ')' as name from erp.material
where site = %(site)s and material_id = any(%(ids)s)
union all select order_id, order_id from erp.production_order
where site = %(site)s and order_id = any(%(ids)s)
"""


class ExplainVariance(Arguments):
    """Which plant, which months, and what against."""

    site: SiteName = Field(
        None,
        description="The plant: its code ('MTY') or name ('Monterrey'); needed where several can be seen.",
    )
    period: str = Field(
        pattern=_MONTH, description="First month, as '2025-10': a month of the plant's own fiscal calendar."
    )
    until: str | None = Field(
        None, pattern=_MONTH, description="Last month, included, where several are meant; else left out."
    )
    against: Comparison = Field(
        "standard",
        description="'standard' (standard cost), 'plan' (budget), 'earlier' (an earlier period) or "
        "'plant' (another plant, scaled to the same standard cost of output).",
    )
    earlier: str | None = Field(
        None,
        pattern=_MONTH,
        description="Of 'earlier': the first month compared with; the months just before if left out.",
    )
    other_site: SiteName = None
    product: MaterialName | None = Field(
        None, description="Only what was made, bought or counted of this material: its number, id or name."
    )
    account: Text | None = Field(
        None, description="Only this account, or those below a summary account: code or name."
    )
    cost_centre: Text | None = Field(
        None, description="Only this cost centre, or those below it: id or name."
    )
    group: bool = Field(False, description="True for all plants together, as one.")
    plants: tuple[Text, ...] = Field(
        (), max_length=40, description="Several plants together: codes or names; in place of `site`."
    )
    company: Text | None = Field(
        None, description="A company's ledger, with the companies below it: code or name; in place of `site`."
    )
    currency: CurrencyName | None = Field(
        None,
        description="Currency that amounts are told in; for several plants that of most of them if left out.",
    )
    rates: Literal["actual", "constant"] = Field(
        "actual",
        description="'constant' for constant currency: no effect of exchange rates is in it; 'actual' tells"
        " it as a step of its own.",
    )
    least: Decimal | None = Field(
        None, gt=0, description="Amount from which a driver is told by itself; two percent if left out."
    )

    @model_validator(mode="after")
    def _fits(self) -> ExplainVariance:
        for month in (self.period, self.until, self.earlier):
            if month is not None and not re.fullmatch(r"\d{4}-(?:0[1-9]|1[0-2])", month):
                raise ValueError(f"{month!r} is no month such as '2025-10'")
        if self.until is not None and self.until < self.period:
            raise ValueError("until lies before period")
        if (self.against == "plant") != (self.other_site is not None):
            raise ValueError("other_site goes with against 'plant', and only with it")
        if self.earlier is not None and (self.against != "earlier" or self.earlier >= self.period):
            raise ValueError("earlier goes with against 'earlier' and lies before period")
        if self.product is not None and self.against != "standard":
            raise ValueError("plans and ledgers know no products: ask for a product against 'standard'")
        if sum((self.site is not None, bool(self.plants), self.company is not None, self.group)) > 1 and not (
            self.site is not None and self.company is not None
        ):
            raise ValueError("name one of site, plants, company and group")
        if self.is_converted and (self.product is not None or self.against == "plant"):
            raise ValueError(
                "a product, and another plant as yardstick, go with one plant in its own currency"
            )
        return self

    @property
    def is_converted(self) -> bool:
        """True where amounts may have to be converted."""
        several = self.group or bool(self.plants) or self.company is not None
        return several or self.currency is not None or self.rates == "constant"

    @property
    def months(self) -> tuple[str, ...]:
        """Every month asked for."""
        found = [self.period]
        while self.until is not None and found[-1] < self.until and len(found) <= _MOST_MONTHS:
            found.append(month_before(found[-1], -1))
        return tuple(found)


@dataclass(frozen=True, slots=True)
class _Named:
    id: str
    name: str


@tool(
    name="explain_variance",
    examples=(
        "Why was Monterrey over standard in October 2025?",
        "What drove the cost variance of Kassel in November 2025?",
        "Why was Greenville over budget in January 2026?",
        "Explain why the cost of Wroclaw rose against the month before in December 2025",
        "Why is Monterrey further over standard than Kassel in October 2025?",
    ),
    version=_VERSION,
)
async def explain_variance(args: ExplainVariance, context: ToolContext) -> ToolResult:
    """Why a plant was over or under standard, plan, an earlier period or another plant, tied to its ledger.

    Of one plant and one month or several. The steps (scrap, work time, purchase price, lot size, missing
    standards, counts and so on; or accounts, against plan or an earlier period) add up to the difference in
    the ledger to the cent. Each has its cause where the plant's records show one: the machine and scrap
    reason, stops, supplier and material, a count, repairs. What no record explains is a step of its own,
    with the postings that it lies in. For plain plan and actual amounts ask `query_metrics`, for single
    postings `ledger_lines`.

    Example: {"site": "Monterrey", "period": "2025-10"}.
    """
    queries = Queries(context.tx)
    asked, notes = await _asked(args, context, queries)
    scope, other = asked.scope, ""
    place = asked.places[0]
    not_balanced = await _not_balanced(
        args, context, queries, asked.places, of_sums=asked.together is not None
    )
    match args.against:
        case "standard" | "plan" | "earlier" as against if asked.together is not None:
            found = await explained_together(queries, asked.together, against, _earlier(args))
        case "standard":
            found = await explained(queries, scope)
        case "plan":
            found = await against_plan(queries, scope)
        case "earlier":
            found = await against_earlier(queries, scope, _earlier(args))
        case "plant":
            theirs = await place_of(queries, await site_of(context.tx, args.other_site) or "")
            if theirs.site == place.site:
                raise ToolError(said("[[site]] is compared with itself; name another plant", site=place.name))
            other = theirs.name
            found = await against_plant(queries, scope, theirs)
        case _:
            assert_never(args.against)
    period = _period(args)
    proof = await queries.evidence(
        tool="explain_variance",
        version=_VERSION,
        arguments=args,
        records=[
            "ledger_line", "production_order", "operation_confirmation", "stock_movement",
            "standard_cost_version", "purchase_line", *(["fx_rate"] if asked.together else []),
        ],
        site=place.site if len(asked.places) == 1 else None,
    )  # fmt: skip
    doubtful = [
        *found.doubts.units, *found.doubts.never_taken, *found.doubts.without_standard,
        *found.doubts.without_route, *found.doubts.without_parts,
    ]  # fmt: skip
    named = await queries.rows(_Named, _NAMED, {"site": place.site, "ids": doubtful}) if doubtful else []
    return ToolResult(
        tool="explain_variance",
        reading=reading(found, other, period, constant=args.rates == "constant"),
        tables=(_steps(found), _causes(found), _plants(found) if found.plants else _accounts(found)),
        figures=_figures(found, proof.id),
        evidence=(proof,),
        sentence=_sentence(found),
        caveats=(
            *notes,
            *balance_caveats(not_balanced or ()),
            *caveats(found, {each.id: each.name for each in named}),
        ),
        suggestions=_suggestions(args, asked, found, period),
    )


async def unbalanced(args: ExplainVariance, context: ToolContext) -> list[Apart] | None:
    """Where the ledger of an explanation is not what its source comes to; None if that was never counted.

    Whatever the explanation was told from, the single lines are looked at.
    """
    queries = Queries(context.tx)
    asked, _ = await _asked(args, context, queries)
    return await _not_balanced(args, context, queries, asked.places)


async def sites_of(args: ExplainVariance, context: ToolContext) -> frozenset[str]:
    """Codes of the sites that an explanation is about."""
    asked, _ = await _asked(args, context, Queries(context.tx))
    other = await site_of(context.tx, args.other_site)
    return frozenset({each.site for each in asked.places} | ({other} if other else set()))


async def _not_balanced(
    args: ExplainVariance,
    context: ToolContext,
    queries: Queries,
    places: Sequence[Place],
    *,
    of_sums: bool = False,
) -> list[Apart] | None:
    spans = [(place, args.months) for place in places]
    if args.against == "earlier":
        spans += [(place, _earlier(args)) for place in places]
    if args.against == "plant":
        theirs = await place_of(queries, await site_of(context.tx, args.other_site) or "")
        spans.append((theirs, args.months))
    found: list[Apart] = []
    for place, months in spans:
        first, last, _ = await days_of(queries, place, months)
        wrong = await apart(queries, place, first, last, of_sums=of_sums and is_whole_months(first, last))
        if wrong is None:
            return None
        found += wrong
    return found


def _earlier(args: ExplainVariance) -> tuple[str, ...]:
    """The months compared with, of an earlier period."""
    count = len(args.months)
    start = args.earlier or month_before(args.period, count)
    return tuple(month_before(start, -n) for n in range(count))


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked about: one plant in its own currency, or several things in one."""

    places: tuple[Place, ...]
    scope: Scope
    together: Together | None


async def _asked(
    args: ExplainVariance, context: ToolContext, queries: Queries
) -> tuple[_Asked, tuple[str, ...]]:
    if len(args.months) > _MOST_MONTHS:
        raise ToolError(said("at most [[number]] months are explained at once", number=_MOST_MONTHS))
    meant = await places_meant(
        queries, context, site=args.site, further=args.plants, company=args.company, group=args.group
    )
    places, sites = meant.places, [each.site for each in meant.places]
    product = await one(context.tx, Kind.MATERIAL, args.product, sites[0]) if args.product else None
    now, then = (calendar_days(months[-1])[1] for months in (args.months, _earlier(args)))
    accounts, of_accounts = await at_each_site(
        context, Kind.ACCOUNT, args.account, sites, lambda thing: below_account_on(queries, thing, now)
    )
    before = None
    if args.against == "earlier":
        before, _ = await at_each_site(
            context, Kind.ACCOUNT, args.account, sites, lambda thing: below_account_on(queries, thing, then)
        )
    centres, of_centres = await at_each_site(
        context, Kind.COST_CENTRE, args.cost_centre, sites, lambda thing: below_centre(queries, thing)
    )
    notes = (*meant.notes, *(product.caveats if product else ()), *of_accounts, *of_centres)
    scope = Scope(
        places[0], args.months, product.thing.id if product else None,
        tuple(sorted(centres[sites[0]])) if centres else None,
        tuple(sorted(accounts[sites[0]])) if accounts else None,
        tuple(sorted(before[sites[0]])) if before else None, args.least,
    ) if len(places) == 1 else Scope(places[0], args.months)  # fmt: skip
    if not args.is_converted:
        return _Asked(places, scope, None), notes
    if len(places) == 1 and args.currency is None:
        currency, is_named = places[0].currency, True
    else:
        currency, is_named = await currency_meant(queries, context, args.currency, places)
    if len(places) == 1 and currency == places[0].currency and args.rates == "actual":
        return _Asked(places, scope, None), notes
    if not is_named:
        notes += (
            said("Told in [[currency]], in which most of the plants keep their books.", currency=currency),
        )
    together = Together(
        meant.name,
        places,
        args.months,
        currency,
        args.rates == "constant",
        accounts,
        before,
        centres,
        args.least,
    )
    return _Asked(places, scope, together), notes


def _period(args: ExplainVariance) -> str:
    first, last = (
        month_text(date.fromisoformat(f"{month}-01")) for month in (args.months[0], args.months[-1])
    )
    return first if first == last else said("from [[first]] to [[last]]", first=first, last=last)


def _steps(found: Explanation) -> Table:
    currency, beside = found.place.currency, found.comparison != "standard"
    columns = [
        Column("step", "Step", "text", words="variance"),
        Column("amount", "Amount", "money", currency, good="down", adds_up=True),
        Column("share", "Of the difference", "percent", "%"),
    ]
    if beside:
        columns += [
            Column("actual", _AT_RATES if found.plants else "Actual", "money", currency),
            Column("reference", "Compared with", "money", currency),
        ]
    columns += [Column("code", "Account", "id"), Column("cause", "Cause", "text")]
    rows: list[list[Cell]] = []
    for line in found.lines:
        cause = causes_text(line.causes)
        share = (_PERCENT * line.amount / found.total).quantize(Decimal("0.1")) if found.total else None
        rows.append(
            [step_name(line), line.amount, share, *((line.actual, line.reference) if beside else ()),
             line.code or None, cause]
        )  # fmt: skip
    made = table("What makes the difference", columns, rows)
    return Table(made.columns, made.rows, made.title, made.truncated, made.total_rows, shows="bridge")


def _causes(found: Explanation) -> Table:
    columns = (
        Column("step", "Step", "text", words="variance"),
        Column("event", "What happened", "text", words="variance"),
        Column("subject", "Where or what", "text"),
        Column("detail", "Reason or detail", "text"),
        Column("amount", "Amount", "money", found.place.currency, good="down"),
        Column("times_usual", "Times the usual", "ratio"),
        Column("orders", "Orders, largest first", "text"),
    )
    rows: list[list[Cell]] = [
        [
            step_name(line), EVENTS[cause.event], cause.subject or None, cause.detail or None, cause.amount,
            cause.times_usual.quantize(Decimal("0.1")) if cause.times_usual is not None else None,
            ", ".join(cause.orders) or None,
        ]
        for line in found.lines
        for cause in line.causes
    ]  # fmt: skip
    return table("What the records show behind it", columns, rows)


def _accounts(found: Explanation) -> Table:
    currency = found.place.currency
    columns = [
        Column("code", "Account", "id"),
        Column("account", "Name", "text"),
        Column("ledger", "In the ledger", "money", currency),
    ]
    if found.comparison == "standard":
        columns += [
            Column("explained", "From records", "money", currency),
            Column("difference", "Difference", "money", currency),
        ]
    else:
        columns.append(Column("reference", "Compared with", "money", currency))
    columns.append(Column("lines", "Lines", "count"))
    rows: list[list[Cell]] = []
    for each in found.accounts:
        cells: list[Cell] = [each.account.code, each.account.name, each.ledger]
        cells += [each.explained, each.difference] if found.comparison == "standard" else [each.reference]
        rows.append([*cells, each.lines])
    return table("How it ties to the ledger", columns, rows)


def _plants(found: Explanation) -> Table:
    """Each ledger in its own money, which it ties to, and what it came to in the one currency."""
    currency = found.place.currency
    beside = found.comparison != "standard"
    columns = [
        Column("code", "Plant", "id"),
        Column("account", "Name", "text"),
        Column("kept_in", "Kept in", "id"),
        Column("ledger", "In the ledger", "money"),
        *([Column("reference", "Compared with", "money")] if beside else []),
        Column("rate", "Rate", "rate"),
        *([Column("reference_rate", "Reference rate", "rate")] if beside else []),
        Column("rates", "From exchange rates", "money", currency),
        Column("amount", "Of the difference", "money", currency, good="down", adds_up=True),
        Column("lines", "Lines", "count"),
    ]
    rows: list[list[Cell]] = [
        [
            each.site, each.name, each.currency, each.actual, *([each.reference] if beside else []),
            each.rate, *([each.reference_rate] if beside else []), each.rates, each.amount, each.lines,
        ]
        for each in found.plants
    ]  # fmt: skip
    return table("How it ties to the ledgers", columns, rows)


def _figures(found: Explanation, proof: str) -> tuple[Figure, ...]:
    currency = found.place.currency
    over, under = COMPARED[found.comparison]
    size, base = abs(found.total), abs(found.reference)
    figures = [figure(said(over if found.total >= 0 else under), size, "money", proof, currency)]
    if base:
        # Without anything to compare with there is no percentage, and none is made up.
        percent = (_PERCENT * size / base).quantize(Decimal("0.1"))
        label = said(_REFERENCE if found.comparison == "standard" else "compared with")
        figures += [
            figure(said("in percent"), percent, "percent", proof, "%"),
            figure(label, found.reference, "money", proof, currency),
        ]
    if found.plants and found.comparison != "standard":
        figures.append(figure(said("from exchange rates"), found.rates, "money", proof, currency))
    if not found.plants or found.unexplained:
        unexplained = found.unexplained
        figures.append(figure(said("not explained by any record"), unexplained, "money", proof, currency))
    return tuple(figures)


def _sentence(found: Explanation) -> str:
    over, under = COMPARED[found.comparison]
    if not found.total and not found.lines:
        return said("Nothing stands against it: the difference is {{figures[0]}}.")
    direction = said(over if found.total >= 0 else under)
    whole = (
        "{{figures[0]}} ({{figures[1]}}) [[direction]]."
        if found.reference
        else "{{figures[0]}} [[direction]]."
    )
    parts = [said(whole, direction=direction)]
    sign = 1 if found.total >= 0 else -1
    ranked = [
        n
        for n, line in enumerate(found.lines)
        if line.kind in ("driver", "account", "sold", "moved") and line.amount * sign > 0
    ]
    for order, number in enumerate(ranked[:2]):
        parts.append(_told(found, number, first=not order))
    last = 3 if found.reference else 1
    if found.plants and found.rates:
        parts.append(said("Exchange rates made [[amount]] of it.", amount=f"{{{{figures[{last}]}}}}"))
        last += 1
    if found.comparison == "standard" and (found.accounts or found.unexplained):
        amount = f"{{{{figures[{last}]}}}}"
        parts.append(
            said("[[amount]] of it is in the ledger and in no record.", amount=amount)
            if found.unexplained
            else said("Ledger and records agree to the cent.")
        )
    return " ".join(parts)


def _told(found: Explanation, number: int, *, first: bool) -> str:
    """The step with its cause, by reference."""
    at = f"{{{{tables[0].rows[{number}]"
    text = said(
        "Most of it: [[step]], [[amount]]" if first else "Then: [[step]], [[amount]]",
        step=f"{at}.step}}}}",
        amount=f"{at}.amount}}}}",
    )
    causes = found.lines[number].causes
    if not causes or causes[0].event == "spread":
        return f"{text}."
    return said("[[step]]; behind it: [[cause]].", step=text, cause=f"{at}.cause}}}}")


def _suggestions(args: ExplainVariance, asked: _Asked, found: Explanation, period: str) -> tuple[str, ...]:
    if len(args.months) > 1:
        return ()
    if asked.together is not None:
        largest = sorted(found.plants, key=lambda plant: -abs(plant.amount))
        named = list(dict.fromkeys(plant.name for plant in largest))
        return tuple(
            said(_WHY[args.against], site=name, period=period) for name in named[:3] if len(named) > 1
        )
    return tuple(
        said(text, site=asked.places[0].name, period=period)
        for kind, text in _WHY.items()
        if kind != args.against
    )


_WHY: dict[Comparison, str] = {
    "standard": "Why was [[site]] over standard in [[period]]?",
    "plan": "Why was [[site]] over budget in [[period]]?",
    "earlier": "Why was the cost of [[site]] above the month before in [[period]]?",
}
