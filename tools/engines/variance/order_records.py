"""A production order from the inputs of a case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from fractions import Fraction

from tools.engines.variance.families import plain, table, words
from tools.engines.variance.figures import NAME_KEYS, Json, number
from tools.engines.variance.production_order import (
    INPUT,
    OUTPUT,
    CostLine,
    Order,
    Scrapped,
    Usage,
    Version,
)
from tools.engines.variance.solving import CannotBe

ORDER_WORDS = table("""
    planned: planned_qty order_qty lot_size plan_lot_size planned_output plan_output ordered_qty target_qty
    planned: planned
    delivered: delivered_qty delivered yield good_qty actual_output goods_receipt_qty received_qty output
    delivered: actual_qty
    delivered: confirmed_yield actual_lot_size good_output
    scrapped: scrap scrap_qty scrapped_qty scrapped confirmed_scrap unplanned_scrap
    scrap_operation: scrap_operation scrapped_at
    in_process: wip work_in_process in_process wip_amount
    standard_price: standard_cost_per_unit standard_price standard_unit_cost standard_cost
    mixed_price: mixed_price mixed_cost_per_unit mixed_standard_price mixed_standard_cost_per_unit
    delivered_price: delivered_price credit_price price_at_delivery actual_credit_price
    version: version target_cost_version target_version
""")
LISTS = words(
    "lines components materials activities operations cost_elements cost_lines items resources cost"
)
LINE_WORDS = table("""
    standard_qty: standard_qty qty_standard
    standard_price: standard_price standard_rate price_standard
    standard_cost: standard_cost
    plan_qty: plan_qty planned_qty budget_qty
    plan_price: plan_price planned_price plan_rate planned_rate price rate
    plan_cost: plan_cost planned_cost budget_cost
    target_qty: target_qty
    target_price: target_price
    target_cost: target_cost
    actual_qty: actual_qty qty aq actual_hours
    actual_price: actual_price actual_rate ap
    actual_cost: actual_cost cost actual
    operation: operation op
    fixed: fixed setup set_up lot_size_independent fixed_cost is_setup
    in_process: wip in_process work_in_process
""")
OUTPUTS = table("""
    scrap: scrap scrap_variance
    input_price: input_price input_price_variance price price_variance
    resource_usage: resource_usage resource_usage_variance usage
    input_quantity: input_quantity input_quantity_variance quantity
    remaining_input: remaining_input remaining_input_variance
    mixed_price: mixed_price mixed_price_variance
    output_price: output_price output_price_variance
    lot_size: lot_size lot_size_variance
    remaining: remaining remaining_variance remaining_output
    input: input input_side input_total total_input
    output: output output_side output_total total_output
    total: total total_variance
    scrap_by: scrap_by scrap_by_line
    input_price_by: input_price_by input_price_by_line price_by_line
    input_quantity_by: input_quantity_by input_quantity_by_line quantity_by_line
    resource_usage_by: resource_usage_by resource_usage_by_line
    remaining_input_by: remaining_input_by remaining_input_by_line
""")
ZERO = Fraction(0)


def order_outputs(asked: Sequence[str]) -> dict[str, str]:
    """Keys of the result, each with the name of the variance; all where none is asked for."""
    for key in asked:
        if plain(key) not in OUTPUTS:
            has = ", ".join(sorted(set(OUTPUTS.values())))
            raise CannotBe(f"{key!r} is no result of the family 'production_order'; it has {has}")
    return {key: OUTPUTS[plain(key)] for key in asked} or {
        each: each for each in (*INPUT, *OUTPUT, "input", "output", "total")
    }


def order_of(inputs: Mapping[str, Json]) -> tuple[Order, Version, tuple[str, ...]]:
    """The order, its target cost version, and what the inputs left open.

    Raises:
        CannotBe: a key or value that is not known or cannot be.
    """
    given: dict[str, Json] = {}
    records: list[tuple[str, dict[str, Json]]] = []
    for key, value in inputs.items():
        word = plain(key)
        if word in LISTS:
            records += _records(key, value)
        elif word in ORDER_WORDS:
            given[ORDER_WORDS[word]] = value
        else:
            raise _unknown(key, word, {**ORDER_WORDS, **dict.fromkeys(LISTS, "lines")})
    for name in ("planned", "delivered"):
        if name not in given:
            raise CannotBe(f"'{name}_qty' is missing")
    if not records:
        raise CannotBe(
            "'lines' is missing: components, activities and surcharges, each with standard and actual"
        )
    planned, delivered = (_amount(f"{name}_qty", given[name]) for name in ("planned", "delivered"))
    if not planned:
        raise CannotBe("'planned_qty' is 0; targets are scaled from it, so it must be above 0")
    share = delivered / planned
    lines = [_line(name, record, share) for name, record in records]
    for name, count in _counts(lines).items():
        if count > 1:
            raise CannotBe(f"line {name!r} stands there {count} times; give each line a name of its own")
    prices = {
        name: _amount(name, given[name])
        for name in ("standard_price", "mixed_price", "delivered_price")
        if name in given
    }
    order = Order(
        planned,
        delivered,
        lines,
        scrapped=_scrapped(given.get("scrapped"), given.get("scrap_operation")),
        in_process=_amount("wip", given["in_process"]) if "in_process" in given else ZERO,
        standard_price=prices.get("standard_price"),
        mixed_price=prices.get("mixed_price"),
        delivered_price=prices.get("delivered_price"),
    )
    version = _version(given.get("version"))
    said = [f"target cost version {int(version)}"] if "version" not in given else []
    if order.in_process:
        said.append("work in process was spread over the lines by their target costs")
    return order, version, tuple(said)


def _records(key: str, value: Json) -> list[tuple[str, dict[str, Json]]]:
    if isinstance(value, dict):
        value = [{"name": name, **each} if isinstance(each, dict) else each for name, each in value.items()]
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise CannotBe(f"{key!r} must be a list of records, each with a name, standard and actual figures")
    found = []
    for at, each in enumerate(value):
        assert isinstance(each, dict)
        name = next((str(v) for k, v in each.items() if k.lower() in NAME_KEYS), f"{key} {at + 1}")
        found.append((name, {k: v for k, v in each.items() if k.lower() not in NAME_KEYS}))
    return found


def _line(name: str, record: Mapping[str, Json], share: Fraction) -> CostLine:
    flat: dict[str, Json] = {}
    for key, value in record.items():
        if isinstance(value, dict):
            flat |= {f"{key}_{part}": figure for part, figure in value.items()}
        else:
            flat[key] = value
    figures: dict[str, Fraction] = {}
    independent = False
    for key, value in flat.items():
        word = LINE_WORDS.get(plain(key))
        if word is None:
            raise _unknown(f"{name}.{key}", plain(key), LINE_WORDS)
        if word == "fixed":
            if not isinstance(value, bool):
                raise CannotBe(f"'{name}.{key}' must be true or false")
            independent = value
        else:
            figures[word] = _amount(f"{name}.{key}", value)
    standard = _usage(name, "standard", figures)
    target = _usage(name, "target", figures)
    plan = _usage(name, "plan", figures)
    if standard is None and target is not None:
        # A target stands for what was delivered, a standard for the planned lot.
        if not share and not independent:
            raise CannotBe(
                f"'{name}.target_qty' cannot be scaled back, as nothing was delivered; give the standard"
            )
        factor = Fraction(1) if independent else 1 / share
        quantity = None if target.quantity is None else Fraction(target.quantity) * factor
        standard = Usage(Fraction(target.cost) * factor, quantity)
    prices = (figures.get(f"{each}_price") for each in ("standard", "target", "plan"))
    return CostLine(
        name,
        standard if standard is not None else plan,
        _usage(name, "actual", figures),
        plan if plan is not None else standard,
        price=next((each for each in prices if each is not None), None),
        operation=int(figures.get("operation", ZERO)),
        lot_size_independent=independent,
        in_process=figures.get("in_process", ZERO),
    )


def _usage(name: str, kind: str, figures: Mapping[str, Fraction]) -> Usage | None:
    quantity, price, cost = (figures.get(f"{kind}_{each}") for each in ("qty", "price", "cost"))
    if cost is None and quantity is not None:
        others = (figures.get(f"{each}_price") for each in ("standard", "target", "plan"))
        if price is None:
            price = next((each for each in others if each is not None), None)
        if price is None and not quantity:
            return None
        if price is None:
            raise CannotBe(f"'{name}' has {kind}_qty and no price; give {kind}_price or {kind}_cost")
        cost = quantity * price
    if quantity is None and cost is not None and price:
        quantity = cost / price
    if cost is None or (not cost and not quantity):
        return None
    return Usage(cost, quantity)


def _scrapped(value: Json, operation: Json) -> tuple[Scrapped, ...]:
    if value is None:
        return ()
    at = None if operation is None else int(_amount("scrap_operation", operation))
    if isinstance(value, list):
        return tuple(entry for each in value for entry in _scrapped(each, None))
    if isinstance(value, dict):
        read = {plain(key): each for key, each in value.items()}
        for key in read:
            if key not in ("qty", "operation", "op", "scrapped_qty"):
                raise CannotBe(f"'scrap.{key}' is not known; it takes qty and operation")
        quantity = read.get("qty", read.get("scrapped_qty"))
        return _scrapped(quantity, read.get("operation", read.get("op")))
    return (Scrapped(_amount("scrap_qty", value), at),)


def _version(value: Json) -> Version:
    if value is None:
        return Version.TOTAL
    wanted = _amount("version", value)
    if wanted not in {Fraction(each) for each in Version}:
        raise CannotBe("'version' must be 0 (total), 1 (production), 2 (planning) or 3 (period)")
    return Version(int(wanted))


def _counts(lines: Sequence[CostLine]) -> dict[str, int]:
    names = [each.name for each in lines]
    return {each: names.count(each) for each in dict.fromkeys(names)}


def _amount(key: str, value: Json) -> Fraction:
    amount = number(key, value)
    if amount < 0:
        raise CannotBe(f"{key!r} is below 0; it must be 0 or more")
    return amount


def _unknown(key: str, word: str, spelled: Mapping[str, str]) -> CannotBe:
    near = get_close_matches(word, [*spelled], 1, 0.75)
    hint = f"; {spelled[near[0]]!r} may be meant" if near else ""
    return CannotBe(
        f"{key!r} is not known to an order{hint}; it takes {', '.join(sorted(set(spelled.values())))}"
    )
