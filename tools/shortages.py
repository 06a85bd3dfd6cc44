"""What is short and when: stock and requirements of many materials at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from pydantic import Field

from tools.arguments import Arguments, MaterialName, SiteName, Text
from tools.engines.netting import Outlook
from tools.evidence import remarks, shares
from tools.languages import counted, said
from tools.languages.forms import day_text
from tools.planning import Book, Entry, Material, book_of, left_out, responsible
from tools.planning_scope import Scope, controllers_of, place, scope_of
from tools.presenting import common, figure, table, unit_column
from tools.registry import ToolContext, tool
from tools.results import Cell, Column, Table, ToolResult
from tools.rows import Queries

_VERSION = "1.0.0"
_SHOWN = 50
_STATES = {"short": "short", "low": "below safety stock"}
"""What is wrong with a material, short first."""
_FIRST = (
    "First is {{tables[0].rows[0].material}} on {{tables[0].rows[0].first_day}}:"
    " {{tables[0].rows[0].missing}} missing."
)
_FIRST_IN_UNIT = (
    "First is {{tables[0].rows[0].material}} on {{tables[0].rows[0].first_day}}:"
    " {{tables[0].rows[0].missing}} {{tables[0].rows[0].unit}} missing."
)


class Shortages(Arguments):
    """Whose materials, and how far ahead."""

    material: MaterialName | None = Field(None, description="One material only.")
    product: MaterialName | None = Field(
        None, description="A product: it and all parts in it, through all levels of its bill of materials."
    )
    controller: Text | None = Field(
        None,
        description="Code of an MRP controller or purchasing group, such as 'K02': only their materials.",
    )
    mine: bool = Field(
        False, description="Only materials of the caller's own MRP controllers: 'my shortages', 'my parts'."
    )
    source: Literal["made", "bought"] | None = Field(
        None, description="'bought': only purchased materials; 'made': only those made in house."
    )
    short_only: bool = Field(
        False, description="Leaves out materials that only fall below their safety stock."
    )
    horizon_days: int = Field(
        30, ge=0, le=3650, description="Days from the site's today within which a material must fall short."
    )
    site: SiteName = None


@dataclass(frozen=True, slots=True)
class _Row:
    material: Material
    outlook: Outlook

    @property
    def state(self) -> str:
        return "short" if self.outlook.short else "low"

    @property
    def first(self) -> date:
        if self.outlook.short:
            return self.outlook.short.first
        return self.outlook.low_on or date.max


@tool(
    name="shortages",
    examples=(
        "What is short in the next two weeks?",
        "Which of my parts run out first?",
        "Shortages for Disc Pump DP-10",
        "Which purchased parts are short at Kassel?",
    ),
    version=_VERSION,
)
async def shortages(args: Shortages, context: ToolContext) -> ToolResult:
    """Which materials fall short and on which day, over all materials in scope; the first to run out on top.

    Stock, receipts and requirements are those of `stock_and_requirements`, netted day by day: a material is
    short on the first day on which less than nothing is left, and 'below safety stock', listed apart, where
    it only eats into that. Says how much is missing on that day and at worst, the next receipt and whether it
    covers, and what waits. For one material's whole list ask `stock_and_requirements`; for what to move or
    cancel ask `exception_messages`.

    Example: {"mine": true, "horizon_days": 14} or {"source": "bought", "site": "Kassel"}.
    """
    queries = Queries(context.tx)
    scope = await scope_of(queries, site=args.site, material=args.material, product=args.product)
    mine = await controllers_of(queries, context.caller) if args.mine else None
    book = await book_of(queries, scope)
    chosen, words, notes = responsible(book, scope, controller=args.controller, mine=mine)
    if args.source is not None:
        chosen = [each for each in chosen if each.is_made is (args.source == "made")]
    rows = _rows(args, book, chosen)
    entries = [entry for each in chosen for entry in book.by_material.get(each.key, ())]
    proof = await queries.evidence(
        tool="shortages",
        version=_VERSION,
        arguments=args,
        records=[*shares("material", chosen), "stock", *book.sources(entries)],
        flags=(*remarks("materials", chosen), *remarks("orders", entries)),
        site=scope.site.site if scope.site else None,
    )
    short = sum(row.state == "short" for row in rows)
    return ToolResult(
        tool="shortages",
        reading=_reading(args, scope, words),
        tables=(_table(book, rows, several_sites=scope.site is None),),
        figures=(
            figure("materials short", short, "count", proof.id),
            figure("only below safety stock", len(rows) - short, "count", proof.id),
            figure("materials looked at", len(chosen), "count", proof.id),
        ),
        evidence=(proof,),
        sentence=_sentence(args, rows, short),
        caveats=(*scope.notes, *notes, *left_out(book, entries)),
        suggestions=_suggestions(rows),
    )


def _rows(args: Shortages, book: Book, chosen: list[Material]) -> list[_Row]:
    found = []
    for each in chosen:
        ahead = book.outlook(each, args.horizon_days)
        if ahead.short or (ahead.low_on and not args.short_only):
            found.append(_Row(each, ahead))
    return sorted(
        found, key=lambda row: (row.state != "short", row.first, row.material.name, row.material.key)
    )


def _table(book: Book, rows: list[_Row], *, several_sites: bool) -> Table:
    units = [row.material.unit for row in rows[:_SHOWN]]
    unit, own_unit = common(units), unit_column(units)
    columns = (
        *((Column("site", "Site", "id"),) if several_sites else ()),
        Column("material_id", "Material id", "id"),
        Column("number", "Number", "id"),
        Column("material", "Material", "text"),
        Column("state", "State", "text", words="remark"),
        Column("first_day", "First day", "date"),
        Column("days_of_cover", "Days of cover", "days", "days", good="up"),
        Column("missing", "Missing on that day", "quantity", unit, good="down"),
        Column("most_missing", "Missing at worst", "quantity", unit, good="down"),
        *own_unit,
        Column("on_hand", "On hand", "quantity", unit),
        Column("next_receipt_on", "Next receipt", "date"),
        Column("next_receipt", "Receipt quantity", "quantity", unit),
        Column("next_order", "Receipt order", "id"),
        Column("covers", "Covers it", "flag"),
        Column("waiting", "What waits", "id"),
        Column("waiting_for", "For", "text"),
        Column("responsible", "Responsible", "id"),
    )
    return table(
        "Shortages, first day first",
        columns,
        [_cells(book, row, bool(own_unit), several_sites) for row in rows[:_SHOWN]],
        total=len(rows),
    )


def _cells(book: Book, row: _Row, own_unit: bool, several_sites: bool) -> list[Cell]:
    material, short = row.material, row.outlook.short
    today = book.sites[material.site].today
    after = _next_receipt(book, material, row.first)
    waiting = book.by_key.get(short.waiting) if short else None
    cells: list[Cell] = [material.site] if several_sites else []
    cells += [material.material_id, material.number, material.name, _STATES[row.state], row.first]
    cells += [(row.first - today).days]
    cells += [short.missing if short else row.outlook.low_by, short.deepest if short else row.outlook.low_by]
    cells += [material.unit] if own_unit else []
    cells += [material.on_hand]
    cells += [after.due, after.quantity, after.order_id] if after else [None, None, None]
    cells += [short.covers if short and after else None]
    cells += [waiting.order_id if waiting else None, (waiting.partner or None) if waiting else None]
    return [*cells, material.responsible or None]


def _next_receipt(book: Book, material: Material, day: date) -> Entry | None:
    coming = (e for e in book.by_material.get(material.key, ()) if e.quantity > 0 and e.due and e.due > day)
    return next(coming, None)


def _sentence(args: Shortages, rows: list[_Row], short: int) -> str:
    if not rows:
        return said("Of {{figures[2]}} materials none falls short in this time.")
    if not short:
        return said("Nothing falls short; {{figures[1]}} of {{figures[2]}} materials go below safety stock.")
    text = counted(
        short,
        "{{figures[0]}} of {{figures[2]}} materials falls short.",
        "{{figures[0]}} of {{figures[2]}} materials fall short.",
    )
    # Materials of several units have a column for it; with one unit the quantity brings its own.
    has_own_unit = bool(unit_column([row.material.unit for row in rows[:_SHOWN]])) and rows[0].material.unit
    return f"{text} {said(_FIRST_IN_UNIT if has_own_unit else _FIRST)}"


def _reading(args: Shortages, scope: Scope, words: tuple[str, ...]) -> str:
    found = [said("Materials that fall short or below safety stock")]
    if args.short_only:
        found = [said("Materials that fall short")]
    if args.source == "bought":
        found.append(said("purchased ones"))
    if args.source == "made":
        found.append(said("those made in house"))
    found += [*words, *scope.words]
    if scope.site is not None:
        end = scope.site.today + timedelta(days=args.horizon_days)
        found.append(said("up to [[day]]", day=day_text(end)))
    else:
        found.append(said("within [[number]] days of each site's today", number=args.horizon_days))
    return ", ".join([*found, place(scope)])


def _suggestions(rows: list[_Row]) -> tuple[str, ...]:
    if not rows:
        return (said("What should I expedite today?"),)
    name = rows[0].material.name
    return (
        said("Stock and requirements of [[material]]", material=name),
        said("What should I expedite today?"),
        said("Who supplies [[material]]?", material=name),
    )
