"""The tables of net requirements: orders to release, the weeks of a material, parts at risk."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from tools.drafting.needs import customer_of
from tools.engines.available_to_promise import cumulative
from tools.engines.material_requirements.plants import WEEKS
from tools.engines.shortage_risk import Risk
from tools.engines.structure import ZERO
from tools.net_requirements.netting import Netted, Release
from tools.planning import Material
from tools.presenting import common, table, unit_column
from tools.results import Cell, Column, Table

_SHOWN = 50
_RISKS = 20


@dataclass(frozen=True, slots=True)
class Found:
    """What was netted for a question."""

    sites: Sequence[Netted]
    refused: tuple[str, ...]
    """Sites that cannot be planned, each in a sentence."""
    chosen: Sequence[Material]
    releases: Sequence[Release]
    risks: Sequence[tuple[Material, Risk]]

    def of(self, material: Material) -> Netted:
        """The site of a material."""
        return next(one for one in self.sites if one.data.site.site == material.site)


def orders_table(found: Found, *, several_sites: bool) -> Table:
    """What is to be released, the first day first."""
    shown = found.releases[:_SHOWN]
    unit, own_unit = (
        common(one.material.unit for one in shown),
        unit_column(one.material.unit for one in shown),
    )
    money = [one.currency for one in shown]
    currency, own_currency = common(money), unit_column(money, "Currency")
    columns = (
        *((Column("site", "Site", "id"),) if several_sites else ()),
        Column("number", "Number", "id"),
        Column("material", "Material", "text"),
        Column("quantity", "Quantity", "quantity", unit),
        *own_unit,
        Column("order_on", "Release on", "date"),
        Column("needed_on", "Needed on", "date"),
        Column("days_late", "Days late", "days", "days", good="down"),
        Column("supplier", "Supplier", "text"),
        Column("value", "Value", "money", currency, adds_up=not own_currency),
        *own_currency,
        Column("waiting", "What waits", "id"),
        Column("waiting_for", "For", "text"),
        Column("responsible", "Responsible", "id"),
    )
    rows = [
        _cells(found.of(one.material), one, bool(own_unit), bool(own_currency), several_sites)
        for one in shown
    ]
    return table("Orders to release, first day first", columns, rows, total=len(found.releases))


def _cells(site: Netted, one: Release, own_unit: bool, own_currency: bool, several_sites: bool) -> list[Cell]:
    material, order = one.material, one.order
    waiting = site.waiting(one)
    whom = "" if waiting is None else customer_of(site.book, site.book.network(site.data.site), waiting)
    cells: list[Cell] = [material.site] if several_sites else []
    cells += [material.number, material.name, order.quantity]
    cells += [material.unit] if own_unit else []
    cells += [order.release_on, order.due_on, order.days_late or None]
    cells += [one.sourced.offer.name if one.sourced else None, one.value]
    cells += [one.currency] if own_currency else []
    cells += [waiting.order_id if waiting else None, whom or (waiting.partner if waiting else "") or None]
    return [*cells, material.responsible or None]


def weeks_table(site: Netted, material: Material) -> Table:
    """The weeks of one material, with what is there at the end of each."""
    unit, today = material.unit, site.data.site.today
    monday = today - timedelta(days=today.weekday())
    sums: dict[date, list[Decimal]] = defaultdict(lambda: [ZERO, ZERO, ZERO])
    for line in site.plan.lines.get(material.material_id, ()):
        day = date.fromordinal(line.period)
        amounts = sums[day - timedelta(days=day.weekday())]
        for at, amount in enumerate((line.gross, line.receipts, line.received)):
            amounts[at] += amount
    opening = site.data.materials[material.material_id].on_hand
    weeks = [monday + timedelta(days=7 * at) for at in range(WEEKS + 1)]
    last = max(sums, default=monday)
    weeks = [week for week in weeks if week <= last]
    receipts, gross = [sums[week][1] for week in weeks], [sums[week][0] for week in weeks]
    promised = cumulative(opening, receipts, gross)
    rows: list[list[Cell]] = []
    running = opening
    for week, left in zip(weeks, promised, strict=True):
        needed, coming, planned = sums[week]
        running += coming + planned - needed
        rows.append([week, needed, coming, planned, running, max(ZERO, left)])
    columns = (
        Column("week", "Week of", "date"),
        Column("needed", "Required", "quantity", unit, adds_up=True),
        Column("receipts", "On order", "quantity", unit, adds_up=True),
        Column("planned", "To release", "quantity", unit, adds_up=True),
        Column("stock", "Stock at the end", "quantity", unit),
        Column("promise", "Can still be promised", "quantity", unit),
    )
    return table("Weeks", columns, rows)


def risks_table(found: Found, *, several_sites: bool) -> Table:
    """What may run short before an order placed today helps."""
    shown = found.risks[:_RISKS]
    units = [material.unit for material, _ in shown]
    unit, own_unit = common(units), unit_column(units)
    columns = (
        *((Column("site", "Site", "id"),) if several_sites else ()),
        Column("number", "Number", "id"),
        Column("material", "Material", "text"),
        Column("probability", "Chance of a shortage", "percent", "%", good="down"),
        Column("worst_on", "Likeliest on", "date"),
        Column("days_of_cover", "Days of cover by stock alone", "days", "days", good="up"),
        Column("expected", "Missing on average", "quantity", unit, good="down"),
        *own_unit,
    )
    rows: list[list[Cell]] = []
    for material, risk in shown:
        cells: list[Cell] = [material.site] if several_sites else []
        cells += [material.number, material.name, risk.probability, risk.worst_on, risk.days_of_cover]
        rows.append([*cells, risk.expected, *([material.unit] if own_unit else [])])
    return table("Parts at risk, likeliest first", columns, rows, total=len(found.risks))
