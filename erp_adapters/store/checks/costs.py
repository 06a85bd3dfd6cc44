"""Standard costs that are not there, and those far from what is paid."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from erp_adapters.store.checks.finding import (
    Finding,
    Found,
    Key,
    Measure,
    Proposal,
    ReplaceValue,
    Review,
    Severity,
    Stake,
)
from erp_adapters.store.checks.limits import limits
from erp_adapters.store.checks.look import Check, Look

MISSING, OFF = "missing_costs", "costs_off"


@dataclass(frozen=True, slots=True)
class CostRow:
    """A material with its standard cost and what else tells what it costs."""

    site: str
    source_system: str
    source_key: str
    name: str
    number: str
    currency: str
    standard_cost: Decimal | None
    version_cost: Decimal | None
    """The last standard cost of its history."""
    paid: Decimal | None
    """Median price of the last purchases, in the site's currency."""
    purchases: int
    moved_cost: Decimal | None
    stock: Decimal
    is_used: bool
    is_discontinued: bool


_ROWS = """
with recent as (
    select l.site, l.material_id, l.unit_price,
           row_number() over (
               partition by l.site, l.material_id order by o.ordered_on desc, l.line_id) as place
    from erp.purchase_line l
    join erp.purchase_order o on o.site = l.site and o.order_id = l.order_id
    join erp.site t on t.site = l.site
    join erp.material m on m.site = l.site and m.material_id = l.material_id
    where l.unit_price > 0 and coalesce(l.currency, o.currency, t.currency) = coalesce(m.currency, t.currency)
      and (l.unit is null or m.base_unit is null or l.unit = m.base_unit) and l.site = any(%(sites)s)
), paid as (
    select site, material_id, percentile_cont(0.5) within group (order by unit_price)::numeric as paid,
           count(*) as purchases
    from recent where place <= %(latest)s group by site, material_id
), version as (
    select distinct on (site, material_id) site, material_id, standard_cost
    from erp.standard_cost_version where standard_cost > 0 order by site, material_id, valid_from desc
), moved as (
    select site, material_id, percentile_cont(0.5) within group (order by unit_cost)::numeric as cost,
           count(*) as n
    from erp.stock_movement group by site, material_id
), stocked as (
    select site, material_id, sum(quantity) as quantity from erp.stock group by site, material_id
)
select m.site, m.source_system, m.source_key, m.name, m.number, coalesce(m.currency, t.currency) as currency,
       m.standard_cost, v.standard_cost as version_cost, p.paid, coalesce(p.purchases, 0) as purchases,
       nullif(d.cost, 0) as moved_cost, coalesce(k.quantity, 0) as stock,
       coalesce(d.n, 0) > 0 or coalesce(p.purchases, 0) > 0 or coalesce(k.quantity, 0) <> 0
           or exists (select from erp.bom_item b where b.site = m.site and b.component_id = m.material_id)
           or exists (select from erp.production_order o
                      where o.site = m.site and o.material_id = m.material_id)
           or exists (select from erp.info_record i where i.site = m.site and i.material_id = m.material_id)
           as is_used,
       coalesce(m.discontinued_on <= t.as_of::date, false) as is_discontinued
from erp.material m join erp.site t on t.site = m.site
left join paid p on p.site = m.site and p.material_id = m.material_id
left join version v on v.site = m.site and v.material_id = m.material_id
left join moved d on d.site = m.site and d.material_id = m.material_id
left join stocked k on k.site = m.site and k.material_id = m.material_id
where m.site = any(%(sites)s) order by m.site, m.source_key
"""


def _rows(look: Look) -> list[CostRow]:
    return look.rows(CostRow, _ROWS, {"latest": int(limits(OFF)["latest_purchases"])})


def find_missing(look: Look) -> Found:
    """Materials in use that have no standard cost, or one of zero."""
    rows = look.once(_rows)
    return Found(tuple(missing(rows)), Counter(row.site for row in rows))


def find_off(look: Look) -> Found:
    """Materials whose standard cost is far from what is paid."""
    rows = [row for row in look.once(_rows) if row.paid and row.standard_cost]
    return Found(tuple(off(rows)), Counter(row.site for row in rows))


MISSING_CHECK = Check(MISSING, find_missing)
OFF_CHECK = Check(OFF, find_off)


def missing(rows: list[CostRow]) -> Iterator[Finding]:
    """The same from rows."""
    for row in rows:
        if row.standard_cost or not row.is_used or row.is_discontinued:
            continue
        likely = next((cost for cost in (row.version_cost, row.paid, row.moved_cost) if cost), None)
        severity: Severity = "serious" if row.stock > 0 else "flag"
        proposal: Proposal = Review("standard_cost")
        if likely is not None:
            proposal = ReplaceValue("standard_cost", _text(row.standard_cost), _text(likely))
        yield Finding(
            MISSING,
            Key(row.site, "material", row.source_key),
            row.source_system,
            severity,
            "no_standard_cost" if row.standard_cost is None else "zero_standard_cost",
            proposal,
            0.99 if row.standard_cost is None else 0.9,
            {"name": row.name, "number": row.number},
            stake=Stake(row.stock * likely, row.currency) if likely and row.stock > 0 else None,
        )


def off(rows: list[CostRow]) -> Iterator[Finding]:
    """The same from rows that have both a standard cost and a price."""
    limit = limits(OFF)
    for row in rows:
        assert row.paid
        assert row.standard_cost
        ratio = float(row.paid / row.standard_cost)
        if row.purchases < limit["fewest_purchases"] or 1 / limit["times"] <= ratio <= limit["times"]:
            continue
        difference = abs(row.paid - row.standard_cost)
        much = max(ratio, 1 / ratio) >= limit["serious_times"]
        yield Finding(
            OFF,
            Key(row.site, "material", row.source_key),
            row.source_system,
            "serious" if much and row.stock > 0 else "flag",
            "cost_far_from_paid",
            ReplaceValue("standard_cost", _text(row.standard_cost), _text(row.paid)),
            0.95 if much else 0.8,
            {"name": row.name, "number": row.number, "purchases": row.purchases},
            measure=Measure(
                row.standard_cost,
                row.paid / Decimal(str(limit["times"])),
                row.paid * Decimal(str(limit["times"])),
                row.currency,
            ),
            stake=Stake(difference * row.stock, row.currency) if row.stock > 0 else None,
        )


def _text(cost: Decimal | None) -> str:
    return "" if cost is None else f"{cost:.2f}"
