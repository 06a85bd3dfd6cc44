"""What needs somebody: overdue, short, held and expired things of all departments, each with its number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from pydantic import Field

from tools.arguments import Arguments, SiteName
from tools.errors import NotRecorded
from tools.evidence import remarks, shares
from tools.languages import counted, said
from tools.metrics.tool import metric_table
from tools.naming import all_sites, site_of
from tools.overview.matters import Matter, matters
from tools.planning import Book, Material, book_of
from tools.planning_scope import Scope
from tools.presenting import figure, several, table
from tools.registry import ToolContext, tool
from tools.results import Cell, Column, Table, ToolResult
from tools.rows import Queries

_VERSION = "1.0.0"
_FIRST = next(iter(matters().values())).matter
_SHORT = "materials short"
_SHORT_ASK = "What is short in the next two weeks?"
_ASKED = 6


class Attention(Arguments):
    """At which site, and how far ahead shortages count."""

    site: SiteName = None
    horizon_days: int = Field(
        14, ge=0, le=365, description="Days from each site's today within which a material must fall short."
    )


@dataclass(frozen=True, slots=True)
class _Found:
    matter: str
    site: str
    number: Decimal
    first_day: date | None
    ask: str


@tool(
    name="attention",
    examples=(
        "What needs my attention today?",
        "What should I look at first in Kassel?",
        "Are there any problems?",
    ),
    version=_VERSION,
)
async def attention(args: Attention, context: ToolContext) -> ToolResult:
    """What needs somebody today, over all departments: how many of each, since when, and what to ask next.

    Overdue sales, work, purchase and maintenance orders, materials that fall short soon, requisitions past
    the day of need, open quality holds, expired batches with stock left. The numbers are those of the
    catalogue's conditions of the same names. For the records behind one of them ask for these; drafts that
    wait for somebody are `list_drafts`, how old the data is says `freshness`.

    Example: {"site": "Kassel"}.
    """
    queries = Queries(context.tx)
    code = await site_of(context.tx, args.site)
    names = {each.site: each.name for each in await all_sites(context.tx)}
    if len(names) == 1:
        code = next(iter(names))
    found, unknown = await _counted(code, names, context)
    book = await book_of(queries, Scope(None, None, (), ()), whole=True)
    chosen = [each for each in book.materials.values() if code in (None, each.site)]
    # Right behind what customers wait for already.
    first = sum(each.matter == _FIRST for each in found)
    found[first:first] = _short(book, chosen, args.horizon_days, names)
    proof = await queries.evidence(
        tool="attention",
        version=_VERSION,
        arguments=args,
        records=[
            *shares("material", chosen),
            "stock",
            *dict.fromkeys(each.record for each in matters().values() if each.record not in unknown),
            *book.sources(book.entries),
        ],
        flags=remarks("materials", chosen),
        site=code,
    )
    asks = tuple(dict.fromkeys(each.ask for each in found))
    return ToolResult(
        tool="attention",
        reading=_reading(args, code),
        tables=(_together(found), *(() if code else (_by_site(found),))),
        figures=(
            figure("kinds of matters", len({each.matter for each in found}), "count", proof.id),
            figure("records behind them", sum((each.number for each in found), Decimal()), "count", proof.id),
        ),
        evidence=(proof,),
        sentence=_sentence(found),
        caveats=_caveats(unknown),
        suggestions=(*(said(ask) for ask in asks[:_ASKED]), said("What is waiting for me?")),
    )


async def _counted(
    code: str | None, names: dict[str, str], context: ToolContext
) -> tuple[list[_Found], list[str]]:
    """Number and first day of each matter by site, and the records that no source has."""
    found: list[_Found] = []
    unknown: list[str] = []
    for each in matters().values():
        try:
            rows = (await metric_table(each.query(code), context)).table
        except NotRecorded:
            unknown.append(each.record)
            continue
        found += [_row(each, rows, row, names) for row in rows.rows]
    return found, unknown


def _row(matter: Matter, rows: Table, row: Sequence[Cell], names: dict[str, str]) -> _Found:
    cells = {column.name: cell for column, cell in zip(rows.columns, row, strict=True)}
    number, first = cells["number"], cells["first_day"]
    assert isinstance(number, Decimal)
    site = names.get(str(cells.get("site_id") or cells["site"]), str(cells["site"]))
    return _Found(matter.matter, site, number, first if isinstance(first, date) else None, matter.ask)


def _short(book: Book, chosen: Sequence[Material], days: int, names: dict[str, str]) -> list[_Found]:
    """Materials that fall short, by site, with the first day on which one does."""
    firsts: dict[str, list[date]] = {}
    for each in chosen:
        ahead = book.outlook(each, days)
        if ahead.short:
            firsts.setdefault(each.site, []).append(ahead.short.first)
    return [
        _Found(_SHORT, names.get(site, site), Decimal(len(days_short)), min(days_short), _SHORT_ASK)
        for site, days_short in sorted(firsts.items())
    ]


def _together(found: Sequence[_Found]) -> Table:
    columns = (
        Column("matter", "What", "text", words="remark"),
        Column("number", "Number", "count", good="down"),
        Column("first_day", "First day", "date"),
        Column("ask", "Ask", "text"),
    )
    rows: list[list[Cell]] = []
    for matter in dict.fromkeys(each.matter for each in found):
        those = [each for each in found if each.matter == matter]
        number = sum((each.number for each in those), Decimal())
        days = [each.first_day for each in those if each.first_day]
        rows.append([matter, number, min(days, default=None), said(those[0].ask)])
    return table("What needs somebody, the most pressing first", columns, rows)


def _by_site(found: Sequence[_Found]) -> Table:
    columns = (
        Column("site", "Site", "text"),
        Column("matter", "What", "text", words="remark"),
        Column("number", "Number", "count", good="down"),
        Column("first_day", "First day", "date"),
    )
    rows: list[list[Cell]] = [
        [each.site, each.matter, each.number, each.first_day]
        for each in sorted(found, key=lambda each: each.site)
    ]
    return table("The same by site", columns, rows)


def _sentence(found: Sequence[_Found]) -> str:
    if not found:
        return said("Nothing is overdue, short, on hold or expired.")
    kinds = len({each.matter for each in found})
    text = counted(
        kinds,
        "One kind of matter needs somebody: {{figures[1]}}.",
        "{{figures[0]}} kinds of matters need somebody, {{figures[1]}} in all.",
    )
    first = said("First: {{tables[0].rows[0].matter}}, {{tables[0].rows[0].number}}.")
    return f"{text} {first}"


def _reading(args: Attention, code: str | None) -> str:
    return ", ".join(
        (
            said("What needs somebody"),
            said("at [[site]]", site=code) if code else said("at all sites"),
            said("shortages within [[number]] days of each site's today", number=args.horizon_days),
        )
    )


def _caveats(unknown: Sequence[str]) -> tuple[str, ...]:
    if not unknown:
        return ()
    things = several([said(each.replace("_", " ")) for each in dict.fromkeys(unknown)], len(unknown))
    return (said("The data has none of these, so nothing is said of them: [[things]].", things=things),)
