"""The result of one case: its variances under the names that it asks for, or why there is none."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from difflib import get_close_matches
from fractions import Fraction
from typing import TypeAlias

from tools.engines.variance.bridge import (
    CORNERS,
    PRICE_VOLUME,
    PRICE_VOLUME_MIX,
    Corner,
    Factor,
    Item,
    Sold,
    bridge,
)
from tools.engines.variance.catalogue import BY_NAME, FAMILIES, NAMES, ORDER_NAMES
from tools.engines.variance.components import Component, Side, Total, Variances, components
from tools.engines.variance.equations import Contradiction, Var, solve
from tools.engines.variance.families import Family, plain
from tools.engines.variance.figures import Figures, Json, NeedsItems, figures
from tools.engines.variance.order_records import order_of, order_outputs
from tools.engines.variance.production_order import production_order
from tools.engines.variance.solving import CannotBe, worked_out

Record: TypeAlias = "dict[str, str | Decimal | list[str] | Record]"
Value: TypeAlias = "Component | Decimal | dict[str, Component | Decimal]"
KNOWN_WORDS = frozenset(word for each in FAMILIES for word in each.spellings)
BY_ITEM = frozenset(
    plain(f"by_{each}") for each in ("product", "material", "item", "grade", "element", "region")
)
MOST_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a case."""

    id: str
    family: str
    values: Mapping[str, Value] = field(default_factory=dict)
    conventions: tuple[str, ...] = ()
    error: str = ""

    def record(self) -> Record:
        """It as JSON has it: variances as records, other figures as numbers."""
        if self.error:
            return {"error": self.error}
        shown: Record = {key: _record(value) for key, value in self.values.items()}
        return {**shown, "conventions": list(self.conventions)} if self.conventions else shown


def _record(value: Value) -> Record | Decimal:
    match value:
        case Decimal():
            return value
        case Component():
            return {
                "amount": value.amount,
                "effect": value.effect,
                "delta": value.delta,
                "profit_impact": value.profit_impact,
            }
        case _:
            return {item: _record(each) for item, each in value.items()}


def result(
    id: str, family: str, inputs: Mapping[str, Json], asked: Sequence[str], digits: Json = None
) -> Result:
    """The variances of a case; where they cannot be found, the reason in `error`."""
    try:
        return _result(id, family, inputs, asked, _digits(digits))
    except CannotBe as exc:
        return Result(id, family, error=str(exc))


def _result(
    id: str, name: str, inputs: Mapping[str, Json], asked: Sequence[str], digits: int | None
) -> Result:
    word = plain(name)
    if word in ORDER_NAMES:
        order, version, said = order_of(inputs)
        found = production_order(order, version, digits)
        names = order_outputs(asked)
        return Result(id, name, _values(found, names), (*said, *found.conventions))
    family = BY_NAME.get(word)
    if family is None:
        near = get_close_matches(word, [*BY_NAME], 1, 0.75)
        hint = f"; {BY_NAME[near[0]].name!r} may be meant" if near else ""
        raise CannotBe(f"family {name!r} is not known{hint}; there are {', '.join(NAMES)}")
    try:
        read = figures(family, inputs, KNOWN_WORDS)
    except NeedsItems:
        family = BY_NAME[plain(family.by_items)]
        read = figures(family, inputs, KNOWN_WORDS)
    wanted = _wanted(family, asked)
    try:
        if family.name in ("price_volume", "price_volume_mix"):
            found = _bridged(family, read, [*wanted.values()], digits)
        else:
            found = worked_out(family, read.items, read.given, [*wanted.values()], digits)
    except CannotBe as exc:
        raise CannotBe(_in_words_of_the_case(str(exc), read)) from exc
    shown = wanted or family.shown
    return Result(id, name, _values(found, shown), _once(*read.conventions, *found.conventions))


def _once(*said: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(said))


def _in_words_of_the_case(message: str, read: Figures) -> str:
    """The message, with the key of the case behind each name that it writes otherwise."""
    said = {
        each for each in re.findall(r"\w+", message) if plain(read.spelled.get(each, each)) != plain(each)
    }
    notes = [f"{name!r} is {read.spelled[name]!r}" for name in sorted(said)]
    also = ", ".join(dict.fromkeys([*notes, *read.conventions]))
    return f"{message} ({also})" if also else message


def _wanted(family: Family, asked: Sequence[str]) -> dict[str, str]:
    """Keys of the result, each with the name in the equations."""
    wanted: dict[str, str] = {}
    for key in asked:
        if plain(key) in family.outputs:
            wanted[key] = family.outputs[plain(key)]
    for key in asked:
        if key in wanted:
            continue
        if plain(key) not in BY_ITEM:
            raise _no_result(family, key)
        wanted[key] = _by_item(family, list(wanted.values()), key)
    return {key: wanted[key] for key in asked}


def _no_result(family: Family, key: str) -> CannotBe:
    has = ", ".join(sorted({*family.sides, *family.amounts}))
    return CannotBe(f"{key!r} is no result of the family {family.name!r}; it has {has}")


def _by_item(family: Family, others: Sequence[str], key: str) -> str:
    """What is meant by product, told by what else is asked."""
    parts = {
        total.of: part[:-1] for total in reversed(family.totals) for part in total.parts if part.endswith("*")
    }
    for each in (*others, *parts):
        if each in parts:
            return parts[each]
    raise _no_result(family, key)


def _values(found: Variances, names: Mapping[str, str]) -> dict[str, Value]:
    """What was found under the keys that were asked for; by item where it is of items."""
    values: dict[str, Value] = {}
    every: dict[Var, Component | Decimal] = {**found.parts, **found.amounts}
    for key, name in names.items():
        if Var(name) in every:
            values[key] = every[Var(name)]
        elif items := {str(var.item): value for var, value in every.items() if var.name == name}:
            values[key] = items
    return values


def _bridged(family: Family, read: Figures, wanted: Sequence[str], digits: int | None) -> Variances:
    corner, side, said = _options(read, wanted)
    try:
        known = solve(family.equations, read.items, read.given).known
    except Contradiction as exc:
        raise CannotBe(str(exc)) from exc
    items = [_item(each, known, read) for each in read.items]
    if not items:
        raise CannotBe("no quantities were given; give 'q0', 'p0', 'q1' and 'p1'")
    factors: Sequence[Factor] = PRICE_VOLUME if family.name == "price_volume" else PRICE_VOLUME_MIX
    given = {var.name[:-1] for var in known if var.name[-1] in "01"}
    factors = [f for f in factors if (f != "unit_cost" or "c" in given) and (f != "fx" or "fx" in given)]
    residual = "mix_residual" in wanted
    if residual:
        factors, corner = [f for f in PRICE_VOLUME if f in ("quantity", *factors)], "cross_term"
        said = ["price at the old volume, volume at the old price, and what is left is called mix"]
    found = bridge(items, corner=corner, factors=factors, side=side, digits=digits)
    exact = {var: part.exact for var, part in found.parts.items()}
    if residual:
        exact = {
            Var({"cross": "mix_residual", "quantity": "volume"}.get(v.name, v.name)): x
            for v, x in exact.items()
            if v.item is None
        }
    return _renamed(exact, side, said, wanted, digits, found)


def _renamed(
    exact: Mapping[Var, Fraction],
    side: Side,
    said: Sequence[str],
    wanted: Sequence[str],
    digits: int | None,
    found: Variances,
) -> Variances:
    if Var("mix_residual") in exact:
        steps = tuple(each.name for each in exact if each.name != "total")
        parts, _ = components(exact, {each.name: side for each in exact}, [Total("total", steps)], digits)
    else:
        parts = dict(found.parts)
    has = {each.name for each in parts}
    for name in wanted:
        if name not in has:
            raise CannotBe(f"{name!r} is no part of this bridge; it has {', '.join(sorted(has))}")
    return Variances(parts, conventions=tuple(said))


def _options(read: Figures, wanted: Sequence[str]) -> tuple[Corner, Side, list[str]]:
    default = "cross_term" if "cross" in wanted else "late_corner"
    named = read.options.get("corner", default).strip().lower().replace(" ", "_").replace("-", "_")
    corner = next((each for each in CORNERS if each == named), None)
    if corner is None:
        raise CannotBe(f"'corner' is {named!r}; it must be one of {', '.join(CORNERS)}")
    side = read.options.get("side", "profit").strip().lower()
    if side not in ("profit", "revenue", "margin", "cost"):
        raise CannotBe(f"'side' is {side!r}; it must be revenue, margin or cost")
    weights = read.options.get("weights", "").strip().lower()
    if weights not in ("", "units", "budget_price"):
        raise CannotBe(
            f"'weights' is {weights!r}; it must be units or budget_price, or give 'weight' by item"
        )
    said = [] if "corner" in read.options else [f"corner: {corner}"]
    return corner, "cost" if side == "cost" else "profit", said


def _item(name: str, known: Mapping[Var, Fraction], read: Figures) -> Item:
    sold: list[Sold | None] = []
    for end in "01":
        quantity = known.get(Var(f"q{end}", name))
        if quantity is None and any(Var(f"{each}{end}", name) in known for each in ("p", "revenue", "c")):
            raise CannotBe(f"'q{end}' of {name!r} is missing; give 'q{end}' or 'revenue{end}' and 'p{end}'")
        if not quantity:
            sold.append(None)
            continue
        price = known.get(Var(f"p{end}", name))
        if price is None:
            raise CannotBe(f"'p{end}' of {name!r} is missing; give 'p{end}' or 'revenue{end}'")
        cost, other = (known.get(Var(f"c{each}", name)) for each in (end, "10"[int(end)]))
        if cost is None and other is not None and known.get(Var(f"q{'10'[int(end)]}", name)):
            raise CannotBe(f"'c{end}' of {name!r} is missing; give it, or no unit costs")
        sold.append(Sold(quantity, price, cost or Fraction(0), known.get(Var(f"fx{end}", name), Fraction(1))))
    weight = known.get(Var("weight", name), Fraction(1))
    if read.options.get("weights", "").strip().lower() == "budget_price" and sold[0] is not None:
        weight = Fraction(sold[0].price) * Fraction(sold[0].rate)
    return Item(name, sold[0], sold[1], weight)


def _digits(given: Json) -> int | None:
    if given is None:
        return None
    if not isinstance(given, Decimal) or given != given.to_integral_value() or not 0 <= given <= MOST_DIGITS:
        raise CannotBe(f"'digits' must be a whole number from 0 to {MOST_DIGITS}")
    return int(given)
