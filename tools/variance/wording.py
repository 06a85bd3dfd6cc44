"""What an explanation says in words: its steps, causes and caveats, in the language spoken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import assert_never

from tools.languages import counted, said
from tools.languages.forms import day_text
from tools.presenting import several
from tools.variance.causes import Cause, Event
from tools.variance.contributions import Driver
from tools.variance.explanation import Comparison, Explanation, Line
from tools.variance.ledger import Apart
from tools.variance.sold import SoldStep

DRIVERS: dict[Driver, str] = {
    "scrap": "scrap",
    "work_time": "work time",
    "material_usage": "material usage",
    "substitution": "material substitution",
    "standard_change": "standards that changed during orders",
    "lot_size": "lot size",
    "order_rest": "standard cost off its structure",
    "purchase_price": "purchase price",
    "invoice": "invoice differences",
    "no_standard": "material without standard cost",
    "count": "count differences",
    "revaluation": "new standard costs for stock",
}
SOLD: dict[SoldStep, str] = {
    "volume": "volume sold",
    "mix": "product mix sold",
    "price": "standard cost of what was sold",
    "new": "products not sold before",
    "dropped": "products no longer sold",
}
OTHERS, UNEXPLAINED = "others, each below materiality", "not explained by any record"
RATES = "exchange rates"
MOVED = "accounts that changed their group"
EVENTS: dict[Event, str] = {
    "scrap_reason": "scrap reason",
    "downtime": "machine stops",
    "work_centre": "slower than planned",
    "supplier_price": "supplier price",
    "supplier_invoice": "supplier invoice",
    "component_usage": "component used otherwise",
    "substitution": "substituted component",
    "missing_standard": "no standard cost",
    "count_difference": "stock count",
    "new_standard": "new standard cost",
    "small_lots": "lots of another size",
    "stale_standard": "stale standard cost",
    "product_sold": "product sold",
    "cost_centre": "cost centre",
    "energy": "energy use",
    "repair": "repairs",
    "posting": "posting without a record",
    "plant": "plant",
    "exchange_rate": "exchange rate",
    "moved_in": "account moved into the group",
    "moved_out": "account moved out of the group",
    "spread": "no single cause",
}
COMPARED: dict[Comparison, tuple[str, str]] = {
    "standard": ("over standard", "under standard"),
    "plan": ("over plan", "under plan"),
    "earlier": ("above the earlier period", "below the earlier period"),
    "plant": ("above the other plant", "below the other plant"),
}
_READINGS: dict[Comparison, str] = {
    "standard": "Why the cost of [[site]] differs from standard",
    "plan": "Why the cost of [[site]] differs from plan",
    "earlier": "Why the cost of [[site]] differs from the earlier period",
    "plant": "Why [[site]] differs from [[other]]",
}


def step_name(line: Line) -> str:
    """The step of a bridge in English words, or the name of its account."""
    match line.kind:
        case "driver":
            return next(words for driver, words in DRIVERS.items() if driver == line.name)
        case "account":
            return line.name
        case "sold":
            return next(words for step, words in SOLD.items() if step == line.name)
        case "others":
            return OTHERS
        case "rates":
            return RATES
        case "moved":
            return MOVED
        case "unexplained":
            return UNEXPLAINED
        case _:
            assert_never(line.kind)


def cause_text(cause: Cause) -> str:
    """The cause in a few words, with the names that its records have."""
    names = {"subject": cause.subject, "detail": cause.detail}
    match cause.event:
        case "scrap_reason" if not cause.detail:
            return said("scrapped without a reason at [[subject]]", **names)
        case "scrap_reason":
            return said("[[detail]] at [[subject]]", **names)
        case "downtime":
            return said("longer than planned at [[subject]], which stopped: [[detail]]", **names)
        case "work_centre":
            return said("longer than planned at [[subject]]", **names)
        case "supplier_price":
            return said("price of [[detail]] from [[subject]]", **names)
        case "supplier_invoice":
            return said("invoices of [[subject]]", **names)
        case "component_usage":
            return said("[[subject]] used otherwise than its bill of materials says", **names)
        case "substitution":
            return said("[[subject]] in place of, or left out of, what was planned", **names)
        case "missing_standard":
            return said("[[subject]] has no standard cost", **names)
        case "count_difference":
            return said("counts of [[subject]]", **names)
        case "new_standard":
            return said("new standard cost: [[subject]]", **names)
        case "small_lots":
            return said("lots of [[subject]] against the lot of its cost", **names)
        case "stale_standard":
            return said("standard cost of [[subject]] does not follow from its structure", **names)
        case "product_sold":
            return said("most of it [[subject]]", **names)
        case "cost_centre":
            return said("at [[subject]]", **names)
        case "energy":
            return said("energy used at [[subject]]", **names)
        case "repair":
            return said("at [[subject]], most of the repairs on [[detail]]", **names)
        case "posting" if cause.subject:
            return said("document [[subject]] has no record behind it", **names)
        case "posting":
            return said("postings of [[detail]] have no record behind them", **names)
        case "plant":
            return said("at [[subject]]", **names)
        case "moved_in":
            return said("[[subject]] was in another group then", **names)
        case "moved_out":
            return said("[[subject]] is in another group now", **names)
        case "exchange_rate":
            return said("exchange rate of [[subject]]", **names)
        case "spread":
            return said("spread over many; no single cause found")
        case _:
            assert_never(cause.event)


def causes_text(causes: Sequence[Cause]) -> str | None:
    """The first cause, with what lies behind it where it is a plant; None without any."""
    if not causes:
        return None
    first = cause_text(causes[0])
    if causes[0].event != "plant" or len(causes) == 1:
        return first
    return said("[[where]]: [[cause]]", where=first, cause=cause_text(causes[1]))


def reading(explanation: Explanation, other: str, period: str, *, constant: bool = False) -> str:
    """What was explained, in words."""
    found = [said(_READINGS[explanation.comparison], site=explanation.place.name, other=other)]
    if constant:
        found.append(said("in constant currency"))
    if explanation.plants:
        found.append(said("in [[currency]]", currency=explanation.place.currency))
    return ", ".join([*found, period])


def balance_caveats(found: Sequence[Apart]) -> list[str]:
    """That the ledger as loaded is not what its source comes to, and where."""
    if not found:
        return []
    where = [
        f"{each.month} {each.account_id or '?'} {each.amount - each.own_amount:+.2f} {each.currency}"
        f" ({each.lines - each.own_lines:+d})".strip()
        for each in found
    ]
    text = "The ledger as loaded is not what its source comes to (difference and lines): [[what]]."
    return [said(text, what=several(where))]


def caveats(explanation: Explanation, names: Mapping[str, str]) -> list[str]:
    """What a careful colleague would add."""
    found: list[str] = []
    match explanation.status:
        case "running":
            found.append(
                said(
                    "The period is not over; amounts reach to [[day]].", day=day_text(explanation.place.today)
                )
            )
        case "open" | "soft_closed":
            found.append(said("The period is not closed: later postings will change this."))
        case _:
            pass
    if explanation.late:
        found.append(
            counted(
                explanation.late,
                "[[number]] confirmation reached the system after the period.",
                "[[number]] confirmations reached the system after the period.",
            )
        )
    split = any(line.kind == "sold" for line in explanation.lines)
    if explanation.comparison in ("plan", "earlier") and not split:
        found.append(
            said("Plans and ledgers hold amounts without quantities: volume is not told apart here.")
        )
    elif explanation.comparison in ("standard", "plant") and explanation.orders:
        found.append(said("Set-up times are confirmed nowhere and taken as planned."))
    doubts = explanation.doubts
    for ids, text in (
        (doubts.units, "Kept in another unit than in bills of materials; taken as used: [[what]]."),
        (doubts.never_taken, "In bills of materials, but in no order and no standard cost: [[what]]."),
        (doubts.without_standard, "Made without a standard cost; all they cost is over standard: [[what]]."),
        (doubts.without_route, "Made without a routing; all their work is over standard: [[what]]."),
        (doubts.without_parts, "Without bills of materials; all their material is over it: [[what]]."),
        (doubts.no_quantity, "Orders without a planned quantity are not taken apart: [[what]]."),
    ):  # fmt: skip
        if ids:
            found.append(said(text, what=several([names.get(id, id) for id in sorted(ids)])))
    return [*found, *explanation.caveats]
