"""Where to buy, how much, at what price and by when: chosen by rules, with a sentence for each choice.

Quota before contract before info record; a supplier who was asked for comes before all of them. The price is
the contract's, else the price scale's at the quantity, else the info record's, else the last one paid.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal
from fractions import Fraction
from typing import Literal

ChosenBy = Literal["quota", "contract", "info_record", "preferred", "asked_for"]
PriceFrom = Literal["contract", "price_scale", "info_record", "last_price", "none"]

MOST_LINES = 50
_ZERO = Decimal(0)
_PLACES = Decimal("0.000001")
_FAR = 400
"""Days after which a calendar without a working day is given up."""


class Unsourceable(Exception):
    """No source can meet the need; the message says what stands in the way and what would be valid."""


@dataclass(frozen=True, slots=True)
class Offer:
    """An info record: what a supplier asks for the material, and what the supplier is like."""

    supplier: str
    name: str
    lead_time_days: Decimal | None = None
    price: Decimal | None = None
    last_price: Decimal | None = None
    currency: str = ""
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    is_preferred: bool = False
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class Contract:
    """An agreed price, for how long, and how much of it is still open."""

    number: str
    supplier: str
    price: Decimal | None
    currency: str
    valid_from: date | None = None
    valid_to: date | None = None
    open_quantity: Decimal | None = None
    """None where it has no target quantity."""


@dataclass(frozen=True, slots=True)
class Step:
    """A price from some quantity on."""

    supplier: str
    from_quantity: Decimal
    price: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Quota:
    """The share of a material that a supplier should get, and what it got so far."""

    supplier: str
    share: Decimal
    ordered: Decimal
    key: str = ""


@dataclass(frozen=True, slots=True)
class Need:
    """What is to be bought, in the unit of the ERP."""

    quantity: Decimal
    unit: str
    needed_on: date
    today: date


@dataclass(frozen=True, slots=True)
class Lots:
    """The material's own order rules."""

    minimum: Decimal | None = None
    rounding: Decimal | None = None
    maximum: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Sizing:
    """The quantities to order, one a line, and the rules that made them."""

    quantities: tuple[Decimal, ...]
    minimum: Decimal | None
    rounding: Decimal | None
    maximum: Decimal | None
    why: tuple[str, ...]

    @property
    def total(self) -> Decimal:
        """All lines together."""
        return sum(self.quantities, _ZERO)


@dataclass(frozen=True, slots=True)
class Priced:
    """A unit price and where it is from."""

    price: Decimal | None
    currency: str
    source: PriceFrom
    scale_from: Decimal | None
    reference: str
    why: str


@dataclass(frozen=True, slots=True)
class Sourced:
    """The source with everything that was chosen."""

    offer: Offer
    chosen_by: ChosenBy
    reference: str
    sizing: Sizing
    priced: Priced
    feasible_on: date | None
    """First working day on which it can be there; None without a lead time."""
    why: tuple[str, ...]
    others: tuple[Offer, ...]
    """The other suppliers who could, best first."""


def source(
    need: Need,
    offers: Sequence[Offer],
    *,
    contracts: Sequence[Contract] = (),
    steps: Sequence[Step] = (),
    quotas: Sequence[Quota] = (),
    lots: Lots | None = None,
    asked_for: str = "",
    receipt_days: Decimal = _ZERO,
    is_working: Callable[[date], bool] = lambda day: day.weekday() < 5,
) -> Sourced:
    """The source for a need.

    Args:
        offers: every info record of the material, valid or not.
        contracts, steps, quotas: those of the material; only quotas that hold today.
        asked_for: a supplier whom the person named.
        receipt_days: from arrival to usable stock.

    Raises:
        Unsourceable: nobody offers it, whoever was asked for does not, or the lot rules contradict.
    """
    usable = [one for one in offers if one.is_active and _holds(one.valid_from, one.valid_to, need.today)]
    if not usable:
        raise Unsourceable(_nobody(offers, need.today))
    offer, chosen_by, reference, why = _chosen(need, usable, contracts, quotas, asked_for, offers)
    sized = sizing(need.quantity, need.unit, lots or Lots(), offer)
    price = priced(offer, min(sized.quantities), sized.total, need, contracts, steps)
    feasible = _feasible(offer, need.today, receipt_days, is_working)
    return Sourced(
        offer,
        chosen_by,
        reference or price.reference,
        sized,
        price,
        feasible,
        (why, *sized.why, price.why, _when(offer, feasible, need)),
        tuple(one for one in _by_merit(usable) if one is not offer),
    )


def _nobody(offers: Sequence[Offer], today: date) -> str:
    if not offers:
        return "no supplier has an info record for it: ask purchasing to create one"
    named = ", ".join(
        f"{one.name} ({'is no longer active' if not one.is_active else f'not valid on {today}'})"
        for one in offers
    )
    return f"none of its suppliers can be ordered from: {named}"


def _chosen(
    need: Need,
    usable: Sequence[Offer],
    contracts: Sequence[Contract],
    quotas: Sequence[Quota],
    asked_for: str,
    every: Sequence[Offer],
) -> tuple[Offer, ChosenBy, str, str]:
    by_supplier = {one.supplier: one for one in usable}
    if asked_for:
        return _asked_for(asked_for, by_supplier, every, need.today)
    held = [one for one in quotas if one.share > 0 and one.supplier in by_supplier]
    if held:
        least = min(held, key=lambda one: (one.ordered / one.share, -one.share, one.supplier))
        total = sum((one.ordered for one in held), _ZERO)
        of_all = _percent(least.ordered, total)
        return (
            by_supplier[least.supplier],
            "quota",
            least.key,
            f"Source {by_supplier[least.supplier].name}: its quota is {_n(least.share)} % and it got {of_all}"
            f" of the {_n(total)} {need.unit} ordered under the quotas, the least against its share.",
        )
    agreed = [one for one in contracts if one.supplier in by_supplier and _binds(one, need)]
    if agreed:
        best = min(agreed, key=lambda one: (one.price is None, one.price or _ZERO, one.number))
        offer = by_supplier[best.supplier]
        left = (
            ""
            if best.open_quantity is None
            else f" with {_n(best.open_quantity)} {need.unit} of it still open"
        )
        return (
            offer,
            "contract",
            best.number,
            f"Source {offer.name}: contract {best.number} is valid on {need.today}{left}.",
        )
    first = _by_merit(usable)[0]
    if len(usable) == 1:
        return first, "info_record", "", f"Source {first.name}: the only supplier with a valid info record."
    if first.is_preferred and not all(one.is_preferred for one in usable):
        return first, "preferred", "", f"Source {first.name}: the preferred supplier."
    return first, "info_record", "", f"Source {first.name}: the lowest price of {len(usable)} info records."


def _asked_for(
    supplier: str, by_supplier: dict[str, Offer], every: Sequence[Offer], today: date
) -> tuple[Offer, ChosenBy, str, str]:
    offer = by_supplier.get(supplier)
    if offer is not None:
        return offer, "asked_for", "", f"Source {offer.name}: asked for by the requester."
    valid = ", ".join(one.name for one in _by_merit(list(by_supplier.values())))
    known = next((one for one in every if one.supplier == supplier), None)
    if known is None:
        raise Unsourceable(f"that supplier has no info record for it; these have: {valid}")
    reason = "is no longer active" if not known.is_active else f"has no info record that is valid on {today}"
    raise Unsourceable(f"{known.name} {reason}; valid would be {valid}")


def _by_merit(offers: Sequence[Offer]) -> list[Offer]:
    """Preferred suppliers first, then by price, lead time and key."""
    return sorted(
        offers,
        key=lambda one: (
            not one.is_preferred,
            one.price is None,
            one.price or _ZERO,
            one.lead_time_days is None,
            one.lead_time_days or _ZERO,
            one.supplier,
        ),
    )


def _holds(valid_from: date | None, valid_to: date | None, day: date) -> bool:
    return (valid_from is None or valid_from <= day) and (valid_to is None or day <= valid_to)


def _binds(contract: Contract, need: Need) -> bool:
    """True for a contract that is valid on the day of the order and has enough left."""
    enough = contract.open_quantity is None or contract.open_quantity >= need.quantity
    return enough and _holds(contract.valid_from, contract.valid_to, need.today)


# ── how much ──────────────────────────────────────────────────────────────────────────────────────────────
def sizing(asked: Decimal, unit: str, lots: Lots, offer: Offer | None = None) -> Sizing:
    """At least what was asked for, each line a multiple of the rounding value between minimum and maximum.

    What is above the maximum is split over several lines for the same day.

    Raises:
        Unsourceable: the maximum is below the minimum, or more lines were needed than a requisition takes.
    """
    minimum = _larger(lots.minimum, offer.minimum if offer else None)
    maximum = _smaller(lots.maximum, offer.maximum if offer else None)
    step = lots.rounding if lots.rounding and lots.rounding > 0 else None
    least = _up(minimum or _ZERO, step)
    most = None if maximum is None else _down(maximum, step)
    if most is not None and (most <= 0 or most < least):
        raise Unsourceable(
            f"the most that may be ordered at once, {_n(maximum or _ZERO)} {unit}, is below the minimum of"
            f" {_n(minimum or _ZERO)} {unit} in steps of {_n(step or Decimal(1))}: have the master data"
            " corrected"
        )
    wanted = _up(asked, step)
    why: list[str] = []
    if wanted > asked:
        why.append(f"Rounded up to a multiple of {_n(step or Decimal(1))} {unit}.")
    if wanted < least:
        wanted = least
        why.append(f"Raised to the minimum of {_n(minimum or _ZERO)} {unit}.")
    lines = [wanted] if most is None or wanted <= most else _split(wanted, least, most)
    if len(lines) > MOST_LINES:
        raise Unsourceable(
            f"{_n(asked)} {unit} would be {len(lines)} lines of at most {_n(most or _ZERO)} {unit}, and a"
            f" requisition takes {MOST_LINES}: ask for at most {_n(MOST_LINES * (most or _ZERO))} {unit}"
        )
    if len(lines) > 1:
        why.append(
            f"Split into {len(lines)} lines: at most {_n(maximum or _ZERO)} {unit} may be ordered at once."
        )
    return Sizing(tuple(lines), minimum, step, maximum, tuple(why))


def _split(wanted: Decimal, least: Decimal, most: Decimal) -> list[Decimal]:
    full, rest = divmod(wanted, most)
    if full > MOST_LINES:
        return [most] * (MOST_LINES + 1)
    return [most] * int(full) + ([max(rest, least)] if rest else [])


def _up(value: Decimal, step: Decimal | None) -> Decimal:
    if step is None:
        return value
    return -(-Fraction(value) // Fraction(step)) * step


def _down(value: Decimal, step: Decimal | None) -> Decimal:
    return value if step is None else (Fraction(value) // Fraction(step)) * step


def _larger(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    return max((value for value in (one, other) if value is not None and value > 0), default=None)


def _smaller(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    return min((value for value in (one, other) if value is not None and value > 0), default=None)


def converted(asked: Decimal, factor: Decimal) -> Decimal:
    """What was asked in the unit of the ERP, by an exact factor; never less than it comes to."""
    exact = Fraction(asked) * Fraction(factor)
    micro = -(-exact * 1_000_000 // 1)
    return Decimal(int(micro)) * _PLACES


def inverse(factor: Decimal) -> Decimal:
    """One over a factor in six decimal places, rounded up so that nothing is lost on the way back."""
    return (Decimal(1) / factor).quantize(_PLACES, rounding=ROUND_CEILING)


# ── at what price ─────────────────────────────────────────────────────────────────────────────────────────
def priced(
    offer: Offer,
    quantity: Decimal,
    total: Decimal,
    need: Need,
    contracts: Sequence[Contract],
    steps: Sequence[Step],
) -> Priced:
    """The unit price of an order of `quantity`, `total` of which are asked of the contract."""
    own = [
        one
        for one in contracts
        if one.supplier == offer.supplier
        and one.price is not None
        and _holds(one.valid_from, one.valid_to, need.today)
        and (one.open_quantity is None or one.open_quantity >= total)
    ]
    if own:
        best = min(own, key=lambda one: (one.price or _ZERO, one.number))
        return Priced(
            best.price,
            best.currency,
            "contract",
            None,
            best.number,
            f"Price {_money(best.price or _ZERO, best.currency)} from contract {best.number}.",
        )
    reached = [one for one in steps if one.supplier == offer.supplier and one.from_quantity <= quantity]
    if reached:
        step = max(reached, key=lambda one: one.from_quantity)
        return Priced(
            step.price,
            step.currency,
            "price_scale",
            step.from_quantity,
            "",
            f"Price {_money(step.price, step.currency)} from the price scale, which holds from"
            f" {_n(step.from_quantity)} {need.unit}.",
        )
    if offer.price is not None:
        why = f"Price {_money(offer.price, offer.currency)} from the info record."
        return Priced(offer.price, offer.currency, "info_record", None, "", why)
    if offer.last_price is not None:
        why = f"Price {_money(offer.last_price, offer.currency)}: what was paid last; nothing is agreed."
        return Priced(offer.last_price, offer.currency, "last_price", None, "", why)
    return Priced(None, offer.currency, "none", None, "", "No source has a price for it.")


# ── by when ───────────────────────────────────────────────────────────────────────────────────────────────
def next_working(day: date, is_working: Callable[[date], bool]) -> date | None:
    """The day itself or the first working day after it; None where none comes."""
    return next((at for n in range(_FAR) if is_working(at := day + timedelta(days=n))), None)


def last_working(day: date, is_working: Callable[[date], bool]) -> date | None:
    """The day itself or the last working day before it; None where there is none."""
    return next((at for n in range(_FAR) if is_working(at := day - timedelta(days=n))), None)


def _feasible(
    offer: Offer, today: date, receipt_days: Decimal, is_working: Callable[[date], bool]
) -> date | None:
    if offer.lead_time_days is None:
        return None
    days = int((offer.lead_time_days + receipt_days).to_integral_value(rounding=ROUND_CEILING))
    return next_working(today + timedelta(days=max(0, days)), is_working)


def _when(offer: Offer, feasible: date | None, need: Need) -> str:
    if feasible is None:
        return f"{offer.name} has no lead time on record: whether {need.needed_on} can be met is not known."
    lead = _n(offer.lead_time_days or _ZERO)
    if feasible > need.needed_on:
        return (
            f"With a lead time of {lead} days it can be there on {feasible} at the earliest, after the day of"
            f" need."
        )
    return f"With a lead time of {lead} days it can be there from {feasible} on."


# ── numbers in sentences ──────────────────────────────────────────────────────────────────────────────────
def _n(value: Decimal) -> str:
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _money(amount: Decimal, currency: str) -> str:
    text = f"{amount:,f}"
    whole, _, decimals = text.partition(".")
    return f"{whole}.{decimals.rstrip('0').ljust(2, '0')} {currency}".strip()


def _percent(part: Decimal, whole: Decimal) -> str:
    return "nothing" if not whole else f"{_n((part * 100 / whole).quantize(Decimal('0.1')))} %"
