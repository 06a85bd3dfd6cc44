"""What a model of suppliers' lateness is told of each open purchase line, up to a moment; and the rule."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from statistics import median

from tools.engines.predictions.calibration import Chance
from tools.engines.statistics import wilson
from tools.rows import Queries

INPUTS = (
    "supplier_lines",
    "supplier_late",
    "supplier_delay",
    "material_lines",
    "material_late",
    "lead_days",
    "days_to_due",
)
"""Their order is part of a model: one that was trained on others is another model."""
HORIZON = timedelta(days=28)
"""Lines that are due within it are foretold."""
HISTORY = timedelta(days=365)
"""How far back what a supplier delivered counts."""
_PRIOR = 10.0
"""How much of the site's own share is mixed in, as lines: few lines tell little."""


@dataclass(frozen=True, slots=True)
class Line:
    """A purchase line that is due within the horizon, with what is known of its supplier."""

    site: str
    line: str
    order: str
    supplier: str
    material: str
    due_on: date
    value: Decimal | None
    currency: str | None
    values: tuple[float | None, ...]
    """By `INPUTS`; None where it is not known."""
    site_share: float
    """Of the lines of the site in the history, how many came late."""

    @property
    def subject(self) -> str:
        """What is foretold."""
        return self.line

    @property
    def quality(self) -> float:
        """Share of the inputs that are there."""
        return sum(value is not None for value in self.values) / len(INPUTS)


@dataclass(frozen=True, slots=True)
class _Row:
    site: str
    line_id: str
    order_id: str
    supplier_id: str
    supplier: str
    material_id: str
    material: str
    ordered_on: date
    due_on: date
    received_on: date | None
    value: Decimal | None
    currency: str | None


_LINES = """
select l.site, l.line_id, l.order_id, o.supplier_id, coalesce(s.name, o.supplier_id) as supplier,
       l.material_id, coalesce(m.name, l.material_id) as material, o.ordered_on,
       coalesce(l.confirmed_on, l.due_on) as due_on, l.received_on,
       coalesce(l.line_total, l.ordered * l.unit_price) as value, l.currency
from erp.purchase_line l
join erp.purchase_order o on o.site = l.site and o.order_id = l.order_id
left join erp.supplier s on s.site = o.site and s.supplier_id = o.supplier_id
left join erp.material m on m.site = l.site and m.material_id = l.material_id
where l.site = any(%(sites)s) and coalesce(l.confirmed_on, l.due_on) is not null and o.status <> 'rejected'
  and o.ordered_on <= %(until)s::date
  and coalesce(l.confirmed_on, l.due_on) between %(until)s::date - %(history)s and %(until)s::date + %(ahead)s
order by l.site, due_on, l.line_id
"""
LATE = """
select l.line_id from erp.purchase_line l
where l.site = %(site)s and coalesce(l.received_on, 'infinity'::date) > coalesce(l.confirmed_on, l.due_on)
  and coalesce(l.confirmed_on, l.due_on) between %(day)s and %(day)s + %(days)s
"""
"""Lines that came later than agreed, or did not come, of those that were due within the horizon of a day."""


async def lines_of(queries: Queries, sites: Sequence[str], until: datetime) -> tuple[Line, ...]:
    """Lines that were open at a moment and due within the horizon, with nothing that came later."""
    asked = {"sites": list(sites), "until": until, "history": HISTORY.days, "ahead": HORIZON.days}
    day = until.date()
    found = await queries.rows(_Row, _LINES, asked)
    past = [row for row in found if row.due_on < day]
    by_supplier: dict[tuple[str, str], list[_Row]] = defaultdict(list)
    by_material: dict[tuple[str, str], list[_Row]] = defaultdict(list)
    of_site: dict[str, list[_Row]] = defaultdict(list)
    for row in past:
        by_supplier[row.site, row.supplier_id].append(row)
        by_material[row.site, row.material_id].append(row)
        of_site[row.site].append(row)
    shares = {
        site: sum(_late(row, day) for row in rows) / len(rows) for site, rows in of_site.items() if rows
    }
    return tuple(
        _line(
            row,
            day,
            by_supplier[row.site, row.supplier_id],
            by_material[row.site, row.material_id],
            shares.get(row.site, 0.0),
        )
        for row in found
        if row.due_on >= day and (row.received_on is None or row.received_on > day)
    )


def by_rule_of_lines(lines: Sequence[Line]) -> Mapping[tuple[str, str], Chance]:
    """The chance that a line comes late, by site and line.

    How many of the supplier's lines of a year came late, drawn towards the site's own share; the interval is
    Wilson's.
    """
    chances = {}
    for each in lines:
        seen, late = int(each.values[0] or 0), int(each.values[1] or 0)
        p = (late + each.site_share * _PRIOR) / (seen + _PRIOR)
        interval = wilson(late, seen)
        low, high = (
            (0.0, 1.0) if interval is None else (float(interval.low) / 100, float(interval.high) / 100)
        )
        chances[each.site, each.line] = Chance(p, min(p, low), max(p, high), seen)
    return chances


def _late(row: _Row, day: date) -> bool:
    """Late as it could be known on a day."""
    came = row.received_on if row.received_on is not None and row.received_on <= day else None
    return came is None or came > row.due_on


def _line(
    row: _Row, day: date, of_supplier: Sequence[_Row], of_material: Sequence[_Row], share: float
) -> Line:
    delays = [
        (each.received_on - each.due_on).days
        for each in of_supplier
        if each.received_on is not None and each.received_on <= day
    ]
    values = (
        float(len(of_supplier)),
        float(sum(_late(each, day) for each in of_supplier)),
        float(median(delays)) if delays else None,
        float(len(of_material)),
        float(sum(_late(each, day) for each in of_material)),
        float((row.due_on - row.ordered_on).days),
        float((row.due_on - day).days),
    )
    return Line(
        row.site,
        row.line_id,
        row.order_id,
        row.supplier,
        row.material,
        row.due_on,
        row.value,
        row.currency,
        values,
        share,
    )
