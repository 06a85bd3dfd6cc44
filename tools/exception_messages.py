"""What to move, cancel or push: open receipts whose date is not the day on which they are needed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, get_args

from pydantic import Field

from tools.arguments import Arguments, MaterialName, SiteName, SupplierName, Text
from tools.engines.netting import Advice, Message, advice
from tools.engines.structure import ZERO
from tools.evidence import remarks, shares
from tools.languages import counted, said
from tools.languages.forms import joined
from tools.naming import Kind, one
from tools.planning import Book, Entry, Material, book_of, left_out, responsible
from tools.planning_scope import Scope, controllers_of, place, scope_of
from tools.presenting import common, figure, table, unit_column
from tools.registry import ToolContext, tool
from tools.results import Cell, Column, Figure, Table, ToolResult
from tools.rows import Queries

_VERSION = "1.0.0"
_SHOWN = 50
_Message = Literal["expedite", "reschedule_in", "reschedule_out", "cancel", "overdue"]
_Order = Literal["purchase_order", "production_order", "planned_order"]
_RECORDS: dict[_Order, str] = {
    "purchase_order": "purchase_line",
    "production_order": "production_order",
    "planned_order": "planned_order",
}
_NAMES: dict[Message, _Message] = {
    Message.EXPEDITE: "expedite",
    Message.RESCHEDULE_IN: "reschedule_in",
    Message.RESCHEDULE_OUT: "reschedule_out",
    Message.CANCEL: "cancel",
    Message.OVERDUE: "overdue",
}
_WORDS = {
    "expedite": "expedite",
    "reschedule_in": "reschedule in",
    "reschedule_out": "reschedule out",
    "cancel": "cancel",
    "overdue": "date has passed",
}
"""What people call the messages."""
_WHY = {
    "expedite": "needed earlier, and soon",
    "reschedule_in": "needed earlier",
    "reschedule_out": "needed later",
    "cancel": "nothing needs it",
    "overdue": "date has passed, not needed yet",
    "waited for": "overdue, and waited for",
}
"""Why a receipt has its message."""
_ORDERS: dict[str, str] = {
    "purchase_order": "of purchase orders",
    "production_order": "of production orders",
    "planned_order": "of planned orders",
}


class ExceptionMessages(Arguments):
    """Which messages, about whose receipts."""

    messages: tuple[_Message, ...] = Field(
        (),
        description="'expedite': needed within a week and earlier than it comes; 'reschedule_in': needed "
        "earlier; 'reschedule_out': needed later; 'cancel': nothing needs it; 'overdue': its date "
        "has passed. "
        "All if left out.",
    )
    orders: _Order | None = Field(
        None,
        description="Only purchase orders, production orders or planned orders.",
    )
    material: MaterialName | None = Field(None, description="Only receipts of this material.")
    supplier: SupplierName | None = Field(None, description="Only receipts from this supplier.")
    controller: Text | None = Field(
        None,
        description="Code of an MRP controller or purchasing group, such as 'K02': only their materials.",
    )
    mine: bool = Field(
        False, description="Only materials of the caller's own MRP controllers: 'my orders', 'my messages'."
    )
    tolerance_days: int = Field(
        2, ge=0, le=365, description="Days by which a date may differ from the day of need without a message."
    )
    site: SiteName = None


@dataclass(frozen=True, slots=True)
class _Row:
    material: Material
    entry: Entry
    advice: Advice

    @property
    def name(self) -> _Message:
        return _NAMES[self.advice.message]

    @property
    def value(self) -> Decimal | None:
        price = self.entry.price if self.entry.price is not None else self.material.standard_cost
        return None if price is None else (price * self.entry.quantity).quantize(Decimal("0.01"))

    @property
    def currency(self) -> str:
        return (self.entry.currency if self.entry.price is not None else "") or self.material.currency


@tool(
    name="exception_messages",
    examples=(
        "What should I expedite today?",
        "Which purchase orders can be cancelled or pushed out?",
        "Reschedule messages for planned orders at Kassel",
        "Which open orders of Ball bearing 6204 come too late?",
    ),
    version=_VERSION,
)
async def exception_messages(args: ExceptionMessages, context: ToolContext) -> ToolResult:
    """Open purchase lines, production orders and planned orders that should be moved, cancelled or expedited.

    As MRP does: stock and receipts, in the order of their dates, cover requirements in the order of theirs;
    each receipt is needed on the day of the first requirement that is left for it. A receipt that only fills
    the safety stock up again gets no message. Says by how many days, what waits for it, who is responsible,
    the quantity and its value. Nothing is changed in the ERP.

    Example: {"messages": ["cancel", "reschedule_out"], "orders": "purchase_order"}.
    """
    queries = Queries(context.tx)
    scope = await scope_of(queries, site=args.site, material=args.material)
    notes: tuple[str, ...] = scope.notes
    words: tuple[str, ...] = ()
    partner = ""
    if args.supplier is not None:
        named = await one(context.tx, Kind.SUPPLIER, args.supplier, scope.site.site if scope.site else None)
        partner, notes = named.thing.name, (*notes, *named.caveats)
        words = (said("from [[thing]]", thing=named.thing),)
    mine = await controllers_of(queries, context.caller) if args.mine else None
    book = await book_of(queries, scope)
    chosen, whose, about = responsible(book, scope, controller=args.controller, mine=mine)
    looked_at = [
        entry
        for each in chosen
        for entry in book.by_material.get(each.key, ())
        if entry.quantity > 0 and _asked(args, entry, partner)
    ]
    rows = _rows(args, book, chosen, {entry.key for entry in looked_at})
    entries = [entry for each in chosen for entry in book.by_material.get(each.key, ())]
    proof = await queries.evidence(
        tool="exception_messages",
        version=_VERSION,
        arguments=args,
        records=[*shares("material", chosen), "stock", *book.sources(entries)],
        flags=remarks("orders", entries),
        site=scope.site.site if scope.site else None,
    )
    return ToolResult(
        tool="exception_messages",
        reading=_reading(args, scope, (*words, *whose)),
        tables=(_table(book, rows, several_sites=scope.site is None), _summary(rows)),
        figures=_figures(rows, len(looked_at), proof.id),
        evidence=(proof,),
        sentence=_sentence(rows),
        caveats=(*notes, *about, *_caveats(book, rows), *left_out(book, entries)),
        suggestions=_suggestions(rows),
    )


def _asked(args: ExceptionMessages, entry: Entry, partner: str) -> bool:
    if entry.record not in _RECORDS.values():
        return False
    if args.orders is not None and entry.record != _RECORDS[args.orders]:
        return False
    return not partner or (entry.record == "purchase_line" and entry.partner == partner)


def _rows(args: ExceptionMessages, book: Book, chosen: Sequence[Material], asked: set[str]) -> list[_Row]:
    found = []
    for each in chosen:
        plan, today = book.plan(each.key), book.sites[each.site].today
        for one_of in advice(
            plan.opening,
            plan.supplies,
            plan.demands,
            today,
            safety=each.safety_stock,
            tolerance=args.tolerance_days,
        ):
            entry = book.by_key[one_of.supply.key]
            if entry.key in asked and (not args.messages or _NAMES[one_of.message] in args.messages):
                found.append(_Row(each, entry, one_of))
    order = list(get_args(_Message))
    return sorted(
        found,
        key=lambda row: (
            order.index(row.name),
            row.advice.needed or row.advice.supply.due,
            row.entry.key,
        ),
    )


def _table(book: Book, rows: list[_Row], *, several_sites: bool) -> Table:
    shown = rows[:_SHOWN]
    units = [row.material.unit for row in shown]
    currencies = [row.currency for row in shown]
    unit, own_unit = common(units), unit_column(units)
    currency, own_currency = common(currencies), unit_column(currencies, "Currency")
    columns = (
        *((Column("site", "Site", "id"),) if several_sites else ()),
        Column("message", "Message", "text", words="remark"),
        Column("number", "MRP message", "id"),
        Column("kind", "Receipt", "text", words="kind"),
        Column("order_id", "Order", "id"),
        Column("partner", "Supplier", "text"),
        Column("material_number", "Number of the material", "id"),
        Column("material", "Material", "text"),
        Column("quantity", "Quantity", "quantity", unit),
        *own_unit,
        Column("comes_on", "Comes on", "date"),
        Column("needed_on", "Needed on", "date"),
        Column("days", "Days to move (negative: earlier)", "days", "days"),
        Column("needed", "Of that needed", "quantity", unit),
        Column("value", "Value", "money", currency),
        *own_currency,
        Column("why", "Why", "text", words="remark"),
        Column("waiting", "What needs it", "id"),
        Column("waiting_for", "For", "text"),
        Column("responsible", "Responsible", "id"),
    )
    cells = [_cells(book, row, several_sites, bool(own_unit), bool(own_currency)) for row in shown]
    return table("Exception messages", columns, cells, total=len(rows))


def _cells(book: Book, row: _Row, several_sites: bool, own_unit: bool, own_currency: bool) -> list[Cell]:
    entry, told, today = row.entry, row.advice, book.sites[row.entry.site].today
    waiting = book.by_key.get(told.for_demand)
    cells: list[Cell] = [entry.site] if several_sites else []
    cells += [_WORDS[row.name], told.message.value.strip("!"), entry.kind, entry.order_id]
    cells += [entry.partner or None, row.material.number, row.material.name, entry.quantity]
    cells += [row.material.unit] if own_unit else []
    late = told.supply.due < today
    cells += [
        entry.due,
        told.needed,
        (told.needed - max(told.supply.due, today)).days if told.needed else None,
    ]
    cells += [ZERO if told.message is Message.CANCEL else told.quantity, row.value]
    cells += [row.currency] if own_currency else []
    cells += [_WHY["waited for" if late and told.message is Message.EXPEDITE else row.name]]
    cells += [waiting.order_id if waiting else None, (waiting.partner or None) if waiting else None]
    return [*cells, row.material.responsible or None]


def _summary(rows: list[_Row]) -> Table:
    """How many of each message, and what they are worth in each currency."""
    columns = (
        Column("message", "Message", "text", words="remark"),
        Column("receipts", "Receipts looked at", "count"),
        Column("value", "Value", "money"),
        Column("currency", "Currency", "text"),
    )
    cells: list[list[Cell]] = []
    for name in get_args(_Message):
        of_kind = [row for row in rows if row.name == name]
        for currency in sorted({row.currency for row in of_kind}):
            alike = [row for row in of_kind if row.currency == currency]
            cells.append(
                [_WORDS[name], len(alike), sum((row.value or ZERO for row in alike), ZERO), currency]
            )
    return table("Messages by kind", columns, cells)


def _figures(rows: list[_Row], looked_at: int, proof: str) -> tuple[Figure, ...]:
    found = [
        figure("messages", len(rows), "count", proof),
        figure("open receipts looked at", looked_at, "count", proof),
    ]
    currencies = {row.currency for row in rows}
    if len(currencies) == 1:
        value = sum((row.value or ZERO for row in rows), ZERO)
        found.append(figure("value of the receipts", value, "money", proof, currencies.pop()))
    return tuple(found)


_FIRST = {
    "expedite": "First to expedite: {{tables[0].rows[0].kind}} {{tables[0].rows[0].order_id}} for"
    " {{tables[0].rows[0].material}}, needed on {{tables[0].rows[0].needed_on}}.",
    "reschedule_in": "First to bring forward: {{tables[0].rows[0].kind}} {{tables[0].rows[0].order_id}} for"
    " {{tables[0].rows[0].material}}, needed on {{tables[0].rows[0].needed_on}}.",
    "reschedule_out": "First to push out: {{tables[0].rows[0].kind}} {{tables[0].rows[0].order_id}} for"
    " {{tables[0].rows[0].material}}, needed only on {{tables[0].rows[0].needed_on}}.",
    "cancel": "First that nothing needs: {{tables[0].rows[0].kind}} {{tables[0].rows[0].order_id}} for"
    " {{tables[0].rows[0].material}}.",
    "overdue": "First with a date that has passed: {{tables[0].rows[0].kind}}"
    " {{tables[0].rows[0].order_id}} for {{tables[0].rows[0].material}}.",
}


def _sentence(rows: list[_Row]) -> str:
    if not rows:
        return said("None of {{figures[1]}} open receipts gets such a message.")
    text = counted(
        len(rows),
        "{{figures[0]}} of {{figures[1]}} open receipts gets a message.",
        "{{figures[0]}} of {{figures[1]}} open receipts get a message.",
    )
    return f"{text} {said(_FIRST[rows[0].name])}"


def _reading(args: ExceptionMessages, scope: Scope, words: tuple[str, ...]) -> str:
    which = joined([said(_WORDS[name]) for name in args.messages], "or")
    found = [
        said("Exception messages: [[which]]", which=which) if which else said("All exception messages"),
    ]
    if args.orders is not None:
        found.append(said(_ORDERS[args.orders]))
    found += [*words, *scope.words]
    found.append(
        counted(
            args.tolerance_days,
            "dates may differ by [[number]] day",
            "dates may differ by [[number]] days",
        )
    )
    return ", ".join([*found, place(scope)])


def _caveats(book: Book, rows: list[_Row]) -> list[str]:
    found = []
    unknown = [kind for kind in ("reservations", "sales orders") if kind in book.not_kept]
    if unknown and any(row.name == "cancel" for row in rows):
        found.append(
            said(
                "The source keeps no [[kinds]]: that nothing needs a receipt may only mean that the need is"
                " not recorded.",
                kinds=joined([said(kind) for kind in unknown]),
            )
        )
    return [
        *found,
        said(
            "Receipts cover requirements in the order of dates; what is known today was netted, and what is"
            " ordered later may still need a receipt that is named here as not needed."
        ),
        said("Value is the quantity at the order's own price, or at standard cost where it has none."),
    ]


def _suggestions(rows: list[_Row]) -> tuple[str, ...]:
    if not rows:
        return (said("What is short in the next two weeks?"),)
    first = rows[0]
    found = [said("Stock and requirements of [[material]]", material=first.material.name)]
    if first.entry.record == "purchase_line":
        found.append(said("What does purchase order [[order]] hold up?", order=first.entry.order_id))
    return (*found, said("What is short in the next two weeks?"))
