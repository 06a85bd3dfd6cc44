"""Cases of master schedules and of what can be promised."""

from __future__ import annotations

from decimal import Decimal
from typing import cast

from tools.engines import available_to_promise
from tools.engines.available_to_promise import Netting
from tools.engines.planning_cases.keys import CaseInvalid, Given, Json, Key, keys_of
from tools.engines.structure import ZERO

_NETTING = Key("netting", "text", choices=("larger", "orders", "forecast", "orders_inside_fence"))
MPS_KEYS = keys_of(
    "mps",
    Key("on_hand", "number"),
    Key("forecast", "series", required=True),
    Key("orders", "series"),
    Key("lot", "positive"),
    Key("mps", "series"),
    Key("rule", "text"),
    Key("safety_stock", "not_negative"),
    Key("fence", "count"),
    Key("look_ahead", "flag"),
    _NETTING,
)
ATP_KEYS = keys_of(
    "atp",
    Key("on_hand", "number"),
    Key("mps", "series", required=True),
    Key("orders", "series", required=True),
    Key("method", "text", choices=("discrete", "cumulative")),
    Key("look_ahead", "flag"),
)
_WHEN = ("negative", "below_zero", "less_than_zero", "safety", "<_0", "<0")


def master_schedule(given: Given) -> dict[str, Json]:
    """The master schedule, the stock that it leaves, and what can be promised of it."""
    rule = given.text("rule", "")
    if rule and not any(word in rule for word in _WHEN):
        raise CaseInvalid(
            f"'rule' is {rule!r}; valid: 'order when projected on-hand would be negative' or "
            "'order when projected on-hand would be below safety stock'"
        )
    forecast = given.series("forecast")
    orders = given.series("orders", len(forecast), ZERO)
    opening = given.number("on_hand", ZERO)
    fence = given.count("fence", 0)
    default: Netting = "orders_inside_fence" if fence else "larger"
    needed = available_to_promise.counted(
        forecast, orders, cast(Netting, given.text("netting", default)), fence
    )
    given.note(f"requirement of a period: {_NEEDED[cast(Netting, given.text('netting', default))]}")
    if given.has("mps"):
        receipts: tuple[Decimal, ...] = tuple(given.series("mps", len(forecast)))
        left = available_to_promise.projected(opening, needed, receipts)
    else:
        lot = given.number("lot") if given.has("lot") else None
        made = available_to_promise.master_schedule(opening, needed, lot, given.number("safety_stock", ZERO))
        receipts, left = made.receipts, made.projected
    return {
        "mps": list(receipts),
        "projected_on_hand": list(left),
        **_promises(given, opening, receipts, orders),
    }


_NEEDED: dict[Netting, str] = {
    "larger": "the larger of forecast and orders",
    "orders": "orders",
    "forecast": "the forecast",
    "orders_inside_fence": "orders up to the fence, after it the larger of forecast and orders",
}


def promised(given: Given) -> dict[str, Json]:
    """What can be promised of receipts that are given."""
    receipts = given.series("mps")
    orders = given.series("orders", len(receipts))
    found = _promises(given, given.number("on_hand", ZERO), tuple(receipts), orders)
    if given.text("method", "discrete") == "cumulative":
        found["atp"] = found["cumulative_atp"]
    return found


def _promises(
    given: Given, opening: Decimal, receipts: tuple[Decimal, ...], orders: list[Decimal]
) -> dict[str, Json]:
    ahead = given.flag("look_ahead", True)
    single = available_to_promise.discrete(opening, receipts, orders, look_ahead=ahead)
    given.note("atp is discrete: 0 in periods without a receipt; the first period has the stock")
    if single != available_to_promise.discrete(opening, receipts, orders, look_ahead=False):
        given.note("look-ahead: what a receipt cannot cover is taken from those before it")
    if single[0] < 0:
        given.note("more is promised than there will be: atp of the first period is below zero")
    return {
        "atp": list(single),
        "cumulative_atp": list(available_to_promise.cumulative(opening, receipts, orders, look_ahead=ahead)),
    }
