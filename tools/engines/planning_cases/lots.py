"""Cases that size lots for a requirement by period."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import cast

from tools.engines import lot_sizing, scrap
from tools.engines.lot_sizing import Costs, Rule, Step, Stop
from tools.engines.material_requirements import LotPolicy, netted
from tools.engines.order_quantities import order_quantity
from tools.engines.planning_cases.keys import CaseInvalid, Given, Json, Key, keys_of, plain, read, shown
from tools.engines.structure import ZERO

RULES: Mapping[str, Rule] = {
    "l4l": "lot_for_lot",
    "lfl": "lot_for_lot",
    "lot_for_lot": "lot_for_lot",
    "ex": "lot_for_lot",
    "foq": "fixed",
    "fixed": "fixed",
    "fixed_order_quantity": "fixed",
    "fixed_lot": "fixed",
    "fx": "fixed",
    "eoq": "eoq",
    "economic_order_quantity": "eoq",
    "poq": "poq",
    "periodic_order_quantity": "poq",
    "period_order_quantity": "poq",
    "periods": "periods",
    "fixed_period": "periods",
    "fixed_periods": "periods",
    "fpr": "periods",
    "fop": "periods",
    "fixed_order_period": "periods",
    "fixed_period_requirements": "periods",
    "min_max": "min_max",
    "minmax": "min_max",
    "silver_meal": "silver_meal",
    "sm": "silver_meal",
    "least_period_cost": "silver_meal",
    "luc": "least_unit_cost",
    "least_unit_cost": "least_unit_cost",
    "ppb": "part_period_balancing",
    "part_period": "part_period_balancing",
    "part_period_balancing": "part_period_balancing",
    "part_period_algorithm": "part_period_balancing",
    "ltc": "least_total_cost",
    "least_total_cost": "least_total_cost",
    "ww": "wagner_whitin",
    "wagner_whitin": "wagner_whitin",
}
"""Lot rules by the names that they go by; SAP's keys EX and FX among them."""

SIZE_KEYS = (
    Key("minimum_lot", "not_negative"),
    Key("maximum_lot", "positive"),
    Key("rounding", "positive"),
)
RULE_KEYS = (
    Key("setup_cost", "series_or_number"),
    Key("holding_cost", "series_or_number"),
    Key("unit_cost", "series_or_number"),
    Key("lot_size", "positive"),
    Key("periods", "count"),
    Key("minimum", "not_negative"),
    Key("maximum", "positive"),
    Key("stop", "text", choices=("closest", "before", "reached")),
    *SIZE_KEYS,
)
KEYS = keys_of(
    "lots",
    Key("demand", "series", required=True),
    *RULE_KEYS,
    Key("on_hand", "number"),
    Key("scheduled_receipts", "series"),
    Key("safety_stock", "not_negative"),
    Key("lead_time", "count"),
)
_LOT_KEYS = keys_of("lot", Key("rule", "text", required=True), *RULE_KEYS)


def policy_of(given: Given, rule: Rule, demand: Sequence[Decimal]) -> LotPolicy:
    """The lot rule with what the case gives for it.

    Raises:
        CaseInvalid: the rule lacks something, or the limits of an order contradict each other.
    """
    size = lot_sizing.Size(
        given.number("minimum_lot", ZERO),
        given.number("rounding", ZERO),
        given.number("maximum_lot") if given.has("maximum_lot") else None,
    )
    if contradiction := size.contradiction():
        raise CaseInvalid(f"'maximum_lot' cannot be kept: {contradiction}")
    setup, holding = _level(given, "setup_cost"), _level(given, "holding_cost")
    lot, periods = given.number("lot_size", ZERO), given.count("periods", 0)
    if rule == "fixed" and not lot:
        raise CaseInvalid("'lot_size' is missing: a fixed lot needs its quantity, a number above 0")
    if rule == "eoq" and not lot:
        lot = _whole_eoq(given, setup, holding, demand)
    if rule == "poq" and not periods:
        economic = lot or _whole_eoq(given, setup, holding, demand)
        periods = lot_sizing.order_interval(economic, _average(demand))
        given.note(f"POQ: {economic} / average requirement, rounded to {periods} periods")
    if rule == "periods" and not periods:
        raise CaseInvalid("'periods' is missing: how many periods a lot covers, a whole number above 0")
    if rule == "min_max" and given.number("maximum") <= given.number("minimum", ZERO):
        raise CaseInvalid("'maximum' is not above 'minimum'")
    if rule in _WEIGHING:
        for name in ("setup_cost", "holding_cost"):
            if not given.has(name):
                raise CaseInvalid(f"{name!r} is missing: {rule} weighs set-up against holding")
    stop = cast(Stop, given.text("stop", "closest"))
    return LotPolicy(
        rule,
        lot,
        periods or 1,
        given.number("minimum", ZERO),
        given.number("maximum", ZERO),
        setup,
        holding,
        stop,
        size,
    )


_WEIGHING = ("silver_meal", "least_unit_cost", "part_period_balancing", "least_total_cost", "wagner_whitin")


def lot_from(given: Given, value: Json) -> tuple[Rule, Given]:
    """The rule that `lot` names, and where its parameters are: beside it, or in it.

    Raises:
        CaseInvalid: the rule is not known.
    """
    if isinstance(value, Decimal):
        if value <= 0:
            raise CaseInvalid(f"'lot' is {shown(value)}, not a number above 0")
        return "fixed", Given({"lot_size": value}, given.notes)
    if isinstance(value, Mapping):
        inner = read("lot", value, _LOT_KEYS)
        return rule_named(inner.text("rule", "")), inner
    return rule_named(str(value)) if value is not None else "lot_for_lot", given


def rule_named(name: str) -> Rule:
    """The lot rule of a name.

    Raises:
        CaseInvalid: there is none.
    """
    known = RULES.get(plain(name).replace("-", "_"))
    if known is None:
        raise CaseInvalid(f"'lot' is {name!r}; valid: L4L, {', '.join(sorted(set(RULES.values())))}")
    return known


def _level(given: Given, name: str) -> Decimal:
    """A cost that is the same in each period; where it is not, what weighs lots is their mean."""
    value = given.raw(name)
    if isinstance(value, list):
        figures = given.series(name)
        return sum(figures, ZERO) / len(figures)
    return given.number(name, ZERO)


def _average(demand: Sequence[Decimal]) -> Decimal:
    average = sum(demand, ZERO) / len(demand)
    if average <= 0:
        raise CaseInvalid("'demand' is zero in all periods: there is nothing to size lots for")
    return average


def _whole_eoq(given: Given, setup: Decimal, holding: Decimal, demand: Sequence[Decimal]) -> Decimal:
    if setup <= 0 or holding <= 0:
        raise CaseInvalid("'lot_size' is missing: give it, or 'setup_cost' and 'holding_cost' above 0")
    exact = order_quantity(setup, holding, _average(demand)).quantity
    whole = max(Decimal(1), exact.to_integral_value(ROUND_HALF_UP))
    given.note(f"economic order quantity from the average of all periods, {exact:.4f}, taken as {whole}")
    return whole


# ── one rule, and what it costs ───────────────────────────────────────────────────────────────────────────
def sized(rule: Rule, given: Given) -> dict[str, Json]:
    """Quantities by period, their cost, and what a heuristic looked at on the way."""
    gross = given.series("demand")
    count = len(gross)
    opening, safety = given.number("on_hand", ZERO), given.number("safety_stock", ZERO)
    receipts = given.series("scheduled_receipts", count, ZERO)
    costs = Costs(
        tuple(given.series("setup_cost", count, ZERO)),
        tuple(given.series("holding_cost", count, ZERO)),
        tuple(given.series("unit_cost", count, ZERO)),
    )
    policy = policy_of(given, rule, gross)
    demand = _net(gross, receipts, opening, safety)
    quantities, extra = _quantities(rule, policy, demand, costs, given, (gross, receipts, opening, safety))
    coming = [one + two for one, two in zip(quantities, receipts, strict=True)]
    stock = lot_sizing.evaluated(gross, coming, costs, opening)
    priced = lot_sizing.evaluated(gross, quantities, costs, opening)
    found: dict[str, Json] = {
        "order_qty": list(quantities),
        "total_cost": priced.setup_cost + stock.holding_cost + priced.purchase_cost,
        "setups": Decimal(priced.setups),
        "setup_cost": priced.setup_cost,
        "holding_cost": stock.holding_cost,
        "ending_inventory": list(stock.stock),
        "order_periods": [Decimal(at) for at, amount in enumerate(quantities, 1) if amount > 0],
        **extra,
    }
    if given.has("unit_cost"):
        found["purchase_cost"] = priced.purchase_cost
    if demand != gross:
        found["net"] = list(demand)
    if given.has("lead_time"):
        found |= released(quantities, given.count("lead_time", 0), given)
    given.note("order_qty is by period of receipt; holding cost on the stock at the end of a period")
    return found


def _quantities(
    rule: Rule,
    policy: LotPolicy,
    demand: Sequence[Decimal],
    costs: Costs,
    given: Given,
    whole: tuple[list[Decimal], list[Decimal], Decimal, Decimal],
) -> tuple[tuple[Decimal, ...], dict[str, Json]]:
    is_limited = policy.size != lot_sizing.Size()
    if not is_limited:
        match rule:
            case "wagner_whitin":
                return _optimum(demand, costs)
            case "silver_meal":
                found = lot_sizing.silver_meal(demand, costs)
                return found.quantities, {"period_cost_steps": _figures(found.steps)}
            case "least_unit_cost":
                found = lot_sizing.least_unit_cost(demand, costs)
                return found.quantities, {"unit_cost_steps": _figures(found.steps)}
            case "part_period_balancing" | "least_total_cost":
                found = lot_sizing.part_period_balancing(demand, costs, policy.stop)
                given.note(f"part-period: a lot ends where its holding cost is {_STOPS[policy.stop]}")
                part: dict[str, Json] = {"holding_cost_steps": _figures(found.steps)}
                if costs.holding[0] > 0:
                    part["economic_part_period"] = costs.setup[0] / costs.holding[0]
                return found.quantities, part
            case _:
                pass
    elif rule == "wagner_whitin":
        given.note("limits of an order are applied to the optimum without them: it may not be the optimum")
    gross, receipts, opening, safety = whole
    lines = netted(dict(enumerate(gross)), dict(enumerate(receipts)), opening, policy, safety)
    return tuple(line.received for line in lines), (
        {"lot_size": policy.lot} if rule in ("fixed", "eoq") else {}
    )


_STOPS: Mapping[Stop, str] = {
    "closest": "closest to the set-up cost",
    "before": "still at most the set-up cost",
    "reached": "at least the set-up cost",
}


def _optimum(demand: Sequence[Decimal], costs: Costs) -> tuple[tuple[Decimal, ...], dict[str, Json]]:
    best = lot_sizing.wagner_whitin(demand, costs)
    return best.quantities, {
        "min_cost_through_period": list(best.through),
        "cost_to_go": list(best.cost_to_go),
    }


def _figures(steps: Sequence[Step]) -> list[Json]:
    return [one.figure for one in steps]


def _net(
    gross: Sequence[Decimal], receipts: Sequence[Decimal], opening: Decimal, safety: Decimal
) -> list[Decimal]:
    lines = netted(dict(enumerate(gross)), dict(enumerate(receipts)), opening, LotPolicy(), safety)
    return [line.net for line in lines]


def released(quantities: Sequence[Decimal], lead_time: int, given: Given) -> dict[str, Json]:
    """When orders have to be released; those that should have been before period 1 stand apart."""
    planned: list[Json] = [ZERO] * len(quantities)
    overdue: dict[str, Json] = {}
    for at, amount in enumerate(quantities):
        if amount <= 0:
            continue
        if at - lead_time >= 0:
            planned[at - lead_time] = amount
        else:
            overdue[str(at - lead_time + 1)] = amount
    found: dict[str, Json] = {"planned_releases": planned}
    if overdue:
        found["past_due_releases"] = overdue
        given.note(
            "past_due_releases should have been released before period 1 (0 is the period before it); "
            "they are not in planned_releases"
        )
    return found


def rounded_order(given: Given) -> dict[str, Json]:
    """What orders cover a single need under minimum, rounding value and maximum."""
    policy = policy_of(given, "lot_for_lot", [])
    orders = policy.size.orders(given.number("quantity"))
    given.note("the rounding value is applied after the minimum")
    return {
        "orders": list(orders),
        "order_qty": sum(orders, ZERO),
        "excess": sum(orders, ZERO) - given.number("quantity"),
    }


# ── several rules side by side ────────────────────────────────────────────────────────────────────────────
COMPARED: tuple[Rule, ...] = (
    "lot_for_lot",
    "eoq",
    "poq",
    "silver_meal",
    "least_unit_cost",
    "part_period_balancing",
    "wagner_whitin",
)


def compared(given: Given) -> dict[str, Json]:
    """Cost and set-ups of each rule for one requirement."""
    gross = given.series("demand")
    setup, holding = _level(given, "setup_cost"), _level(given, "holding_cost")
    if setup <= 0 or holding <= 0:
        raise CaseInvalid("'setup_cost' and 'holding_cost' must be above 0 to compare lot rules")
    exact = order_quantity(setup, holding, _average(gross)).quantity
    found: dict[str, Json] = {}
    for rule in COMPARED:
        # Each rule says its own conventions; here those of the comparison count.
        result = sized(rule, Given(given.values, []))
        found[f"{rule}_cost"] = result["total_cost"]
        found[f"{rule}_setups"] = result["setups"]
        found[f"{rule}_order_qty"] = result["order_qty"]
        found |= {"net": result["net"]} if "net" in result else {}
    found["eoq"] = exact.to_integral_value(ROUND_HALF_UP)
    found["eoq_exact"] = exact
    given.note("eoq is from the average gross requirement, as a whole number; eoq_exact is not rounded")
    given.note("holding cost on the stock at the end of a period")
    return found


def _coming(given: Given, periods: int) -> list[Decimal]:
    """What arrives by period whatever is planned: scheduled, firmly planned, and overdue in the first."""
    found = [
        one + other
        for one, other in zip(
            given.series("scheduled_receipts", periods, ZERO),
            given.series("firm_receipts", periods, ZERO),
            strict=True,
        )
    ]
    if given.has("overdue_receipts"):
        found[0] += given.number("overdue_receipts")
        given.note("overdue receipts count in the first period")
    return found


def _early(
    received: Sequence[Decimal], on_hand: Sequence[Decimal], periods: int
) -> tuple[list[Decimal], list[Decimal]]:
    """Planned receipts moved forward by a safety time, and the stock that they then leave."""
    planned = [ZERO] * len(received)
    for at, amount in enumerate(received):
        planned[max(0, at - periods)] += amount
    more = ZERO
    in_stock = []
    for moved, needed, left in zip(planned, received, on_hand, strict=True):
        more += moved - needed
        in_stock.append(left + more)
    return planned, in_stock


# ── netting ───────────────────────────────────────────────────────────────────────────────────────────────
NETTING_KEYS = keys_of(
    "netting",
    Key("gross", "series", required=True),
    Key("on_hand", "number"),
    Key("allocated", "not_negative"),
    Key("scheduled_receipts", "series"),
    Key("firm_receipts", "series"),
    Key("overdue_receipts", "not_negative"),
    Key("lot", "lot"),
    Key("safety_stock", "not_negative"),
    Key("safety_time", "count"),
    Key("lead_time", "count"),
    Key("scrap_pct", "percent"),
    Key("scrap_convention", "text", choices=("surcharge", "yield")),
    *RULE_KEYS,
)


def netting(given: Given) -> dict[str, Json]:
    """Net requirements, planned receipts and releases of one material by period."""
    gross = given.series("gross")
    receipts = _coming(given, len(gross))
    lot = given.raw("lot")
    if lot is None and given.has("lot_size"):
        lot = "fixed"
    rule, where = lot_from(given, lot)
    policy = policy_of(where, rule, gross)
    opening = given.number("on_hand", ZERO) - given.number("allocated", ZERO)
    lines = netted(
        dict(enumerate(gross)), dict(enumerate(receipts)), opening, policy, given.number("safety_stock", ZERO)
    )
    pct = given.number("scrap_pct", ZERO)
    convention: scrap.Convention = "yield" if given.text("scrap_convention", "") == "yield" else "surcharge"
    if convention == "yield" and pct >= 100:
        raise CaseInvalid(f"'scrap_pct' is {pct}: below 100 where quantities are divided by 1 - scrap")
    started = [scrap.started(line.received, pct, convention) for line in lines]
    if pct:
        given.note(f"releases are larger by scrap, as {convention}")
    early = given.count("safety_time", 0)
    planned, in_stock = _early([line.received for line in lines], [line.on_hand for line in lines], early)
    found: dict[str, Json] = {
        "net": [line.net for line in lines],
        "planned_receipts": planned,
        **released(started, given.count("lead_time", 0) + early, given),
        "projected_on_hand": in_stock,
    }
    if early:
        given.note(
            "safety_time: planned receipts lie that many periods before they are needed, or in the first"
        )
    if any(len(line.planned) > 1 for line in lines):
        found["orders"] = [list(line.planned) for line in lines]
    if rule not in ("lot_for_lot", "min_max"):
        given.note("net is what is missing after what earlier lots have left")
    given.note("projected_on_hand is at the end of a period, planned receipts included")
    return found
