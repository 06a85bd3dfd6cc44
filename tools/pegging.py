"""Which orders a delivery is for, up to customers; and what an order waits for, down to what is bought."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from tools.arguments import Arguments, MaterialName, SiteName, SupplierName, Text
from tools.engines.pegging import Network
from tools.engines.structure import ZERO
from tools.errors import ToolError
from tools.evidence import remarks
from tools.languages import counted, said
from tools.languages.forms import joined
from tools.naming import Kind, one
from tools.order_chains import Chain, chain_figures, chain_table, ends_table, material_name, touched
from tools.order_numbers import OrderKind, numbered
from tools.planning import Book, Entry, book_of, left_out
from tools.planning_scope import Scope, place, scope_of
from tools.registry import ToolContext, tool
from tools.results import ToolResult
from tools.rows import Queries

_VERSION = "1.0.0"
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
    scope = await scope_of(queries, site=args.site, material=args.material)
    partner, words, notes = "", list(scope.words), list(scope.notes)
    if args.supplier is not None:
        named = await one(context.tx, Kind.SUPPLIER, args.supplier, scope.site.site if scope.site else None)
        partner = named.thing.name
        words.append(said("from [[thing]]", thing=named.thing))
        notes += named.caveats
    book = await book_of(queries, scope, whole=True)
    start = _start(args, book, scope, partner)
    chain = _chain(args, book, start)
    entries = touched(chain)
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
        tables=(chain_table(chain), ends_table(chain)),
        figures=chain_figures(chain, proof.id),
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


def _chain(args: Pegging, book: Book, start: list[Entry]) -> Chain:
    site = book.sites[start[0].site]
    network = book.network(site)
    is_sales = all(entry.quantity < 0 for entry in start)
    is_up = not is_sales and args.direction != "down"
    if is_up:
        steps = network.up([entry.key for entry in start], args.late_days)
    else:
        steps = network.down([part for entry in start for part in _parts(network, entry)])
    free = sum((network.allocation(e.material_id).free.get(e.key, ZERO) for e in start), ZERO)
    return Chain(site, book, start, steps, free if is_up else ZERO, is_up)


def _parts(network: Network, entry: Entry) -> Sequence[str]:
    return (entry.key,) if entry.quantity < 0 else network.parts_of(entry.key)


def _sentence(args: Pegging, chain: Chain) -> str:
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


def _reading(args: Pegging, chain: Chain, words: Sequence[str], scope: Scope) -> str:
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


def _caveats(chain: Chain) -> list[str]:
    found = [
        said(
            "First in, first out: the earliest requirement of a material takes the stock, then the earliest"
            " receipt. The source does not say which receipt is meant for which order."
        )
    ]
    if chain.is_up:
        found.append(said("An order that waits for one part counts as late with all that it makes."))
    return found


def _suggestions(chain: Chain) -> tuple[str, ...]:
    first = chain.start[0]
    name = material_name(chain, first.material_id)
    found = [said("Stock and requirements of [[material]]", material=name)]
    if first.record == "purchase_line":
        found.append(said("Status of purchase order [[order]]", order=first.order_id))
    return (*found, said("What should I expedite today?"))
