"""Stock that cannot be: below zero, or there without ever having come."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from erp_adapters.store.checks.finding import Finding, Found, Key, Measure, Review, Stake
from erp_adapters.store.checks.limits import limits
from erp_adapters.store.checks.look import Check, Look

NEGATIVE, UNMOVED = "negative_stock", "stock_without_movement"


@dataclass(frozen=True, slots=True)
class StockRow:
    """A quantity in a place."""

    site: str
    source_system: str
    source_key: str
    name: str
    number: str
    location: str
    quantity: Decimal
    unit: str
    standard_cost: Decimal | None
    currency: str
    movements: int
    last_moved_on: date | None
    days_covered: int
    """Days up to business now that the site's movements cover; 0 where it has none."""


_ROWS = """
with moved as (
    select site, material_id, count(*) as movements, max(moved_on) as last_moved_on
    from erp.stock_movement where site = any(%(sites)s) group by site, material_id
), covered as (
    select site, min(moved_on) as first_on from erp.stock_movement where site = any(%(sites)s) group by site
)
select k.site, k.source_system, k.source_key, coalesce(m.name, k.material_id) as name,
       coalesce(m.number, k.material_id) as number, coalesce(l.name, k.location_id) as location, k.quantity,
       coalesce(k.unit, m.base_unit, '') as unit, m.standard_cost,
       coalesce(m.currency, t.currency) as currency,
       coalesce(v.movements, 0) as movements, v.last_moved_on,
       coalesce(t.as_of::date - c.first_on, 0) as days_covered
from erp.stock k join erp.site t on t.site = k.site
left join erp.material m on m.site = k.site and m.material_id = k.material_id
left join erp.location l on l.site = k.site and l.location_id = k.location_id
left join moved v on v.site = k.site and v.material_id = k.material_id
left join covered c on c.site = k.site
where k.site = any(%(sites)s) order by k.site, k.source_key
"""


def _rows(look: Look) -> list[StockRow]:
    return look.rows(StockRow, _ROWS)


def find_negative(look: Look) -> Found:
    """Places with less than nothing."""
    rows = look.once(_rows)
    return Found(tuple(negative(rows)), Counter(row.site for row in rows))


def find_unmoved(look: Look) -> Found:
    """Stock of materials that never moved although the site's movements are kept."""
    rows = look.once(_rows)
    return Found(tuple(unmoved(rows)), Counter(row.site for row in rows))


NEGATIVE_CHECK = Check(NEGATIVE, find_negative)
UNMOVED_CHECK = Check(UNMOVED, find_unmoved)


def negative(rows: list[StockRow]) -> Iterator[Finding]:
    """The same from rows."""
    for row in rows:
        if row.quantity < 0:
            yield Finding(
                NEGATIVE,
                Key(row.site, "stock", row.source_key),
                row.source_system,
                "serious",
                "stock_below_zero",
                Review("quantity"),
                1.0,
                _arguments(row),
                measure=Measure(row.quantity, low=Decimal(0), unit=row.unit),
                stake=_stake(row),
            )


def unmoved(rows: list[StockRow]) -> Iterator[Finding]:
    """The same from rows."""
    least = limits(UNMOVED)["days_covered"]
    for row in rows:
        if row.quantity > 0 and row.movements == 0 and row.days_covered >= least:
            yield Finding(
                UNMOVED,
                Key(row.site, "stock", row.source_key),
                row.source_system,
                "flag",
                "stock_never_moved",
                Review("quantity"),
                0.9,
                _arguments(row) | {"days": row.days_covered},
                measure=Measure(row.quantity, unit=row.unit),
                stake=_stake(row),
            )


def _arguments(row: StockRow) -> dict[str, str | int]:
    return {"name": row.name, "number": row.number, "location": row.location}


def _stake(row: StockRow) -> Stake | None:
    return Stake(abs(row.quantity) * row.standard_cost, row.currency) if row.standard_cost else None
