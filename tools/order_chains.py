"""A chain of orders as tables: each peg with what it comes from and goes to, and where the chain ends."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from tools.engines.netting import STOCK
from tools.engines.pegging import Step
from tools.engines.structure import ZERO
from tools.languages import said
from tools.naming import Site
from tools.planning import Book, Entry
from tools.presenting import common, figure, table, unit_column
from tools.results import Cell, Column, Figure, Table

_SHOWN = 60
_NOT_COVERED = "nothing yet"
_STOCK = "stock on hand"


@dataclass(frozen=True, slots=True)
class Chain:
    """What was asked about, and what hangs on it."""

    site: Site
    book: Book
    start: list[Entry]
    steps: list[Step]
    free: Decimal
    """Of the receipts that were asked about, what nothing asks for."""
    is_up: bool

    def entry(self, key: str) -> Entry | None:
        return self.book.by_key.get(key)

    @property
    def late(self) -> list[Step]:
        return [step for step in self.steps if step.late > 0]

    @property
    def sales(self) -> list[Step]:
        """Steps that end at a customer."""
        return [step for step in self.steps if (e := self.entry(step.demand)) and e.record == "sales_line"]


def touched(chain: Chain) -> list[Entry]:
    """Every receipt and requirement in the chain, once."""
    keys = dict.fromkeys(
        [e.key for e in chain.start] + [key for step in chain.steps for key in (step.supply, step.demand)]
    )
    return [entry for key in keys if (entry := chain.entry(key))]


def chain_table(chain: Chain) -> Table:
    """Peg by peg: what comes from where, goes to what, and whether it is there in time."""
    shown = chain.steps[:_SHOWN]
    units = [_unit(chain, step) for step in shown]
    unit, own_unit = common(units), unit_column(units)
    columns = (
        Column("level", "Level", "count"),
        Column("material", "Material", "text"),
        Column("quantity", "Quantity", "quantity", unit),
        *own_unit,
        Column("comes_from", "Comes from", "text", words="kind"),
        Column("supply_order", "Its order", "id"),
        Column("supplier", "Supplier", "text"),
        Column("there_on", "There on", "date"),
        Column("goes_to", "Goes to", "text", words="kind"),
        Column("demand_order", "For order", "id"),
        Column("for_whom", "For", "text"),
        Column("needed_on", "Needed on", "date"),
        Column("days_late", "Days late", "days", "days", good="down"),
    )
    title = "What hangs on it" if chain.is_up else "What it waits for"
    rows = [_row(chain, step, bool(own_unit)) for step in shown]
    return table(said(title), columns, rows, total=len(chain.steps))


def _row(chain: Chain, step: Step, own_unit: bool) -> list[Cell]:
    supply, demand = chain.entry(step.supply), chain.entry(step.demand)
    source = _NOT_COVERED if step.available is None else _STOCK
    row: list[Cell] = [step.level, material_name(chain, step.material), step.quantity]
    row += [_unit(chain, step)] if own_unit else []
    row += [supply.kind if supply else source, supply.order_id if supply else None]
    row += [(supply.partner or None) if supply else None, None if step.supply == STOCK else step.available]
    row += [demand.kind if demand else None, demand.order_id if demand else None]
    row += [_for_whom(chain, demand), step.needed, step.late or None]
    return row


def _for_whom(chain: Chain, demand: Entry | None) -> str | None:
    """The customer, or what the order makes."""
    if demand is None or demand.partner:
        return demand.partner if demand else None
    made = next((e for e in chain.book.entries if e.quantity > 0 and e.order == demand.order), None)
    return material_name(chain, made.material_id) if made else None


def material_name(chain: Chain, material: str) -> str:
    """The name of a material of the chain's site."""
    known = chain.book.materials.get((chain.site.site, material))
    return known.name if known else material


def _unit(chain: Chain, step: Step) -> str:
    known = chain.book.materials.get((chain.site.site, step.material))
    return known.unit if known else ""


def ends_table(chain: Chain) -> Table:
    """Sales orders at the top, or what is not covered or late at the bottom."""
    columns = (
        Column("order_id", "Order", "id"),
        Column("whom", "Customer", "text"),
        Column("material", "Material", "text"),
        Column("needed_on", "Needed on", "date"),
        Column("days_late", "Days late", "days", "days", good="down"),
    )
    if chain.is_up:
        worst: dict[str, Step] = {}
        for step in chain.sales:
            if step.demand not in worst or worst[step.demand].late < step.late:
                worst[step.demand] = step
        steps = sorted(worst.values(), key=lambda step: (-step.late, step.needed, step.demand))
        rows = [_end(chain, step, chain.entry(step.demand)) for step in steps]
        return table("Sales orders at the end of it", columns, rows[:_SHOWN], total=len(rows))
    columns = (columns[0], Column("whom", "Supplier", "text"), *columns[2:])
    held = [step for step in chain.steps if step.late or step.available is None]
    held.sort(key=lambda step: (step.available is not None, -step.late, step.needed))
    rows = [_end(chain, step, chain.entry(step.supply)) for step in held]
    return table("What comes too late or not at all", columns, rows[:_SHOWN], total=len(rows))


def _end(chain: Chain, step: Step, entry: Entry | None) -> list[Cell]:
    return [
        entry.order_id if entry else None,
        (entry.partner or None) if entry else None,
        material_name(chain, step.material),
        step.needed,
        step.late or None,
    ]


def chain_figures(chain: Chain, proof: str) -> tuple[Figure, ...]:
    """How many orders, how many late, and how much of a receipt is for something."""
    late = {e.order for step in chain.late if (e := chain.entry(step.demand))}
    orders = {e.order for step in chain.steps if (e := chain.entry(step.demand))}
    customers = {e.order for step in chain.sales if step.late and (e := chain.entry(step.demand))}
    found = [
        figure("orders in the chain", len(orders), "count", proof),
        figure("of these late", len(late), "count", proof),
    ]
    if chain.is_up:
        found.append(figure("sales orders late", len(customers), "count", proof))
        units = {_unit(chain, step) for step in chain.steps if step.level == 1}
        if len({entry.material_id for entry in chain.start}) == 1 and len(units) <= 1:
            unit = units.pop() if units else ""
            pegged = sum((step.quantity for step in chain.steps if step.level == 1), ZERO)
            found.append(figure("pegged quantity", pegged, "quantity", proof, unit))
            found.append(figure("quantity that nothing asks for", chain.free, "quantity", proof, unit))
    else:
        missing = sum(step.available is None for step in chain.steps)
        found.append(figure("requirements that nothing covers", missing, "count", proof))
    return tuple(found)
