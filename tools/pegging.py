"""Which orders a delivery is for, up to customers; and what an order waits for, down to what is bought."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from pydantic import Field

from tools.arguments import Arguments, MaterialName, SiteName, SupplierName, Text
from tools.engines.netting import STOCK
from tools.engines.pegging import Network, Step
from tools.engines.structure import ZERO
from tools.errors import ToolError
from tools.evidence import remarks
from tools.languages import counted, said
from tools.languages.forms import joined
from tools.naming import Kind, Site, one
from tools.order_numbers import OrderKind, numbered
from tools.planning import Book, Entry, Scope, book_of, left_out, place, scope_of
from tools.presenting import common, figure, table, unit_column
from tools.registry import ToolContext, tool
from tools.results import Cell, Column, Figure, Table, ToolResult
from tools.rows import Queries

_VERSION = "1.0.0"
_SHOWN = 60
_RECORDS: dict[OrderKind, tuple[str, ...]] = {
    "purchase_order": ("purchase_line",),
    "work_order": ("production_order", "planned_order"),
    "sales_order": ("sales_line",),
}
_CALLED: dict[OrderKind | None, str] = {
    "purchase_order": "purchase order",
    "work_order": "work order",
    "sales_order": "sales order",
    None: "order",
}
_NOT_COVERED = "nothing yet"
_STOCK = "stock on hand"


class Pegging(Arguments):
    """From which order, delivery or material, and which way."""

    order: Text | None = Field(
        None, description="Number of a purchase order, work order or sales order: '43', 'PO 43', 'SO 43'."
    )
    kind: OrderKind | None = Field(
        None,
        description="'purchase_order', 'work_order' or 'sales_order' where the number alone is not enough.",
    )
    supplier: SupplierName | None = Field(None, description="All open deliveries of this supplier.")
    material: MaterialName | None = Field(None, description="All open receipts of this material.")
    direction: Literal["up", "down"] | None = Field(
        None,
        description="'up': what is this for, which orders and customers are hit if it is late; 'down': what "
        "does this order wait for. Sales orders go down if left out, all else up.",
    )
    late_days: int | None = Field(
        None,
        ge=0,
        le=365,
        description="Days by which the delivery is later than its own date: 'if 5 days late'.",
    )
    late_only: bool = Field(False, description="Of a supplier's or material's receipts only overdue ones.")
    site: SiteName = None


@dataclass(frozen=True, slots=True)
class _Chain:
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


@tool(
    name="pegging",
    examples=(
        "Which orders does purchase order 1400531 hold up?",
        "Which customers are affected if Dichtora GmbH delivers 5 days late?",
        "What is sales order 1600733 waiting for?",
        "What is the next receipt of Ball bearing 6204 for?",
    ),
    version=_VERSION,
)
async def pegging(args: Pegging, context: ToolContext) -> ToolResult:
    """Which requirements an open receipt is for, through production orders up to sales orders and customers.

    First in, first out in each material: the earliest requirement takes the stock, then the earliest receipt.
    An order that waits for one part is late with all that it makes. Start from an `order`, or from the open
    receipts of a `supplier` or `material`; `late_days` says what happens if it is so many days later.
    `direction='down'` shows what a sales or work order waits for, down to what is bought.

    Example: {"order": "1400531", "kind": "purchase_order", "late_days": 5}.
    """
    if not (args.order or args.supplier or args.material):
        raise ToolError(said("name an order, a supplier or a material to start from"))
    queries = Queries(context.tx)
    scope = await scope_of(queries, context.caller, site=args.site, material=args.material)
    partner, words, notes = "", list(scope.words), list(scope.notes)
    if args.supplier is not None:
        named = await one(context.tx, Kind.SUPPLIER, args.supplier, scope.site.site if scope.site else None)
        partner = named.thing.name
        words.append(said("from [[thing]]", thing=named.thing))
        notes += named.caveats
    book = await book_of(queries, scope, whole=True)
    start = _start(args, book, scope, partner)
    chain = _chain(args, book, start)
    entries = _touched(chain)
    proof = await queries.evidence(
        tool="pegging",
        version=_VERSION,
        arguments=args,
        records=["material", "stock", *book.sources(entries)],
        flags=remarks("orders", entries),
        site=chain.site.site,
    )
    return ToolResult(
        tool="pegging",
        reading=_reading(args, chain, words, Scope(chain.site, None, (), ())),
        tables=(_table(chain), _ends(chain)),
        figures=_figures(chain, proof.id),
        evidence=(proof,),
        sentence=_sentence(args, chain),
        caveats=(*notes, *_caveats(chain), *left_out(book, entries)),
        suggestions=_suggestions(chain),
    )


def _start(args: Pegging, book: Book, scope: Scope, partner: str) -> list[Entry]:
    """The receipts or requirements that were asked about, of one site.

    Raises:
        ToolError: there is none that is open, or they are at several sites.
    """
    number, kind = numbered(args.order, args.kind) if args.order else ("", args.kind)
    found = [
        entry for entry in book.entries if entry.due is not None and entry.kind != "dependent requirement"
    ]
    if number:
        records = _RECORDS[kind] if kind else tuple(r for each in _RECORDS.values() for r in each)
        found = [e for e in found if e.order_id == number and e.record in records]
    else:
        found = [e for e in found if e.quantity > 0]
        if args.late_only:
            found = [e for e in found if e.due and e.due < book.sites[e.site].today]
    if partner:
        found = [e for e in found if e.record == "purchase_line" and e.partner == partner]
    if scope.materials is not None:
        found = [e for e in found if (e.site, e.material_id) in scope.materials]
    if not found:
        raise ToolError(_nothing(number, kind, partner))
    sites = sorted({entry.site for entry in found})
    kinds = {entry.record for entry in found}
    if len(sites) > 1 or (number and len(kinds) > 1):
        raise ToolError(
            said("open receipts of it are at [[sites]]; name the site", sites=joined(sites))
            if len(sites) > 1
            else said(
                "[[number]] is the number of several kinds of orders; say which kind", number=repr(number)
            )
        )
    return found


def _nothing(number: str, kind: OrderKind | None, partner: str) -> str:
    if number:
        return said(
            "no open [[kind]] with a date has the number [[number]]",
            kind=said(_CALLED[kind]),
            number=repr(number),
        )
    return (
        said("nothing dated is on order there") if not partner else said("nothing dated is on order from it")
    )


def _chain(args: Pegging, book: Book, start: list[Entry]) -> _Chain:
    site = book.sites[start[0].site]
    network = book.network(site)
    is_sales = all(entry.quantity < 0 for entry in start)
    is_up = not is_sales and args.direction != "down"
    if is_up:
        steps = network.up([entry.key for entry in start], args.late_days)
    else:
        steps = network.down([part for entry in start for part in _parts(network, entry)])
    free = sum((network.allocation(e.material_id).free.get(e.key, ZERO) for e in start), ZERO)
    return _Chain(site, book, start, steps, free if is_up else ZERO, is_up)


def _parts(network: Network, entry: Entry) -> Sequence[str]:
    return (entry.key,) if entry.quantity < 0 else network.parts_of(entry.key)


def _touched(chain: _Chain) -> list[Entry]:
    keys = dict.fromkeys(
        [e.key for e in chain.start] + [key for step in chain.steps for key in (step.supply, step.demand)]
    )
    return [entry for key in keys if (entry := chain.entry(key))]


def _table(chain: _Chain) -> Table:
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


def _row(chain: _Chain, step: Step, own_unit: bool) -> list[Cell]:
    supply, demand = chain.entry(step.supply), chain.entry(step.demand)
    source = _NOT_COVERED if step.available is None else _STOCK
    row: list[Cell] = [step.level, _name(chain, step.material), step.quantity]
    row += [_unit(chain, step)] if own_unit else []
    row += [supply.kind if supply else source, supply.order_id if supply else None]
    row += [(supply.partner or None) if supply else None, None if step.supply == STOCK else step.available]
    row += [demand.kind if demand else None, demand.order_id if demand else None]
    row += [_for_whom(chain, demand), step.needed, step.late or None]
    return row


def _for_whom(chain: _Chain, demand: Entry | None) -> str | None:
    """The customer, or what the order makes."""
    if demand is None or demand.partner:
        return demand.partner if demand else None
    made = next((e for e in chain.book.entries if e.quantity > 0 and e.order == demand.order), None)
    return _name(chain, made.material_id) if made else None


def _name(chain: _Chain, material: str) -> str:
    known = chain.book.materials.get((chain.site.site, material))
    return known.name if known else material


def _unit(chain: _Chain, step: Step) -> str:
    known = chain.book.materials.get((chain.site.site, step.material))
    return known.unit if known else ""


def _ends(chain: _Chain) -> Table:
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


def _end(chain: _Chain, step: Step, entry: Entry | None) -> list[Cell]:
    return [
        entry.order_id if entry else None,
        (entry.partner or None) if entry else None,
        _name(chain, step.material),
        step.needed,
        step.late or None,
    ]


def _figures(chain: _Chain, proof: str) -> tuple[Figure, ...]:
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


def _sentence(args: Pegging, chain: _Chain) -> str:
    if not chain.steps:
        return said(
            "Nothing that is known today asks for it."
            if chain.is_up
            else "It waits for nothing that is open."
        )
    if not chain.is_up:
        held = [step for step in chain.steps if step.late or step.available is None]
        text = counted(
            len({e.order for s in chain.steps if (e := chain.entry(s.demand))}),
            "{{figures[0]}} order is in the chain; {{figures[1]}} of them late.",
            "{{figures[0]}} orders are in the chain; {{figures[1]}} of them late.",
        )
        if not held:
            return f"{text} {said('Everything that it needs is there or comes in time.')}"
        return f"{text} {said('Most of all it waits for {{tables[1].rows[0].material}}.')}"
    if not chain.late:
        text = said("{{figures[0]}} orders hang on it, and none is late by it.")
        return text if not chain.sales else f"{text} {said(_FIRST)}"
    text = counted(
        len({e.order for s in chain.late if (e := chain.entry(s.demand))}),
        "{{figures[1]}} of {{figures[0]}} orders that hang on it is late, {{figures[2]}} of them "
        "sales orders.",
        "{{figures[1]}} of {{figures[0]}} orders that hang on it are late, {{figures[2]}} of them "
        "sales orders.",
    )
    return text if not chain.sales else f"{text} {said(_FIRST)}"


_FIRST = "At its end stands sales order {{tables[1].rows[0].order_id}} of {{tables[1].rows[0].whom}}."


def _reading(args: Pegging, chain: _Chain, words: Sequence[str], scope: Scope) -> str:
    what = said("Which orders hang on it") if chain.is_up else said("What it waits for")
    found = [what]
    if args.order:
        number, kind = numbered(args.order, args.kind)
        found.append(said("[[kind]] [[number]]", kind=said(_CALLED[kind]), number=number))
    found += words
    if args.late_only:
        found.append(said("overdue receipts only"))
    if args.late_days:
        found.append(
            counted(
                args.late_days, "[[number]] day later than its date", "[[number]] days later than its date"
            )
        )
    return ", ".join([*found, place(scope)])


def _caveats(chain: _Chain) -> list[str]:
    found = [
        said(
            "First in, first out: the earliest requirement of a material takes the stock, then the earliest"
            " receipt. The source does not say which receipt is meant for which order."
        )
    ]
    if chain.is_up:
        found.append(said("An order that waits for one part counts as late with all that it makes."))
    return found


def _suggestions(chain: _Chain) -> tuple[str, ...]:
    first = chain.start[0]
    name = _name(chain, first.material_id)
    found = [said("Stock and requirements of [[material]]", material=name)]
    if first.record == "purchase_line":
        found.append(said("Status of purchase order [[order]]", order=first.order_id))
    return (*found, said("What should I expedite today?"))
