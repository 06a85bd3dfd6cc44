"""What a plant's cost of goods sold changed by: volume, mix, standard cost, products new and dropped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Literal, TypeAlias, get_args

from tools.engines.variance import Item, Sold, bridge
from tools.engines.variance.equations import Var
from tools.rows import Queries
from tools.variance.causes import Cause
from tools.variance.contributions import ZERO
from tools.variance.explanation import Line
from tools.variance.materiality import materiality

SoldStep: TypeAlias = Literal["volume", "mix", "price", "new", "dropped"]
SOLD_STEPS: tuple[SoldStep, ...] = get_args(SoldStep)
_BILLED = """
select material_id, sum(quantity) as quantity, sum(cost) as cost from erp.billing_line
where site = %(site)s and billed_on between %(first)s and %(last)s
  and material_id is not null and quantity is not null and cost is not null
group by material_id order by material_id
"""


@dataclass(frozen=True, slots=True)
class Billed:
    """What was sold of a product in a period, at standard cost."""

    material_id: str
    quantity: Decimal
    cost: Decimal


async def billed(queries: Queries, site: str, first: date, last: date) -> list[Billed]:
    """What was sold in these days, by product."""
    return await queries.rows(Billed, _BILLED, {"site": site, "first": first, "last": last})


def sold_lines(
    code: str, now: Sequence[Billed], before: Sequence[Billed], actual: Decimal, reference: Decimal
) -> list[Line]:
    """The steps from one period's cost of goods sold to the other's; none where bills do not tie to it."""
    if (_cost(now), _cost(before)) != (actual, reference):
        return []
    after, earlier = ({each.material_id: each for each in period} for period in (now, before))
    items = [
        Item(material, _sold(earlier.get(material)), _sold(after.get(material)))
        for material in dict.fromkeys((*earlier, *after))
        if _sold(earlier.get(material)) or _sold(after.get(material))
    ]
    parts = bridge(items, factors=("volume", "mix", "price"), side="cost", digits=2).parts
    found = []
    for step in SOLD_STEPS:
        delta = parts[Var(step)].delta if Var(step) in parts else ZERO
        if delta:
            by = {
                var.item: part.delta for var, part in parts.items() if var.name == f"{step}_by" and var.item
            }
            found.append(Line("sold", step, code, delta, causes=_causes(by, delta)))
    # A cost that was billed without a quantity is in the ledger and in no step.
    return found if sum((line.amount for line in found), ZERO) == actual - reference else []


def _cost(period: Sequence[Billed]) -> Decimal:
    return sum((each.cost for each in period), ZERO)


def _sold(each: Billed | None) -> Sold | None:
    if each is None or not each.quantity:
        return None
    return Sold(each.quantity, Fraction(each.cost) / Fraction(each.quantity))


def _causes(by: dict[str, Decimal], delta: Decimal) -> tuple[Cause, ...]:
    gross = sum((abs(amount) for amount in by.values()), ZERO)
    sign = 1 if delta > 0 else -1
    top = max(by, key=lambda material: (sign * by[material], material), default=None)
    if top is None or not gross or sign * by[top] <= 0 or abs(by[top]) / gross < materiality().cause:
        return (Cause("spread", "", "", delta, Decimal(1), ()),)
    return (Cause("product_sold", "", "", by[top], abs(by[top]) / gross, (("material", top),)),)
