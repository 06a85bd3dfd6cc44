"""What happened behind a driver: machine and reason, supplier and material, a count, a new standard."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Literal, TypeAlias, assert_never

from tools.rows import Queries
from tools.variance.contributions import ZERO, Contribution, Driver, summed
from tools.variance.materiality import materiality

Event: TypeAlias = Literal[
    "scrap_reason",
    "downtime",
    "work_centre",
    "supplier_price",
    "supplier_invoice",
    "component_usage",
    "substitution",
    "missing_standard",
    "count_difference",
    "new_standard",
    "small_lots",
    "stale_standard",
    "product_sold",
    "cost_centre",
    "energy",
    "repair",
    "posting",
    "plant",
    "exchange_rate",
    "moved_in",
    "moved_out",
    "spread",
]
_EVENTS: dict[Driver, Event] = {
    "scrap": "scrap_reason",
    "work_time": "work_centre",
    "material_usage": "component_usage",
    "substitution": "substitution",
    "standard_change": "new_standard",
    "lot_size": "small_lots",
    "order_rest": "stale_standard",
    "purchase_price": "supplier_price",
    "invoice": "supplier_invoice",
    "no_standard": "missing_standard",
    "count": "count_difference",
    "revaluation": "new_standard",
}
_NAMES = """
select 'work_centre' as kind, work_centre_id as id, name from erp.work_centre
where site = %(site)s and work_centre_id = any(%(work_centre)s)
union all select 'reason', scrap_reason_id, name from erp.scrap_reason
where site = %(site)s and scrap_reason_id = any(%(reason)s)
union all select 'material', material_id, name || ' (' || number || ')' from erp.material
where site = %(site)s and material_id = any(%(material)s)
union all select 'supplier', supplier_id, name from erp.supplier
where site = %(site)s and supplier_id = any(%(supplier)s)
"""
_STOPS = """
select work_centre_id, coalesce(reason, '') as reason, sum(minutes) as minutes, min(downtime_id) as record
from erp.downtime
where site = %(site)s and not is_planned and work_centre_id = any(%(work_centre)s)
  and (started_at at time zone %(zone)s)::date between %(first)s and %(last)s
group by 1, 2 order by 3 desc, 2
"""
# How much was scrapped of what was worked, at a work centre for a reason: now, and in the half year before.
_SCRAP_RATES = """
select c.work_centre_id, c.scrap_reason_id as reason,
       coalesce(sum(c.scrapped) filter (where o.end_on >= %(first)s), 0) as now,
       coalesce(sum(c.scrapped) filter (where o.end_on < %(first)s), 0) as before
from erp.operation_confirmation c
join erp.production_order o on o.site = c.site and o.order_id = c.order_id
where c.site = %(site)s and c.work_centre_id = any(%(work_centre)s)
  and o.end_on between %(first)s::date - 183 and %(last)s
group by 1, 2
"""
_WORKED = """
select c.work_centre_id, coalesce(sum(coalesce(c.good, 0) + coalesce(c.scrapped, 0))
         filter (where o.end_on >= %(first)s), 0) as now,
       coalesce(sum(coalesce(c.good, 0) + coalesce(c.scrapped, 0))
         filter (where o.end_on < %(first)s), 0) as before
from erp.operation_confirmation c
join erp.production_order o on o.site = c.site and o.order_id = c.order_id
where c.site = %(site)s and c.work_centre_id = any(%(work_centre)s)
  and o.end_on between %(first)s::date - 183 and %(last)s
group by 1
"""
_PAID = """
select l.unit_price as price from erp.purchase_line l
join erp.purchase_order p on p.site = l.site and p.order_id = l.order_id
where l.site = %(site)s and l.material_id = %(material)s and p.supplier_id = %(supplier)s
  and l.unit_price is not null and p.ordered_on < %(first)s
order by p.ordered_on desc, l.line_id limit 1
"""


@dataclass(frozen=True, slots=True)
class Cause:
    """Something that happened, what it cost, and the records that show it."""

    event: Event
    subject: str
    """Name of the machine, material or supplier; empty where it is none."""
    detail: str
    """The reason, material or document beside it, in the words of the record."""
    amount: Decimal
    share: Decimal
    """Of its driver, without signs; 1 is all of it."""
    ids: tuple[tuple[str, str], ...]
    """What it was found by, as pairs of kind and id."""
    orders: tuple[str, ...] = ()
    """Orders with the largest amounts first."""
    times_usual: Decimal | None = None
    """How often the usual level, where there is one to compare with."""
    quantity: Decimal | None = None
    """Minutes of stops, or the price that was paid before."""


@dataclass(frozen=True, slots=True)
class _Name:
    kind: str
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class _Stop:
    work_centre_id: str
    reason: str
    minutes: Decimal
    record: str


@dataclass(frozen=True, slots=True)
class _Scrapped:
    work_centre_id: str
    reason: str | None
    now: Decimal
    before: Decimal


@dataclass(frozen=True, slots=True)
class _Worked:
    work_centre_id: str
    now: Decimal
    before: Decimal


@dataclass(frozen=True, slots=True)
class _Paid:
    price: Decimal


_MOST_CAUSES = 3
_MOST_ORDERS = 5


def _key(part: Contribution) -> tuple[tuple[str, str], ...]:
    """What contributions of a driver are gathered by."""
    found: tuple[tuple[str, str | None], ...]
    match part.driver:
        case "scrap":
            found = (("work_centre", part.work_centre), ("reason", part.reason))
        case "work_time":
            found = (("work_centre", part.work_centre), ("", None))
        case "material_usage" | "substitution" | "standard_change":
            found = (("material", part.material), ("", None))
        case "purchase_price":
            found = (("supplier", part.supplier), ("material", part.product))
        case "invoice":
            found = (("supplier", part.supplier), ("", None))
        case "revaluation":
            found = (("day", part.on.isoformat()), ("", None))
        case "lot_size" | "order_rest" | "no_standard" | "count":
            found = (("material", part.product), ("", None))
        case _:
            assert_never(part.driver)
    return tuple((kind, id) for kind, id in found if kind and id is not None)


def gathered(driver: Driver, parts: Sequence[Contribution]) -> list[Cause]:
    """The largest causes of a driver, by ids alone; one of `spread` where none is large enough."""
    groups: dict[tuple[tuple[str, str], ...], list[Contribution]] = defaultdict(list)
    for part in parts:
        groups[_key(part)].append(part)
    whole, amounts = summed(parts), {key: summed(group) for key, group in groups.items()}
    gross = sum((abs(amount) for amount in amounts.values()), ZERO)
    sign = 1 if whole >= 0 else -1
    ranked = sorted(amounts, key=lambda key: (-sign * amounts[key], key))
    found = [
        Cause(
            _EVENTS[driver], "", "", amounts[key], abs(amounts[key]) / gross, key, _orders(groups[key], sign)
        )
        for key in ranked[:_MOST_CAUSES]
        if gross and amounts[key] * sign > 0 and key and abs(amounts[key]) / gross >= materiality().cause
    ]
    return found or [Cause("spread", "", "", whole, Decimal(1), (), _orders(parts, sign))]


def _orders(parts: Iterable[Contribution], sign: int) -> tuple[str, ...]:
    amounts: dict[str, Decimal] = defaultdict(Decimal)
    for part in parts:
        if part.order is not None:
            amounts[part.order] += part.amount * sign
    return tuple(sorted(amounts, key=lambda order: (-amounts[order], order))[:_MOST_ORDERS])


async def told(
    queries: Queries, site: str, zone: str, first: date, last: date, causes: Sequence[Cause]
) -> list[Cause]:
    """The causes with names, and with what the plant's records say of them."""
    ids: dict[str, list[str]] = defaultdict(list)
    for cause in causes:
        for kind, id in cause.ids:
            ids[kind].append(id)
    asked: dict[str, object] = {
        "site": site,
        "zone": zone,
        "first": first,
        "last": last,
        **{kind: ids[kind] for kind in ("work_centre", "reason", "material", "supplier")},
    }
    names = {(each.kind, each.id): each.name for each in await queries.rows(_Name, _NAMES, asked)}
    named = [_named(cause, names) for cause in causes]
    timed = any(cause.event == "work_centre" for cause in named)
    stops = await queries.rows(_Stop, _STOPS, asked) if timed else []
    wasted = any(cause.event == "scrap_reason" for cause in named)
    rates = await queries.rows(_Scrapped, _SCRAP_RATES, asked) if wasted else []
    worked = (
        {each.work_centre_id: each for each in await queries.rows(_Worked, _WORKED, asked)} if wasted else {}
    )
    found = []
    for cause in named:
        match cause.event:
            case "work_centre":
                found.append(_stopped(cause, stops))
            case "scrap_reason":
                found.append(_compared(cause, rates, worked))
            case "supplier_price":
                found.append(await _paid_before(queries, asked, cause))
            case _:
                found.append(cause)
    return found


def _named(cause: Cause, names: dict[tuple[str, str], str]) -> Cause:
    said = [names.get(pair, pair[1]) for pair in cause.ids]
    return replace(cause, subject=said[0] if said else "", detail=said[1] if len(said) > 1 else "")


def _stopped(cause: Cause, stops: Sequence[_Stop]) -> Cause:
    centre = dict(cause.ids).get("work_centre")
    first = next((stop for stop in stops if stop.work_centre_id == centre), None)
    if first is None:
        return cause
    ids = (*cause.ids, ("downtime", first.record))
    return replace(cause, event="downtime", detail=first.reason, quantity=first.minutes, ids=ids)


def _compared(cause: Cause, rates: Sequence[_Scrapped], worked: dict[str, _Worked]) -> Cause:
    ids = dict(cause.ids)
    centre, reason = ids.get("work_centre"), ids.get("reason")
    rate = next((r for r in rates if r.work_centre_id == centre and r.reason == reason), None)
    base = worked.get(centre or "")
    if rate is None or base is None or not (base.now and base.before and rate.before):
        return cause
    return replace(cause, times_usual=(rate.now / base.now) / (rate.before / base.before))


async def _paid_before(queries: Queries, asked: dict[str, object], cause: Cause) -> Cause:
    ids = dict(cause.ids)
    if "material" not in ids or "supplier" not in ids:
        return cause
    earlier = await queries.rows(
        _Paid, _PAID, {**asked, "material": ids["material"], "supplier": ids["supplier"]}
    )
    return replace(cause, quantity=earlier[0].price) if earlier else cause
