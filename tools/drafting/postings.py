"""Where a purchase would be posted, by what the material is, and what is left of the budget there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from policies.drafts.parts import Named, Price
from policies.drafts.requisition import Budget
from tools.drafting.numbers import money
from tools.naming import Kind, one
from tools.rows import Queries


@dataclass(frozen=True, slots=True)
class Posting:
    """Account assignment with its reasons."""

    account: Named | None
    cost_centre: Named | None
    budget: Budget | None
    why: tuple[str, ...]
    facts: tuple[tuple[str, tuple[str, ...]], ...]
    """Record and key of what it relies on."""


@dataclass(frozen=True, slots=True)
class _Account:
    account_id: str
    code: str
    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class _Centre:
    cost_centre_id: str
    name: str


@dataclass(frozen=True, slots=True)
class _Left:
    planned: Decimal | None
    spent: Decimal
    currency: str | None


_ACCOUNTS = """
select a.account_id, coalesce(a.code, a.account_id) as code, a.name, coalesce(a.kind, '') as kind
from erp.account a
where a.site = %(site)s
  and not exists (select from erp.account c where c.site = a.site and c.parent_id = a.account_id)
order by a.code, a.account_id
"""
_CENTRES = """
select c.cost_centre_id, c.name from erp.cost_centre c
where c.site = %(site)s
  and not exists (select from erp.cost_centre o where o.site = c.site and o.parent_id = c.cost_centre_id)
order by c.cost_centre_id
"""
_LEFT = """
select (select sum(b.amount) from erp.budget b where b.site = %(site)s
          and b.cost_centre_id = %(centre)s and b.account_id = %(account)s and b.period = %(period)s)
         as planned,
       coalesce((select sum(l.amount) from erp.ledger_period l where l.site = %(site)s
          and l.cost_centre_id = %(centre)s and l.account_id = %(account)s and l.scenario = 'actual'
          and l.month = %(month)s), 0) as spent,
       (select min(b.currency) from erp.budget b where b.site = %(site)s
          and b.cost_centre_id = %(centre)s and b.account_id = %(account)s and b.period = %(period)s)
         as currency
"""


async def posting_of(
    queries: Queries,
    site: str,
    category: str,
    day: date,
    period: str,
    *,
    cost_centre: str | None = None,
    currency: str = "",
) -> Posting:
    """The account that the category's stock stands on, or its expense; the cost centre that buys it.

    Raises:
        ToolError: the cost centre that was named is none.
    """
    accounts = await queries.rows(_Account, _ACCOUNTS, {"site": site})
    centres = await queries.rows(_Centre, _CENTRES, {"site": site})
    account, why_account = _account(accounts, category)
    if cost_centre is not None:
        found = (await one(queries.tx, Kind.COST_CENTRE, cost_centre, site)).thing
        centre: Named | None = Named(code=found.id, name=found.name)
        why_centre = f"Cost centre {found.id} {found.name}: named by the requester."
    else:
        centre, why_centre = _centre(centres)
    if account is None or centre is None:
        return Posting(account, centre, None, (why_account, why_centre), ())
    asked = {"site": site, "centre": centre.code, "account": account.code, "period": period}
    left = (await queries.rows(_Left, _LEFT, {**asked, "month": day.replace(day=1)}))[0]
    if left.planned is None:
        none = f"No budget is kept for account {account.code} at cost centre {centre.code} in {period}."
        return Posting(account, centre, None, (why_account, why_centre, none), ())
    unit = left.currency or currency
    budget = Budget(
        cost_centre=centre,
        account=account,
        period=period,
        planned=Price(amount=left.planned, currency=unit),
        spent=Price(amount=left.spent, currency=unit),
    )
    said = f"Of the budget of {money(left.planned, unit)} for {period}, {money(left.spent, unit)} are spent."
    return Posting(
        account,
        centre,
        budget,
        (why_account, why_centre, said),
        (("budget", (centre.code, account.code, period)),),
    )


def _account(accounts: Sequence[_Account], category: str) -> tuple[Named | None, str]:
    """A stock account first: what is bought for stock is no cost until it is used."""
    words = _words(category)
    for kind, what in (("Assets", "stock of"), ("Expenditures", "expense for")):
        fitting = [one for one in accounts if one.kind == kind and words and words <= _words(one.name)]
        if fitting:
            first = fitting[0]
            why = f"Account {first.code} {first.name}: the {what} category {category!r}."
            return Named(code=first.code, name=first.name), why
    return None, f"No account is assigned: none is kept for category {category or 'none'!r}."


def _centre(centres: Sequence[_Centre]) -> tuple[Named | None, str]:
    for word in ("purchasing", "einkauf", "procurement", "compras", "achats", "warehouse", "lager"):
        found = next((one for one in centres if word in one.name.casefold()), None)
        if found is not None:
            why = f"Cost centre {found.cost_centre_id} {found.name}: it buys for the site's stock."
            return Named(code=found.cost_centre_id, name=found.name), why
    return None, "No cost centre is assigned: the site keeps none for purchasing; name one if it has to be."


def _words(text: str) -> set[str]:
    return {word for word in text.casefold().replace(",", " ").split() if word not in ("and", "und", "of")}
