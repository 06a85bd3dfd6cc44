"""A need split over several suppliers, where that is cheaper or sooner than any one of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from policies.drafts.parts import Alternative, Amount, Price
from tools.drafting.exact_choice import terms_of
from tools.drafting.names import seen
from tools.drafting.numbers import money, n
from tools.drafting.sources import Market
from tools.engines.scheduling.solving import PlanningNotInstalled
from tools.engines.sourcing import Lots, Sourced
from tools.engines.sourcing_choice import NoChoice, Terms, choice
from tools.engines.structure import ZERO

_SEARCHED_S = 2.0
Bought = Callable[[str, Decimal], Sourced | None]
"""What buying a quantity from a supplier comes to; None where that cannot be."""


@dataclass(frozen=True, slots=True)
class Split:
    """Parts from several suppliers that together meet a need."""

    parts: tuple[Sourced, ...]
    cost: Decimal
    currency: str
    days_late: int
    """Of the part that comes last."""
    saved: Decimal
    """Against the one source of the draft; below zero where being sooner costs something."""
    sooner: bool
    """True where less of it comes too late than from any one source."""

    @property
    def total(self) -> Decimal:
        """All parts together."""
        return sum((one.sizing.total for one in self.parts), ZERO)


def split_of(
    chosen: Sourced, market: Market, lots: Lots, quantity: Decimal, day: date, bought: Bought
) -> Split | None:
    """The best parts from several suppliers; None where one of them alone is as good.

    Each supplier counts with what it delivers at once: its maximum, what its contract has left.

    Args:
        quantity: as it was asked for, before any order rule.
    """
    terms = _terms(chosen, market, lots, day, bought)
    own = _worth(chosen, day)
    # Scales and steps hold for whole orders: only what limits one supplier makes a second one worth it.
    limits = [one.maximum for one in terms.values() if one.maximum is not None]
    if len(terms) < 2 or own is None or not limits or min(limits) >= quantity:
        return None
    try:
        best = choice(quantity, list(terms.values()), time_limit=_SEARCHED_S)
    except (NoChoice, PlanningNotInstalled):
        return None
    try:
        alone = choice(quantity, list(terms.values()), most=1)
        least = min(own, (alone.unit_days_late, alone.cost))
    except NoChoice:
        least = own
    if len(best.parts) < 2 or (best.unit_days_late, best.cost) >= least:
        return None
    parts = [bought(part.key, part.quantity) for part in best.parts]
    known = [_by_price(one) for one in parts if one is not None and one.priced.price is not None]
    cost = sum(((one.priced.price or ZERO) * one.sizing.total for one in known), ZERO)
    if len(known) < len(best.parts) or cost != best.cost:
        return None
    late = max((terms[part.key].days_late for part in best.parts), default=0)
    return Split(
        tuple(known), cost, chosen.priced.currency, late, own[1] - cost, best.unit_days_late < least[0]
    )


def _by_price(part: Sourced) -> Sourced:
    """The part as what it was chosen by: nobody asked for this supplier."""
    return replace(part, chosen_by="contract" if part.priced.source == "contract" else "info_record")


def _terms(chosen: Sourced, market: Market, lots: Lots, day: date, bought: Bought) -> Mapping[str, Terms]:
    """What each comparable supplier asks for, with the most that it delivers at once."""
    found: dict[str, Terms] = {}
    for offer in (chosen.offer, *chosen.others):
        one = bought(offer.supplier, lots.minimum or Decimal(1))
        terms = None if one is None else terms_of(one, market, lots, day)
        if one is None or terms is None or one.priced.currency != chosen.priced.currency:
            continue
        left = [
            each.open_quantity
            for each in market.contracts
            if each.supplier == offer.supplier
            and each.number == one.priced.reference
            and each.open_quantity is not None
        ]
        limits = [limit for limit in (terms.maximum, *left) if limit is not None]
        found[offer.supplier] = Terms(
            terms.key, terms.steps, terms.minimum, min(limits, default=None), terms.multiple,
            days_late=terms.days_late,
        )  # fmt: skip
    return found


def _worth(chosen: Sourced, day: date) -> tuple[Decimal, Decimal] | None:
    """How much of the draft comes how late, and what it costs."""
    if chosen.priced.price is None or chosen.feasible_on is None:
        return None
    total = chosen.sizing.total
    return total * max(0, (chosen.feasible_on - day).days), total * chosen.priced.price


def as_alternative(split: Split, unit: str) -> Alternative:
    """The split as one of the other ways on a card."""
    parts = " and ".join(
        f"{n(one.sizing.total)} {unit} from {seen(one.offer.name)} at"
        f" {money(one.priced.price or ZERO, split.currency)}"
        for one in split.parts
    )
    against = (
        f"{money(split.saved, split.currency)} less than the source of this draft"
        if split.saved > 0
        else f"{money(-split.saved, split.currency)} more than the source of this draft"
        if split.saved < 0
        else "as much as the source of this draft"
    )
    when = ", less of it too late" if split.sooner else ""
    late = f" The last part can be there {split.days_late} days late." if split.days_late else ""
    return Alternative(
        kind="split",
        what=(
            f"Split it: {parts}, {money(split.cost, split.currency)} in all, {against}{when}.{late} Say "
            '"split it over several suppliers" for that draft.'
        ),
        quantity=Amount(value=split.total, unit=unit),
        available_on=max((one.feasible_on for one in split.parts if one.feasible_on), default=None),
        cost=Price(amount=split.cost.quantize(Decimal("0.01")), currency=split.currency),
    )
