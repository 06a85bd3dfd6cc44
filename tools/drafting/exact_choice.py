"""What a requisition's source costs against the best of all, exactly; it decides where no rule does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from tools.drafting.names import seen
from tools.drafting.numbers import money, n
from tools.drafting.sources import Market
from tools.engines.sourcing import ChosenBy, Lots, Sourced
from tools.engines.sourcing_choice import NoChoice, Step, Terms, choice
from tools.engines.structure import ZERO

_AGREED: Mapping[ChosenBy, str] = {
    "quota": "the quota decides",
    "contract": "the contract decides",
    "asked_for": "the request decides",
    "preferred": "the preferred supplier comes first",
}
"""What goes before a lower price."""


@dataclass(frozen=True, slots=True)
class _Compared:
    """A source with its terms."""

    sourced: Sourced
    terms: Terms


def compared(
    chosen: Sourced,
    market: Market,
    lots: Lots,
    quantity: Decimal,
    unit: str,
    day: date,
    sourced_from: Callable[[str], Sourced | None],
) -> Sourced:
    """The choice with what an exact comparison says; the cheapest in time where rules leave it open.

    Args:
        quantity: as it was asked for, before any order rule.
        sourced_from: the choice if a supplier had been asked for; None where that cannot be.
    """
    every = {chosen.offer.supplier: _of(chosen, market, lots, day)}
    for offer in chosen.others:
        if (other := sourced_from(offer.supplier)) is not None:
            every[offer.supplier] = _of(other, market, lots, day)
    known = {key: one for key, one in every.items() if one is not None}
    own = known.get(chosen.offer.supplier)
    comparable = {
        key: one
        for key, one in known.items()
        if own is not None and one.sourced.priced.currency == own.sourced.priced.currency
    }
    if own is None or len(comparable) < 2:
        return chosen
    alike = {
        key: one
        for key, one in comparable.items()
        if one.sourced.offer.is_preferred == chosen.offer.is_preferred
    }
    try:
        if chosen.chosen_by in ("info_record", "preferred") and len(alike) > 1:
            return _decided(chosen, alike, quantity, day)
        return _weighed(chosen, own, comparable, quantity, unit)
    except NoChoice:
        return chosen


def _of(sourced: Sourced, market: Market, lots: Lots, day: date) -> _Compared | None:
    """A source's terms; None where price or day are not known, or its maximum makes several lines of it."""
    terms = None if len(sourced.sizing.quantities) > 1 else terms_of(sourced, market, lots, day)
    return None if terms is None else _Compared(sourced, terms)


def terms_of(sourced: Sourced, market: Market, lots: Lots, day: date) -> Terms | None:
    """What a source asks for, whatever the quantity; None where price or day are not known."""
    price, offer = sourced.priced, sourced.offer
    if price.price is None or sourced.feasible_on is None:
        return None
    steps = {ZERO: price.price}
    if price.source in ("price_scale", "info_record"):
        base = offer.price if offer.price is not None else price.price
        steps = {ZERO: base} | {
            one.from_quantity: one.price
            for one in market.steps
            if one.supplier == offer.supplier and one.currency == price.currency
        }
    return Terms(
        offer.supplier,
        tuple(Step(begins, each) for begins, each in sorted(steps.items())),
        sourced.sizing.minimum or ZERO,
        sourced.sizing.maximum,
        lots.rounding if lots.rounding and lots.rounding > 0 else None,
        days_late=max(0, (sourced.feasible_on - day).days),
    )


def _decided(chosen: Sourced, alike: Mapping[str, _Compared], quantity: Decimal, day: date) -> Sourced:
    """The cheapest that is there in time; the rule's own where it is as good."""
    ordered = sorted(alike.values(), key=lambda one: one.sourced is not chosen)
    best = choice(quantity, [one.terms for one in ordered], most=1)
    found = alike[best.parts[0].key].sourced
    in_time = "that can be there in time" if not best.unit_days_late else "of which none can be there in time"
    why = (
        f"Source {seen(found.offer.name)}: the cheapest of {len(alike)} sources {in_time} by {day}, by an"
        " exact comparison of price scales, minimums and lead times (optimal)."
    )
    return replace(found, chosen_by=chosen.chosen_by, why=(why, *found.why[1:]))


def _weighed(
    chosen: Sourced, own: _Compared, every: Mapping[str, _Compared], quantity: Decimal, unit: str
) -> Sourced:
    """The rule's choice, with what it costs beyond the best."""
    best = choice(quantity, [own.terms, *(o.terms for k, o in every.items() if o is not own)], most=1)
    price = chosen.priced.price or ZERO
    cost, currency = price * chosen.sizing.total, chosen.priced.currency
    part = best.parts[0]
    told = f"Compared exactly with {len(every) - 1} other source{'s' if len(every) > 2 else ''}"
    rule = _AGREED.get(chosen.chosen_by, "the rules decide")
    if part.key != chosen.offer.supplier:
        other = seen(every[part.key].sourced.offer.name)
        if own.terms.days_late and not best.unit_days_late:
            why = f"{told}: {other} could be there in time, for {money(best.cost, currency)}; {rule}."
        elif cost <= best.cost:
            why = f"{told}: none costs less, but {other} could be there sooner; {rule}."
        else:
            why = (
                f"{told}: within {_percent(cost, best.cost)} % of the least possible cost, which is"
                f" {money(best.cost, currency)} from {other}; {rule}."
            )
    elif best.cost < cost:
        why = (
            f"{told}: the cheapest supplier; {n(part.quantity)} {unit} would cost less in all,"
            f" {money(best.cost, currency)} against {money(cost, currency)}."
        )
    else:
        why = f"{told}: optimal, none is cheaper in time."
    return replace(chosen, why=(*chosen.why, why))


def _percent(cost: Decimal, least: Decimal) -> str:
    return n(((cost - least) * 100 / least).quantize(Decimal("0.1")) if least else Decimal(100))
