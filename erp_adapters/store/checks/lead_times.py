"""Planned lead times that the last deliveries no longer bear out."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from statistics import median, quantiles

from erp_adapters.store.checks.finding import Finding, Found, Key, Measure, ReplaceValue
from erp_adapters.store.checks.limits import limits
from erp_adapters.store.checks.look import Check, Look

NAME = "stale_lead_times"


@dataclass(frozen=True, slots=True)
class LeadTimeRow:
    """A planned lead time, and what the last deliveries took, the latest first."""

    site: str
    source_system: str
    source_key: str
    record: str
    field: str
    material: str
    supplier: str
    planned: Decimal
    taken: list[int]
    """Days from order to receipt."""


_ROWS = """
with first_receipt as (
    select site, line_id, min(received_on) as received_on
    from erp.goods_receipt where site = any(%(sites)s) group by site, line_id
), received as (
    select l.site, l.material_id, o.supplier_id, o.ordered_on, l.line_id,
           coalesce(f.received_on, l.received_on) - o.ordered_on as days
    from erp.purchase_line l
    join erp.purchase_order o on o.site = l.site and o.order_id = l.order_id
    left join first_receipt f on f.site = l.site and f.line_id = l.line_id
    where l.site = any(%(sites)s) and coalesce(f.received_on, l.received_on) >= o.ordered_on
), by_supplier as (
    select site, material_id, supplier_id,
           (array_agg(days order by ordered_on desc, line_id))[:%(latest)s] as taken
    from received group by site, material_id, supplier_id
)
select i.site, i.source_system, i.source_key, 'info_record' as record, 'lead_time_days' as field,
       coalesce(m.name, i.material_id) as material, coalesce(s.name, i.supplier_id) as supplier,
       i.lead_time_days as planned, coalesce(b.taken, '{}') as taken
from erp.info_record i
left join erp.material m on m.site = i.site and m.material_id = i.material_id
left join erp.supplier s on s.site = i.site and s.supplier_id = i.supplier_id
left join by_supplier b on b.site = i.site and b.material_id = i.material_id and b.supplier_id = i.supplier_id
where i.site = any(%(sites)s) and i.lead_time_days is not null
order by 1, 3
"""


def find(look: Look) -> Found:
    """Info records whose lead time is not what deliveries take, with what they take as the fix."""
    rows = look.rows(LeadTimeRow, _ROWS, {"latest": int(limits(NAME)["latest_receipts"])})
    return Found(tuple(stale(rows)), Counter(row.site for row in rows))


CHECK = Check(NAME, find)


def stale(rows: list[LeadTimeRow]) -> Iterator[Finding]:
    """The same from rows."""
    limit = limits(NAME)
    lateness = _usual_lateness(rows)
    for row in rows:
        if len(row.taken) < limit["fewest_receipts"]:
            continue
        planned, taken = float(row.planned), median(row.taken)
        usual = lateness.get(row.site, 1.0)
        ratio = taken / max(planned * usual, 0.5)
        # Most of them on the same side, so that a few late lorries do not count.
        beyond = sum(1 for days in row.taken if (days > planned * usual) == (taken > planned * usual))
        if (
            abs(taken - planned * usual) < limit["least_days"]
            or 1 / limit["times"] < ratio < limit["times"]
            or beyond < limit["same_side"] * len(row.taken)
        ):
            continue
        low, high = _middle(row.taken)
        yield Finding(
            NAME,
            Key(row.site, row.record, row.source_key),
            row.source_system,
            "serious" if ratio >= limit["serious_times"] else "flag",
            "lead_time_too_short" if taken > planned else "lead_time_too_long",
            ReplaceValue(row.field, f"{row.planned.normalize():f}", f"{round(taken)}"),
            round(min(0.99, 0.6 + 0.04 * len(row.taken) + 0.1 * abs(ratio - 1)), 3),
            {
                "material": row.material,
                "supplier": row.supplier,
                "planned": row.planned,
                "taken": Decimal(str(taken)),
                "receipts": len(row.taken),
            },
            measure=Measure(row.planned, Decimal(str(low)), Decimal(str(high)), "days"),
        )


def _usual_lateness(rows: list[LeadTimeRow]) -> dict[str, float]:
    """How deliveries of a site compare with plans on the whole: what is always a little late is not stale."""
    ratios: dict[str, list[float]] = defaultdict(list)
    for row in rows:
        if len(row.taken) >= limits(NAME)["fewest_receipts"] and row.planned > 0:
            ratios[row.site].append(median(row.taken) / float(row.planned))
    bound = limits(NAME)["usual_lateness"]
    return {
        site: min(bound, max(1 / bound, median(of_site))) if len(of_site) >= 10 else 1.0
        for site, of_site in ratios.items()
    }


def _middle(days: list[int]) -> tuple[float, float]:
    first, _, third = quantiles(days, n=4, method="inclusive")
    return round(first, 1), round(third, 1)
